"""Open an agency's folder for work.

folder -> OpenAgency: an office under the treaty that the states signed last
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from assent.adapters.agency import (
    IN_DATABASE,
    IN_FOLDER,
    AgencyFolder,
    LogRecords,
    ServiceSigner,
    open_agency_folder,
    read_service_keys,
    verify_owner,
)
from assent.adapters.docket import open_docket
from assent.adapters.files import read_bytes, read_text
from assent.adapters.packaged import packaged_accelerators
from assent.adapters.packaged.review_policies import (
    REVIEW_POLICIES,
    packaged_questionnaire,
    packaged_review_policy,
)
from assent.adapters.trust import TrustFolder
from assent.authorisation.docket import Docket
from assent.authorisation.review import ReviewPolicy, parse_policy
from assent.authorisation.secretariat import Office
from assent.authorisation.treaty import Treaty
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    TrustedTreaty,
    TrustMetadata,
    verify_trust,
)
from assent.supervision.oversight.run import run_card
from assent.supervision.pause import pause_card
from assent.vocabulary import InputError, NotFound
from assent.wiring.agency.anchors import verify_not_behind
from assent.wiring.agency.trust import keep_fresh
from assent.wiring.log import DATABASE_VARIABLE, OpenLog, open_log
from assent.wiring.runs import load_rulebook_named


@dataclass(frozen=True, kw_only=True)
class OpenAgency:
    """An agency at work.

    Attributes:
        place: its folder.
        office: its cases and records, under the treaty in force.
        trusted: the treaty, as its own root shows it.
        services: its machines' keys, by name: status, lease, online.
        log: its public log.

    """

    place: AgencyFolder
    office: Office
    trusted: TrustedTreaty
    services: Mapping[str, ServiceSigner]
    log: OpenLog


def now() -> datetime:
    """Return the time, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the one clock


@contextmanager
def open_agency(
    folder: Path,
    *,
    at: datetime | None = None,
    even_behind: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[OpenAgency]:
    """Yield the agency in a folder, and let go of its databases afterwards.

    Its cases are in `cases.db` and its log in `log/log.db`; or both in the database
    that DATABASE_URL names, if they were made there.

    Args:
        folder: where it is.
        at: the time; now by default.
        even_behind: open it though its cases lack what its log confirms: to say so, or
            to publish what the states signed. Nothing may be decided or signed on it.
        environment: where DATABASE_URL is.

    Raises:
        NotFound: if there is no agency, or no database.
        TrustRefused: if its root does not lead to a treaty any more.
        InputError: if its review policy is not the one that the treaty names; or the
            database is another agency's, or not the one that it was founded with.
        DocketBehind: if its cases lack what the newest entries of its log confirm.
        AssentError: of another kind, if a part of it cannot be used.

    """
    time = at or now()
    place = open_agency_folder(folder)
    database = database_of(place, environment)
    services = read_service_keys(place.service_keys)
    keep_fresh(place, services["online"], time)
    root = read_bytes(place.root, METADATA_BYTES_MAX)
    metadata = TrustFolder(place.trust).read()
    trusted = verify_trust(root, metadata, time)
    with ExitStack() as stack:
        log = stack.enter_context(_open_own_log(place, environment))
        docket = stack.enter_context(closing(open_docket(database)))
        verify_owner(docket, trusted.root_digest)
        if not even_behind:
            verify_not_behind(docket, log.store)
        office = _office(place, docket, log, trusted, metadata)
        yield OpenAgency(
            place=place,
            office=office,
            trusted=trusted,
            services=services,
            log=log,
        )


def _office(
    place: AgencyFolder,
    docket: Docket,
    log: OpenLog,
    trusted: TrustedTreaty,
    metadata: TrustMetadata,
) -> Office:
    policy = review_policy_of(place)
    verify_policy_named(policy, trusted.treaty)
    return Office(
        docket=docket,
        records=records_of(log),
        treaty=trusted.treaty,
        trust=metadata,
        policy=policy,
        questionnaire=packaged_questionnaire(),
        rulebook=partial(load_rulebook_named, place.rulebook),
        accelerators=packaged_accelerators,
        further_cards={"pause": pause_card, "run": run_card},
    )


def database_of(place: AgencyFolder, environment: Mapping[str, str]) -> str | Path:
    """Return where an agency's cases are.

    Raises:
        InputError: if DATABASE_URL is set and they are in the folder, or the reverse.

    """
    url = environment.get(DATABASE_VARIABLE)
    if (place.cases == IN_DATABASE) == bool(url):
        return url or place.database
    if url:
        raise InputError(
            f"{DATABASE_VARIABLE} is set; the agency in {place.folder} has its cases"
            " and its log in the folder.",
            remedy=f"Unset {DATABASE_VARIABLE}; or back the agency up, and restore it"
            " into that database.",
        )
    raise InputError(
        f"The agency in {place.folder} has its cases and its log in the database that"
        f" {DATABASE_VARIABLE} names, and it is not set.",
        remedy=f"Set {DATABASE_VARIABLE} to the agency's database.",
    )


def cases_under(environment: Mapping[str, str]) -> str:
    """Return where a new agency's cases go: IN_DATABASE if DATABASE_URL is set."""
    return IN_DATABASE if environment.get(DATABASE_VARIABLE) else IN_FOLDER


@contextmanager
def _open_own_log(
    place: AgencyFolder, environment: Mapping[str, str]
) -> Iterator[OpenLog]:
    with ExitStack() as stack:
        try:
            log = stack.enter_context(open_log(place.log, environment=environment))
        except NotFound as error:
            raise NotFound(
                error.message,
                remedy="An agency's log is never made anew: restore a backup with"
                f" `assent agency restore`; or check the folder and"
                f" {DATABASE_VARIABLE}.",
            ) from None
        yield log


def records_of(log: OpenLog) -> LogRecords:
    """Return the documents and the log as the secretariat uses them."""
    return LogRecords(log.documents, log.store, lambda: log.publisher, log.sequencer)


def review_policy_of(place: AgencyFolder) -> ReviewPolicy:
    """Return a review policy that ships with assent, or the one in an agency's folder.

    Raises:
        NotFound: if it is neither.
        DocumentInvalid, PolicyInvalid: if the file holds none.

    """
    if place.review_policy in REVIEW_POLICIES:
        return packaged_review_policy(place.review_policy)
    return parse_policy(read_text(place.folder / place.review_policy))


def verify_policy_named(policy: ReviewPolicy, treaty: Treaty) -> None:
    """Check that a review policy is the one that the treaty names, if it names one.

    Raises:
        InputError: if it is another.

    """
    named = treaty.review_policy_digest
    if named is not None and named != policy.digest:
        raise InputError(
            f"The treaty names the review policy {named}; the agency's is"
            f" {policy.digest}.",
            remedy="Put the policy that the states signed into the agency's folder.",
        )

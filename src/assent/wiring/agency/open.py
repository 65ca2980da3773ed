"""Open an agency's folder for work.

folder -> OpenAgency: an office under the treaty that the states signed last
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assent.adapters.agency import (
    AgencyFolder,
    LogRecords,
    ServiceSigner,
    open_agency_folder,
    read_service_keys,
)
from assent.adapters.docket import open_docket
from assent.adapters.files import read_bytes, read_text
from assent.adapters.review_policies import (
    REVIEW_POLICIES,
    packaged_questionnaire,
    packaged_review_policy,
)
from assent.adapters.trust import TrustFolder
from assent.authorisation.review import ReviewPolicy, parse_policy
from assent.authorisation.secretariat import Office
from assent.authorisation.treaty import Treaty
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    TrustedTreaty,
    verify_trust,
)
from assent.vocabulary import InputError
from assent.wiring.agency.trust import keep_fresh
from assent.wiring.log import DATABASE_VARIABLE, OpenLog, open_log


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
    environment: Mapping[str, str] = os.environ,
) -> Iterator[OpenAgency]:
    """Yield the agency in a folder, and let go of its databases afterwards.

    Its cases are in `cases.db` and its log in `log/log.db`, unless DATABASE_URL names
    another database for both.

    Raises:
        NotFound: if there is no agency, or no database.
        TrustRefused: if its root does not lead to a treaty any more.
        InputError: if its review policy is not the one that the treaty names.
        AssentError: of another kind, if a part of it cannot be used.

    """
    time = at or now()
    place = open_agency_folder(folder)
    services = read_service_keys(place.service_keys)
    keep_fresh(place, services["online"], time)
    root = read_bytes(place.root, METADATA_BYTES_MAX)
    metadata = TrustFolder(place.trust).read()
    trusted = verify_trust(root, metadata, time)
    policy = review_policy_of(place)
    verify_policy_named(policy, trusted.treaty)
    with (
        open_log(place.log, environment=environment) as log,
        closing(open_docket(database_of(place, environment))) as docket,
    ):
        office = Office(
            docket=docket,
            records=records_of(log),
            treaty=trusted.treaty,
            trust=metadata,
            policy=policy,
            questionnaire=packaged_questionnaire(),
        )
        yield OpenAgency(
            place=place,
            office=office,
            trusted=trusted,
            services=services,
            log=log,
        )


def database_of(place: AgencyFolder, environment: Mapping[str, str]) -> str | Path:
    """Return where an agency's cases are."""
    return environment.get(DATABASE_VARIABLE) or place.database


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

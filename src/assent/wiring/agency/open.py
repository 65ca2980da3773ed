"""Open an agency's folder for work.

folder -> OpenAgency: an office under the treaty that the states signed last
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    TrustedTreaty,
    TrustMetadata,
    TrustRole,
    make_snapshot,
    make_timestamp,
    parse_listing,
    sign_metadata,
    verify_trust,
)
from assent.wiring.log import DATABASE_VARIABLE, OpenLog, open_log

TIMESTAMP_LASTS = timedelta(days=1)
SNAPSHOT_LASTS = timedelta(days=7)


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
        AssentError: of another kind, if a part of it cannot be used.

    """
    time = at or now()
    place = open_agency_folder(folder)
    services = read_service_keys(place.service_keys)
    keep_fresh(place, services["online"], time)
    root = read_bytes(place.root, METADATA_BYTES_MAX)
    metadata = TrustFolder(place.trust).read()
    trusted = verify_trust(root, metadata, time)
    database = environment.get(DATABASE_VARIABLE) or place.database
    with (
        open_log(place.log, environment=environment) as log,
        closing(open_docket(database)) as docket,
    ):
        office = Office(
            docket=docket,
            records=LogRecords(
                log.documents, log.store, lambda: log.publisher, log.sequencer
            ),
            treaty=trusted.treaty,
            trust=metadata,
            policy=review_policy_named(place.review_policy),
            questionnaire=packaged_questionnaire(),
        )
        yield OpenAgency(
            place=place,
            office=office,
            trusted=trusted,
            services=services,
            log=log,
        )


def review_policy_named(name: str) -> ReviewPolicy:
    """Return a review policy that ships with assent, or one in a file.

    Raises:
        NotFound: if it is neither.
        DocumentInvalid, PolicyInvalid: if the file holds none.

    """
    if name in REVIEW_POLICIES:
        return packaged_review_policy(name)
    return parse_policy(read_text(Path(name)))


def keep_fresh(place: AgencyFolder, online: ServiceSigner, time: datetime) -> bool:
    """Sign the snapshot and timestamp again when half their time is over.

    Returns:
        Whether that was done.

    Raises:
        TrustRefused: if what the states signed has ended: only they can renew it.

    """
    folder = TrustFolder(place.trust)
    current = folder.read()
    timestamp = parse_listing(current.timestamp, TrustRole.TIMESTAMP)
    if timestamp.expires - time > TIMESTAMP_LASTS / 2:
        return False
    snapshot = parse_listing(current.snapshot, TrustRole.SNAPSHOT)
    folder.write(
        list_again(
            current,
            online,
            time,
            snapshot_version=snapshot.version + 1,
            timestamp_version=timestamp.version + 1,
        ),
        time,
    )
    return True


def list_again(
    current: TrustMetadata,
    online: ServiceSigner,
    time: datetime,
    *,
    snapshot_version: int,
    timestamp_version: int,
) -> TrustMetadata:
    """Return the same treaty and targets under a new snapshot and timestamp."""
    snapshot = sign_metadata(
        make_snapshot(current.targets, time + SNAPSHOT_LASTS, snapshot_version), online
    )
    timestamp = sign_metadata(
        make_timestamp(snapshot, time + TIMESTAMP_LASTS, timestamp_version), online
    )
    return TrustMetadata(
        roots=current.roots,
        timestamp=timestamp,
        snapshot=snapshot,
        targets=current.targets,
        treaty=current.treaty,
    )

"""Publish what the states signed, and keep it fresh.

root, targets, treaty + online key + now -> the agency's trust folder
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from assent.adapters.agency import AgencyFolder, ServiceSigner, publishing_alone
from assent.adapters.trust import TrustFolder
from assent.authorisation.treaty import Treaty, treaty_of
from assent.authorisation.trust import (
    SeenVersions,
    TrustedTreaty,
    TrustMetadata,
    TrustRole,
    make_snapshot,
    make_timestamp,
    parse_listing,
    parse_root,
    sign_metadata,
    verify_trust,
)
from assent.vocabulary import NotFound, parse_canonical

TIMESTAMP_LASTS = timedelta(days=1)
SNAPSHOT_LASTS = timedelta(days=7)
# After a restore nobody knows how often the machine signed since the backup was made:
# twice a day, this is more than ten years.
VERSIONS_SKIPPED = 10_000


def publish_treaty(  # noqa: PLR0913 - three files, by which key, and when
    place: AgencyFolder,
    online: ServiceSigner,
    time: datetime,
    *,
    roots: Sequence[bytes],
    targets: bytes,
    treaty: bytes,
    verify: Callable[[Treaty], None],
) -> TrustedTreaty:
    """Publish a treaty with what the states signed; again does no harm.

    Args:
        place: the agency's folder.
        online: the key that signs what is newest.
        time: now.
        roots: new roots, ascending; version 1 if nothing is published yet.
        targets: signed by the states.
        treaty: its canonical bytes.
        verify: raises if the treaty is not this agency's; then nothing is written.

    Raises:
        TrustRefused, TrustMalformed, TreatyInvalid: if verifiers would not believe it.
        InputError: if another file of a version was published.
        StoreUnavailable: if the disk refuses.

    """
    verify(treaty_of(parse_canonical(treaty)))
    with publishing_alone(place):
        snapshot, timestamp = _versions(place)
        bare = TrustMetadata(
            roots=tuple(roots),
            timestamp=b"",
            snapshot=b"",
            targets=targets,
            treaty=treaty,
        )
        listed = list_again(
            bare,
            online,
            time,
            snapshot_version=snapshot + 1,
            timestamp_version=timestamp + 1,
        )
        folder = TrustFolder(place.trust)
        if snapshot:
            newest = newest_root(place)
            seen = _versions_seen(newest, folder.read())
            verify_trust(newest, listed, time, seen)
        return folder.write(listed, time)


def newest_root(place: AgencyFolder) -> bytes:
    """Return the newest root that is published.

    Raises:
        NotFound: if nothing is.

    """
    folder = TrustFolder(place.trust)
    roots = folder.read().roots
    return roots[-1] if roots else folder.root()


def keep_fresh(
    place: AgencyFolder, online: ServiceSigner, time: datetime, skipped: int = 0
) -> bool:
    """Sign the snapshot and timestamp again when half their time is over.

    Args:
        place: the agency's folder.
        online: the key that signs what is newest.
        time: now.
        skipped: versions to leave out, and to sign in any case: after a restore.

    Returns:
        Whether that was done.

    Raises:
        TrustRefused: if what the states signed has ended: only they can renew it.

    """
    folder = TrustFolder(place.trust)
    if not skipped and not _is_stale(folder.read(), time):
        return False
    with publishing_alone(place):
        current = folder.read()
        if not skipped and not _is_stale(current, time):
            return False  # another process was quicker
        snapshot, timestamp = _versions(place)
        listed = list_again(
            current,
            online,
            time,
            snapshot_version=snapshot + 1 + skipped,
            timestamp_version=timestamp + 1 + skipped,
        )
        folder.write(listed, time)
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
    return replace(current, timestamp=timestamp, snapshot=snapshot)


def _is_stale(current: TrustMetadata, time: datetime) -> bool:
    expires = parse_listing(current.timestamp, TrustRole.TIMESTAMP).expires
    return expires - time <= TIMESTAMP_LASTS / 2


def _versions(place: AgencyFolder) -> tuple[int, int]:
    """Return the versions of the snapshot and timestamp that are published."""
    try:
        current = TrustFolder(place.trust).read()
    except NotFound:
        return 0, 0
    return (
        parse_listing(current.snapshot, TrustRole.SNAPSHOT).version,
        parse_listing(current.timestamp, TrustRole.TIMESTAMP).version,
    )


def _versions_seen(root: bytes, current: TrustMetadata) -> SeenVersions:
    """Return what whoever read the newest has seen: nothing older follows on it."""
    return SeenVersions(
        root=parse_root(root).version,
        timestamp=parse_listing(current.timestamp, TrustRole.TIMESTAMP).version,
        snapshot=parse_listing(current.snapshot, TrustRole.SNAPSHOT).version,
        targets=parse_listing(current.targets, TrustRole.TARGETS).version,
        treaty=treaty_of(parse_canonical(current.treaty)).version,
    )

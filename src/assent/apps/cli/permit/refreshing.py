"""`assent permit refresh`: the newest status list and trust metadata, into the file.

permit's file + what the agency publishes -> a fresh file of the same permit

    status.jwt                     the signed status list; public/status.jwt in the
                                   agency's own folder
    trust/timestamp.json, …        the states' signed metadata and the treaty

The place is that of the agency that granted the permit. The permit, its signatures and
its proof stay to the byte. What is fetched is believed in nothing; with a root
the fresh file is verified before it is written.
"""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.adapters.translog.files import reader_for
from assent.apps.cli.output.speaking import tell
from assent.apps.cli.permit.output import write
from assent.apps.cli.permit.recipe import STATUS_BYTES_MAX
from assent.authorisation.permit import PermitBundle, parse_bundle, verify_permit
from assent.authorisation.permit.bundle import BUNDLE_BYTES_MAX
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    ROOTS_MAX,
    TREATY_BYTES_MAX,
    TrustMetadata,
    TrustRole,
    parse_listing,
)
from assent.translog.ports import LogReader
from assent.vocabulary import NotFound, from_posix
from assent.wiring.log import now_s

_STATUS_FILES = ("status.jwt", "public/status.jwt")


def refresh(file: Path, source: str, out: Path, root: Path | None) -> None:
    """Write a permit's file with what the agency publishes now.

    Raises:
        PermitMalformed: if the file is no permit's.
        NotFound, LogUnreachable: if what is needed is not there.
        TrustMalformed: if the metadata is none.
        AssentError: with a root, whatever `verify_permit` raises; nothing is written.

    """
    found = parse_bundle(read_bytes(file, BUNDLE_BYTES_MAX))
    reader = reader_for(source)
    fresh = _freshened(found, reader).encoded
    if root is None:
        tell("Not verified: run `assent permit verify` on the new file.")
    else:
        trusted = read_bytes(root, METADATA_BYTES_MAX)
        verify_permit(fresh, trusted, from_posix(now_s()))
        tell("The fresh file was verified.")
    write(out, fresh, parse_bundle)


def _freshened(found: PermitBundle, reader: LogReader) -> PermitBundle:
    status, trust, foreign = _status(reader), _trust(reader), found.foreign
    if foreign is None:
        return replace(found, status=status, trust=trust)
    # What the agency that granted it publishes; the reader's own stays as it is.
    return replace(found, status=status, foreign=replace(foreign, trust=trust))


def _status(reader: LogReader) -> bytes:
    for name in _STATUS_FILES:
        with suppress(NotFound):
            return reader.read(name, bytes_max=STATUS_BYTES_MAX)
    raise _missing(_STATUS_FILES[0])


def _trust(reader: LogReader) -> TrustMetadata:
    """Return the metadata of a published folder, as `TrustFolder` writes it."""

    def read(name: str, bytes_max: int = METADATA_BYTES_MAX) -> bytes:
        return reader.read(f"trust/{name}", bytes_max=bytes_max)

    roots: list[bytes] = []
    with suppress(NotFound):
        while len(roots) < ROOTS_MAX:
            roots.append(read(f"{len(roots) + 2}.root.json"))
    try:
        timestamp = read("timestamp.json")
    except NotFound:
        raise _missing("trust/timestamp.json") from None
    named = parse_listing(timestamp, TrustRole.TIMESTAMP).names
    snapshot = read(f"{named.version}.snapshot.json")
    named = parse_listing(snapshot, TrustRole.SNAPSHOT).names
    targets = read(f"{named.version}.targets.json")
    digest = parse_listing(targets, TrustRole.TARGETS).names.sha256
    return TrustMetadata(
        roots=tuple(roots),
        timestamp=timestamp,
        snapshot=snapshot,
        targets=targets,
        treaty=read(f"{digest}.treaty.json", TREATY_BYTES_MAX),
    )


def _missing(name: str) -> NotFound:
    return NotFound(
        f"There is no {name} there.",
        remedy=f"Give the place where the agency publishes: what comes before /{name}.",
    )

"""The folder in which an agency publishes its root of trust, for any TUF client.

TrustMetadata <-> 1.root.json, 2.root.json, 7.targets.json, 41.snapshot.json,
                  <sha256>.treaty.json, timestamp.json

Every file but the timestamp keeps its name and its bytes for ever (TUF calls this
consistent snapshots), and the timestamp is written last. So whoever reads during a
write, or after a writer was killed, finds what was published before, whole. A new root
counts from when it is there: if it changes the keys of another role, write on at once.

Nothing is written that a verifier would refuse. What is read is believed in nothing:
anybody may have written it.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from assent.adapters.files import read_bytes, settle, write_durably
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    ROOTS_MAX,
    TREATY_BYTES_MAX,
    TrustedTreaty,
    TrustMetadata,
    TrustRole,
    parse_listing,
    parse_root,
    verify_trust,
)
from assent.vocabulary import InputError

_MODE = 0o644  # it is public
_TIMESTAMP = "timestamp.json"


class TrustFolder:
    """A folder of trust metadata. One process writes; any number read."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder in mind; nothing is read or made yet."""
        self._folder = folder

    def root(self, version: int = 1) -> bytes:
        """Return a version of the root.

        Raises:
            NotFound: if it was not published.
            DocumentTooLarge: if it is beyond the limit.

        """
        return self._read(_root_name(version))

    def read(self, since_root_version: int = 1) -> TrustMetadata:
        """Return what is published, with the roots after a version.

        Raises:
            NotFound: if a file is missing.
            DocumentTooLarge: if a file is beyond its limit.
            TrustMalformed: if a file is no metadata of its role.

        """
        roots: list[bytes] = []
        while len(roots) < ROOTS_MAX:
            name = _root_name(since_root_version + 1 + len(roots))
            if not self._has(name):
                break
            roots.append(self._read(name))
        timestamp = self._read(_TIMESTAMP)
        snapshot = self._read(_name(timestamp, TrustRole.TIMESTAMP))
        targets = self._read(_name(snapshot, TrustRole.SNAPSHOT))
        treaty = self._read(_name(targets, TrustRole.TARGETS), TREATY_BYTES_MAX)
        return TrustMetadata(
            roots=tuple(roots),
            timestamp=timestamp,
            snapshot=snapshot,
            targets=targets,
            treaty=treaty,
        )

    def write(self, metadata: TrustMetadata, now: datetime) -> TrustedTreaty:
        """Publish what verifiers will believe: roots first, the timestamp last.

        Writing again does no harm. What a killed writer left, and no timestamp names,
        gives way; what was published does not.

        Args:
            metadata: what to publish; its roots begin with version 1 the first time.
            now: the time, aware.

        Returns:
            What a verifier will make of it.

        Raises:
            AssentError: whatever `verify_trust` raises; nothing was written.
            InputError: if another file of a name was published, or there is no root;
                the timestamp is as it was.
            StoreUnavailable: if the disk refuses; the timestamp is as it was.

        """
        from assent.adapters.trust.tuf_reading import (  # noqa: PLC0415 - who only reads does without
            verify_read_by_tuf,
        )

        trusted = verify_trust(self._newest_root(metadata.roots), metadata, now)
        listings = (metadata.targets, metadata.snapshot, metadata.timestamp)
        for data in (*metadata.roots, *listings):
            verify_read_by_tuf(data)
        for data in metadata.roots:
            self._publish(_root_name(parse_root(data).version), data, replaces=False)
        published = self._published()
        for data, name in (
            (metadata.treaty, _name(metadata.targets, TrustRole.TARGETS)),
            (metadata.targets, _name(metadata.snapshot, TrustRole.SNAPSHOT)),
            (metadata.snapshot, _name(metadata.timestamp, TrustRole.TIMESTAMP)),
        ):
            self._publish(name, data, replaces=name not in published)
        write_durably(self._folder / _TIMESTAMP, metadata.timestamp, _MODE)
        return trusted

    def _newest_root(self, roots: Sequence[bytes]) -> bytes:
        version = 0
        while version < ROOTS_MAX and self._has(_root_name(version + 1)):
            version += 1
        if version:
            return self.root(version)
        if roots:
            return roots[0]
        raise InputError(
            f"{self._folder} holds no root, and none is to be written.",
            remedy="Begin with version 1 of the root.",
        )

    def _published(self) -> frozenset[str]:
        """Return the names of the files that the timestamp leads to."""
        if not self._has(_TIMESTAMP):
            return frozenset()
        snapshot = _name(self._read(_TIMESTAMP), TrustRole.TIMESTAMP)
        targets = _name(self._read(snapshot), TrustRole.SNAPSHOT)
        treaty = _name(self._read(targets), TrustRole.TARGETS)
        return frozenset({snapshot, targets, treaty})

    def _publish(self, name: str, data: bytes, *, replaces: bool) -> None:
        path = self._folder / name
        try:
            write_durably(path, data, _MODE, replaces=replaces)
        except FileExistsError:
            if read_bytes(path, TREATY_BYTES_MAX) != data:
                raise InputError(
                    f"{path} was published with another content.",
                    remedy="Make a next version; what was published stays as it is.",
                ) from None
            settle(path)

    def _has(self, name: str) -> bool:
        return (self._folder / name).exists()

    def _read(self, name: str, bytes_max: int = METADATA_BYTES_MAX) -> bytes:
        return read_bytes(self._folder / name, bytes_max)


def _root_name(version: int) -> str:
    return f"{version}.root.json"


def _name(data: bytes, role: TrustRole) -> str:
    """Return what the file is called that these bytes name."""
    named = parse_listing(data, role).names
    match role:
        case TrustRole.TIMESTAMP:
            return f"{named.version}.snapshot.json"
        case TrustRole.SNAPSHOT:
            return f"{named.version}.targets.json"
        case _:
            return f"{named.sha256}.treaty.json"

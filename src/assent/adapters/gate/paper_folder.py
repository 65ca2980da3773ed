"""A gate's papers in a folder, and how they get there.

folder -> permits, leases, status list;  agency's public folder -> the newest of them

    permits/ID.permit      permits, each with what proves it
    leases/ID.N.lease      signed leases of permit ID
    requests/ID.request    inspectors' signed requests for evaluation jobs
    status.jwt             the newest status list

Files are read again when they changed; whoever puts them there renames them into place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assent.adapters.files import read_bytes, write_durably
from assent.authorisation.permit import parse_lease
from assent.authorisation.permit.bundle import BUNDLE_BYTES_MAX
from assent.authorisation.trust import METADATA_BYTES_MAX
from assent.vocabulary import AssentError, NotFound
from assent.vocabulary.envelope import ENVELOPE_BYTES_MAX, parse_envelope

STATUS_BYTES_MAX = 16_000_000  # 2^24 permits, all of them revoked
LEASES_KEPT = 2  # of each permit and site: the newest, and the one before it
_MODE = 0o644
_Stamp = tuple[int, int, int]


@dataclass
class PaperFolder:
    """The papers in a folder; what has not changed is not read again."""

    folder: Path
    _read: dict[Path, tuple[_Stamp, bytes]] = field(init=False, default_factory=dict)

    def permit(self, permit_id: str) -> bytes | None:
        """Return a permit's file."""
        path = self.folder / "permits" / f"{permit_id}.permit"
        if path.name != f"{permit_id}.permit":  # a path is no name
            return None
        return self._bytes(path, BUNDLE_BYTES_MAX)

    def leases(self, permit_id: str) -> Sequence[bytes]:
        """Return all signed leases of a permit at hand."""
        folder = self.folder / "leases"
        found = (
            self._bytes(path, ENVELOPE_BYTES_MAX)
            for path in sorted(folder.glob("*.lease"))
            if path.name.startswith(f"{permit_id}.")
        )
        return [data for data in found if data is not None]

    def status(self) -> bytes | None:
        """Return the newest signed status list."""
        return self._bytes(self.folder / "status.jwt", STATUS_BYTES_MAX)

    def request(self, request_id: str) -> bytes | None:
        """Return an inspector's signed request for an evaluation job."""
        path = self.folder / "requests" / f"{request_id}.request"
        if path.name != f"{request_id}.request":  # a path is no name
            return None
        return self._bytes(path, ENVELOPE_BYTES_MAX)

    def _bytes(self, path: Path, bytes_max: int) -> bytes | None:
        try:
            seen = path.stat()
        except OSError:
            return None
        stamp = (seen.st_mtime_ns, seen.st_ino, seen.st_size)
        known = self._read.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            data = read_bytes(path, bytes_max)
        except NotFound:
            return None
        self._read[path] = stamp, data
        return data


def fetch_papers(public: Path, papers: Path, trust: Path | None = None) -> list[str]:
    """Copy what an agency published, and drop leases that newer ones replaced.

    Nothing is believed: the gate verifies papers when a job needs them.

    Args:
        public: the agency's public folder.
        papers: the gate's papers.
        trust: the folder of the states' signed metadata, which pause orders need.

    Returns:
        The names of what is new or changed.

    Raises:
        StoreUnavailable: if the disk refuses.

    """
    changed = []
    for source, name, bytes_max in _published(public, trust):
        data = read_bytes(source, bytes_max)
        target = papers / name
        if not target.exists() or read_bytes(target, bytes_max) != data:
            write_durably(target, data, _MODE)
            changed.append(name)
    _drop_old_leases(papers / "leases")
    return changed


def keep_request(papers: Path, request_id: str, data: bytes) -> None:
    """Put an inspector's request among a gate's papers.

    Raises:
        StoreUnavailable: if the disk refuses.

    """
    write_durably(papers / "requests" / f"{request_id}.request", data, _MODE)


def _published(public: Path, trust: Path | None) -> Iterator[tuple[Path, str, int]]:
    for path in sorted(trust.glob("*.json")) if trust is not None else ():
        yield path, f"trust/{path.name}", METADATA_BYTES_MAX
    for path in sorted((public / "permits").glob("*.permit")):
        yield path, f"permits/{path.name}", BUNDLE_BYTES_MAX
    for path in sorted((public / "leases").glob("*.lease")):
        yield path, f"leases/{path.name}", ENVELOPE_BYTES_MAX
    if (public / "status.jwt").exists():
        yield public / "status.jwt", "status.jwt", STATUS_BYTES_MAX


def _drop_old_leases(folder: Path) -> None:
    serials: dict[tuple[str, str], list[tuple[int, Path]]] = {}
    for path in folder.glob("*.lease"):
        try:
            lease = parse_lease(
                parse_envelope(read_bytes(path, ENVELOPE_BYTES_MAX)).payload
            )
        except AssentError:
            continue  # the gate says what is wrong with it, when a job needs it
        key = lease.permit_id, lease.site
        serials.setdefault(key, []).append((lease.serial, path))
    for found in serials.values():
        for _, path in sorted(found)[:-LEASES_KEPT]:
            path.unlink(missing_ok=True)

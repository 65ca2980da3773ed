"""What the public log needs of the world: a database, a folder of files, witnesses.

`adapters` implements each for real, `testing` in memory; the same contract tests run on
both.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from assent.translog.formats.note import SignatureLine
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.merkle import FullTile


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A tree head as a database keeps it, believed in nothing: `note` may be none."""

    size: int
    note: bytes
    is_published: bool


class LogTransaction(Protocol):
    """One transaction on a log's database; what it wrote is there whole or not at all.

    Entries are numbered from 0 without a gap. `key` is the first eight bytes of an
    entry's leaf hash as a signed integer: a hint to find an entry by, not a proof.
    """

    def size(self) -> int:
        """Return how many entries there are."""

    def indices_of(self, keys: Sequence[int]) -> list[tuple[int, int]]:
        """Return (key, index) of every entry that has one of these keys."""

    def entries(self, start: int, end: int) -> list[bytes]:
        """Return entries [start, end) in order."""

    def tile_nodes(self, level: int, index: int) -> bytes:
        """Return the 511 hashes of a full tile (`FullTile.nodes`).

        Raises:
            LogDamaged: if there is none.

        """

    def tile_roots(self, level: int, start: int, end: int) -> list[bytes]:
        """Return the root hashes of full tiles [start, end) of a level, in order."""

    def add_entries(self, start: int, rows: Sequence[tuple[int, bytes]]) -> None:
        """Add entries with their keys; the first has index `start`, the size before."""

    def add_tiles(self, tiles: Sequence[FullTile]) -> None:
        """Add full tiles; one that is there already is replaced."""

    def signed_size(self) -> int:
        """Return how many entries `newest_head` has, at little cost; 0 without one."""

    def newest_head(self) -> SignedTreeHead | None:
        """Return the largest tree head that was ever signed."""

    def published_head(self) -> SignedTreeHead | None:
        """Return the largest tree head that was published, with its cosignatures."""

    def add_head(self, signed: SignedTreeHead, *, is_published: bool) -> None:
        """Keep a signed tree head.

        A published one replaces what is kept of the same size; another does not.
        """

    # What `fsck` reads and mends. Each page is of up to `count` rows, in order.

    def heads(self, after: int, count: int) -> list[KeptHead]:
        """Return a page of the tree heads that are larger than `after`."""

    def tiles(self, after: tuple[int, int], count: int) -> list[FullTile]:
        """Return a page of the full tiles behind this (level, index)."""

    def keys(self, after: tuple[int, int], count: int) -> list[tuple[int, int]]:
        """Return a page of the (key, index) behind this one."""

    def add_keys(self, rows: Sequence[tuple[int, int]]) -> None:
        """Add (key, index) that are not there."""

    def remove_keys(self, rows: Sequence[tuple[int, int]]) -> None:
        """Remove (key, index) that are there."""


class LogStore(Protocol):
    """A log's database, for all threads of a process."""

    def writing(self) -> AbstractContextManager[LogTransaction]:
        """Return a transaction that excludes all other writers, in any process.

        Leaving it commits: when it returns, what was written survives a power cut.
        An exception inside rolls back.

        Raises:
            StoreUnavailable: if the database or the disk refuses; nothing was written.

        """

    def reading(self) -> AbstractContextManager[LogTransaction]:
        """Return a transaction that sees one state and may only read.

        Raises:
            StoreUnavailable: if the database cannot be read.

        """

    def close(self) -> None:
        """Let go of the database; nothing may be called after."""


class LogReader(Protocol):
    """The static files of a log, wherever they are: over HTTP or in a folder."""

    def read(self, path: str, *, bytes_max: int) -> bytes:
        """Return a file's bytes.

        Raises:
            NotFound: if there is none at that path.
            LogUnreachable: if the log does not answer, or sends more than `bytes_max`.

        """


class LogFiles(LogReader, Protocol):
    """The static files of one's own log, or of a mirror."""

    def write(self, path: str, data: bytes) -> None:
        """Put a file in place whole and durably, replacing the one there.

        Raises:
            StoreUnavailable: if the disk refuses; the file there before is intact.

        """

    def settle(self, path: str) -> None:
        """Make a file durable that is there already: its writer may have been killed.

        Raises:
            NotFound: if there is none.
            StoreUnavailable: if the disk refuses.

        """

    def paths(self) -> Iterator[str]:
        """Yield the path of every file there, in any order.

        Also of what a write left that was killed: then a part of it starts with a dot.
        """

    def remove(self, path: str) -> None:
        """Remove a file or a folder; nothing happens if there is none."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold off every other publisher into the same folder."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What witnesses answered: their lines, and why others gave none."""

    lines: tuple[SignatureLine, ...]
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldHead:
    """What a witness shows as its newest tree head of a log: believed in nothing."""

    witness: str
    note: bytes


class Witnesses(Protocol):
    """All witnesses of a policy, asked at once."""

    def held(self, origin: str) -> Sequence[HeldHead]:
        """Return the newest tree head of a log that each witness shows.

        Those that hold none, or do not answer in time, are left out.
        """

    def collect(
        self,
        signed: SignedTreeHead,
        prove: Callable[[int], list[bytes]],
        is_enough: Callable[[Sequence[SignatureLine]], bool],
    ) -> Collected:
        """Ask for cosignatures of a tree head until there are enough.

        Args:
            signed: the tree head, signed by the log.
            prove: gives the consistency proof from an older size to this head.
            is_enough: tells whether the lines so far satisfy the policy.

        Raises:
            HeadRolledBack, SplitView: if a witness holds a larger head than this one
                or a different one of the same size.

        """

"""What the secretariat needs of the world besides the cases: documents and the log.

`adapters` implements it over a document store and a log on disk, `testing` in memory.
"""

from collections.abc import Sequence
from typing import Protocol


class Records(Protocol):
    """Documents by their digests, and the public log.

    All raise StoreUnavailable if a disk, database or service refuses.
    """

    def put(self, document: bytes) -> str:
        """Store a document durably and return its digest; again does no harm."""

    def put_all(self, documents: Sequence[bytes]) -> list[str]:
        """Store documents as `put` each; return their digests."""

    def get(self, digest: str) -> bytes:
        """Return the document with this digest.

        Raises:
            NotFound: if there is none.
            DocumentDamaged: if what is stored is another.

        """

    def append(self, entries: Sequence[bytes]) -> list[int]:
        """Append entries durably; one that is there already keeps its index."""

    def publish(self, time_s: int) -> None:
        """Make everything appended public, under a tree head that a quorum cosigned.

        Raises:
            QuorumNotMet: if too few witnesses cosigned; entries stay, unpublished.
            LogRefused, LogMisbehaved, LogDamaged: as `Publisher.publish` says.

        """

    def prove(self, index: int) -> bytes:
        """Return the proof of an entry under the published tree head."""

    def entry(self, index: int) -> bytes:
        """Return an appended entry."""

    def size(self) -> int:
        """Return how many entries there are."""

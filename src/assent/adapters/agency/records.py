"""The secretariat's documents and public log, over a document store and one's own log.

Secretariat's verbs -> document store, sequencer, publisher, prover
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from assent.translog.keeping.prove import Prover
from assent.translog.keeping.publish import Publisher
from assent.translog.keeping.sequence import Sequencer
from assent.translog.ports import LogStore


class Documents(Protocol):
    """Documents by their digests; `adapters.documents` keeps them for real."""

    def put(self, document: bytes) -> str:
        """Store a document and return its digest."""

    def put_all(self, documents: Sequence[bytes]) -> list[str]:
        """Store documents and return their digests."""

    def get(self, digest: str) -> bytes:
        """Return the document with this digest."""


class LogRecords:
    """`Records` over a log of one's own."""

    def __init__(
        self,
        documents: Documents,
        store: LogStore,
        publisher: Callable[[], Publisher],
        sequencer: Sequencer | None = None,
        prover: Prover | None = None,
    ) -> None:
        """Keep documents and entries; the publisher is made when it is needed."""
        self._documents = documents
        self._store = store
        self._publisher = publisher
        self._sequencer = sequencer or Sequencer(store)
        self._prover = prover or Prover(store)

    def put(self, document: bytes) -> str:
        """Store a document durably and return its digest."""
        return self._documents.put(document)

    def put_all(self, documents: Sequence[bytes]) -> list[str]:
        """Store documents durably and return their digests."""
        return self._documents.put_all(documents)

    def get(self, digest: str) -> bytes:
        """Return the document with this digest."""
        return self._documents.get(digest)

    def append(self, entries: Sequence[bytes]) -> list[int]:
        """Append entries durably; one that is there already keeps its index."""
        return self._sequencer.append(entries)

    def publish(self, time_s: int) -> None:
        """Make everything appended public."""
        self._publisher().publish(time_s)

    def prove(self, index: int) -> bytes:
        """Return the proof of an entry under the published tree head."""
        return self._prover.proof(index).encoded

    def entry(self, index: int) -> bytes:
        """Return an appended entry."""
        with self._store.reading() as transaction:
            (entry,) = transaction.entries(index, index + 1)
        return entry

    def size(self) -> int:
        """Return how many entries there are."""
        with self._store.reading() as transaction:
            return transaction.size()

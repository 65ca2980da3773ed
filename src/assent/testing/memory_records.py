"""The secretariat's records in memory: documents, and a log with three witnesses.

bytes, entries -> digests, indices, proofs; two of the witnesses are enough
"""

from collections.abc import Sequence

from assent.testing.log_files import MemoryFiles
from assent.testing.log_store import MemoryLogStore
from assent.testing.memory_documents import MemoryDocuments
from assent.testing.small_log import ORIGIN, log_key, witness_key
from assent.testing.witnesses import MemoryWitness, MemoryWitnesses
from assent.translog.formats.policy import parse_policy
from assent.translog.keeping.prove import Prover
from assent.translog.keeping.publish import Publisher
from assent.translog.keeping.sequence import Sequencer
from assent.translog.ports import LogStore

_KEY = log_key()
_WITNESS_KEYS = [witness_key(f"w{n}.example/witness", 10 + n) for n in range(3)]


class MemoryRecords:
    """Documents and a log; the log's database may be one that a test brings."""

    def __init__(self, store: LogStore | None = None) -> None:
        """Begin with nothing, or with what the store holds."""
        self.documents = MemoryDocuments()
        self.store = store or MemoryLogStore()
        self.files = MemoryFiles()
        self.witnesses = [
            MemoryWitness((key,), (_KEY.verifier,)) for key in _WITNESS_KEYS
        ]
        self._sequencer = Sequencer(self.store)
        self._prover = Prover(self.store)
        self.time_s = 0

    @staticmethod
    def policy_text() -> str:
        """Return the policy by which this log is believed."""
        lines = [f"log {_KEY.verifier.text}"]
        for number, key in enumerate(_WITNESS_KEYS):
            lines.append(f"witness w{number} {key.verifier.text}")
        return "\n".join(
            [*lines, "group two-of-them 2 w0 w1 w2", "quorum two-of-them\n"]
        )

    def put(self, document: bytes) -> str:
        """Store a document and return its digest."""
        return self.documents.put(document)

    def put_all(self, documents: Sequence[bytes]) -> list[str]:
        """Store documents durably and return their digests."""
        return [self.documents.put(one) for one in documents]

    def get(self, digest: str) -> bytes:
        """Return the document with this digest."""
        return self.documents.get(digest)

    def append(self, entries: Sequence[bytes]) -> list[int]:
        """Append entries; one that is there already keeps its index."""
        return self._sequencer.append(entries)

    def publish(self, time_s: int) -> None:
        """Make everything appended public, cosigned."""
        self.time_s = time_s
        Publisher(
            origin=ORIGIN,
            keys=(_KEY,),
            policy=parse_policy(self.policy_text().encode()),
            store=self.store,
            files=self.files,
            witnesses=MemoryWitnesses(self.witnesses, lambda: self.time_s),
        ).publish(time_s)

    def prove(self, index: int) -> bytes:
        """Return the proof of an entry under the published tree head."""
        return self._prover.proof(index).encoded

    def entry(self, index: int) -> bytes:
        """Return an appended entry."""
        with self.store.reading() as transaction:
            (entry,) = transaction.entries(index, index + 1)
        return entry

    def size(self) -> int:
        """Return how many entries there are."""
        with self.store.reading() as transaction:
            return transaction.size()

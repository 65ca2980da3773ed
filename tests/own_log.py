"""A log of one's own with everything it needs, in memory or on a disk."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assent.testing.log_files import MemoryFiles
from assent.testing.log_store import MemoryLogStore
from assent.testing.small_log import ORIGIN, TIME_S, log_key, witness_key
from assent.testing.witnesses import MemoryWitness, MemoryWitnesses
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.policy import Policy, parse_policy
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.keeping.fsck import Defect, Repaired, check_log, repair_log
from assent.translog.keeping.publish import Publisher
from assent.translog.keeping.sequence import BATCH_ENTRIES_MAX, Sequencer
from assent.translog.ports import LogFiles, LogStore

KEY = log_key()
LOG_KEYS = [KEY.verifier]
WITNESS_KEYS = [witness_key(f"w{n}.example/witness", 10 + n) for n in range(3)]


def two_of_three(witness_keys: Sequence[VerifierKey]) -> Policy:
    """Return a policy by which two of three witnesses are enough."""
    return parse_policy(
        "\n".join(
            [
                f"log {KEY.verifier.text}",
                *(f"witness w{i} {key.text}" for i, key in enumerate(witness_keys)),
                "group quorum-of-witnesses 2 w0 w1 w2",
                "quorum quorum-of-witnesses",
            ]
        ).encode()
    )


POLICY = two_of_three([key.verifier for key in WITNESS_KEYS])


def entries(start: int, end: int) -> list[bytes]:
    """Return entries that tell their index."""
    return [b"entry %d" % number for number in range(start, end)]


@dataclass
class OwnLog:
    """A log with three witnesses in memory; `time_s` is what their clocks show."""

    store: LogStore = field(default_factory=MemoryLogStore)
    files: LogFiles = field(default_factory=MemoryFiles)
    time_s: int = TIME_S
    policy: Policy = POLICY

    def __post_init__(self) -> None:
        """Make the witnesses, which follow the log."""
        self.witnesses = [
            MemoryWitness((key,), (KEY.verifier,)) for key in WITNESS_KEYS
        ]

    @property
    def publisher(self) -> Publisher:
        """Return who publishes it."""
        return Publisher(
            origin=ORIGIN,
            keys=(KEY,),
            policy=self.policy,
            store=self.store,
            files=self.files,
            witnesses=MemoryWitnesses(self.witnesses, lambda: self.time_s),
        )

    def append(self, size: int) -> None:
        """Append until there are so many entries."""
        with self.store.reading() as transaction:
            there = transaction.size()
        sequencer = Sequencer(self.store)
        for start in range(there, size, BATCH_ENTRIES_MAX):
            end = min(size, start + BATCH_ENTRIES_MAX)
            sequencer.append(entries(start, end))

    def publish(self, size: int | None = None, *, refresh: bool = False) -> int:
        """Append until there are so many entries, then publish; return the size."""
        if size is not None:
            self.append(size)
        self.time_s += 1
        return self.publisher.publish(self.time_s, refresh=refresh).head.size

    def published(self) -> SignedTreeHead | None:
        """Return the tree head that the database says was published last."""
        with self.store.reading() as transaction:
            return transaction.published_head()

    def check(self) -> list[Defect]:
        """Return what is wrong with it."""
        return check_log(self.store, self.files, ORIGIN, LOG_KEYS, self.policy)

    def repair(self) -> Repaired:
        """Mend what is wrong with it; return that, and what is left."""
        return repair_log(self.store, self.files, ORIGIN, LOG_KEYS, self.policy)


def contents(files: LogFiles) -> dict[str, bytes]:
    """Return every file's bytes by its path; without what killed writes left."""
    return {
        path: files.read(path, bytes_max=2**25)
        for path in files.paths()
        if "/." not in f"/{path}"
    }

"""Witnesses in memory, which decide as real ones do; and what is asked of them.

SmallLog -> CosignRequest; signed tree head -> cosignatures
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from assent.testing.small_log import SmallLog
from assent.translog.errors import HeadRolledBack, SplitView
from assent.translog.formats.keys import SigningKey, VerifierKey
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.formats.witness_exchange import CosignRequest
from assent.translog.merkle import Edge, ReadNode, leaf_hash, prove_consistency
from assent.translog.ports import Collected, HeldHead
from assent.translog.split_view import Evidence
from assent.translog.witness import HeadDecision, Reason, Refusal, cosign_next


def node_reader(log: SmallLog) -> ReadNode:
    """Return the hashes of the log's complete subtrees."""

    def read_node(level: int, position: int) -> bytes:
        edge = Edge()
        start, end = position << level, (position + 1) << level
        edge.append(leaf_hash(entry) for entry in log.entries[start:end])
        return edge.root()

    return read_node


def prover(log: SmallLog, size: int | None = None) -> Callable[[int], list[bytes]]:
    """Return the proofs from older sizes to a size of the log, or to its newest."""
    newest = len(log.entries) if size is None else size
    return lambda old_size: prove_consistency(old_size, newest, node_reader(log))


def ask(log: SmallLog, old_size: int, size: int | None = None) -> CosignRequest:
    """Return the honest request for a head of the log, the newest by default."""
    proof = prover(log, size)(old_size)
    return CosignRequest(old_size, tuple(proof), log.signed(size))


@dataclass
class MemoryWitness:
    """A witness that forgets with the process; a silent one never answers."""

    keys: tuple[SigningKey, ...]
    log_keys: tuple[VerifierKey, ...]
    held: dict[str, SignedTreeHead] = field(default_factory=dict)
    is_silent: bool = False

    def answer(
        self, request: CosignRequest, time_s: int
    ) -> tuple[SignatureLine, ...] | Refusal:
        """Cosign and hold the head, or refuse."""
        return cosign_next(request, _Memory(self), self.keys, time_s)


@dataclass
class _Memory:
    """The memory of a witness that is asked once at a time."""

    witness: MemoryWitness

    def log_keys(self, origin: str) -> tuple[VerifierKey, ...]:
        return tuple(key for key in self.witness.log_keys if key.name == origin)

    def held(self, origin: str) -> SignedTreeHead | None:
        return self.witness.held.get(origin)

    @contextmanager
    def deciding(self, origin: str) -> Iterator[HeadDecision]:
        yield _Decision(self.witness, self.held(origin))


@dataclass
class _Decision:
    witness: MemoryWitness
    held: SignedTreeHead | None

    def keep(self, cosigned: SignedTreeHead) -> None:
        self.witness.held[cosigned.head.origin] = cosigned


class MemoryWitnesses:
    """The witnesses of a policy, asked one after the other."""

    def __init__(
        self, witnesses: Sequence[MemoryWitness], now: Callable[[], int]
    ) -> None:
        """Ask these; `now` gives the time in POSIX seconds that they tell."""
        self._witnesses = witnesses
        self._now = now

    def held(self, origin: str) -> list[HeldHead]:
        """Return the newest tree head of a log that each witness shows."""
        return [
            HeldHead(witness.keys[0].name, witness.held[origin].encoded)
            for witness in self._witnesses
            if origin in witness.held and not witness.is_silent
        ]

    def collect(
        self,
        signed: SignedTreeHead,
        prove: Callable[[int], list[bytes]],
        is_enough: Callable[[Sequence[SignatureLine]], bool],
    ) -> Collected:
        """Ask for cosignatures of a tree head until there are enough."""
        lines: list[SignatureLine] = []
        failures: list[str] = []
        for witness in self._witnesses:
            if is_enough(lines):
                break
            answer = self._ask(witness, signed, prove)
            if isinstance(answer, str):
                failures.append(f"{witness.keys[0].name}: {answer}")
            else:
                lines += answer
        return Collected(tuple(lines), tuple(failures))

    def _ask(
        self,
        witness: MemoryWitness,
        signed: SignedTreeHead,
        prove: Callable[[int], list[bytes]],
    ) -> tuple[SignatureLine, ...] | str:
        if witness.is_silent:
            return "it did not answer"
        held = witness.held.get(signed.head.origin)
        size_held = held.head.size if held else 0
        if held and size_held > signed.head.size:
            raise HeadRolledBack(
                f"{witness.keys[0].name} holds a head of {size_held}.",
                remedy="Restore the newest database.",
            )
        request = CosignRequest(size_held, tuple(prove(size_held)), signed)
        answer = witness.answer(request, self._now())
        if not isinstance(answer, Refusal):
            return answer
        if answer.reason in {Reason.OTHER_ROOT, Reason.PROOF_FAILS}:
            kept = answer.kept
            raise SplitView(
                answer.message,
                remedy=answer.remedy,
                evidence=kept.encoded if isinstance(kept, Evidence) else None,
            )
        return answer.message

"""How long does it take to verify a proof?

a tree of a million leaves -> proofs, and whole .tlog-proof files -> seconds

Nothing is read from a disk. Everybody starts from the entry's bytes and verifies proofs
of the same tree; pymerkle brings its own, which carry more than hashes.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import proofbundle
from bench.race import OURS, Race, each_in_turns, race_table
from bench.sample_log import KEY, ORIGIN, TIME_S, entries
from bench.table import Table
from pymerkle import InmemoryTree
from tlog_scales.tlog import ConsistencyProof, InclusionProof

from assent.translog.formats.cosignature import cosign
from assent.translog.formats.keys import KeyKind, make_signing_key
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.proof import TlogProof
from assent.translog.formats.signed_head import sign_tree_head
from assent.translog.formats.tree_head import TreeHead
from assent.translog.merkle import (
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    range_hash,
    verify_consistency,
    verify_inclusion,
)
from assent.translog.verify import verify_proof

SIZE = 1_000_000
PROOFS = 1_000
PYMERKLE, TLOG_SCALES, PROOFBUNDLE = "pymerkle", "tlog-scales", "proofbundle"
PEERS = (PYMERKLE, TLOG_SCALES, PROOFBUNDLE)
KINDS = {
    "Ed25519": KeyKind.ED25519_COSIGNATURE,
    "ML-DSA-44": KeyKind.ML_DSA_44_COSIGNATURE,
}
_NOTES = (
    """\
A .tlog-proof holds an entry, its proof, and a tree head with the log's signature, which
is by Ed25519, and the cosignatures of three witnesses, of which the policy asks for
two; all three are verified. Parsing is included, of the policy it is not. pymerkle and
tlog-scales cannot verify such a file.""",
    """\
tlog-scales takes hashes and sizes as they are; pymerkle and proofbundle check as much
as assent does. None of the peers has a policy with groups of witnesses.""",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An entry, and an older size of the tree, each with its proof."""

    index: int
    entry: bytes
    inclusion: list[bytes]
    old_size: int
    old_root: bytes
    consistency: list[bytes]
    of_pymerkle: tuple[Any, Any]


class Tree:
    """All hashes of a tree in memory, by level, lowest first."""

    def __init__(self, size: int) -> None:
        """Hash the first entries of the sample."""
        self.size = size
        levels = [[leaf_hash(entry) for entry in entries(0, size)]]
        while len(levels[-1]) > 1:
            below = iter(levels[-1])
            levels.append([*map(node_hash, below, below)])
        self._levels = levels
        self.root = range_hash(0, size, self.node)

    def node(self, level: int, position: int) -> bytes:
        """Return the hash of a complete subtree."""
        return self._levels[level][position]

    def cases(self, count: int) -> Iterator[Case]:
        """Yield random entries and older sizes."""
        draw = random.Random(1)  # noqa: S311 - the same sample every time
        theirs = InmemoryTree.init_from_entries(entries(0, self.size))
        if theirs.get_root() != self.root:
            raise ValueError("pymerkle has another root")
        for _ in range(count):
            index, old = draw.randrange(self.size), draw.randrange(1, self.size)
            yield Case(
                index=index,
                entry=entries(index, index + 1)[0],
                inclusion=prove_inclusion(index, self.size, self.node),
                old_size=old,
                old_root=range_hash(0, old, self.node),
                consistency=prove_consistency(old, self.size, self.node),
                of_pymerkle=(
                    theirs.prove_inclusion(index + 1),
                    theirs.prove_consistency(old),
                ),
            )


def log_verification(size: int = SIZE) -> Table:
    """Race the verification of proofs, and of whole files."""
    tree = Tree(size)
    cases = list(tree.cases(PROOFS))
    races = [
        Race(
            what="inclusion",
            figures=each_in_turns(_inclusion(tree), cases, warm_up=cases[:100]),
            target=30e-6,
        ),
        Race(
            what="consistency",
            figures=each_in_turns(_consistency(tree), cases, warm_up=cases[:100]),
        ),
        *(_whole_files(tree, cases, name) for name in KINDS),
    ]
    return race_table(f"Verifying proofs of {size:,} entries", PEERS, races, _NOTES)


def _inclusion(tree: Tree) -> dict[str, Callable[[Case], object]]:
    size, root = tree.size, tree.root
    return {
        OURS: lambda case: verify_inclusion(
            case.index, size, leaf_hash(case.entry), case.inclusion, root
        ),
        PYMERKLE: lambda case: case.of_pymerkle[0].verify(
            leaf_hash(case.entry), root, index=case.index + 1, size=size
        ),
        TLOG_SCALES: lambda case: InclusionProof(
            case.index, size, case.inclusion
        ).check(leaf_hash(case.entry), root),
        PROOFBUNDLE: lambda case: _confirmed(
            proofbundle.verify_inclusion(
                case.entry, case.index, size, case.inclusion, root
            )
        ),
    }


def _consistency(tree: Tree) -> dict[str, Callable[[Case], object]]:
    size, root = tree.size, tree.root
    return {
        OURS: lambda case: verify_consistency(
            case.old_size, size, case.old_root, root, case.consistency
        ),
        PYMERKLE: lambda case: case.of_pymerkle[1].verify(
            case.old_root, root, prior_size=case.old_size, later_size=size
        ),
        TLOG_SCALES: lambda case: ConsistencyProof(
            case.old_size, size, case.consistency
        ).check(case.old_root, root),
        PROOFBUNDLE: lambda case: _confirmed(
            proofbundle.verify_consistency(
                case.old_size, size, case.consistency, case.old_root, root
            )
        ),
    }


def _whole_files(tree: Tree, cases: Sequence[Case], name: str) -> Race:
    """Race the verification of .tlog-proof files under two of three witnesses."""
    keys = [
        make_signing_key(f"witness.example/{number}", KINDS[name], bytes([number] * 32))
        for number in (1, 2, 3)
    ]
    lines = [f"witness {i} {key.verifier.text}" for i, key in enumerate(keys)]
    text = [f"log {KEY.verifier.text}", *lines, "group two 2 0 1 2", "quorum two", ""]
    policy = parse_policy("\n".join(text).encode())
    head = TreeHead(ORIGIN, tree.size, tree.root)
    signed = sign_tree_head(head, [KEY], TIME_S).with_signatures(
        *(cosign(head, key, TIME_S) for key in keys)
    )
    files = [
        TlogProof(
            index=case.index,
            hashes=tuple(case.inclusion),
            signed=signed,
            extra=case.entry,
        ).encoded
        for case in cases
    ]
    witnesses = [key.verifier.text for key in keys]
    contestants: dict[str, Callable[[tuple[bytes, bytes]], object]] = {
        OURS: lambda file: verify_proof(file[0], policy, entry=file[1]),
        PROOFBUNDLE: lambda file: _confirmed(
            proofbundle.verify_tlog_proof(
                file[0].decode(), file[1], KEY.verifier.text, witnesses, threshold=2
            )["ok"]
        ),
    }
    pairs = [(file, case.entry) for file, case in zip(files, cases, strict=True)]
    figures = each_in_turns(contestants, pairs[:200], warm_up=pairs[:20])
    return Race(what=f".tlog-proof, 2 of 3 {name} witnesses", figures=figures)


def _confirmed(is_right: object) -> None:
    if is_right is not True:
        raise ValueError("a peer refuses a proof that is right")

"""Verify offline that an entry is in the log: the recipe that anybody can follow.

proof + Policy (+ the entry) -> VerifiedEntry, or the reason why not

What follows from a verified entry: whoever held the log's key committed to it at this
index, and a quorum of the policy's witnesses saw a history with it before they signed
their names to the times given here. Rewriting that history is open only to the log and
a quorum of its witnesses together.

What does not follow:

- that what the entry says is true; the log shows that it was said, and not withdrawn
  from view;
- that no other entry contradicts, repeats or revokes it: that takes all entries, and a
  monitor that reads them;
- anything about the time after the cosignatures, which are as old as they say; nor that
  the clocks of the witnesses were right.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from assent.translog.errors import ProofInvalid
from assent.translog.formats.policy import (
    Log,
    Policy,
    verify_tree_head_by_policy,
)
from assent.translog.formats.proof import TlogProof, parse_proof
from assent.translog.formats.tree_head import TreeHead
from assent.translog.merkle import leaf_hash, verify_inclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedEntry:
    """An entry that is in the log, and who vouches for that.

    `cosigners` are witnesses by their names in the policy, with the POSIX time in
    seconds at which each saw the tree head.
    """

    entry: bytes
    index: int
    head: TreeHead
    log: Log
    cosigners: Mapping[str, int]


def verify_proof(
    data: bytes,
    policy: Policy,
    *,
    entry: bytes | None = None,
    origin: str | None = None,
) -> VerifiedEntry:
    """Return the entry that a proof shows to be in a log of the policy.

    Args:
        data: the proof, as C2SP tlog-proof writes it.
        policy: which logs and witnesses to believe.
        entry: the entry's bytes, whatever else the proof carries; None to take those
            that it carries.
        origin: the one log to believe; None for any that the policy names.

    Raises:
        ProofMalformed, NoteMalformed, TreeHeadMalformed: if it is no proof.
        WrongOrigin, TreeHeadUnsigned, SignatureInvalid: if the tree head in it is not
            one of the log's.
        CosignatureMalformed, CosignatureInvalid, QuorumNotMet: if it is not one that
            enough witnesses saw.
        ProofInvalid: if no entry comes with it, or one that is not in the tree.

    """
    # (1) The proof is in its one encoding. Nothing in it is believed yet.
    proof = parse_proof(data)
    # (2) The tree head is signed by a log of the policy and cosigned by a quorum.
    head = verify_tree_head_by_policy(proof.signed, policy, origin=origin)
    # (3) There is one entry that this is about.
    said = _entry(proof, entry)
    # (4) The entry's hash is at the index, in the tree with the root that was signed.
    tree = head.signed.head
    verify_inclusion(proof.index, tree.size, leaf_hash(said), proof.hashes, tree.root)
    return VerifiedEntry(
        entry=said,
        index=proof.index,
        head=tree,
        log=head.log,
        cosigners=head.cosigners,
    )


def _entry(proof: TlogProof, entry: bytes | None) -> bytes:
    if entry is None and not proof.extra:
        raise ProofInvalid(
            f"The proof of entry {proof.index} does not carry the entry.",
            remedy="Give the entry's bytes along with the proof.",
        )
    return proof.extra if entry is None else entry

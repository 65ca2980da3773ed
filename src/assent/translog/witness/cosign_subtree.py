"""Decide on a subtree: `sign-subtree`.

SubtreeRequest + keys of the log + the witness's own keys -> CosignSubtree, or Refusal

The reference must be cosigned as a tree head, with its time: a cosignature that was
given for a subtree is not taken in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assent.translog.errors import (
    CosignatureInvalid,
    CosignatureMalformed,
    ProofInvalid,
)
from assent.translog.formats.cosignature import cosign_subtree
from assent.translog.formats.keys import KeyKind, SigningKey, VerifierKey
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.signed_head import cosigners_of
from assent.translog.formats.witness_exchange import SubtreeRequest
from assent.translog.merkle import is_subtree, verify_subtree_consistency
from assent.translog.witness.refusal import (
    Reason,
    Refusal,
    refuse,
    refuse_unknown_log,
)


@dataclass(frozen=True, slots=True)
class CosignSubtree:
    """The witness cosigns a subtree by these of its keys."""

    request: SubtreeRequest
    keys: tuple[SigningKey, ...]

    def lines(self) -> tuple[SignatureLine, ...]:
        """Return a cosignature by each key; those of subtrees tell no time."""
        asked, origin = self.request, self.request.signed.head.origin
        return tuple(
            cosign_subtree(origin, asked.start, asked.end, asked.subtree_hash, key)
            for key in self.keys
        )


def decide_subtree(
    request: SubtreeRequest,
    log_keys: Sequence[VerifierKey],
    keys: Sequence[SigningKey],
) -> CosignSubtree | Refusal:
    """Decide on a subtree.

    Args:
        request: what was asked, by anybody.
        log_keys: the keys trusted for the origin in it; none if it is not known.
        keys: this witness's own; those for ML-DSA-44 can cosign subtrees.

    """
    able = [key for key in keys if key.kind is KeyKind.ML_DSA_44_COSIGNATURE]
    if not able:
        return Refusal(
            reason=Reason.SUBTREES_NOT_OFFERED,
            message="This witness has no key that can cosign subtrees.",
            remedy="Ask a witness that has a key for ML-DSA-44.",
        )
    if (refusal := _check_proof(request)) is not None:
        return refusal
    if not log_keys:
        return refuse_unknown_log(request.signed)
    try:
        found = cosigners_of(request.signed, [key.verifier for key in keys])
    except (CosignatureInvalid, CosignatureMalformed) as error:
        return refuse(Reason.NOT_COSIGNED, error)
    if not found:
        return Refusal(
            reason=Reason.NOT_COSIGNED,
            message="This witness did not cosign this tree head.",
            remedy="Have it cosign that tree head first, and send its answer along.",
        )
    # All keys of one witness cosign the same heads, so each vouches for the others.
    same = [key for key in able if key.verifier in found]
    return CosignSubtree(request, tuple(same or able))


def _check_proof(request: SubtreeRequest) -> Refusal | None:
    start, end, head = request.start, request.end, request.signed.head
    if not is_subtree(start, end) or end > head.size:
        return Refusal(
            reason=Reason.NO_SUBTREE,
            message=f"Leaves [{start}, {end}) are no subtree of a tree of {head.size}.",
            remedy="Start at a multiple of the next power of two of their number.",
        )
    try:
        verify_subtree_consistency(
            start, end, head.size, request.subtree_hash, head.root, request.proof
        )
    except ProofInvalid as error:
        return refuse(Reason.PROOF_FAILS, error)
    return None

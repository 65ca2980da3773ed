"""Decide on a tree head: `add-checkpoint`.

CosignRequest + keys of the log + the head that is held -> Cosign, or Refusal

The times that a witness tells for one log never go back. With a clock that is a little
behind it tells the last time again. One that is far behind is wrong now or was then,
and nothing is cosigned by it: a witness whose clock was once far ahead can only wait,
or be made anew with new keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assent.translog.errors import ClockBehind, ProofInvalid
from assent.translog.formats.cosignature import cosign
from assent.translog.formats.keys import SigningKey, VerifierKey
from assent.translog.formats.note import Note, SignatureLine
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    cosigners_of,
    log_keys_that_signed,
)
from assent.translog.formats.tree_head import TreeHead
from assent.translog.formats.witness_exchange import CosignRequest
from assent.translog.merkle import EMPTY_ROOT, verify_consistency
from assent.translog.witness.refusal import (
    Reason,
    Refusal,
    refuse,
    refuse_unknown_log,
    what_to_keep,
)
from assent.vocabulary import SignatureInvalid

CLOCK_BEHIND_S_MAX = 300  # what steps and drift of a clock that is kept set amount to


@dataclass(frozen=True, slots=True)
class Cosign:
    """The witness cosigns. `signed` carries the log's signatures and no others.

    `held` is the head before it, as this witness cosigned it.
    """

    signed: SignedTreeHead
    held: SignedTreeHead | None

    def lines(
        self, keys: Sequence[SigningKey], time_s: int
    ) -> tuple[SignatureLine, ...]:
        """Return a cosignature by each key, at a time in POSIX seconds, at least 1.

        Raises:
            CosignatureMalformed: if the clock is before 1970.
            ClockBehind: if it is far behind the time told with the head that is held.
            CosignatureInvalid: if the head that is held was not cosigned by the keys.

        """
        told_s = max(time_s, self._last_time_s(keys))
        if told_s - time_s > CLOCK_BEHIND_S_MAX:
            raise ClockBehind(
                f"The clock is {told_s - time_s} s behind the time of this witness's"
                f" last cosignature for {self.signed.head.origin!r}.",
                remedy="Set the clock. If it was ahead then, wait until that time, or"
                " make a new witness in a new folder, with new keys.",
            )
        return tuple(cosign(self.signed.head, key, told_s) for key in keys)

    def _last_time_s(self, keys: Sequence[SigningKey]) -> int:
        if self.held is None:
            return 0
        times = cosigners_of(self.held, [key.verifier for key in keys])
        return max(times.values(), default=0)


def decide_cosign(
    request: CosignRequest,
    log_keys: Sequence[VerifierKey],
    held: SignedTreeHead | None,
) -> Cosign | Refusal:
    """Decide on a tree head.

    Args:
        request: what was asked, by anybody.
        log_keys: the keys trusted for the origin in it; none if it is not known.
        held: the newest head of that log that this witness ever cosigned.

    """
    if not log_keys:
        return refuse_unknown_log(request.signed)
    try:
        signers = log_keys_that_signed(request.signed, log_keys)
    except SignatureInvalid as error:
        return refuse(Reason.NOT_SIGNED, error)
    if not signers:
        return Refusal(
            reason=Reason.NOT_SIGNED,
            message=f"No key that is trusted for {request.signed.head.origin!r} signed"
            " all of this tree head.",
            remedy="Sign it with the log's key, or have the witness trust a new one;"
            " extension lines need a signature by Ed25519.",
        )
    # Signatures by others are not checked, so they are not kept, served or vouched for.
    signed = _signed_only_by(signers, request.signed)
    asked = CosignRequest(request.old_size, request.proof, signed)
    head_held = held.head if held else None
    refusal = _check_sizes(asked, head_held) or _check_roots(asked, head_held)
    if refusal is None:
        return Cosign(_with_lines_held(signed, log_keys, held), held)
    return replace(refusal, kept=what_to_keep(asked, held, refusal.reason))


def _check_sizes(asked: CosignRequest, held: TreeHead | None) -> Refusal | None:
    size, old_size = asked.signed.head.size, asked.old_size
    size_held = held.size if held else 0
    if old_size > size:
        return Refusal(
            reason=Reason.OLD_SIZE_ABOVE_SIZE,
            message=f"The old size {old_size} is above the tree head's size {size}.",
            remedy="A tree only grows: send the newest tree head.",
        )
    if old_size != size_held:
        return Refusal(
            reason=Reason.OLD_SIZE_NOT_HELD,
            message=f"This witness holds a tree of {size_held}, not of {old_size}.",
            remedy=f"Prove from {size_held}.",
            size_held=size_held,
        )
    return None


def _check_roots(asked: CosignRequest, held: TreeHead | None) -> Refusal | None:
    head = asked.signed.head
    if head.size == 0 and head.root != EMPTY_ROOT:
        return Refusal(
            reason=Reason.EMPTY_TREE_WITH_ROOT,
            message="The tree head has no entries, and the root hash of some.",
            remedy="The log is broken: its operator must mend it.",
        )
    # The empty tree is the start of every tree, and says so without a proof.
    if held is None or held.size == 0:
        return _check_no_proof(asked)
    if head.size == held.size and head.root != held.root:
        return Refusal(
            reason=Reason.OTHER_ROOT,
            message=f"This witness cosigned another tree head of size {held.size}. The"
            " log signed both, which proves a split view; both are kept.",
            remedy="Tell everybody who relies on this log.",
        )
    try:
        verify_consistency(held.size, head.size, held.root, head.root, asked.proof)
    except ProofInvalid as error:
        return refuse(Reason.PROOF_FAILS, error)
    return None


def _check_no_proof(asked: CosignRequest) -> Refusal | None:
    if not asked.proof:
        return None
    return Refusal(
        reason=Reason.PROOF_FROM_NOTHING,
        message="A proof from the empty tree must be empty; this one has"
        f" {len(asked.proof)} hashes.",
        remedy="Leave the proof out.",
    )


def _signed_only_by(
    keys: Sequence[VerifierKey], signed: SignedTreeHead
) -> SignedTreeHead:
    """Return the head with one signature by each key, all verified before."""
    lines = [
        next(line for line in signed.note.signatures if line.is_by(key)) for key in keys
    ]
    return SignedTreeHead(signed.head, Note(signed.note.text, tuple(lines)))


def _with_lines_held(
    signed: SignedTreeHead, log_keys: Sequence[VerifierKey], held: SignedTreeHead | None
) -> SignedTreeHead:
    """Return the head with what other keys of the log signed of the very same text.

    Otherwise anybody who sends the head again could have signatures dropped.
    """
    if held is None or held.note.text != signed.note.text:
        return signed
    missing = [
        line
        for key in log_keys
        if not any(line.is_by(key) for line in signed.note.signatures)
        for line in held.note.signatures
        if line.is_by(key)
    ]
    return signed.with_signatures(*missing)

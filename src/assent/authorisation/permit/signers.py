"""Whose signatures under a paper count, whether they are enough, and for what.

signed paper + Treaty + matter + instant -> the members who signed

Permits and their changes are signed by members of the organs that decide the matter.
The instant is the one at which witnesses had seen the paper in the public log, so that
a key that is replaced later leaves the paper as good as it was, and a key that was
withdrawn before can sign nothing new.
"""

from collections.abc import Iterable
from datetime import datetime

from assent.authorisation.permit.errors import PermitQuorumNotMet, SignerRecused
from assent.authorisation.treaty import Matter, Treaty
from assent.vocabulary import format_instant
from assent.vocabulary.envelope import Envelope, verify_envelope

_ORDINARY = frozenset({Matter.VARIATION, Matter.APPEAL})


def verify_signers(
    envelope: Envelope,
    treaty: Treaty,
    matter: Matter,
    excluded: Iterable[str],
    at: datetime,
) -> tuple[str, ...]:
    """Return the names of the members who signed, if they are enough.

    Signatures by keys that no member held at the instant mean nothing.

    Raises:
        SignatureInvalid: if a key in force is said to have signed, and has not.
        SignerRecused: if a member signed who stands aside.
        PermitQuorumNotMet: if they are too few.
        MatterUnknown: if the treaty lets nobody decide the matter.

    """
    holders = treaty.member_keys(at)
    keys = [
        holders[line.key_id][1]
        for line in envelope.signatures
        if line.key_id in holders
    ]
    signed = verify_envelope(envelope, envelope.payload_type, keys)
    names = {holders[key_id][0] for key_id in signed}
    if recused := sorted(names & set(excluded)):
        raise SignerRecused(
            f"{', '.join(recused)} signed, and stands aside in this case.",
            remedy="Do not rely on the paper; ask the agency how it came to be.",
        )
    if lack := treaty.lacking(matter, names, at):
        raise PermitQuorumNotMet(
            f"Too few signed for a matter of {matter} at {format_instant(at)}: {lack}.",
            remedy="Ask the agency for the permit with all its signatures, and with"
            " the proof that was made when it was logged.",
        )
    return tuple(sorted(names & treaty.eligible(matter, at)))


def flop_max(treaty: Treaty, matter: Matter) -> int | None:
    """Return the largest cap on FLOP that a matter can grant; None for any.

    A variation or an appeal for which the treaty gives no limit has that of ordinary
    permits: neither is a way around the procedure for larger runs.

    Raises:
        MatterUnknown: if nobody may decide it.

    """
    own = treaty.procedure(matter).flop_max
    ordinary = treaty.procedures.get(Matter.PERMIT)
    if own is None and matter in _ORDINARY and ordinary is not None:
        return ordinary.flop_max
    return own

"""Cosign the next head of a log: decide, keep, and only then say it.

CosignRequest + WitnessMemory + keys + time -> cosignatures that are kept, or Refusal

A witness in an app and the fake in `testing` do the same, each with its own memory.
"""

from collections.abc import Sequence

from assent.translog.formats.keys import SigningKey
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.signed_head import parse_signed_head
from assent.translog.formats.witness_exchange import CosignRequest
from assent.translog.witness.cosign_head import decide_cosign
from assent.translog.witness.memory import WitnessMemory
from assent.translog.witness.refusal import Refusal, refuse_malformed
from assent.vocabulary import InputError


def cosign_next(
    request: CosignRequest,
    memory: WitnessMemory,
    keys: Sequence[SigningKey],
    time_s: int,
) -> tuple[SignatureLine, ...] | Refusal:
    """Return a cosignature by each key, after the head is kept durably.

    Args:
        request: what was asked, by anybody.
        memory: the witness's.
        keys: the witness's own.
        time_s: now, in POSIX seconds.

    Raises:
        StoreUnavailable, LogDamaged: if the head could not be kept.
        ClockBehind, CosignatureMalformed: if the time cannot be told.
        CosignatureInvalid: if what is held was never cosigned by these keys.

    """
    origin = request.signed.head.origin
    log_keys, held = memory.log_keys(origin), memory.held(origin)
    # Whoever is refused has not held up those who are not.
    decision = decide_cosign(request, log_keys, held)
    if isinstance(decision, Refusal):
        return decision
    with memory.deciding(origin) as transaction:
        if (held_now := transaction.held) != held:
            decision = decide_cosign(request, log_keys, held_now)
            if isinstance(decision, Refusal):
                return decision
        lines = decision.lines(keys, time_s)
        cosigned = decision.signed.with_signatures(*lines)
        try:
            # What could not be read again would end this witness for the log.
            parse_signed_head(cosigned.encoded)
        except InputError as error:
            return refuse_malformed(error)
        transaction.keep(cosigned)
    return lines

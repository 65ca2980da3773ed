"""Verify a tally at the gate that it is for.

bytes + treaty + the gate's key + the tally held + now -> Tally, or the reason why not
`docs/spec/tally.md` has the steps; the numbers here are the same.
"""

from datetime import datetime, timedelta

from assent.authorisation.permit.status import CLOCK_SKEW_S
from assent.authorisation.treaty import Service, Treaty
from assent.supervision.tally.errors import (
    TallyEarly,
    TallyOfAnotherGate,
    TallyRolledBack,
    TallyUnsigned,
)
from assent.supervision.tally.tally import TALLY_TYPE, Tally, parse_tally
from assent.vocabulary import format_instant
from assent.vocabulary.envelope import PublicKey, verify_envelope

_FETCH = "Fetch the newest one from the agency."


def verify_tally(
    data: bytes, treaty: Treaty, key: PublicKey, held: Tally | None, now: datetime
) -> Tally:
    """Return a tally that counts at a gate from now on; the one held comes back as is.

    A tally that is stale is taken if it is newer than the one held: it still says more.

    Args:
        data: what came.
        treaty: of the agency, verified for now.
        key: the gate's own.
        held: what was taken last; None if there was none.
        now: the instant.

    Raises:
        TallyMalformed: if it is none.
        TallyUnsigned, SignatureInvalid: if the treaty's lease service did not sign it.
        TallyOfAnotherGate: if it is for another gate, or of another agency.
        TallyEarly: if it is of the future.
        TallyRolledBack: if a newer one is held, or another of this number.

    """
    tally, envelope = parse_tally(data)
    # (2) The treaty's lease service signed it, by a key in force now.
    keys = treaty.service_keys(Service.LEASE, now)
    if not verify_envelope(envelope, TALLY_TYPE, keys.values()):
        raise TallyUnsigned(
            f"No key in force of the lease service of {treaty.agency} signed this"
            f" tally for {tally.gate}.",
            remedy=_FETCH,
        )
    # (3) It is this agency's, and for this gate.
    if (tally.agency, tally.key) != (treaty.agency, key.text):
        raise TallyOfAnotherGate(
            f"The tally is {tally.agency:.100}'s for {tally.gate}, whose key is"
            f" {tally.key[:16]}…; this gate's is {key.text[:16]}…, and its agency"
            f" {treaty.agency:.100}.",
            remedy="Take the one for this gate; `assent gate key` shows its key.",
        )
    # (4) It is of no later than now.
    if tally.issued > now + timedelta(seconds=CLOCK_SKEW_S):
        raise TallyEarly(
            f"The tally was made at {format_instant(tally.issued)}; it is"
            f" {format_instant(now)}.",
            remedy="Set this machine's clock.",
        )
    _verify_newer(tally, held)
    return tally


def _verify_newer(tally: Tally, held: Tally | None) -> None:
    # (5) No newer one was taken, and no other of this number.
    if held is not None and (
        tally.number < held.number or (tally.number == held.number and tally != held)
    ):
        raise TallyRolledBack(
            f"The gate holds tally {held.number}, and this is another, {tally.number}.",
            remedy=f"{_FETCH} If that is this one, tell the agency.",
        )

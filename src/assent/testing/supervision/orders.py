"""Made-up orders of a made-up agency: drawn up, signed and logged as a test wishes.

what an order is to say -> PauseOrder, its envelope, its proof;  gates and their acks

Keys and treaty are those of `permits`: nine states, of which six decide.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from assent.authorisation.treaty import Matter, Treaty
from assent.supervision.pause import (
    ENTRY_KIND,
    FIRST,
    MATTERS,
    PAPER_ROLE,
    Ack,
    OrderAction,
    PauseOrder,
    Scope,
    ScopeKind,
    sign_ack,
)
from assent.testing.permits import SimulatedAgency, permit_entry
from assent.testing.states import STATES, SeededSigner
from assent.testing.trust import NOW
from assent.vocabulary.envelope import Envelope

SITE = Scope(kind=ScopeKind.SITE, name="site-nairobi-1")
EVERYTHING = Scope(kind=ScopeKind.EVERYTHING)
DEVELOPER = Scope(kind=ScopeKind.DEVELOPER, name=SeededSigner("labs").key.text)
ISSUED = NOW - timedelta(minutes=5)


@cache
def pausing_agency() -> SimulatedAgency:
    """Return the agency whose orders these are."""
    return SimulatedAgency()


@cache
def pausing_treaty() -> Treaty:
    """Return its treaty, as a verifier trusts it."""
    return pausing_agency().trusted.treaty


def make_order(scope: Scope = SITE, **changes: Any) -> PauseOrder:  # noqa: ANN401 - the fields of PauseOrder
    """Return the first order, to pause, with changes."""
    given = {
        "agency": "agency.example",
        "number": 1,
        "previous": FIRST,
        "action": OrderAction.PAUSE,
        "scope": scope,
        "reason": "A dangerous capability was found.",
        "issued": ISSUED,
        "effective": ISSUED,
        "grace_s": 600,
        "kill_after_s": 60,
        "matter": MATTERS[scope.kind],
        "treaty_version": 1,
        "treaty_digest": pausing_treaty().digest,
    }
    return PauseOrder(**{**given, **changes})


def follow(before: PauseOrder, scope: Scope = SITE, **changes: Any) -> PauseOrder:  # noqa: ANN401 - the fields of PauseOrder
    """Return the order after another, to pause, with changes."""
    given = {"number": before.number + 1, "previous": before.digest}
    return make_order(scope, **{**given, **changes})


def resume(ended: PauseOrder, before: PauseOrder, **changes: Any) -> PauseOrder:  # noqa: ANN401 - the fields of PauseOrder
    """Return the order after `before` that ends `ended`, with changes."""
    given = {
        "action": OrderAction.RESUME,
        "ends": ended.number,
        "grace_s": 0,
        "kill_after_s": 0,
        "matter": Matter.RESUME,
        "reason": "It was fixed.",
        "scope": ended.scope,
    }
    return follow(before, **{**given, **changes})


def sign_order(order: PauseOrder, signers: Sequence[str] = STATES[:6]) -> Envelope:
    """Return an order signed by these, or by as many states as it takes."""
    envelope = order.unsigned
    for name in signers:
        envelope = envelope.signed_by(SeededSigner(name))
    return envelope


def prove_order(order: PauseOrder, envelope: Envelope) -> bytes:
    """Return the proof that the log holds a signed order."""
    entry = permit_entry(
        envelope, subject=order.order_id, kind=ENTRY_KIND, role=PAPER_ROLE
    )
    return pausing_agency().prove(envelope, entry=entry.encoded)


def make_ack(
    order: PauseOrder,
    gate: str = "gate-1",
    *,
    at: datetime = NOW,
    signer: str | None = None,
    **changes: Any,  # noqa: ANN401 - the fields of Ack
) -> Envelope:
    """Return the acknowledgement of an order by a gate, signed by its key."""
    given = {
        "agency": order.agency,
        "gate": gate,
        "order_number": order.number,
        "order_digest": order.digest,
        "received": at,
        "reported": at,
        "stopped": 3,
    }
    return sign_ack(Ack(**{**given, **changes}), SeededSigner(signer or gate))

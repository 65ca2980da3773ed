"""Where a permit can stand, and what moves it: the one table.

state + kind of event -> state, or StepNotAllowed

What is put to the vote about a permit is a case of its own; here is what comes of it.
docs/permits.md shows the diagram that `diagram` draws of it.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from assent.authorisation.permit.errors import StepNotAllowed


class PermitState(StrEnum):
    """Where a permit stands."""

    BEING_ISSUED = "being_issued"  # granted, and not in the public log yet
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"


_ISSUED, _GOOD, _HELD = (
    PermitState.BEING_ISSUED,
    PermitState.IN_FORCE,
    PermitState.SUSPENDED,
)
FINAL = (PermitState.REVOKED, PermitState.EXPIRED, PermitState.EXHAUSTED)


def _rows() -> Iterable[tuple[str, Iterable[PermitState | None], PermitState | None]]:
    """Yield kind, from where, and where to; None at the end for "stays there"."""
    yield "permit_decided", (None,), _ISSUED
    yield "permit_logged", (_ISSUED,), _GOOD
    # A variation is logged while the version before it holds. And the log's answer can
    # come late, after a crash: then it is recorded, whatever happened meanwhile.
    yield "permit_logged", (_GOOD, _HELD, *FINAL), None
    yield "permit_issued", (_GOOD, _HELD, *FINAL), None
    yield "varied", (_GOOD, _HELD), None
    yield "suspended", (_GOOD, _HELD), _HELD
    yield "reinstated", (_HELD,), _GOOD
    yield "lapsed", (_HELD,), _GOOD
    yield "revoked", (_ISSUED, _GOOD, _HELD), PermitState.REVOKED
    yield "expired", (_ISSUED, _GOOD, _HELD), PermitState.EXPIRED
    yield "exhausted", (_GOOD, _HELD), PermitState.EXHAUSTED
    yield "lease_renewed", (_GOOD,), None


TRANSITIONS: Mapping[tuple[PermitState | None, str], PermitState] = MappingProxyType(
    {
        (state, kind): to
        for kind, states, target in _rows()
        for state in states
        if (to := target or state) is not None
    }
)
KINDS = tuple(dict.fromkeys(kind for _, kind in TRANSITIONS))


def next_state(state: PermitState | None, kind: str) -> PermitState:
    """Return where an event leads.

    Args:
        state: where the permit stands; None before its first event.
        kind: of the event.

    Raises:
        StepNotAllowed: if it leads nowhere from there.

    """
    try:
        return TRANSITIONS[state, kind]
    except KeyError:
        possible = [known for origin, known in TRANSITIONS if origin == state]
        raise StepNotAllowed(
            f"A permit that is {state or 'not granted yet'} cannot be {kind!r:.60}.",
            remedy=f"Possible from there: {', '.join(possible)}.",
        ) from None


def diagram() -> str:
    """Return the table as a Mermaid state diagram, of the events that move a permit."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, kind), to in TRANSITIONS.items():
        if state is not to:
            arrows.setdefault((state or "[*]", to), []).append(kind)
    lines = [f"    {a} --> {b}: {', '.join(kinds)}" for (a, b), kinds in arrows.items()]
    ends = [f"    {state} --> [*]" for state in FINAL]
    return "\n".join(["stateDiagram-v2", *lines, *ends])

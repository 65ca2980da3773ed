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
    VOID = "void"  # can never be valid: a key ended before the log held it, say


_ISSUED, _GOOD, _HELD = (
    PermitState.BEING_ISSUED,
    PermitState.IN_FORCE,
    PermitState.SUSPENDED,
)
_LAPSED = (PermitState.REVOKED, PermitState.EXPIRED, PermitState.EXHAUSTED)
FINAL = (*_LAPSED, PermitState.VOID)


def _rows() -> Iterable[tuple[str, Iterable[PermitState | None], PermitState | None]]:
    """Yield kind, from where, and where to; None at the end for "stays there"."""
    yield "permit_decided", (None,), _ISSUED
    yield "permit_logged", (_ISSUED,), _GOOD
    # A variation is logged while the version before it holds. And the log's answer can
    # come late, after a crash: then it is recorded, whatever happened meanwhile.
    yield "permit_logged", (_GOOD, _HELD, *_LAPSED), None
    yield "permit_issued", (_GOOD, _HELD, *_LAPSED), None
    yield "varied", (_GOOD, _HELD), None
    yield "suspended", (_ISSUED, _GOOD, _HELD), _HELD
    yield "reinstated", (_HELD,), _GOOD
    yield "lapsed", (_HELD,), _GOOD
    yield "revoked", (_ISSUED, _GOOD, _HELD), PermitState.REVOKED
    yield "terminated", (_ISSUED, _GOOD, _HELD), PermitState.REVOKED
    yield "expired", (_ISSUED, _GOOD, _HELD), PermitState.EXPIRED
    yield "exhausted", (_GOOD, _HELD), PermitState.EXHAUSTED
    yield "lease_renewed", (_GOOD,), None
    yield "report_filed", (_GOOD, _HELD), None
    yield "point_passed", (_GOOD, _HELD), None
    # A version that waits for the log, and can never be valid: the first is all there
    # is; without a later one, the version before it goes on.
    yield "voided", (_ISSUED,), PermitState.VOID
    yield "voided", (_GOOD, _HELD), None


TRANSITIONS: Mapping[tuple[PermitState | None, str], PermitState] = MappingProxyType(
    {
        (state, kind): to
        for kind, states, target in _rows()
        for state in states
        if (to := target or state) is not None
    }
)
# A suspended permit that the log does not hold yet is no permit in force afterwards.
UNLOGGED: Mapping[tuple[PermitState | None, str], PermitState] = MappingProxyType(
    {
        (_HELD, "reinstated"): _ISSUED,
        (_HELD, "lapsed"): _ISSUED,
        (_HELD, "voided"): PermitState.VOID,
    }
)
KINDS = tuple(dict.fromkeys(kind for _, kind in TRANSITIONS))


def next_state(
    state: PermitState | None, kind: str, *, is_logged: bool = True
) -> PermitState:
    """Return where an event leads.

    Args:
        state: where the permit stands; None before its first event.
        kind: of the event.
        is_logged: whether the public log holds a version of it.

    Raises:
        StepNotAllowed: if it leads nowhere from there.

    """
    if not is_logged and (state, kind) in UNLOGGED:
        return UNLOGGED[state, kind]
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
    for table, note in ((TRANSITIONS, ""), (UNLOGGED, " before it is logged")):
        for (state, kind), to in table.items():
            if state is not to:
                arrows.setdefault((state or "[*]", to), []).append(kind + note)
    lines = [f"    {a} --> {b}: {', '.join(kinds)}" for (a, b), kinds in arrows.items()]
    ends = [f"    {state} --> [*]" for state in FINAL]
    return "\n".join(["stateDiagram-v2", *lines, *ends])

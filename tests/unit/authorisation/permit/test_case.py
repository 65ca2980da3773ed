"""A permit's events make its state, its place in the status list, and its card."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.authorisation.docket import Event, chain
from assent.authorisation.permit import (
    FINAL,
    KINDS,
    PERMIT_TYPE,
    TRANSITIONS,
    UNLOGGED,
    Action,
    Permit,
    PermitCase,
    PermitChange,
    PermitState,
    Status,
    StepNotAllowed,
    advance,
    diagram,
    due,
    fold,
    next_state,
    permit_card,
    signed_paper,
)
from assent.authorisation.treaty import Matter
from assent.testing.permits import DIGEST, SimulatedAgency, make_caps, make_permit
from assent.testing.trust import NOW
from assent.vocabulary import Plain, canonical_bytes

PERMIT = make_permit()
CASE_ID = PERMIT.permit_id
SECOND = make_permit(
    version=2,
    supersedes=PERMIT.digest,
    matter=Matter.VARIATION,
    status_index=18,
    caps=make_caps(flop=5 * 10**25),
)
LAPSES = NOW + timedelta(days=30)


def decided(kind: str, payload: dict[str, Plain]) -> Event:
    body: dict[str, Plain] = {
        "decision_id": "decision-2026-0001",
        "record_digest": DIGEST,
        "payload": payload,
        "signatures": [],
    }
    return Event(kind=kind, time=NOW, actor="agency.example", body=body)


def happened(kind: str, **body: Any) -> Event:  # noqa: ANN401 - plain values
    return Event(kind=kind, time=NOW, actor="agency.example", body=body)


def change(action: Action, permit: Permit = PERMIT, **fields: Any) -> dict[str, Plain]:  # noqa: ANN401 - fields of a change
    matters = {
        Action.SUSPEND: Matter.SUSPENSION,
        Action.REINSTATE: Matter.REINSTATEMENT,
        Action.REVOKE: Matter.REVOCATION,
    }
    given = {
        "agency": permit.agency,
        "permit_id": permit.permit_id,
        "permit_version": permit.version,
        "permit_digest": permit.digest,
        "action": action,
        "reason": "As decided.",
        "decision_id": "decision-2026-0002",
        "matter": matters[action],
    }
    return PermitChange(**{**given, **fields}).plain


GRANTED = decided("permit_decided", PERMIT.plain)
IN_LOG = happened("permit_logged", version=1, entry_index=6)
ISSUED = happened("permit_issued", version=1, bundle_digest=DIGEST)
SUSPENDED = decided("suspended", change(Action.SUSPEND))
URGENT = decided(
    "suspended",
    change(Action.SUSPEND, matter=Matter.EMERGENCY_SUSPENSION, lapses=LAPSES),
)
REINSTATED = decided("reinstated", change(Action.REINSTATE))
REVOKED = decided("revoked", change(Action.REVOKE))
VARIED = decided("varied", SECOND.plain)
VOIDED = happened("voided", reason="A key ended before the log held it.")
SECOND_IN_LOG = happened("permit_logged", version=2, entry_index=9)
BEGUN = [GRANTED, IN_LOG, ISSUED]


def case_of(*events: Event) -> PermitCase:
    case = fold(chain(CASE_ID, [], events))
    assert case is not None
    return case


def after(case: PermitCase, event: Event) -> PermitCase:
    return advance(case, case.case_id, event)


# The table, written down a second time: what is possible from each state.
POSSIBLE: dict[PermitState | None, dict[str, PermitState]] = {
    None: {"permit_decided": PermitState.BEING_ISSUED},
    PermitState.BEING_ISSUED: {
        "permit_logged": PermitState.IN_FORCE,
        "suspended": PermitState.SUSPENDED,
        "voided": PermitState.VOID,
        "terminated": PermitState.REVOKED,
        "revoked": PermitState.REVOKED,
        "expired": PermitState.EXPIRED,
    },
    PermitState.IN_FORCE: {
        "permit_logged": PermitState.IN_FORCE,
        "permit_issued": PermitState.IN_FORCE,
        "varied": PermitState.IN_FORCE,
        "voided": PermitState.IN_FORCE,
        "lease_renewed": PermitState.IN_FORCE,
        "report_filed": PermitState.IN_FORCE,
        "point_passed": PermitState.IN_FORCE,
        "suspended": PermitState.SUSPENDED,
        "terminated": PermitState.REVOKED,
        "revoked": PermitState.REVOKED,
        "expired": PermitState.EXPIRED,
        "exhausted": PermitState.EXHAUSTED,
    },
    PermitState.SUSPENDED: {
        "permit_logged": PermitState.SUSPENDED,
        "permit_issued": PermitState.SUSPENDED,
        "varied": PermitState.SUSPENDED,
        "voided": PermitState.SUSPENDED,
        "suspended": PermitState.SUSPENDED,
        "report_filed": PermitState.SUSPENDED,
        "point_passed": PermitState.SUSPENDED,
        "reinstated": PermitState.IN_FORCE,
        "lapsed": PermitState.IN_FORCE,
        "terminated": PermitState.REVOKED,
        "revoked": PermitState.REVOKED,
        "expired": PermitState.EXPIRED,
        "exhausted": PermitState.EXHAUSTED,
    },
    PermitState.VOID: {},
    **{
        state: {"permit_logged": state, "permit_issued": state}
        for state in FINAL
        if state is not PermitState.VOID
    },
}
# As long as the log holds no version, these lead elsewhere.
BEFORE_THE_LOG: dict[tuple[PermitState | None, str], PermitState] = {
    (PermitState.SUSPENDED, "reinstated"): PermitState.BEING_ISSUED,
    (PermitState.SUSPENDED, "lapsed"): PermitState.BEING_ISSUED,
    (PermitState.SUSPENDED, "voided"): PermitState.VOID,
}


@pytest.mark.parametrize(
    ("state", "kind"), [*product([None, *PermitState], [*KINDS, "drafted"])]
)
def test_every_pair_of_state_and_event(state: PermitState | None, kind: str) -> None:
    expected = POSSIBLE[state].get(kind)
    if expected is not None:
        assert next_state(state, kind) is expected
        before = BEFORE_THE_LOG.get((state, kind), expected)
        assert next_state(state, kind, is_logged=False) is before
    else:
        with pytest.raises(StepNotAllowed) as refusal:
            next_state(state, kind)
        assert repr(kind) in refusal.value.message
        assert all(known in refusal.value.remedy for known in POSSIBLE[state])


def test_the_guide_shows_the_table() -> None:
    guide = Path(__file__).parents[4] / "docs" / "permits.md"
    assert f"```mermaid\n{diagram()}\n```" in guide.read_text()


def test_a_permit_is_invalid_until_the_log_holds_it() -> None:
    case = case_of(GRANTED)
    assert case.state is PermitState.BEING_ISSUED
    assert case.statuses == {17: Status.INVALID}
    case = after(case, IN_LOG)
    assert case.state is PermitState.IN_FORCE
    assert case.statuses == {17: Status.VALID}
    assert case.entry_index == 6
    assert after(case, ISSUED).bundle_digest == DIGEST


def test_a_version_holds_until_the_log_holds_the_next() -> None:
    case = case_of(*BEGUN, VARIED)
    assert case.permit == PERMIT
    assert case.statuses == {17: Status.VALID, 18: Status.INVALID}
    case = after(case, SECOND_IN_LOG)
    assert case.permit == SECOND
    assert case.bundle_digest is None
    assert case.statuses == {17: Status.SUPERSEDED, 18: Status.VALID}


def test_a_variation_that_was_logged_late_revives_nothing() -> None:
    case = case_of(*BEGUN, VARIED, REVOKED, SECOND_IN_LOG)
    assert case.state is PermitState.REVOKED
    assert case.statuses == {17: Status.SUPERSEDED, 18: Status.INVALID}


def test_suspended_and_reinstated() -> None:
    case = case_of(*BEGUN, SUSPENDED)
    assert case.statuses == {17: Status.SUSPENDED}
    assert after(case, REINSTATED).statuses == {17: Status.VALID}


def test_what_waits_for_the_log_can_be_suspended_and_stays_so_when_it_is_logged() -> (
    None
):
    case = case_of(GRANTED, SUSPENDED)
    assert case.state is PermitState.SUSPENDED
    assert case.statuses == {17: Status.SUSPENDED}
    logged = after(case, IN_LOG)
    assert (logged.state, logged.entry_index) == (PermitState.SUSPENDED, 6)
    assert after(logged, REINSTATED).statuses == {17: Status.VALID}


@pytest.mark.parametrize(
    ("measure", "end"),
    [
        (SUSPENDED, REINSTATED),
        (URGENT, Event(kind="lapsed", time=LAPSES, actor="agency.example")),
    ],
)
def test_a_suspension_that_ends_before_the_log_holds_the_permit_puts_nothing_in_force(
    measure: Event, end: Event
) -> None:
    case = case_of(GRANTED, measure, end)
    assert case.state is PermitState.BEING_ISSUED
    assert case.statuses == {17: Status.INVALID}
    assert after(case, IN_LOG).statuses == {17: Status.VALID}


@pytest.mark.parametrize("before", [[GRANTED], [GRANTED, SUSPENDED]])
def test_a_first_version_that_can_never_be_valid_is_void_for_ever(
    before: Sequence[Event],
) -> None:
    case = case_of(*before, VOIDED)
    assert case.state is PermitState.VOID
    assert case.statuses == {17: Status.INVALID}
    assert due(case, PERMIT.caps.not_after) == ()
    card = permit_card(chain(CASE_ID, [], [*before, VOIDED]))
    assert (card.state, card.waiting_for, card.due) == ("void", "nobody", None)
    with pytest.raises(StepNotAllowed):
        after(case, IN_LOG)


@pytest.mark.parametrize(
    ("before", "status"),
    [(BEGUN, Status.VALID), ([*BEGUN, SUSPENDED], Status.SUSPENDED)],
)
def test_a_variation_that_can_never_be_valid_leaves_the_permit_as_it_was(
    before: Sequence[Event], status: Status
) -> None:
    case = case_of(*before, VARIED, VOIDED)
    assert (case.state, case.permit) == (case_of(*before).state, PERMIT)
    assert case.statuses == {17: status}
    with pytest.raises(StepNotAllowed, match="no such version"):
        after(case, SECOND_IN_LOG)
    another = decided("varied", replace(SECOND, status_index=19).plain)
    assert after(case, another).pending is not None


def test_a_case_does_not_grow_with_its_leases() -> None:
    case = start = case_of(*BEGUN)
    for number in range(1, 501):
        case = after(
            case,
            happened(
                "lease_renewed",
                site="site-bergen-2",
                serial=number,
                expires="2026-06-02T12:00:00Z",
                flop="7",
            ),
        )
    assert case == replace(
        start,
        next_serial=501,
        events=start.events + 500,
        allotted={"site-bergen-2": 7},
    )


def test_an_emergency_measure_ends_by_itself_and_not_before() -> None:
    case = case_of(*BEGUN, URGENT)
    assert due(case, LAPSES - timedelta(seconds=1)) == ()
    (event,) = due(case, LAPSES)
    assert event.kind == "lapsed"
    assert after(case, event).state is PermitState.IN_FORCE
    with pytest.raises(StepNotAllowed, match="does not end by then"):
        after(case, happened("lapsed"))


def test_a_suspension_by_quorum_takes_the_place_of_an_urgent_one() -> None:
    case = case_of(*BEGUN, URGENT, SUSPENDED)
    assert due(case, LAPSES) == ()
    with pytest.raises(StepNotAllowed, match="would replace another"):
        after(case, URGENT)


@pytest.mark.parametrize("events", [[GRANTED], BEGUN, [*BEGUN, URGENT]])
def test_a_permit_expires_by_itself(events: Sequence[Event]) -> None:
    case = case_of(*events)
    for event in due(case, PERMIT.caps.not_after):
        case = after(case, event)
    assert case.state is PermitState.EXPIRED
    assert set(case.statuses.values()) == {Status.INVALID}
    assert due(case, PERMIT.caps.not_after) == ()


def test_nobody_lets_a_permit_expire_early() -> None:
    with pytest.raises(StepNotAllowed, match="not over"):
        case_of(*BEGUN, happened("expired"))


@pytest.mark.parametrize(
    ("before", "event"),
    [
        ([], decided("permit_decided", SECOND.plain)),
        (
            [],
            decided("permit_decided", make_permit(permit_id="permit-2026-0002").plain),
        ),
        ([], happened("permit_decided")),
        ([], decided("permit_decided", {"format": "assent-permit/1"})),
        ([GRANTED], happened("permit_logged", version=2, entry_index=1)),
        ([GRANTED], happened("permit_logged")),
        ([GRANTED, IN_LOG], IN_LOG),
        ([GRANTED, IN_LOG], happened("permit_issued", version=2, bundle_digest="")),
        (BEGUN, decided("varied", replace(SECOND, version=3).plain)),
        (BEGUN, decided("varied", replace(SECOND, supersedes=DIGEST).plain)),
        (BEGUN, decided("varied", replace(SECOND, status_index=17).plain)),
        ([*BEGUN, VARIED], VARIED),
        (BEGUN, decided("suspended", change(Action.REVOKE))),
        (
            [*BEGUN, SUSPENDED],
            decided("reinstated", change(Action.REINSTATE, SECOND)),
        ),
        (BEGUN, decided("suspended", PERMIT.plain)),
        (BEGUN, happened("lease_renewed", serial=2, site="x")),
        (BEGUN, happened("lease_renewed", serial=1, site="x", expires="soon")),
        (BEGUN, happened("lease_renewed", serial=1, site="x", flop="much")),
        (BEGUN, happened("lease_renewed")),
        (BEGUN, happened("point_passed", at_flop="7")),
        (BEGUN, happened("point_passed")),
        (BEGUN, VOIDED),
        ([GRANTED], happened("voided")),
        ([GRANTED], happened("voided", reason=" ")),
    ],
)
def test_events_that_do_not_fit_are_refused(
    before: Sequence[Event], event: Event
) -> None:
    with pytest.raises(StepNotAllowed):
        case_of(*before, event)


def test_the_card_says_what_lists_show() -> None:
    card = permit_card(chain(CASE_ID, [], [*BEGUN, URGENT]))
    assert (card.kind, card.state, card.developer) == (
        "permit",
        "suspended",
        "Example Labs",
    )
    assert (card.due, card.waiting_for, card.events) == (LAPSES, "nobody", 4)
    assert card.details["statuses"] == {"17": 2}
    assert (card.details["sites"], card.details["is_logged"]) == (2, True)
    assert permit_card(chain(CASE_ID, [], [GRANTED])).waiting_for == "agency"
    assert permit_card(chain(CASE_ID, [], [GRANTED])).details["is_logged"] is False
    with pytest.raises(StepNotAllowed):
        permit_card([])


def test_the_card_of_a_permit_for_many_sites_is_as_short_as_any() -> None:
    sites = tuple(f"{number:0200}" for number in range(500))
    permit = make_permit(caps=make_caps(sites=sites))
    card = permit_card(chain(CASE_ID, [], [decided("permit_decided", permit.plain)]))
    assert len(canonical_bytes(card.details)) < 500


def test_an_event_gives_back_the_signed_paper() -> None:
    envelope = SimulatedAgency().sign(PERMIT)
    lines = [
        {"key_id": line.key_id, "signature": line.signature.hex()}
        for line in envelope.signatures
    ]
    event = replace(GRANTED, body={**GRANTED.body, "signatures": lines})
    assert signed_paper(event, PERMIT_TYPE) == envelope
    with pytest.raises(StepNotAllowed):
        signed_paper(IN_LOG, PERMIT_TYPE)


EVENTS = [
    GRANTED,
    IN_LOG,
    ISSUED,
    SUSPENDED,
    URGENT,
    REINSTATED,
    REVOKED,
    VARIED,
    SECOND_IN_LOG,
    VOIDED,
    happened("lapsed"),
    happened("expired"),
    happened("exhausted", flop_spent="1"),
    Event(kind="lapsed", time=LAPSES, actor="x"),
    Event(kind="expired", time=PERMIT.caps.not_after, actor="x"),
]


@given(st.lists(st.sampled_from(EVENTS), max_size=14))
def test_no_order_of_events_makes_a_permit_valid_that_is_not_logged_or_is_over(
    events: list[Event],
) -> None:
    history: list[PermitCase] = []
    for event in events:
        try:
            history.append(advance(history[-1] if history else None, CASE_ID, event))
        except StepNotAllowed:
            continue
    for case in history:
        valid = [i for i, status in case.statuses.items() if status is Status.VALID]
        assert len(valid) == (case.state is PermitState.IN_FORCE)
        assert not valid or case.entry_index is not None
        assert set(case.statuses) >= {17}
    for before, now in pairwise(history):
        assert before.state not in FINAL or now.state is before.state
        assert (before.state, now.state) in {
            (state, to)
            for table in (TRANSITIONS, UNLOGGED)
            for (state, _), to in table.items()
        }

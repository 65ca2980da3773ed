"""An order counts by the signatures of enough members, under its own matter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from assent.authorisation.treaty import Matter, MatterUnknown
from assent.supervision.pause import (
    MATTERS,
    NotAnOrder,
    OrderBeyondMatter,
    OrderFromTheFuture,
    OrderLapsed,
    OrderLapseWrong,
    OrderMalformed,
    OrderNotLogged,
    OrderNotYetEffective,
    OrderOfAnotherAgency,
    OrderQuorumNotMet,
    OrderSignerExcluded,
    OrderUnderAnotherTreaty,
    PauseOrder,
    Scope,
    ScopeKind,
    VerifiedOrder,
    verify_effect,
    verify_order,
)
from assent.testing.permits import WITNESSED, SimulatedAgency, make_permit
from assent.testing.states import DIRECTOR, PANEL, STATES
from assent.testing.supervision.orders import (
    DEVELOPER,
    EVERYTHING,
    ISSUED,
    make_order,
    pausing_agency,
    pausing_treaty,
    prove_order,
    resume,
    sign_order,
)
from assent.testing.trust import NOW
from assent.translog.errors import LogRefused, ProofMalformed
from assent.vocabulary import SignatureInvalid
from assent.vocabulary.envelope import Envelope, EnvelopeSignature

ORDER = make_order()
URGENT = make_order(
    EVERYTHING, matter=Matter.EMERGENCY_PAUSE, lapses=ISSUED + timedelta(days=14)
)
RESUME = resume(ORDER, ORDER)


def verify(order: PauseOrder, signers: Sequence[str] = STATES[:6]) -> VerifiedOrder:
    return verify_order(sign_order(order, signers), pausing_treaty(), NOW)


def test_six_of_nine_pause() -> None:
    found = verify(ORDER)
    assert found.order == ORDER
    assert found.digest == ORDER.digest
    assert found.signers == tuple(sorted(STATES[:6]))
    assert found.logged is None
    verify_effect(found, NOW)


def test_five_do_not() -> None:
    with pytest.raises(OrderQuorumNotMet, match="has 5 of the 6"):
        verify(ORDER, STATES[:5])


def test_keys_that_nobody_holds_count_for_nothing() -> None:
    with pytest.raises(OrderQuorumNotMet):
        verify(ORDER, [*STATES[:5], "mallory", "labs"])


def test_the_director_alone_pauses_everything_for_a_fortnight() -> None:
    assert verify(URGENT, [DIRECTOR]).signers == (DIRECTOR,)


@pytest.mark.parametrize(
    "order", [ORDER, make_order(EVERYTHING), make_order(DEVELOPER), RESUME]
)
def test_the_director_alone_gives_no_other_order(order: PauseOrder) -> None:
    with pytest.raises(OrderQuorumNotMet):
        verify(order, [DIRECTOR])


def test_whoever_stands_aside_does_not_sign() -> None:
    with pytest.raises(OrderSignerExcluded, match="BRA"):
        verify(replace(ORDER, excluded=frozenset({"BRA"})), STATES[:7])


def test_a_signature_that_was_changed_is_no_signature() -> None:
    good = sign_order(ORDER)
    line = good.signatures[0]
    bad = good.with_signatures(
        [EnvelopeSignature(line.key_id, bytes(64 - 1) + b"\x01")]
    )
    with pytest.raises(SignatureInvalid):
        verify_order(bad, pausing_treaty(), NOW)


def test_signatures_of_one_order_are_not_those_of_another() -> None:
    taken = Envelope(
        sign_order(make_order(EVERYTHING)).payload,
        ORDER.unsigned.payload_type,
        sign_order(ORDER).signatures,
    )
    with pytest.raises(SignatureInvalid):
        verify_order(taken, pausing_treaty(), NOW)


@pytest.mark.parametrize("kind", ScopeKind)
def test_each_scope_has_its_own_matter(kind: ScopeKind) -> None:
    name = {ScopeKind.DEVELOPER: DEVELOPER.name, ScopeKind.PARTY: "KEN"}.get(kind, "x")
    scope = Scope(
        kind=kind,
        name=None if kind in {ScopeKind.CLASS, ScopeKind.EVERYTHING} else name,
        flop_above=10**25 if kind is ScopeKind.CLASS else None,
    )
    assert verify(make_order(scope)).order.scope == scope
    known = {MATTERS[kind], Matter.EMERGENCY_PAUSE}
    if kind is ScopeKind.RUN:  # one run, and no more, an inspector may pause alone
        known.add(Matter.INSPECTOR_PAUSE)
    others = set(Matter) - known
    for matter in others:
        with pytest.raises(OrderBeyondMatter):
            verify(make_order(scope, matter=matter), STATES[:9])


def test_to_resume_has_a_matter_of_its_own() -> None:
    assert verify(RESUME).order == RESUME
    heard = replace(RESUME, matter=Matter.APPEAL)
    assert verify(heard, PANEL).order == heard  # a panel that heard an appeal
    for matter in set(Matter) - {Matter.RESUME, Matter.APPEAL}:
        with pytest.raises(OrderBeyondMatter):
            verify(replace(RESUME, matter=matter), [*STATES[:9], DIRECTOR])


@pytest.mark.parametrize(
    "order",
    [
        replace(ORDER, lapses=ISSUED + timedelta(days=1)),
        replace(URGENT, lapses=None),
        replace(URGENT, lapses=ISSUED + timedelta(days=14, seconds=1)),
    ],
)
def test_an_order_ends_when_the_treaty_says(order: PauseOrder) -> None:
    with pytest.raises(OrderLapseWrong):
        verify(order, [*STATES[:9], DIRECTOR])


def test_what_nobody_may_decide_is_forbidden() -> None:
    agency = SimulatedAgency()
    del agency.form["matters"]["pause-site"]
    treaty = agency.trusted.treaty
    order = replace(ORDER, treaty_digest=treaty.digest)
    with pytest.raises(MatterUnknown):
        verify_order(sign_order(order, STATES[:9]), treaty, NOW)


def test_another_agency_pauses_nothing_here() -> None:
    with pytest.raises(OrderOfAnotherAgency):
        verify(replace(ORDER, agency="other.example"))


@pytest.mark.parametrize(
    "changes", [{"treaty_version": 2}, {"treaty_digest": f"sha256:{'11' * 32}"}]
)
def test_another_treaty_decides_nothing_here(changes: dict[str, object]) -> None:
    with pytest.raises(OrderUnderAnotherTreaty):
        verify(replace(ORDER, **changes))  # type: ignore[arg-type]


def test_an_order_under_an_earlier_version_stays_good() -> None:
    agency = SimulatedAgency()
    agency.form["version"] = 2
    treaty = agency.trusted.treaty
    assert verify_order(sign_order(ORDER), treaty, NOW).order == ORDER


def test_clocks_may_differ_by_minutes() -> None:
    early = ISSUED - timedelta(seconds=300)
    assert verify_order(sign_order(ORDER), pausing_treaty(), early).order == ORDER
    with pytest.raises(OrderFromTheFuture):
        verify_order(sign_order(ORDER), pausing_treaty(), early - timedelta(seconds=1))


def test_a_permit_is_no_order() -> None:
    with pytest.raises(NotAnOrder):
        verify_order(pausing_agency().sign(make_permit()), pausing_treaty(), NOW)
    junk = Envelope(b"{}", ORDER.unsigned.payload_type)
    with pytest.raises(OrderMalformed):
        verify_order(junk, pausing_treaty(), NOW)


def test_the_log_shows_since_when() -> None:
    envelope = sign_order(RESUME)
    found = verify_order(envelope, pausing_treaty(), NOW, prove_order(RESUME, envelope))
    assert found.logged is not None
    assert found.logged.witnessed >= WITNESSED
    verify_effect(found, NOW)


def test_a_resume_that_is_not_logged_has_no_effect() -> None:
    with pytest.raises(OrderNotLogged):
        verify_effect(verify(RESUME), NOW)


def test_a_proof_of_another_paper_is_none() -> None:
    envelope = sign_order(RESUME)
    other = sign_order(RESUME, STATES[:7])
    with pytest.raises(OrderNotLogged):
        verify_order(envelope, pausing_treaty(), NOW, prove_order(RESUME, other))
    wrong = prove_order(replace(RESUME, number=9), envelope)
    with pytest.raises(OrderNotLogged):
        verify_order(envelope, pausing_treaty(), NOW, wrong)
    with pytest.raises((ProofMalformed, LogRefused)):
        verify_order(envelope, pausing_treaty(), NOW, b"nonsense")


def test_effect_begins_and_ends_on_the_second() -> None:
    later = verify(replace(ORDER, effective=NOW + timedelta(hours=1)))
    with pytest.raises(OrderNotYetEffective):
        verify_effect(later, NOW + timedelta(minutes=59, seconds=59))
    verify_effect(later, NOW + timedelta(hours=1))
    urgent = verify(URGENT, [DIRECTOR])
    verify_effect(urgent, ISSUED + timedelta(days=14, seconds=-1))
    with pytest.raises(OrderLapsed):
        verify_effect(urgent, ISSUED + timedelta(days=14))

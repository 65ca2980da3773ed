"""A change of a permit takes effect only by the procedure that the treaty gives it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from assent.authorisation.permit import (
    Action,
    ChangeMalformed,
    ChangeRefused,
    PermitChange,
    PermitNotLogged,
    PermitQuorumNotMet,
    SignerRecused,
    VerifiedChange,
    WrongPaper,
    parse_change,
    verify_change,
    verify_logged,
)
from assent.authorisation.treaty import Matter, MatterUnknown
from assent.testing.permits import SimulatedAgency, make_permit, permit_entry
from assent.testing.states import DIRECTOR, STATES, SeededSigner
from assent.testing.trust import NOW
from assent.vocabulary import canonical_bytes

PERMIT = make_permit()
AGENCY = SimulatedAgency()
TREATY = AGENCY.trusted.treaty
CHANGE = PermitChange(
    agency="agency.example",
    permit_id=PERMIT.permit_id,
    permit_version=1,
    permit_digest=PERMIT.digest,
    action=Action.REVOKE,
    reason="The developer trained elsewhere.",
    decision_id="decision-2026-0007",
    matter=Matter.REVOCATION,
)
URGENT = replace(
    CHANGE,
    action=Action.SUSPEND,
    matter=Matter.EMERGENCY_SUSPENSION,
    lapses=NOW + timedelta(days=30),
)


def verify(change: PermitChange, signers: Sequence[str] = STATES[:6]) -> VerifiedChange:
    envelope = change.paper.unsigned
    for name in signers:
        envelope = envelope.signed_by(SeededSigner(name))
    return verify_change(envelope, TREATY, NOW)


def test_reads_what_it_writes() -> None:
    for change in (CHANGE, URGENT, replace(CHANGE, excluded=frozenset({"NOR"}))):
        assert parse_change(canonical_bytes(change.plain)) == change


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "assent-permit/1"},
        {"action": "extend"},
        {"action": ["revoke"]},
        {"matter": "whim"},
        {"matter": None},
        {"permit_version": 0},
        {"permit_version": "1"},
        {"permit_digest": "sha256:"},
        {"lapses": "soon"},
        {"reason": ""},
        {"reason": "x" * 4_001},
        {"excluded": ["NOR", "BRA"]},
        {"excluded": "NOR"},
        {"more": 1},
    ],
)
def test_refuses_what_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(ChangeMalformed):
        parse_change(canonical_bytes({**CHANGE.plain, **changes}))


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"x" * 200_000])
def test_refuses_what_is_no_document(data: bytes) -> None:
    with pytest.raises(ChangeMalformed):
        parse_change(data)


def test_six_of_nine_revoke() -> None:
    assert verify(CHANGE).signers == tuple(sorted(STATES[:6]))


def test_five_do_not() -> None:
    with pytest.raises(PermitQuorumNotMet, match="has 5 of the 6"):
        verify(CHANGE, STATES[:5])


def test_the_director_alone_suspends_for_thirty_days() -> None:
    assert verify(URGENT, [DIRECTOR]).signers == (DIRECTOR,)


def test_the_director_does_not_revoke() -> None:
    with pytest.raises(PermitQuorumNotMet):
        verify(CHANGE, [DIRECTOR])


def test_whoever_stands_aside_does_not_sign() -> None:
    with pytest.raises(SignerRecused, match="BRA"):
        verify(replace(CHANGE, excluded=frozenset({"BRA"})), STATES[:7])


@pytest.mark.parametrize(
    "change",
    [
        replace(CHANGE, matter=Matter.EMERGENCY_SUSPENSION, lapses=URGENT.lapses),
        replace(CHANGE, action=Action.REINSTATE),
        replace(CHANGE, lapses=NOW),
        replace(URGENT, lapses=None),
        replace(URGENT, lapses=NOW + timedelta(days=30, seconds=1)),
        replace(CHANGE, agency="other.example"),
    ],
)
def test_measures_that_the_treaty_does_not_know_have_no_effect(
    change: PermitChange,
) -> None:
    with pytest.raises(ChangeRefused):
        verify(change, [*STATES[:9], DIRECTOR])


def test_what_nobody_may_decide_is_refused() -> None:
    agency = SimulatedAgency()
    del agency.form["matters"]["revocation"]
    with pytest.raises(MatterUnknown):
        verify_change(CHANGE.paper.unsigned, agency.trusted.treaty, NOW)


def test_a_permit_is_no_change() -> None:
    with pytest.raises(WrongPaper):
        verify_change(AGENCY.sign(PERMIT), TREATY, NOW)


def test_anybody_verifies_a_change_from_the_log() -> None:
    envelope = CHANGE.paper.unsigned
    for name in STATES[:6]:
        envelope = envelope.signed_by(SeededSigner(name))
    about = ("permit-revoke", PERMIT.permit_id, "permit-change")
    kind, subject, role = about
    entry = permit_entry(envelope, subject=subject, kind=kind, role=role)
    proof = AGENCY.prove(envelope, entry=entry.encoded)
    logged = verify_logged(envelope, proof, TREATY.log_policy, about)
    assert verify_change(envelope, TREATY, logged.witnessed).change == CHANGE
    for other in (
        ("permit-revoke", PERMIT.permit_id, "permit"),
        ("permit-revoke", "permit-2026-0002", "permit-change"),
        ("permit-suspend", PERMIT.permit_id, "permit-change"),
    ):
        with pytest.raises(PermitNotLogged):
            verify_logged(envelope, proof, TREATY.log_policy, other)

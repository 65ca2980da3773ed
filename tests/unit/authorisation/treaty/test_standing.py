"""Who has a vote when: accession, reservations, withdrawal, keys, recognition."""

import copy
from datetime import UTC, datetime, timedelta, timezone

import pytest

from assent.authorisation.treaty import Matter, MatterUnknown, PartyStanding, treaty_of
from assent.testing.states import STATES, SeededSigner, SimulatedTreaty, key_form

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_state_passes_from_signature_to_withdrawal() -> None:
    made = SimulatedTreaty()
    made.form["parties"][0]["withdrawn"] = "2026-06-01"
    party = made.treaty.parties["AUS"]
    steps = {
        "2025-05-31": PartyStanding.NONE,
        "2025-06-01": PartyStanding.SIGNED,
        "2025-09-30": PartyStanding.SIGNED,
        "2025-10-01": PartyStanding.RATIFIED,
        "2026-01-01": PartyStanding.IN_FORCE,
        "2026-05-31": PartyStanding.IN_FORCE,
        "2026-06-01": PartyStanding.WITHDRAWN,
    }
    for day, standing in steps.items():
        at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        assert party.standing(at.date()) is standing
        may_vote = "AUS" in made.treaty.eligible(Matter.PERMIT, at)
        assert may_vote == (standing is PartyStanding.IN_FORCE)


def test_an_acceding_state_that_never_signed_is_bound_from_its_date() -> None:
    made = SimulatedTreaty()
    made.form["parties"][0] = {"code": "AUS", "title": "A", "in_force": "2026-04-02"}
    assert "AUS" not in made.treaty.eligible(Matter.PERMIT, NOON)
    assert "AUS" in made.treaty.eligible(Matter.PERMIT, NOON + DAY)


def test_dates_are_those_of_utc() -> None:
    made = SimulatedTreaty()
    made.form["parties"][0]["withdrawn"] = "2026-04-02"
    last = datetime(2026, 4, 1, 23, 30, tzinfo=UTC)
    eastern = last.astimezone(timezone(timedelta(hours=12)))
    assert eastern.date() > last.date()
    assert "AUS" in made.treaty.eligible(Matter.PERMIT, eastern)


def test_a_reservation_takes_one_matter_out_for_a_time() -> None:
    made = SimulatedTreaty()
    made.form["parties"][0]["reservations"] = [
        {
            "matter": "permit",
            "text": "We leave permits to others.",
            "since": "2026-04-01",
            "until": "2026-04-03",
        }
    ]
    treaty = made.treaty
    for day, may_vote in [(-1, True), (0, False), (1, False), (2, True)]:
        at = NOON + DAY * day
        assert ("AUS" in treaty.eligible(Matter.PERMIT, at)) is may_vote
        assert "AUS" in treaty.eligible(Matter.REVOCATION, at)
    assert "lacks" in treaty.lacking(Matter.PERMIT, ["AUS", "BRA", "CAN"], NOON)
    assert treaty.lacking(Matter.PERMIT, ["BRA", "CAN", "DEU"], NOON) == ""


def test_only_members_of_the_organ_that_decides_are_counted() -> None:
    treaty = SimulatedTreaty().treaty
    assert treaty.eligible(Matter.APPEAL, NOON) == {"judge-1", "judge-2", "judge-3"}
    everybody = [*treaty.members]
    assert treaty.lacking(Matter.HORIZON_EXCEPTION, everybody, NOON) == ""
    states = treaty.lacking(Matter.HORIZON_EXCEPTION, STATES[:5], NOON)
    assert states.startswith("Board:")
    assert "Assembly" not in states
    assert not treaty.is_blocked(Matter.PERMIT, set(everybody), NOON)


def test_what_no_organ_decides_is_forbidden() -> None:
    made = SimulatedTreaty()
    del made.form["matters"]["horizon-exception"]
    with pytest.raises(MatterUnknown, match="nobody decide on horizon-exception"):
        made.treaty.eligible(Matter.HORIZON_EXCEPTION, NOON)


def test_keys_follow_one_another_without_a_gap_or_an_overlap() -> None:
    made = SimulatedTreaty()
    made.form["members"][0]["keys"] = [
        key_form("AUS", until="2026-04-01T12:00:00Z"),
        key_form("AUS-2", since="2026-04-01T12:00:00Z"),
    ]
    old, new = (SeededSigner(name).key.key_id for name in ("AUS", "AUS-2"))
    before = made.treaty.member_keys(NOON - timedelta(seconds=1))
    after = made.treaty.member_keys(NOON)
    assert (old in before, new in before) == (True, False)
    assert (old in after, new in after) == (False, True)
    assert after[new][0] == "AUS"


def test_six_of_nine_with_both_of_two_named_states() -> None:
    nine = STATES[:9]
    made = SimulatedTreaty(states=nine)
    others = " ".join(code for code in nine if code not in {"FRA", "KEN"})
    made.form["organs"][0]["approve"] = (
        f"group named all FRA KEN\ngroup others 4 {others}\n"
        "group decision all named others\nquorum decision\n"
    )
    treaty = made.treaty
    enough = {"FRA", "KEN", "AUS", "BRA", "CAN", "DEU"}
    assert treaty.lacking(Matter.PERMIT, enough, NOON) == ""
    assert treaty.lacking(Matter.PERMIT, enough - {"DEU"}, NOON)
    assert treaty.lacking(Matter.PERMIT, set(nine) - {"KEN"}, NOON)


def test_one_state_alone_is_later_recognised_by_a_wider_treaty() -> None:
    # (1) KEN runs it alone: one organ of one member decides.
    alone = SimulatedTreaty(states=("KEN",), needed=1)
    alone.form["agency"] = "agency.ken.example"
    national = alone.treaty
    assert national.lacking(Matter.PERMIT, ["KEN"], NOON) == ""
    # (2) A wider treaty, which KEN joins with the same key, counts its permits.
    wider = SimulatedTreaty(states=("FRA", "KEN", "NOR"), needed=2)
    without = wider.treaty
    wider.form["recognises"] = [
        {
            "agency": national.agency,
            "root_digest": "sha256:" + "4" * 64,
            "flop_max": "1e25",
            "since": "2026-04-01T00:00:00Z",
            "until": "2028-04-01T00:00:00Z",
        }
    ]
    wider.form["version"] = 2
    joined = wider.treaty
    assert national.agency not in without.recognised
    recognition = joined.recognised[national.agency]
    assert recognition.holds(NOON)
    assert not recognition.holds(NOON - 2 * DAY)
    assert not recognition.holds(NOON.replace(year=2028))
    assert recognition.flop_max == 10**25
    # (3) Nothing of the national measure changed, so its permits stay as they are.
    assert treaty_of(copy.deepcopy(alone.form)).digest == national.digest
    key_id = SeededSigner("KEN").key.key_id
    assert national.member_keys(NOON)[key_id] == joined.member_keys(NOON)[key_id]
    assert joined.lacking(Matter.PERMIT, ["KEN"], NOON)

"""Who decides: quorums, members who stand aside, keys that change, panels, the horizon.

Each scenario ends in what anybody can check: a permit that verifies, or none.
"""

from dataclasses import replace
from typing import Any

import pytest
from tests.agency_stores import Found

from assent.authorisation.application import appeal, fold
from assent.authorisation.permit import (
    CapBeyondMatter,
    PermitQuorumNotMet,
    parse_permit,
)
from assent.authorisation.review import (
    ballot_of,
    put_to_vote,
    recuse,
    withdraw_proposal,
)
from assent.authorisation.review.deciding import (
    Choice,
    Paper,
    VotedTwice,
    VoterNotEligible,
    VoterRecused,
    VoteUnsigned,
)
from assent.authorisation.secretariat import count, record_vote, refuse
from assent.authorisation.treaty import Matter
from assent.testing.applications import DEVELOPER, requested, run_properties
from assent.testing.office import OFFICER, SimulatedOffice
from assent.testing.states import BOARD, SimulatedTreaty
from assent.vocabulary import NotAllowed, NotFound, canonical_bytes

PERMIT = "permit-2026-0001"
ALL = ("AUS", "BRA", "CAN", "DEU", "FRA")


def reviewed(agency: SimulatedOffice, **changes: Any) -> str:  # noqa: ANN401 - any field
    case_id = agency.apply(**changes)
    agency.assess(case_id)
    return case_id


def proposed(agency: SimulatedOffice, **changes: Any) -> str:  # noqa: ANN401 - any field
    case_id = reviewed(agency, **changes)
    agency.propose(case_id)
    return case_id


def has_no_permit(agency: SimulatedOffice, case_id: str) -> bool:
    """Tell whether nothing was granted, in the cases or in public."""
    agency.work()
    granted = [entry for entry in agency.public_log if entry.kind == "permit"]
    return not granted and agency.card(case_id).state != "granted"


# Standing aside


def test_three_of_five_stand_aside_and_the_rest_is_no_quorum_however_it_votes(
    agency: SimulatedOffice,
) -> None:
    case_id = reviewed(agency)
    for member in ("AUS", "BRA", "CAN"):
        agency.review(case_id, recuse, member=member, reason="owns shares")
    agency.propose(case_id)
    counted = agency.vote(case_id, "DEU")  # no need to wait for the last one
    assert counted.record is not None
    assert counted.record.outcome == "refused"
    assert "out of reach" in counted.record.reason
    assert has_no_permit(agency, case_id)
    assert "out of reach" in agency.public_log[0].metadata["reason"]


def test_who_stands_aside_has_no_vote_and_the_permit_names_who_did(
    agency: SimulatedOffice,
) -> None:
    case_id = reviewed(agency)
    for member in ("AUS", "BRA"):
        agency.review(case_id, recuse, member=member, reason="owns shares")
    agency.propose(case_id)
    with pytest.raises(VoterRecused, match="owns shares"):
        agency.vote(case_id, "AUS")
    agency.vote(case_id, "CAN", "DEU", "FRA")
    agency.work()
    found = agency.verify(PERMIT)
    assert found.permit.excluded == {"AUS", "BRA"}
    assert found.signers == ("CAN", "DEU", "FRA")


def test_members_who_stand_aside_while_they_vote_break_the_quorum_too(
    agency: SimulatedOffice,
) -> None:
    case_id = proposed(agency)
    agency.vote(case_id, "AUS", "BRA")
    counted = agency.vote(case_id, "CAN", "DEU", "FRA", choice=Choice.RECUSE)
    assert counted.record is not None
    assert counted.record.outcome == "refused"
    assert has_no_permit(agency, case_id)


def test_nobody_votes_twice_or_for_another(agency: SimulatedOffice) -> None:
    case_id = proposed(agency)
    agency.vote(case_id, "AUS")
    with pytest.raises(VotedTwice):
        agency.vote(case_id, "AUS")
    forged = agency.cast(case_id, "BRA", Choice.APPROVE, key="AUS")
    with pytest.raises(VoteUnsigned):
        record_vote(agency.office, case_id, forged, "AUS", agency.now)
    with pytest.raises(VoterNotEligible):
        agency.vote(case_id, "judge-1")
    assert count(agency.office, case_id, agency.now).approve == {"AUS"}


# Keys


def test_a_state_changes_its_key_while_a_case_is_reviewed(
    agency: SimulatedOffice,
) -> None:
    case_id = reviewed(agency)
    agency.wait(days=1)
    agency.rekey("AUS", "AUS-2")
    agency.propose(case_id)
    old = agency.cast(case_id, "AUS", Choice.APPROVE, key="AUS")
    with pytest.raises(VoteUnsigned):
        record_vote(agency.office, case_id, old, "AUS", agency.now)
    agency.vote(case_id, "AUS", "BRA", "CAN")
    agency.work()
    found = agency.verify(PERMIT)
    assert found.signers == ("AUS", "BRA", "CAN")
    assert found.treaty_version == 2


def test_a_vote_by_a_key_that_changes_before_the_end_is_void_and_given_again(
    agency: SimulatedOffice,
) -> None:
    case_id = proposed(agency)
    agency.vote(case_id, "AUS", "BRA")
    agency.wait(days=1)
    agency.rekey("AUS", "AUS-2")
    assert count(agency.office, case_id, agency.now).approve == {"BRA"}
    assert agency.vote(case_id, "CAN").record is None  # three came, two count
    assert has_no_permit(agency, case_id)
    assert count(agency.office, case_id, agency.now).pending == {"AUS", "DEU", "FRA"}
    kinds = [one.event.kind for one in agency.office.read(case_id)]
    assert kinds.count("vote_received") == 3  # the void one stays on record
    assert kinds.count("vote_voided") == 1
    agency.rekey("BRA", "BRA-2")
    assert agency.vote(case_id, "BRA").record is None  # at once, by the new key
    with pytest.raises(VotedTwice):
        agency.vote(case_id, "BRA")
    assert agency.vote(case_id, "AUS").record is not None
    agency.work()
    assert agency.verify(PERMIT).signers == ("AUS", "BRA", "CAN")


def test_an_old_permit_outlives_the_keys_that_signed_it(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    for state in ALL:
        agency.wait(days=1)
        agency.rekey(state, f"{state}-2")
    agency.trust.rotate()
    agency.wait(days=1)
    found = agency.verify(permit_id)  # from the first root
    assert found.signers == ("AUS", "BRA", "CAN")
    assert found.treaty_version == 6
    assert len(agency.trust.roots) == 2


def test_stolen_keys_that_were_retired_sign_no_permit_even_with_the_agencys_help(
    agency: SimulatedOffice,
) -> None:
    stolen = SimulatedOffice(treaty=SimulatedTreaty())  # under the treaty as it was
    stolen.docket, stolen.records = agency.docket, agency.records
    agency.wait(days=1)
    for state in ("AUS", "BRA", "CAN"):
        agency.rekey(state, f"{state}-2")
    agency.wait(hours=1)
    # The secretariat itself goes on under the old treaty, and logs what comes of it.
    stolen.now = agency.now
    permit_id = stolen.grant()
    assert agency.public_log[-1].subject == permit_id
    with pytest.raises(PermitQuorumNotMet):
        agency.verify(permit_id)


# Beyond the horizon

BIG = "2000000000000000000"


def beyond(agency: SimulatedOffice) -> str:
    """Have a run beyond the practice horizon put to the vote."""
    points = [
        {"at_flop": str(flop), "evaluations": ["cyber_offence"]}
        for flop in (5 * 10**17, 10**18)
    ]
    return proposed(
        agency,
        matter="horizon-exception",
        requested=requested(flop=BIG),
        run_properties=run_properties(previous_run_flop="1000000000000000000"),
        oversight={"flop_share_ppm": 1_000, "points": points},
    )


def test_beyond_the_horizon_two_thirds_of_the_board_and_every_state_must_agree(
    agency: SimulatedOffice,
) -> None:
    case_id = beyond(agency)
    assert agency.vote(case_id, *ALL).record is None  # unanimous, and not enough
    assert agency.vote(case_id, *BOARD[:3]).record is None
    assert agency.vote(case_id, BOARD[3]).record is not None
    agency.work()
    found = agency.verify(PERMIT)
    assert found.permit.matter is Matter.HORIZON_EXCEPTION
    assert found.permit.caps.flop == int(BIG)
    assert set(found.signers) == {*ALL, *BOARD[:4]}


def test_beyond_the_horizon_one_state_that_rejects_refuses(
    agency: SimulatedOffice,
) -> None:
    case_id = beyond(agency)
    agency.vote(case_id, *BOARD)
    counted = agency.vote(case_id, "FRA", choice=Choice.REJECT)
    assert counted.record is not None
    assert counted.record.outcome == "refused"
    assert has_no_permit(agency, case_id)


def test_beyond_the_horizon_three_experts_who_reject_refuse(
    agency: SimulatedOffice,
) -> None:
    case_id = beyond(agency)
    agency.vote(case_id, *ALL)
    counted = agency.vote(case_id, *BOARD[:3], choice=Choice.REJECT)
    assert counted.record is not None
    assert counted.record.outcome == "refused"
    assert has_no_permit(agency, case_id)


def small(needed_for_more: str = "5e15") -> SimulatedTreaty:
    """Return a treaty whose council may permit only small runs."""
    treaty = SimulatedTreaty()
    treaty.form["matters"]["permit"]["flop_max"] = needed_for_more
    return treaty


def test_a_council_cannot_grant_more_than_its_procedure_allows(found: Found) -> None:
    agency = found(small("6e15"))
    case_id = reviewed(agency)
    # The states lower the limit while the case is reviewed.
    agency.treaty.form["matters"]["permit"]["flop_max"] = "5e15"
    agency.amend()
    with pytest.raises(NotAllowed):
        agency.propose(case_id)
    assert agency.card(case_id).state == "under_review"


def test_a_permit_that_council_signs_all_the_same_verifies_nowhere(
    found: Found,
) -> None:
    agency = found(small("6e15"))
    case_id = proposed(agency)
    honest = ballot_of(agency.office.read(case_id)).open_proposal
    permit = parse_permit(canonical_bytes(honest.paper.payload))
    larger = replace(
        permit,
        decision_id="decision-2026-0099",
        caps=replace(permit.caps, flop=6 * 10**15 + 1),
    )
    # A secretariat that cheats puts another paper to the vote, and all states sign it.
    cheat = replace(
        honest,
        decision_id="decision-2026-0099",
        paper=Paper(honest.paper.payload_type, larger.plain),
    )

    with agency.docket.writing() as transaction:
        events = transaction.events(case_id)
        ballot = ballot_of(events)
        taken_back = withdraw_proposal(ballot, "no", agency.now, OFFICER)
        events = agency.office.add(transaction, case_id, [taken_back])
        put = put_to_vote(ballot_of(events), cheat, agency.now, OFFICER)
        agency.office.add(transaction, case_id, [put])
    agency.vote(case_id, "AUS", "BRA", "CAN")
    agency.work()
    assert agency.public_log[0].metadata["flop_permitted"] == str(6 * 10**15 + 1)
    with pytest.raises(CapBeyondMatter):
        agency.verify(PERMIT)


# Appeals


def appealed(agency: SimulatedOffice, **changes: Any) -> str:  # noqa: ANN401 - any field
    """Have council refuse, and the developer appeal."""
    case_id = proposed(agency, **changes)
    agency.vote(case_id, "AUS", "BRA", "CAN", choice=Choice.REJECT)
    agency.wait(days=2)
    _appeal(agency, case_id)
    assert agency.card(case_id).state == "under_appeal"
    return case_id


def _appeal(agency: SimulatedOffice, case_id: str) -> None:
    treaty: Any = {"treaty": agency.treaty.treaty}
    agency.act(case_id, appeal, "It was safe.", actor=DEVELOPER, **treaty)


def judges_in_council() -> SimulatedTreaty:
    """Return a treaty by which a judge also sits in council."""
    treaty = SimulatedTreaty()
    council = next(one for one in treaty.form["organs"] if one["name"] == "council")
    council["members"].append("judge-1")
    council["approve"] = f"group q 3 {' '.join(council['members'])}\nquorum q\n"
    return treaty


def test_a_panel_that_excludes_the_deciders_grants_on_appeal(found: Found) -> None:
    agency = found(judges_in_council())
    case_id = proposed(agency)
    for member in ("judge-1", "AUS", "BRA", "CAN"):
        agency.vote(case_id, member, choice=Choice.REJECT)
    agency.wait(days=2)
    _appeal(agency, case_id)
    agency.propose(case_id)
    with pytest.raises(VoterRecused, match="voted to reject"):
        agency.vote(case_id, "judge-1")
    with pytest.raises(VoterNotEligible):
        agency.vote(case_id, "DEU")
    agency.vote(case_id, "judge-2", "judge-3")
    agency.work()
    permit_id = agency.public_log[-1].subject
    found_permit = agency.verify(permit_id)
    assert found_permit.permit.matter is Matter.APPEAL
    assert found_permit.signers == ("judge-2", "judge-3")
    assert "judge-1" in found_permit.permit.excluded
    assert [entry.kind for entry in agency.public_log] == ["refusal", "permit"]
    assert agency.card(case_id).state == "granted"


def test_a_panel_refuses_and_that_is_final(agency: SimulatedOffice) -> None:
    case_id = appealed(agency)
    agency.propose(case_id)
    agency.vote(case_id, "judge-1", "judge-2", choice=Choice.REJECT)
    assert has_no_permit(agency, case_id)
    card = agency.card(case_id)
    assert (card.state, card.waiting_for, card.due) == (
        "refused_finally",
        "nobody",
        None,
    )
    with pytest.raises(NotAllowed):
        _appeal(agency, case_id)
    with pytest.raises(NotAllowed):
        agency.propose(case_id)
    with pytest.raises(NotFound):
        agency.bundle(PERMIT)


def test_a_panel_too_few_of_whom_did_not_decide_before_refuses(found: Found) -> None:
    treaty = judges_in_council()
    council = next(one for one in treaty.form["organs"] if one["name"] == "council")
    council["members"].append("judge-2")
    council["approve"] = f"group q 6 {' '.join(council['members'])}\nquorum q\n"
    agency = found(treaty)
    case_id = proposed(agency)
    agency.vote(case_id, "judge-1", "judge-2", choice=Choice.REJECT)
    _appeal(agency, case_id)
    agency.propose(case_id)
    agency.work()  # one judge of two that it takes: out of reach at once
    assert agency.card(case_id).state == "refused_finally"
    assert has_no_permit(agency, case_id)


def test_no_panel_allows_what_is_never_allowed(agency: SimulatedOffice) -> None:
    hazards = {
        "self_proliferation": {"trained_for": True, "expected": "none"},
        "weapons_acquisition": {"trained_for": False, "expected": "none"},
    }
    case_id = reviewed(agency, run_properties=run_properties(hazards=hazards))
    refuse(agency.office, case_id, OFFICER, agency.now)
    _appeal(agency, case_id)
    with pytest.raises(NotAllowed, match="No panel can allow this"):
        agency.propose(case_id)
    assert fold(agency.office.read(case_id)).appeal is not None
    assert has_no_permit(agency, case_id)


# Officers who stand aside


def test_an_officer_who_stands_aside_has_no_vote_to_leave_out(
    agency: SimulatedOffice,
) -> None:
    case_id = agency.apply()
    agency.review(case_id, recuse, member="Jane Doe", reason="a cousin works there")
    agency.assess(case_id)
    agency.propose(case_id)
    assert ballot_of(agency.office.read(case_id)).open_proposal.excluded == {}
    agency.vote(case_id, "AUS", "BRA", "CAN")
    agency.work()
    assert agency.verify(PERMIT).permit.excluded == frozenset()

"""Many decisions at once: votes in one parcel, one publication, permits together.

What is done together comes out as if it had been done one by one, or not at all.
"""

import pytest
from tests.agency_stores import Found

from assent.authorisation.permit import parse_bundle
from assent.authorisation.review import VoteNotOpen
from assent.authorisation.review.deciding import CastVote, Choice, VotedTwice
from assent.authorisation.secretariat import (
    announce,
    give_out,
    give_out_all,
    record_votes,
)
from assent.testing.office import SimulatedOffice
from assent.testing.states import SimulatedTreaty
from assent.vocabulary import NotAllowed

PERMITS = ("permit-2026-0001", "permit-2026-0002", "permit-2026-0003")


def proposed(agency: SimulatedOffice) -> list[str]:
    cases = [agency.apply() for _ in PERMITS]
    for case_id in cases:
        agency.assess(case_id)
        agency.propose(case_id)
    return cases


def parcel(
    agency: SimulatedOffice, cases: list[str], member: str
) -> list[tuple[str, CastVote]]:
    """Return a member's approvals of all cases."""
    return [(one, agency.cast(one, member, Choice.APPROVE)) for one in cases]


def decided(agency: SimulatedOffice) -> list[str]:
    cases = proposed(agency)
    for member in ("AUS", "BRA", "CAN"):
        votes = parcel(agency, cases, member)
        counted = record_votes(agency.office, votes, member, agency.now)
        is_last = member == "CAN"
        assert [one.record is not None for one in counted] == [is_last] * 3
    return cases


def test_votes_that_come_in_parcels_grant_every_permit(found: Found) -> None:
    agency = found(SimulatedTreaty())
    cases = decided(agency)
    assert len(announce(agency.office, agency.now)) == 3
    files = give_out_all(agency.office, PERMITS, agency.status(), agency.now)
    assert [parse_bundle(data).envelope for data in files] == [
        parse_bundle(agency.bundle(one)).envelope for one in PERMITS
    ]
    for permit_id, case_id in zip(PERMITS, cases, strict=True):
        assert agency.verify(permit_id).permit.case_id == case_id
        assert agency.card(case_id).waiting_for == "nobody"


def test_a_parcel_with_a_vote_that_does_not_count_is_not_recorded(
    found: Found,
) -> None:
    agency = found(SimulatedTreaty())
    cases = proposed(agency)
    agency.vote(cases[2], "AUS")
    before = [agency.office.read(one) for one in cases]
    with pytest.raises(VotedTwice):
        record_votes(agency.office, parcel(agency, cases, "AUS"), "AUS", agency.now)
    assert [agency.office.read(one) for one in cases] == before


def test_votes_after_the_one_that_decides_are_not_recorded(found: Found) -> None:
    agency = found(SimulatedTreaty())
    (case_id, *_) = proposed(agency)
    votes = [
        (case_id, agency.cast(case_id, member, Choice.APPROVE))
        for member in ("AUS", "BRA", "CAN", "DEU")
    ]
    with pytest.raises(VoteNotOpen):
        record_votes(agency.office, votes, "officer", agency.now)
    assert agency.card(case_id).state == "put_to_vote"
    record_votes(agency.office, votes[:3], "officer", agency.now)
    assert agency.card(case_id).state == "granted"


def test_no_permit_is_given_out_beside_one_that_is_not_logged(found: Found) -> None:
    agency = found(SimulatedTreaty())
    first = agency.grant()
    cases = proposed(agency)
    agency.vote(cases[0], "AUS", "BRA", "CAN")
    events = agency.office.read(first)
    with pytest.raises(NotAllowed, match="permit-2026-0002 is not in the public log"):
        give_out_all(
            agency.office, [first, "permit-2026-0002"], agency.status(), agency.now
        )
    assert agency.office.read(first) == events
    give_out(agency.office, first, agency.status(), agency.now)
    kinds = [one.event.kind for one in agency.office.read(first)]
    assert kinds == [*(one.event.kind for one in events), "permit_issued"]

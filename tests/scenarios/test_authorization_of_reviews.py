"""Reviews at an agency: who stands aside, and what is not done in a state."""

import pytest

from assent.authorisation.application import TransitionRefused
from assent.authorisation.review import (
    InterestDeclaration,
    ballot_of,
    interest_declaration_of,
    recuse,
)
from assent.authorisation.secretariat import affected, declare_interest
from assent.testing.applications import DEVELOPER
from assent.testing.office import OFFICER, SimulatedOffice


def _declared(agency: SimulatedOffice, **changes: str) -> InterestDeclaration:
    declaration = interest_declaration_of(
        {
            "member": "AUS",
            "developer": DEVELOPER,
            "kind": "ownership",
            "text": "The state's fund holds shares.",
            "since": "2026-01-01",
            **changes,
        }
    )
    event = declare_interest(declaration, OFFICER, agency.now)
    agency.office.begin("interest", agency.now, [event])
    return declaration


def _affected(agency: SimulatedOffice, declaration: InterestDeclaration) -> list[str]:
    with agency.docket.reading() as transaction:
        return affected(transaction, declaration)


@pytest.fixture
def agency() -> SimulatedOffice:
    return SimulatedOffice()


def _proposed(agency: SimulatedOffice) -> str:
    case_id = agency.apply()
    agency.assess(case_id)
    agency.propose(case_id)
    return case_id


def test_an_interest_excludes_from_later_votes_and_names_those_it_does_not_end(
    agency: SimulatedOffice,
) -> None:
    before = _proposed(agency)
    declaration = _declared(agency, developer=f" {DEVELOPER.upper()}")
    after = _proposed(agency)
    excluded = {
        case_id: set(ballot_of(agency.office.read(case_id)).open_proposal.excluded)
        for case_id in (before, after)
    }
    assert excluded == {before: set(), after: {"AUS"}}
    assert _affected(agency, declaration) == [before]
    agency.vote(before, "BRA", "CAN", "DEU")
    assert _affected(agency, declaration) == []
    assert _affected(agency, _declared(agency, developer="Other Labs")) == []


def test_a_review_is_over_once_the_case_is_decided(agency: SimulatedOffice) -> None:
    agency.grant()
    case_id = "application-2026-0001"
    before = agency.office.read(case_id)
    with pytest.raises(TransitionRefused, match="is granted"):
        agency.review(case_id, recuse, member="AUS", reason="shares")
    with pytest.raises(TransitionRefused, match="is granted"):
        agency.assess(case_id)
    assert agency.office.read(case_id) == before

"""What was refused, vetoed or withdrawn is no permit, though members signed its paper.

An approval signs the very permit. Whoever holds a refused paper with enough approvals,
and the log's key, has all that a permit needs, but for its place in the status list.
"""

from collections.abc import Callable

import pytest

from assent.authorisation.permit import (
    DecidedTooLate,
    PermitBundle,
    PermitRevoked,
    Status,
    VerifiedPermit,
    encode_statuses,
    parse_permit,
    sign_status_list,
    verify_permit,
    verify_status_list,
)
from assent.authorisation.review import ballot_of, withdraw_proposal
from assent.authorisation.review.deciding import Choice, cast_vote
from assent.authorisation.treaty import Service
from assent.testing.office import OFFICER, SimulatedOffice
from assent.testing.states import SeededSigner
from assent.translog.entry import DocumentDigest, Entry
from assent.vocabulary.envelope import Envelope


def agency_with_a_veto() -> SimulatedOffice:
    """Return an agency in whose council Australia can block."""
    agency = SimulatedOffice()
    for organ in agency.treaty.form["organs"]:
        if organ["name"] == "council":
            organ["block"] = "group b 1 AUS\nquorum b\n"
    agency.amend()
    return agency


def proposed(agency: SimulatedOffice) -> str:
    case_id = agency.apply()
    agency.assess(case_id)
    agency.propose(case_id)
    return case_id


def vetoed(agency: SimulatedOffice) -> Envelope:
    case_id = proposed(agency)
    agency.vote(case_id, "BRA", "CAN", "DEU")
    record = agency.vote(case_id, "AUS", choice=Choice.REJECT).record
    assert record is not None
    assert agency.card(case_id).state == "refused"
    return record.signed_paper


def withdrawn(agency: SimulatedOffice) -> Envelope:
    case_id = proposed(agency)
    agency.vote(case_id, "BRA", "CAN", "DEU")
    ballot = ballot_of(agency.office.read(case_id))
    agency.office.act(
        case_id,
        lambda events: [
            withdraw_proposal(ballot_of(events), "It was forged.", agency.now, OFFICER)
        ],
    )
    assert agency.card(case_id).state == "under_review"
    lines = [vote.vote.paper_signature for vote in ballot.votes.values()]
    return ballot.open_proposal.paper.unsigned.with_signatures(
        line for line in lines if line is not None
    )


def completed_late(agency: SimulatedOffice) -> Envelope:
    """Return a paper that two approved in time, and a third when it was refused."""
    case_id = proposed(agency)
    proposal = ballot_of(agency.office.read(case_id)).open_proposal
    agency.vote(case_id, "BRA", "CAN")
    agency.now = proposal.closes
    agency.wait(days=20)
    agency.work()
    assert agency.card(case_id).state == "refused"
    late = cast_vote(
        proposal,
        member="DEU",
        choice=Choice.APPROVE,
        reason="late",
        time=agency.now,
        signer=SeededSigner("DEU"),
    )
    record = ballot_of(agency.office.read(case_id)).last_record
    assert record is not None
    assert late.paper_signature is not None
    return record.signed_paper.with_signatures([late.paper_signature])


def smuggle(
    agency: SimulatedOffice, paper: Envelope, status: bytes | None = None
) -> VerifiedPermit:
    """Log a paper as whoever holds the log's key can, and verify it."""
    permit = parse_permit(paper.payload)
    document = DocumentDigest(
        digest=agency.records.put(paper.encoded),
        size_bytes=len(paper.encoded),
        media_type="application/json",
    )
    entry = Entry(
        kind="permit",
        subject=permit.permit_id,
        time=agency.now,
        documents={"permit": document},
    )
    (index,) = agency.records.append([entry.encoded])
    agency.records.publish(int(agency.now.timestamp()))
    file = PermitBundle(
        envelope=paper,
        proof=agency.records.prove(index),
        status=agency.status() if status is None else status,
        trust=agency.trust.metadata,
    )
    return verify_permit(file.encoded, agency.trust.root, agency.now)


@pytest.mark.parametrize("never_granted", [vetoed, withdrawn])
def test_a_paper_that_was_not_granted_is_believed_by_nobody(
    never_granted: Callable[[SimulatedOffice], Envelope],
) -> None:
    agency = agency_with_a_veto()
    paper = never_granted(agency)
    with pytest.raises(PermitRevoked):
        smuggle(agency, paper)


def test_approvals_after_the_vote_put_nothing_in_force() -> None:
    agency = SimulatedOffice()
    paper = completed_late(agency)
    # Not even with a status service that says what it should not.
    permit = parse_permit(paper.payload)
    lie = sign_status_list(
        encode_statuses([Status.VALID], permit.status_index + 1),
        uri=permit.status_uri,
        issued=agency.now,
        lasts_s=permit.max_staleness_s,
        signer=agency.treaty.signer("service-status"),
    )
    with pytest.raises(DecidedTooLate):
        smuggle(agency, paper, lie)


def test_no_place_in_the_list_is_valid_but_a_granted_permits() -> None:
    agency = SimulatedOffice()
    refused = proposed(agency)
    paper = ballot_of(agency.office.read(refused)).open_proposal.paper
    index = parse_permit(paper.unsigned.payload).status_index
    assert listed(agency)[index] is Status.INVALID
    agency.wait(days=40)
    agency.work()
    assert agency.card(refused).state == "refused"
    agency.grant()
    statuses = listed(agency)
    assert statuses[index] is Status.INVALID
    assert statuses.count(Status.VALID) == 1
    assert len(statuses) == 1_024


def listed(agency: SimulatedOffice) -> list[Status]:
    """Return the whole status list as it is now."""
    treaty = agency.treaty.treaty
    keys = treaty.service_keys(Service.STATUS, agency.now)
    terms = treaty.terms
    found = verify_status_list(
        agency.status(), terms.status_uri, keys, agency.now, terms.max_staleness_s
    )
    return [found.status_at(place) for place in range(4 * len(found.packed))]

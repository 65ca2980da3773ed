"""The file of a review: what its events say, and who may add the next one."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.review.cases import (
    NOON,
    ON,
    POLICY,
    QUESTIONNAIRE,
    SAFETY_CASE,
    answer,
    case,
    judged,
)

from assent.authorisation.docket import CaseDamaged, Event, RecordedEvent, chain
from assent.authorisation.review import (
    AnswerInvalid,
    JudgementInvalid,
    Level,
    ReviewFile,
    RunFinding,
    RunProperties,
    Side,
    Status,
    VoteNotOpen,
    Weighing,
    assess_practice,
    ballot_of,
    close,
    deciders,
    judge_safety_case,
    propose,
    receive_vote,
    record_finding,
    recuse,
    refuse_by_rule,
    review_file_of,
    safety_case_of,
    void_votes,
    weigh,
    withdraw_proposal,
)
from assent.authorisation.review.deciding import (
    CastVote,
    Choice,
    Outcome,
    Paper,
    Proposal,
    VotedTwice,
    VoteRefused,
    cast_vote,
    verify_record,
)
from assent.authorisation.treaty import Matter
from assent.testing.states import SimulatedTreaty, key_form
from assent.vocabulary import NotAllowed

CASE_ID = "application-2026-0001"
OFFICER = "A. Officer"
STATES = SimulatedTreaty()
TREATY = STATES.treaty
WEIGHING = weigh(case(), POLICY, QUESTIONNAIRE, ON)
REFUSING = weigh(case(stated=RunProperties()), POLICY, QUESTIONNAIRE, ON)
PROPOSAL = Proposal(
    agency=TREATY.agency,
    decision_id="decision-2026-0001",
    matter=Matter.PERMIT,
    case_id=CASE_ID,
    case_digest="sha256:" + "1" * 64,
    title="A permit for a run",
    treaty_version=TREATY.version,
    treaty_digest=TREATY.digest,
    review_digest=WEIGHING.digest,
    reasons=("It may be proposed.",),
    provisos=WEIGHING.provisos,
    opens=NOON,
    closes=NOON + timedelta(days=10),
    paper=Paper("application/vnd.assent.permit+json", {"caps": {"flop": "1"}}),
)
FINDING = RunFinding(
    about="data", value="seen", level=Level.HIGH, reason="Because.", by=OFFICER
)


class _Case:
    """The events of a case, as a docket would hold them."""

    def __init__(self) -> None:
        self.events: list[RecordedEvent] = []

    def add(self, *events: Event) -> None:
        self.events += chain(CASE_ID, self.events, events)

    def note(self, kind: str, **body: Any) -> None:  # noqa: ANN401 - any body
        self.add(Event(kind=kind, time=NOON, actor="agency", body=body))

    @property
    def file(self) -> ReviewFile:
        return review_file_of(self.events)

    def vote(
        self, member: str, choice: Choice = Choice.APPROVE, at: datetime = NOON
    ) -> None:
        vote = _vote(member, choice)
        self.add(receive_vote(self.file.ballot, vote, TREATY, at, "agency"))


def _propose(
    file: ReviewFile, proposal: Proposal, weighing: Weighing, now: datetime, by: str
) -> Event:
    return propose(file, proposal, weighing, now, by, members=TREATY.members)


def _vote(member: str, choice: Choice, proposal: Proposal = PROPOSAL) -> CastVote:
    return cast_vote(
        proposal,
        member=member,
        choice=choice,
        reason="Considered.",
        time=NOON,
        signer=STATES.signer(member),
    )


@pytest.fixture
def voting() -> _Case:
    made = _Case()
    made.note("drafted")
    made.add(_propose(made.file, PROPOSAL, WEIGHING, NOON, OFFICER))
    return made


def test_the_last_of_each_thing_counts_and_the_sides_stay_apart() -> None:
    made = _Case()
    made_case = safety_case_of(SAFETY_CASE)
    judgement = judged(SAFETY_CASE)["safe"]
    own = answer("red_teaming", side=Side.DEVELOPER, assessor="Example Labs")
    for said in (own, answer("red_teaming", Status.ABSENT), answer("red_teaming")):
        made.add(assess_practice(made.file, said, QUESTIONNAIRE, NOON, OFFICER))
    made.add(record_finding(made.file, FINDING, NOON, OFFICER))
    made.add(judge_safety_case(made.file, judgement, made_case, NOON, OFFICER))
    made.add(recuse(made.file, "AUS", "owns shares", NOON, OFFICER))
    file = made.file
    assert file.answers == {"red_teaming": answer("red_teaming")}
    assert file.own_answers == {"red_teaming": own}
    assert file.findings == {"data": FINDING}
    assert file.judgements == {"safe": judgement}
    assert file.recusals == {"AUS": "owns shares"}


def test_a_change_of_plan_drops_what_was_found_of_the_old_one() -> None:
    made = _Case()
    made.add(record_finding(made.file, FINDING, NOON, OFFICER))
    made.add(
        assess_practice(made.file, answer("red_teaming"), QUESTIONNAIRE, NOON, OFFICER)
    )
    made.note("amended")
    assert not made.file.findings
    assert made.file.answers


def test_whoever_stands_aside_judges_nothing() -> None:
    made = _Case()
    made.add(recuse(made.file, OFFICER, "worked there", NOON, OFFICER))
    with pytest.raises(NotAllowed, match="stands aside"):
        record_finding(made.file, FINDING, NOON, "B. Officer")
    with pytest.raises(NotAllowed, match="stands aside"):
        assess_practice(
            made.file, answer("red_teaming"), QUESTIONNAIRE, NOON, "B. Officer"
        )
    with pytest.raises(NotAllowed, match="already"):
        recuse(made.file, OFFICER, "again", NOON, OFFICER)


def test_refuses_answers_and_judgements_that_are_none() -> None:
    file = ReviewFile()
    tomorrow = answer("red_teaming", assessed=ON + timedelta(days=1))
    with pytest.raises(NotAllowed, match="to come"):
        assess_practice(file, tomorrow, QUESTIONNAIRE, NOON, OFFICER)
    with pytest.raises(AnswerInvalid):
        assess_practice(file, answer("flattery"), QUESTIONNAIRE, NOON, OFFICER)
    other = replace(judged(SAFETY_CASE)["safe"], claim="weaker")
    with pytest.raises(JudgementInvalid):
        judge_safety_case(file, other, safety_case_of(SAFETY_CASE), NOON, OFFICER)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"review_digest": "sha256:" + "0" * 64}, "another review"),
        ({"matter": Matter.HORIZON_EXCEPTION}, "the review says permit"),
        ({"matter": Matter.APPEAL}, "the review says permit"),
        ({"provisos": ()}, "leaves out a condition"),
        ({"case_id": "application-2026-0002"}, "is about"),
        ({"excluded": {}}, "who stands aside"),
        ({"opens": NOON - timedelta(days=2), "closes": NOON}, "over before it begins"),
    ],
)
def test_refuses_a_proposal_that_the_review_does_not_carry(
    change: dict[str, Any], why: str
) -> None:
    made = _Case()
    made.add(recuse(made.file, "AUS", "owns shares", NOON, OFFICER))
    good = replace(PROPOSAL, excluded={"AUS": "owns shares"})
    assert _propose(made.file, good, WEIGHING, NOON, OFFICER)
    with pytest.raises(NotAllowed, match=why):
        _propose(made.file, replace(good, **change), WEIGHING, NOON, OFFICER)


def test_an_officer_who_stands_aside_has_no_vote_to_be_excluded() -> None:
    made = _Case()
    made.add(recuse(made.file, "Jane Doe", "worked there", NOON, OFFICER))
    made.add(_propose(made.file, PROPOSAL, WEIGHING, NOON, OFFICER))
    assert made.file.ballot.open_proposal.excluded == {}


def test_what_the_review_refuses_is_not_put_to_the_vote_but_refused_by_rule() -> None:
    made = _Case()
    made.note("drafted")
    proposal = replace(PROPOSAL, review_digest=REFUSING.digest)
    with pytest.raises(NotAllowed, match="security is unknown"):
        _propose(made.file, proposal, REFUSING, NOON, OFFICER)
    made.add(refuse_by_rule(made.file, REFUSING, NOON, OFFICER))
    assert made.file.refused_because == REFUSING.reasons
    with pytest.raises(NotAllowed):
        refuse_by_rule(made.file, WEIGHING, NOON, OFFICER)


def test_three_of_five_approve_and_the_record_can_be_counted_again(
    voting: _Case,
) -> None:
    assert close(voting.file.ballot, TREATY, NOON, "agency") is None
    for member in ("AUS", "BRA", "CAN"):
        voting.vote(member, at=NOON + timedelta(microseconds=7))
    decided = close(voting.file.ballot, TREATY, NOON + timedelta(hours=1), "agency")
    assert decided is not None
    events, record = decided
    voting.add(*events)
    assert [event.kind for event in events] == ["decision_granted"]
    ballot = voting.file.ballot
    assert ballot.proposal is None
    assert ballot.last_record == record
    assert verify_record(record.encoded, TREATY) == record
    assert set(deciders(record)) == {"AUS", "BRA", "CAN"}


def test_what_is_written_down_later_has_no_earlier_time(voting: _Case) -> None:
    ahead = NOON + timedelta(seconds=2)
    for member in ("AUS", "BRA"):
        voting.vote(member, at=ahead)
    voting.vote("CAN", at=NOON)  # by a machine whose clock is behind
    ballot = voting.file.ballot
    assert ballot.votes["CAN"].received == ahead
    decided = close(ballot, TREATY, NOON, "agency")
    assert decided is not None
    events, record = decided
    assert record.decided == events[-1].time == ahead
    assert verify_record(record.encoded, TREATY) == record
    times = [one.event.time for one in voting.events]
    assert times == sorted(times)


def test_silence_is_refusal_after_the_deadline(voting: _Case) -> None:
    decided = close(voting.file.ballot, TREATY, NOON + timedelta(days=11), "agency")
    assert decided is not None
    voting.add(*decided[0])
    record = voting.file.ballot.last_record
    assert record is not None
    assert record.outcome is Outcome.REFUSED


def test_the_first_vote_of_a_member_stands(voting: _Case) -> None:
    voting.vote("AUS", Choice.REJECT)
    with pytest.raises(VotedTwice):
        voting.vote("AUS")
    assert list(voting.file.ballot.votes) == ["AUS"]


def test_a_vote_on_another_proposal_is_refused(voting: _Case) -> None:
    other = _vote("AUS", Choice.APPROVE, replace(PROPOSAL, title="Another"))
    with pytest.raises(VoteRefused):
        receive_vote(voting.file.ballot, other, TREATY, NOON, "agency")


def test_a_vote_by_a_withdrawn_key_is_voided_and_the_member_votes_again(
    voting: _Case,
) -> None:
    for member in ("AUS", "BRA", "CAN"):
        voting.vote(member)
    rotated = SimulatedTreaty()
    stolen_until = "2026-04-01T18:00:00Z"
    rotated.form["members"][0]["keys"] = [key_form("AUS", until=stolen_until)]
    later = NOON + timedelta(days=1)
    assert [
        event.body["member"]
        for event in void_votes(voting.file.ballot, rotated.treaty, later, "agency")
    ] == ["AUS"]
    assert close(voting.file.ballot, rotated.treaty, later, "agency") is None
    voting.add(*void_votes(voting.file.ballot, rotated.treaty, later, "agency"))
    assert list(voting.file.ballot.votes) == ["BRA", "CAN"]


@pytest.mark.parametrize("kind", ["amended", "withdrawn"])
def test_a_change_of_the_application_ends_the_vote(voting: _Case, kind: str) -> None:
    voting.vote("AUS")
    voting.note(kind)
    ballot = voting.file.ballot
    assert ballot.proposal is None
    assert not ballot.votes
    assert ballot.ended[0].record is None
    with pytest.raises(VoteNotOpen):
        receive_vote(ballot, _vote("BRA", Choice.APPROVE), TREATY, NOON, "agency")


def test_one_proposal_at_a_time_and_each_under_its_own_name(voting: _Case) -> None:
    with pytest.raises(VoteNotOpen, match="already"):
        _propose(voting.file, PROPOSAL, WEIGHING, NOON, OFFICER)
    ballot = voting.file.ballot
    voting.add(withdraw_proposal(ballot, "An error.", NOON, OFFICER))
    assert voting.file.ballot.ended[0].reason == "An error."
    with pytest.raises(VoteNotOpen, match="before"):
        _propose(voting.file, PROPOSAL, WEIGHING, NOON, OFFICER)
    again = replace(PROPOSAL, decision_id="decision-2026-0002")
    voting.add(_propose(voting.file, again, WEIGHING, NOON, OFFICER))
    assert voting.file.ballot.proposal == again


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("proposed", {}),
        ("proposed", {"proposal": PROPOSAL.plain}),
        ("vote_received", {"member": "AUS"}),
        ("vote_voided", {"member": "AUS"}),
        ("decision_granted", {"reason": "so", "record_digest": "sha256:0"}),
        ("practice_assessed", {"answer": {}}),
        ("finding_recorded", {}),
        ("safety_case_judged", {"judgement": 1}),
        ("recused", {"member": "AUS"}),
        ("refused_by_rule", {"reasons": None}),
    ],
    ids=str,
)
def test_events_that_do_not_follow_are_damage(
    voting: _Case, kind: str, body: dict[str, Any]
) -> None:
    voting.note(kind, **body)
    with pytest.raises(CaseDamaged):
        review_file_of(voting.events)


def test_a_vote_filed_under_another_members_name_is_damage(voting: _Case) -> None:
    event = receive_vote(
        voting.file.ballot, _vote("AUS", Choice.APPROVE), TREATY, NOON, "agency"
    )
    voting.add(replace(event, body={**event.body, "member": "BRA"}))
    with pytest.raises(CaseDamaged):
        ballot_of(voting.events)


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "\ud800", "x" * 2001], ids=ascii)
def test_a_reason_is_one_line_of_text(voting: _Case, reason: str) -> None:
    with pytest.raises(NotAllowed):
        recuse(voting.file, "AUS", reason, NOON, OFFICER)
    with pytest.raises(NotAllowed):
        withdraw_proposal(voting.file.ballot, reason, NOON, OFFICER)


KINDS = st.sampled_from(
    [
        "proposed",
        "vote_received",
        "vote_voided",
        "proposal_withdrawn",
        "amended",
        "decision_granted",
        "decision_refused",
        "practice_assessed",
        "finding_recorded",
        "safety_case_judged",
        "recused",
        "refused_by_rule",
        "note_added",
    ]
)
KEYS = st.sampled_from(
    ["proposal", "member", "vote", "answer", "finding", "judgement", "reasons"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.just(PROPOSAL.plain),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@given(st.lists(st.tuples(KINDS, st.dictionaries(KEYS, VALUES)), max_size=5))
def test_any_events_make_a_file_or_are_damage(
    drawn: list[tuple[str, dict[str, Any]]],
) -> None:
    made = _Case()
    for kind, body in drawn:
        made.note(kind, **body)
    try:
        assert made.file.ballot.last_record is None
    except CaseDamaged as error:
        assert error.remedy

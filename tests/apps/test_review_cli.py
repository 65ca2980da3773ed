"""`assent review` as an officer uses it, from the desk to the vote or a refusal."""

from pathlib import Path

import pytest
from tests.apps.at_the_desk import (
    APPLICATION,
    DEVELOPER,
    EVIDENCE,
    OFFICER,
    REFUSED,
    Rehearsed,
    applies,
    rehearsed,
    reviews,
    run,
)

from assent.apps.cli.states.vote.app import vote
from assent.authorisation.application import (
    State,
    TransitionRefused,
    parse_application,
)
from assent.authorisation.permit.parse import parse_permit
from assent.authorisation.review import (
    AnswerInvalid,
    FindingInvalid,
    JudgementInvalid,
    ballot_of,
    review_file_of,
)
from assent.authorisation.review.deciding import parse_proposal
from assent.authorisation.secretariat import precedents_of
from assent.vocabulary import (
    DocumentInvalid,
    InputError,
    NotAllowed,
    NotFound,
    QuantityInvalid,
    canonical_bytes,
)
from assent.wiring.agency import now, open_agency


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    return rehearsed(tmp_path_factory.mktemp("agency") / "agency")


def test_a_practice_run_goes_from_the_desk_to_a_proposal(
    agency: Rehearsed, tmp_path: Path
) -> None:
    case_id, out = agency.take_up(), tmp_path / "proposal"
    here = (agency.folder, case_id)
    assert "ASK: more must be known" in reviews("weigh", *here)
    reviews("propose", *here, "--out", out, *OFFICER, error=NotAllowed)
    assert not out.exists()
    agency.judge(case_id)
    weighed = reviews("weigh", *here)
    assert "MAY BE PROPOSED" in weighed
    assert "passed      pre_training_risk_assessment" in weighed
    assert "score 5.1 %, of practices by weight 6.1 % were assessed" in weighed
    assert "is put to the vote" in reviews("propose", *here, "--out", out, *OFFICER)
    proposal = parse_proposal(out.read_bytes())
    assert proposal == ballot_of(agency.events(case_id)).open_proposal
    assert agency.case(case_id).state is State.PUT_TO_VOTE
    permit = parse_permit(canonical_bytes(proposal.paper.payload))
    assert permit.caps.flop == 5_600_000_000_000_000
    reviews("refuse", *here, *OFFICER, error=TransitionRefused)


def test_narrower_caps_are_proposed_and_wider_ones_refused(
    agency: Rehearsed, tmp_path: Path
) -> None:
    case_id, out = agency.take_up(), tmp_path / "proposal"
    agency.judge(case_id)
    propose = ("propose", agency.folder, case_id, "--out", out, *OFFICER)
    reviews(*propose, "--flop", "6e15", error=NotAllowed)
    reviews(*propose, "--chip", "h100-sxm", error=InputError)
    reviews(*propose, "--chip", "h100-sxm=2", error=NotAllowed)
    reviews(*propose, "--flop", "many", error=QuantityInvalid)
    reviews(*propose, "--to", "2031-01-01", error=NotAllowed)
    assert agency.case(case_id).state is State.UNDER_REVIEW
    less = ("--flop", "5.5e15", "--to", "2029-01-01", "--site", "site-nairobi-1")
    reviews(*propose, *less, "--chip", "h100-sxm=1")
    paper = parse_proposal(out.read_bytes()).paper
    caps = parse_permit(canonical_bytes(paper.payload)).caps
    assert caps.flop == 5_500_000_000_000_000
    assert caps.weights == 10_770_816
    assert caps.not_after.year == 2029


def test_a_proposal_is_never_made_where_it_cannot_be_written(
    agency: Rehearsed, tmp_path: Path
) -> None:
    case_id, out = agency.take_up(), tmp_path / "proposal"
    agency.judge(case_id)
    out.write_text("something else")
    propose = ("propose", agency.folder, case_id, "--out", out, *OFFICER)
    reviews(*propose, error=InputError)
    assert agency.case(case_id).state is State.UNDER_REVIEW
    assert out.read_text() == "something else"


def test_a_forbidden_run_is_refused_with_every_reason(agency: Rehearsed) -> None:
    case_id = agency.take_up(REFUSED)
    here = (agency.folder, case_id)
    gate = ("pre_training_risk_assessment", "--status", "absent", "--note", "none seen")
    reviews("practice", *here, *gate, *OFFICER)
    said = reviews("refuse", *here, *OFFICER)
    for reason in (
        "Never allowed: systems that are trained to copy or spread themselves.",
        "The gate 'pre training risk assessment' is not passed",
        "autonomy is unacceptable",
        "data is unacceptable",
        "security is unknown",
    ):
        assert reason in said
        assert reason in " ".join(
            review_file_of(agency.events(case_id)).refused_because
        )
    assert agency.case(case_id).state is State.REFUSED
    reviews("refuse", *here, *OFFICER, error=TransitionRefused)


def test_what_the_rules_allow_is_not_refused_by_rule(agency: Rehearsed) -> None:
    case_id = agency.take_up()
    agency.judge(case_id)
    reviews("refuse", agency.folder, case_id, *OFFICER, error=NotAllowed)
    assert agency.case(case_id).state is State.UNDER_REVIEW


def test_an_appeal_cannot_allow_what_is_never_allowed(
    agency: Rehearsed, tmp_path: Path
) -> None:
    case_id = agency.take_up(REFUSED)
    here = (agency.folder, case_id)
    reviews("refuse", *here, *OFFICER)
    applies("appeal", *here, "--grounds", "It is small.", *DEVELOPER)
    out = tmp_path / "proposal"
    reviews("propose", *here, "--out", out, *OFFICER, error=NotAllowed)
    assert not out.exists()


def test_answers_in_a_file_count_all_or_none(agency: Rehearsed, tmp_path: Path) -> None:
    case_id, file = agency.take_up(), tmp_path / "answers.yaml"
    given = ("practice", agency.folder, case_id, "--file", file, *OFFICER)
    good = "{practice: red_teaming, status: partly, evidence: [risk-assessment]}"
    for bad, error in (
        ("{practice: nothing_known, status: partly}", AnswerInvalid),
        ("{practice: red_teaming, status: maybe}", AnswerInvalid),
        ("{practice: red_teaming, status: not_applicable}", AnswerInvalid),
        ("{practice: red_teaming, status: partly, assessor: me}", AnswerInvalid),
        ("{practice: bug_bounties, status: partly, evidence: [none]}", NotFound),
    ):
        file.write_text(f"answers:\n  - {good}\n  - {bad}\n")
        reviews(*given, error=error)
    reviews(*given, "red_teaming", code=2)
    file.write_text("answers: []\n")
    reviews(*given, error=AnswerInvalid)
    assert not review_file_of(agency.events(case_id)).answers
    file.write_text(f"answers:\n  - {good}\n")
    reviews(*given)
    (answer,) = review_file_of(agency.events(case_id)).answers.values()
    assert (answer.assessor, answer.side) == ("officer-1", "officer")


def test_findings_and_claims_are_recorded_as_the_officers_word(
    agency: Rehearsed,
) -> None:
    case_id = agency.take_up()
    here, word = (agency.folder, case_id), ("--value", "seen", "--reason", "visited")
    reviews("finding", *here, "sites", "--level", "moderate", *word, *OFFICER)
    assert "sites                        moderate      visited (officer-1)" in reviews(
        "weigh", *here
    )
    wrong = ("--level", "low", *word, *OFFICER)
    reviews("finding", *here, "weather", *wrong, error=FindingInvalid)
    no = ("--reject", "--reason", "nobody measured it", *OFFICER)
    here = (agency.folder, agency.take_up())
    reviews("claim", *here, "assessed", *no, error=JudgementInvalid)
    reviews("claim", *here, "weak", *no)
    for words in (("--accept", *no), no[1:]):
        reviews("claim", *here, "weak", *words, code=2)
    assert "The safety case fails at weak: nobody measured it" in reviews(
        "weigh", *here
    )


def test_who_stands_aside_is_excluded_and_judges_no_more(
    agency: Rehearsed, tmp_path: Path
) -> None:
    case_id, out = agency.take_up(), tmp_path / "proposal"
    here, why = (agency.folder, case_id), ("--reason", "owns a share")
    agency.judge(case_id)
    reviews("recuse", *here, "CAN", *why, *OFFICER)
    reviews("recuse", *here, "CAN", *why, *OFFICER, error=NotAllowed)
    assert "stands aside: CAN: owns a share" in reviews(
        "propose", *here, "--out", out, *OFFICER
    )
    assert parse_proposal(out.read_bytes()).excluded == {"CAN": "owns a share"}
    other = agency.take_up()
    reviews("recuse", agency.folder, other, "officer-1", *why, *OFFICER)
    found = ("red_teaming", "--status", "partly", *OFFICER)
    reviews("practice", agency.folder, other, *found, error=NotAllowed)


def test_a_note_is_the_agencys_unless_it_says_otherwise(agency: Rehearsed) -> None:
    case_id = agency.take_up()
    here = (agency.folder, case_id)
    reviews("note", *here, "I doubt it.", *OFFICER)
    reviews("note", *here, "We are late.", "--for-applicant", *OFFICER)
    shown = applies("show", *here)
    assert "We are late." in shown
    assert "I doubt it." not in shown


def test_an_officer_fetches_what_was_handed_in(
    agency: Rehearsed, tmp_path: Path
) -> None:
    case_id, out, proposal = agency.take_up(), tmp_path / "case", tmp_path / "proposal"
    here = (agency.folder, case_id)
    agency.judge(case_id)
    reviews("propose", *here, "--out", proposal, *OFFICER)
    assert "risk-assessment: Risk assessment" in reviews("fetch", *here, "--out", out)
    fetched = parse_application((out / "application.yaml").read_text())
    assert fetched.digest == agency.case(case_id).application.digest
    kept = (out / "documents" / "risk-assessment").read_bytes()
    assert kept == EVIDENCE.read_bytes()
    assert (out / "proposal").read_bytes() == proposal.read_bytes()
    reviews("fetch", *here, "--out", out, error=InputError)


def test_a_document_that_was_lost_is_named(tmp_path: Path) -> None:
    own, text = rehearsed(tmp_path / "agency"), EVIDENCE.read_bytes()
    case_id = own.submit()
    for path in (own.folder / "log").rglob("*"):
        if path.is_file() and path.read_bytes() == text:
            path.unlink()
    said = reviews("fetch", own.folder, case_id, "--out", tmp_path / "case")
    assert "risk-assessment: Risk assessment: MISSING" in said


def test_a_request_that_is_withdrawn_lets_the_review_go_on(agency: Rehearsed) -> None:
    case_id = agency.take_up()
    here = (agency.folder, case_id)
    reviews("request", *here, "rfi-1", "Why?", *OFFICER)
    reviews("request", *here, "rfi 2", "Why?", *OFFICER, error=DocumentInvalid)
    gone = ("rfi-1", "--reason", "found it", *OFFICER)
    assert "under_review" in reviews("withdraw-request", *here, *gone)
    reviews("withdraw-request", *here, *gone, error=TransitionRefused)


def test_nothing_is_reviewed_before_it_is_taken_up(agency: Rehearsed) -> None:
    case_id = agency.submit()
    here = (agency.folder, case_id)
    answer = ("red_teaming", "--status", "partly", *OFFICER)
    reviews("practice", *here, *answer, error=TransitionRefused)
    reviews("request", *here, "rfi-1", "Why?", *OFFICER, error=TransitionRefused)
    reviews("refuse", *here, *OFFICER, error=TransitionRefused)
    before = agency.case(case_id).events
    reviews("start", *here, *OFFICER)
    reviews("start", *here, *OFFICER, error=TransitionRefused)
    assert agency.case(case_id).events == before + 1
    reviews("start", agency.folder, "permit-2026-0001", *OFFICER, error=NotFound)


def test_precedents_are_past_decisions_with_what_they_share(
    tmp_path: Path,
) -> None:
    agency = rehearsed(tmp_path / "agency")
    assert "no precedents" in reviews("precedents", agency.folder, agency.take_up())
    past = agency.take_up(REFUSED)
    reviews("refuse", agency.folder, past, *OFFICER)
    case_id = agency.take_up(APPLICATION)
    said = reviews("precedents", agency.folder, case_id)
    assert f"  {past}  refused on " in said
    assert "trained_for_self_proliferation" in said
    assert "the same developer" in said
    assert said in reviews("weigh", agency.folder, case_id)
    with open_agency(agency.folder) as opened:
        (near,) = precedents_of(opened.office, case_id, now().date())
    assert "autonomy" in near.past.features


def test_an_interest_names_the_votes_that_it_touches_and_excludes_from_the_next(
    tmp_path: Path,
) -> None:
    agency = rehearsed(tmp_path / "agency")
    case_id = agency.take_up()
    agency.judge(case_id)
    here = (agency.folder, case_id)
    reviews("propose", *here, "--out", tmp_path / "before", *OFFICER)
    developer = agency.case(case_id).application.developer.name
    stake = ("--text", "owns shares", "--since", "2020-01-01", *OFFICER)
    own = (agency.folder, "AUS", developer.upper(), "--kind", "ownership", *stake)
    said = reviews("interest", *own)
    assert f"interest-{now().year}-0001: AUS declared an interest" in said
    assert f"{case_id} is put to the vote without excluding AUS" in said
    taken = ("withdraw", *here, "--reason", "AUS stands aside", *OFFICER)
    run(vote, *taken)
    out = tmp_path / "after"
    assert "stands aside: AUS" in reviews("propose", *here, "--out", out, *OFFICER)
    nobody = (agency.folder, "XYZ", developer, "--kind", "ownership", *stake)
    reviews("interest", *nobody, error=InputError)


def test_an_amendment_says_that_it_ended_the_vote(tmp_path: Path) -> None:
    agency = rehearsed(tmp_path / "agency")
    case_id = agency.take_up()
    agency.judge(case_id)
    here = (agency.folder, case_id)
    reviews("propose", *here, "--out", tmp_path / "proposal", *OFFICER)
    file = tmp_path / "amended.yaml"
    text = APPLICATION.read_text()
    file.write_text(text.replace("title: ", "title: Again, ", 1))
    amended = ("--reason", "renamed", "--document", EVIDENCE, *DEVELOPER)
    assert "vote on it has ended" in applies("amend", *here, file, *amended)

"""`assent apply` and `assent consult` at an agency: submit, answer, amend, appeal."""

import shutil
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
    consults,
    rehearsed,
    reviews,
)

from assent.apps.cli.apply.filing import EvidenceMissing
from assent.authorisation.application import (
    ApplicationIncomplete,
    State,
    TransitionRefused,
    parse_application,
)
from assent.vocabulary import DocumentInvalid, InputError, NotAllowed, NotFound


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    return rehearsed(tmp_path_factory.mktemp("agency") / "agency")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a copy of the example that a test may change."""
    return Path(shutil.copy(APPLICATION, tmp_path / "application.yaml"))


def refused_case(agency: Rehearsed) -> str:
    case_id = agency.take_up(REFUSED)
    reviews("refuse", agency.folder, case_id, *OFFICER)
    return case_id


def test_a_submitted_application_is_shown_with_its_clock(agency: Rehearsed) -> None:
    case_id = agency.submit()
    shown = applies("show", agency.folder, case_id)
    assert f"{case_id}  submitted" in shown
    assert "5.60e+15 FLOP on 1 h100-sxm" in shown
    assert "working days left" in shown
    assert "version 1" in shown
    kinds = [(one.event.kind, one.event.actor) for one in agency.events(case_id)]
    assert kinds == [("drafted", "Ada"), ("submitted", "Ada")]


def test_documents_are_handed_in_or_nothing_is_submitted(
    agency: Rehearsed, file: Path, tmp_path: Path
) -> None:
    before, file = agency.cases(), agency.own(file)
    new = tmp_path / "new.md"
    new.write_text("not handed in by anybody before")
    named = ("--id", "new", "--title", "N", "--role", "r")
    applies("evidence", file, new, *named)
    given = (agency.folder, file, *DEVELOPER, "--document", EVIDENCE)
    said = applies("submit", *given, error=EvidenceMissing)
    assert said.endswith("these documents: new.")
    applies("submit", *given, "--document", tmp_path / "none", error=NotFound)
    other = tmp_path / "other"
    other.write_text("of no application")
    applies("submit", *given, "--document", other, error=InputError)
    assert agency.cases() == before
    applies("submit", *given, "--document", new)
    assert len(agency.cases()) == len(before) + 1


def test_what_is_incomplete_becomes_no_case(agency: Rehearsed, file: Path) -> None:
    before = agency.cases()
    text = file.read_text()
    file.write_text(text[: text.index("# The practice policy wants")])
    applies("submit", agency.folder, file, *DEVELOPER, error=ApplicationIncomplete)
    file.write_text("assent: application/1\n")
    applies("submit", agency.folder, file, *DEVELOPER, error=DocumentInvalid)
    assert agency.cases() == before


def test_a_question_is_answered_with_a_document(
    agency: Rehearsed, tmp_path: Path
) -> None:
    case_id = agency.take_up()
    asked = ("request", agency.folder, case_id, "rfi-1", "Who holds the keys?")
    assert "due by" in reviews(*asked, "--days", "3", *OFFICER)
    assert "OPEN, due" in applies("show", agency.folder, case_id)
    paper = tmp_path / "who holds it?.txt"
    paper.write_text("Ada and Bob.")
    answer = ("answer", agency.folder, case_id)
    applies(*answer, "rfi-2", "x", *DEVELOPER, error=NotFound)
    said = applies(*answer, "rfi-1", "See it.", *DEVELOPER, "--document", paper)
    assert "under_review; open requests: none" in said
    case = agency.case(case_id)
    assert case.requests["rfi-1"].evidence == ("who-holds-it-.txt",)
    assert "  > See it." in applies("show", agency.folder, case_id)
    applies(*answer, "rfi-1", "Again.", *DEVELOPER, error=TransitionRefused)
    assert agency.case(case_id).events == case.events


def test_an_amendment_shows_what_changed(agency: Rehearsed, file: Path) -> None:
    file = agency.own(file)
    submitted = ("submit", agency.folder, file, "--document", EVIDENCE)
    case_id = applies(*submitted, *DEVELOPER).strip()
    applies(*submitted, *DEVELOPER, error=NotAllowed)  # one application for a run
    given = ("amend", agency.folder, case_id, file, "--reason", "a smaller site")
    applies(*given, *DEVELOPER, error=NotAllowed)
    file.write_text(file.read_text().replace("- site-nairobi-1", "- site-mombasa-1"))
    assert "site-mombasa-1" in applies(*given, *DEVELOPER)
    said = applies("diff", agency.folder, case_id)
    assert "from version 1 to 2" in said
    assert said == applies("diff", agency.folder, case_id, 1, 2)
    assert "nothing changed" in applies("diff", agency.folder, case_id, 2, 2)
    applies("diff", agency.folder, case_id, 1, 3, error=NotFound)
    applies("diff", agency.folder, agency.submit(), error=NotFound)


def test_what_is_withdrawn_is_cloned_into_another_case(
    agency: Rehearsed, tmp_path: Path
) -> None:
    case_id = agency.submit()
    gone = ("withdraw", agency.folder, case_id, "--reason", "no time")
    assert "withdrawn" in applies(*gone, *DEVELOPER)
    applies(*gone, *DEVELOPER, error=TransitionRefused)
    copy = tmp_path / "copy.yaml"
    applies("clone", agency.folder, case_id, "--out", copy)
    applies("clone", agency.folder, case_id, "--out", copy, error=InputError)
    assert parse_application(copy.read_text()).cloned_from == case_id
    again = agency.submit(copy)
    assert agency.case(again).application.cloned_from == case_id


def test_a_refusal_names_its_reasons_and_is_appealed_once(agency: Rehearsed) -> None:
    case_id = refused_case(agency)
    shown = applies("show", agency.folder, case_id)
    assert "refused by rule:\n  - Never allowed: systems that are trained to" in shown
    appeal = ("appeal", agency.folder, case_id, "--grounds", "It was a joke.")
    applies(*appeal, "--evidence", "none", *DEVELOPER, error=NotFound)
    assert "under_appeal" in applies(*appeal, *DEVELOPER)
    assert agency.case(case_id).state is State.UNDER_APPEAL
    applies(*appeal, *DEVELOPER, error=TransitionRefused)
    assert "  It was a joke." in applies("show", agency.folder, case_id)


def test_no_text_leaves_its_margin_or_steers_the_terminal(agency: Rehearsed) -> None:
    case_id = agency.take_up()
    asked = ("request", agency.folder, case_id, "rfi-1")
    reviews(*asked, "red \x1b[31m", *OFFICER, error=DocumentInvalid)
    text = "Why?\nrefused by rule:\u200b\n\tdecided    granted\u2028x"
    reviews(*asked, text, *OFFICER)
    lines = applies("show", agency.folder, case_id).split("\n")
    assert "  refused by rule:<U+200B>" in lines
    assert "  <U+0009>decided    granted<U+2028>x" in lines
    assert not any(line.startswith(("refused", "decided")) for line in lines)


def test_cases_and_agencies_that_are_not_there_are_named(
    agency: Rehearsed, tmp_path: Path
) -> None:
    case_id = "application-2026-9999"
    applies("show", agency.folder, case_id, error=NotFound)
    applies("show", agency.folder, "permit-2026-0001", error=NotFound)
    applies("show", tmp_path, case_id, error=NotFound)
    gone = ("--reason", "x", *DEVELOPER)
    applies("withdraw", agency.folder, "consultation-2026-0001", *gone, error=NotFound)
    applies("submit", agency.folder, tmp_path / "none", *DEVELOPER, error=NotFound)


def test_a_consultation_is_asked_answered_closed_and_named(
    agency: Rehearsed, file: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("flop: 5e15  # about\n")
    question = ("--title", "A plan", "--question", "What would you ask?")
    about = ("--developer", "Example Laboratory", *question, "--plan", plan)
    case_id = consults("open", agency.folder, *about, *DEVELOPER).strip()
    here = (agency.folder, case_id)
    assert "is answered" in consults("answer", *here, "Who guards it?", *OFFICER)
    assert "is open" in consults("ask", *here, "And what else?", *DEVELOPER)
    close = ("close", *here, "--reason", "we know enough")
    reference = consults(*close, *DEVELOPER).partition("In an application:\n")[2]
    consults(*close, *DEVELOPER, error=TransitionRefused)
    shown = consults("show", *here)
    assert "officer-1 answered:\n  Who guards it?" in shown
    assert "plan       flop" in shown
    assert reference in shown
    file.write_text(file.read_text() + reference)
    found = agency.case(agency.submit(file)).application.consultation
    assert found is not None
    assert found.case_id == case_id
    assert found.digest == agency.events(case_id)[-1].digest
    consults("show", agency.folder, "application-2026-0001", error=NotFound)
    plan.write_text("- a list\n")
    consults("open", agency.folder, *about, *DEVELOPER, error=DocumentInvalid)

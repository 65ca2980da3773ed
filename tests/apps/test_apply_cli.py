"""`assent apply` offline: begin an application, complete it, check it."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.apps.at_the_desk import (
    APPLICATION,
    EVIDENCE,
    EXAMPLES,
    INSPECTOR,
    KEY,
    REFUSED,
    Rehearsed,
    applies,
    rehearsed,
    uncommented,
)

from assent.adapters.keys.age_files import decrypt_with
from assent.adapters.keys.held_keys import KeyOfAnotherKind, unlock_identity
from assent.adapters.packaged import packaged_accelerators
from assent.authorisation.application import parse_application, summarise
from assent.authorisation.assessment import assess
from assent.authorisation.declaration import parse_declaration
from assent.authorisation.review import AnswerInvalid
from assent.vocabulary import DocumentInvalid, InputError, NotFound
from assent.wiring import runs as wiring

NANO = EXAMPLES / "practice-nano.yaml"
DATES = ("--from", "2026-12-01", "--to", "2030-12-31")
PRACTICE = ("--policy", "practice")


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    return rehearsed(tmp_path_factory.mktemp("agency") / "agency")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a copy of the example that a test may change."""
    return Path(shutil.copy(APPLICATION, tmp_path / "application.yaml"))


def draft(folder: Path, declaration: Path = NANO) -> Path:
    out = folder / "drafted.yaml"
    more = ("--key", KEY, "--rulebook", "practice", "--site", "site-1", *DATES)
    applies("new", declaration, *more, "--out", out)
    return out


def on_a_chip(folder: Path) -> Path:
    """Return the practice declaration with a chip in it."""
    path = folder / "declaration.yaml"
    chip = "hardware:\n  - {accelerator: H100 SXM, count: 2, hours: 1}\nfacts:\n"
    path.write_text(NANO.read_text().replace("facts:\n", chip, 1))
    return path


def evidence(
    file: Path, document: Path = EVIDENCE, *more: object
) -> tuple[object, ...]:
    named = ("--id", "risk-assessment", "--title", "Risks", "--role", "risk-assessment")
    return ("evidence", file, document, *named, *more)


# New


def test_a_draft_knows_what_the_assessment_knows(tmp_path: Path) -> None:
    found = parse_application(draft(tmp_path, on_a_chip(tmp_path)).read_text())
    assert found.run_id == "practice-nano"
    assert found.developer.key.text == KEY
    assert found.requested is not None
    assert found.requested.flop == 5_600_000_000_000_000
    assert dict(found.requested.chips) == {"h100-sxm": 2}
    assert found.requested.sites == ("site-1",)
    assert (found.safety_case, found.oversight) == (None, None)


def test_every_proposal_of_a_draft_fits_the_forms_and_claims_nothing(
    tmp_path: Path,
) -> None:
    out = draft(tmp_path, on_a_chip(tmp_path))
    out.write_text(uncommented(out.read_text()))
    applies(*evidence(out))
    said = applies("check", out, *PRACTICE)
    assert "The application is complete" in said
    assert "security is unknown" in said
    assert "State 'hazard self proliferation'" in said
    answers = parse_application(out.read_text()).practices["answers"]
    assert isinstance(answers, list)
    assert len(answers) == 50


def test_a_draft_overwrites_nothing_and_takes_no_opening_key(
    tmp_path: Path, agency: Rehearsed
) -> None:
    out = draft(tmp_path)
    before = out.read_text()
    more = ("--rulebook", "practice", *DATES)
    applies("new", NANO, "--key", KEY, *more, "--out", out, error=InputError)
    turned = ("--from", "2030-12-31", "--to", "2026-12-01", "--out", tmp_path / "new")
    applies("new", NANO, "--key", KEY, *turned, error=InputError)
    given = (*DATES, "--out", tmp_path / "new")
    applies("new", NANO, "--key", "zz", *given, error=InputError)
    assert out.read_text() == before
    other = ("--out", tmp_path / "other.yaml", *more)
    opening = ("--key", agency.opening_key)
    applies("new", NANO, *opening, *other, error=KeyOfAnotherKind)
    applies("new", tmp_path / "none", "--key", KEY, *other, error=NotFound)


# Check


def test_a_check_names_all_that_is_missing_and_fails(tmp_path: Path) -> None:
    said = applies("check", draft(tmp_path), *PRACTICE, code=3)
    for path in ("practices", "run_properties", "safety_case", "requested.chips"):
        assert f"  {path}: " in said
    assert "REFUSE" in said


@pytest.mark.parametrize("name", [APPLICATION, REFUSED], ids=lambda path: path.stem)
def test_the_examples_are_complete_and_assessed_as_they_say(name: Path) -> None:
    assert "The application is complete" in applies("check", name, *PRACTICE)
    found = parse_application(name.read_text())
    assert found.declaration is not None
    assert found.assessment is not None
    text = json.dumps(dict(found.declaration))
    again = assess(
        parse_declaration(text, packaged_accelerators()),
        wiring.load_rulebook_named("practice"),
        date.fromisoformat(found.assessment.on),
    )
    assert summarise(again) == found.plain["assessment"]


def test_the_review_would_ask_officers_of_one_example_and_refuse_the_other() -> None:
    asked = applies("check", APPLICATION, *PRACTICE)
    assert "ASK" in asked
    assert "asked of the applicant" not in asked
    refused = applies("check", REFUSED, *PRACTICE)
    for reason in (
        "Never allowed: systems that are trained to copy",
        "autonomy is unacceptable",
        "data is unacceptable",
        "security is unknown",
    ):
        assert reason in refused
    assert "REFUSE" in applies("check", APPLICATION, "--policy", "founding")


def test_an_answer_to_no_practice_fails_the_check(file: Path) -> None:
    text = file.read_text().replace("practice: military_grade_security", "practice: x")
    file.write_text(text)
    said = applies("check", file, *PRACTICE, error=AnswerInvalid)
    assert "does not ask for the practice x" in said


def test_only_an_agency_can_tell_who_is_an_inspector(
    file: Path, agency: Rehearsed, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(b"weights on the roof")
    recipient = json.loads(
        agency.opening_key.read_text(errors="replace").split("\n")[0]
    )
    to = ("--to", "nobody-known", "--recipient", recipient["public"])
    named = ("--id", "secret", "--title", "S", "--role", "security")
    applies("evidence", file, secret, *named, "--sealed", *to)
    applies("check", file, *PRACTICE)
    said = applies("check", file, "--agency", agency.folder, code=3)
    assert "'nobody-known' is no inspector in office" in said


# Evidence


def test_evidence_is_added_and_every_comment_stays(file: Path, tmp_path: Path) -> None:
    before = file.read_text()
    paper = tmp_path / "audit.pdf"
    paper.write_bytes(b"%PDF")
    named = ("--id", "audit", "--title", 'An "audit" ☃', "--role", "audit")
    applies("evidence", file, paper, *named, "--dated", "2026-01-05")
    after = file.read_text()
    assert all(line in after for line in before.splitlines())
    added, old = parse_application(after).evidence
    assert (added.title, added.media_type) == ('An "audit" ☃', "application/pdf")
    assert (added.size_bytes, added.dated) == (4, "2026-01-05")
    assert old.id == "risk-assessment"
    applies("evidence", file, paper, *named, error=InputError)
    assert file.read_text() == after


def test_evidence_goes_into_json_and_into_a_file_without_any(tmp_path: Path) -> None:
    plain = parse_application(APPLICATION.read_text()).plain
    as_json = tmp_path / "a.json"
    as_json.write_text(json.dumps({**plain, "evidence": []}))
    bare = tmp_path / "b.yaml"
    head, _, rest = APPLICATION.read_text().partition("evidence:\n")
    bare.write_text(head + rest[rest.index("# What the developer") :])
    for path in (as_json, bare):
        applies(*evidence(path))
        (one,) = parse_application(path.read_text()).evidence
        assert one.id == "risk-assessment"


def test_a_file_that_cannot_be_added_to_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "flow.yaml"
    plain = json.dumps(parse_application(APPLICATION.read_text()).plain["evidence"])
    head, _, rest = APPLICATION.read_text().partition("evidence:\n")
    path.write_text(f"{head}evidence: {plain}\n{rest[rest.index('# What the') :]}")
    before = path.read_text()
    named = ("--id", "b", "--title", "B", "--role", "r")
    applies("evidence", path, EVIDENCE, *named, error=InputError)
    assert path.read_text() == before


def test_sealed_evidence_opens_for_the_inspector_only(
    file: Path, agency: Rehearsed, tmp_path: Path
) -> None:
    secret = tmp_path / "plan.txt"
    secret.write_bytes(b"the guards' plan")
    named = ("--id", "plan", "--title", "Plan", "--role", "security", "--sealed")
    to = ("--to", INSPECTOR, "--agency", agency.folder)
    applies("evidence", file, secret, *named, *to)
    encrypted = (tmp_path / "plan.txt.age").read_bytes()
    one = parse_application(file.read_text()).evidence[0]
    assert (one.is_sealed, one.visible_to) == (True, (INSPECTOR,))
    assert one.size_bytes == len(encrypted)
    passphrase = agency.passphrase_file.read_text().strip()
    identity = unlock_identity(agency.opening_key, passphrase)
    assert decrypt_with(encrypted, identity) == b"the guards' plan"
    applies("check", file, "--agency", agency.folder)
    more = (*named[2:], "--id", "other")
    nobody = ("--to", "nobody", "--agency", agency.folder)
    applies("evidence", file, secret, *more, *nobody, error=DocumentInvalid)
    applies("evidence", file, secret, *more, error=InputError)

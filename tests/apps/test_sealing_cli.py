"""`assent apply seal | prove | open`: secret fields stay secret, and can be proved."""

import stat
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.apps.at_the_desk import (
    APPLICATION,
    INSPECTOR,
    OFFICER,
    Rehearsed,
    applies,
    rehearsed,
    reviews,
)

from assent.adapters.keys.age_files import AgeFileInvalid
from assent.apps.cli.apply.sealing import AssessmentDiffers
from assent.apps.cli.review.handling import FieldNotSealed
from assent.authorisation.application import parse_application
from assent.authorisation.application.sealing import (
    DisclosureMalformed,
    DisclosuresForAnother,
    PathMustStayPublic,
    PathNotSealable,
)
from assent.vocabulary import DocumentInvalid, InputError, NotFound, canonical_bytes

SECRETS = ("/model/config", "/training/0/training_tokens")


@dataclass(frozen=True)
class Sealed:
    """A sealed application, and what opens it."""

    agency: Rehearsed
    file: Path
    own: Path

    @property
    def encrypted(self) -> Path:
        """The file for the inspectors."""
        return self.own.with_name(f"{self.own.name}.age")

    @property
    def identity(self) -> tuple[object, ...]:
        """How the inspector opens it."""
        key, passphrase = self.agency.opening_key, self.agency.passphrase_file
        return ("--identity", key, "--passphrase-file", passphrase)


def seal(
    agency: Rehearsed, folder: Path, *fields: str, source: Path = APPLICATION
) -> Sealed:
    sealed = Sealed(agency, folder / "sealed.yaml", folder / "disclosures")
    named = [part for field in fields for part in ("--field", field)]
    to = ("--to", INSPECTOR, "--agency", agency.folder)
    applies(
        "seal", source, *named, *to, "--out", sealed.file, "--disclosures", sealed.own
    )
    return sealed


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    return rehearsed(tmp_path_factory.mktemp("agency") / "agency")


@pytest.fixture
def sealed(agency: Rehearsed, tmp_path: Path) -> Sealed:
    return seal(agency, tmp_path, *SECRETS)


def test_what_is_sealed_stands_nowhere_in_the_open(sealed: Sealed) -> None:
    text = sealed.file.read_text()
    assert "n_embd" not in text
    assert "81920000" not in text
    assert b"disclosures" not in sealed.encrypted.read_bytes()
    assert stat.S_IMODE(sealed.own.stat().st_mode) == 0o600
    assert parse_application(text).run_id == "practice-nano"


def test_the_inspector_opens_all_and_finds_the_same_assessment(sealed: Sealed) -> None:
    said = applies("open", sealed.file, sealed.encrypted, *sealed.identity)
    assert '/training/0/training_tokens: {"high": 81920000, "low": 81920000}' in said
    assert "Assessed again it comes to the same: 5520563896320000" in said


def test_one_field_is_proved_alone(sealed: Sealed, tmp_path: Path) -> None:
    alone = tmp_path / "tokens"
    field = ("--field", SECRETS[1])
    applies("prove", sealed.file, sealed.own, *field, "--out", alone)
    said = applies("open", sealed.file, alone)
    assert "training_tokens" in said
    assert "n_embd" not in said
    assert "cannot be repeated" in said
    missing = ("--field", "/title", "--out", tmp_path / "none")
    applies("prove", sealed.file, sealed.own, *missing, error=NotFound)
    assert not (tmp_path / "none").exists()


def test_a_field_inside_a_sealed_one_is_proved_with_it(
    agency: Rehearsed, tmp_path: Path
) -> None:
    inner = "/model/config/n_embd"
    sealed = seal(agency, tmp_path, "/model/config", inner)
    alone = tmp_path / "inner"
    applies("prove", sealed.file, sealed.own, "--field", inner, "--out", alone)
    assert f"{inner}: 384" in applies("open", sealed.file, alone)
    outer = tmp_path / "outer"
    applies(
        "prove", sealed.file, sealed.own, "--field", "/model/config", "--out", outer
    )
    assert "384" not in applies("open", sealed.file, outer)


def test_disclosures_open_no_other_application(sealed: Sealed, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(sealed.file.read_text().replace("site-nairobi-1", "site-2"))
    applies("open", other, sealed.own, error=DisclosuresForAnother)
    broken = tmp_path / "broken"
    broken.write_bytes(sealed.own.read_bytes()[:-9])
    applies("open", sealed.file, broken, error=DisclosureMalformed)
    applies("open", sealed.file, sealed.own, *sealed.identity, error=AgeFileInvalid)
    applies("open", sealed.file, sealed.encrypted, error=DisclosureMalformed)


def test_an_assessment_of_something_else_is_found_out(
    agency: Rehearsed, tmp_path: Path
) -> None:
    source = tmp_path / "smaller.yaml"
    text = APPLICATION.read_text().replace("5520563896320000", "1520563896320000")
    source.write_text(text)
    sealed = seal(agency, tmp_path, *SECRETS, source=source)
    said = applies("open", sealed.file, sealed.own, error=AssessmentDiffers)
    assert "states 1520563896320000" in said


@pytest.mark.parametrize(
    ("field", "error"),
    [
        ("/run/id", PathMustStayPublic),
        ("/run", PathMustStayPublic),
        ("/training/7", PathNotSealable),
        ("/training/x", PathNotSealable),
        ("/nothing", PathNotSealable),
        ("title", DocumentInvalid),
    ],
)
def test_some_fields_cannot_be_sealed_and_nothing_is_written(
    agency: Rehearsed, tmp_path: Path, field: str, error: type[InputError]
) -> None:
    out, own = tmp_path / "out.yaml", tmp_path / "own"
    to = ("--to", INSPECTOR, "--agency", agency.folder)
    more = ("--field", field, *to, "--out", out, "--disclosures", own)
    applies("seal", APPLICATION, *more, error=error)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_sealed_over_a_file(sealed: Sealed) -> None:
    before = sealed.own.read_bytes()
    to = ("--to", INSPECTOR, "--agency", sealed.agency.folder)
    out = ("--out", sealed.file.with_name("new"), "--disclosures", sealed.own)
    applies("seal", APPLICATION, "--field", SECRETS[0], *to, *out, error=InputError)
    assert sealed.own.read_bytes() == before


def test_a_sealed_application_is_submitted_and_the_disclosure_recorded(
    sealed: Sealed,
) -> None:
    agency = sealed.agency
    case_id = agency.take_up(sealed.file)
    told = ("disclosed", agency.folder, case_id, INSPECTOR)
    fields = ("--field", SECRETS[0], "--field", SECRETS[1])
    reviews(*told, sealed.own, *fields, *OFFICER, error=AgeFileInvalid)
    for open_or_nowhere in ("/nope", "/run/id", "/run/nope"):
        given = ("--field", open_or_nowhere)
        reviews(*told, sealed.encrypted, *given, *OFFICER, error=FieldNotSealed)
    reviews(*told, sealed.encrypted, *fields, *OFFICER)
    case = agency.case(case_id)
    assert case.disclosed_to == {INSPECTOR}
    assert canonical_bytes(case.application.plain).count(b"n_embd") == 0
    out = sealed.file.parent / "fetched"
    reviews("fetch", agency.folder, case_id, "--out", out)
    fetched = (out / "application.yaml", out / "disclosures-1.age")
    assert "comes to the same" in applies("open", *fetched, *sealed.identity)
    shown = applies("show", agency.folder, case_id)
    assert f"disclosed to {INSPECTOR}: {SECRETS[0]}, {SECRETS[1]}" in shown

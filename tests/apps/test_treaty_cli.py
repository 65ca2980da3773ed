"""`assent treaty` as people run it, and the examples that it reads."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assent.adapters.packaged.holiday_calendars import holiday_calendar
from assent.apps.cli.states.treaty.app import treaty
from assent.authorisation.treaty import Matter, parse_treaty
from assent.authorisation.treaty.summary import summarise
from assent.testing.states import SeededSigner
from assent.vocabulary import (
    AssentError,
    DocumentInvalid,
    InputError,
    NotFound,
    QuantityInvalid,
    digest,
    parse_canonical,
    parse_yaml,
)

EXAMPLES = Path(__file__).parents[2] / "examples" / "treaty"
NATIONAL, FIVE = EXAMPLES / "national.yaml", EXAMPLES / "five-states.yaml"
RUNNER = CliRunner(env={"COLUMNS": "200"})


def assent_treaty(*arguments: object) -> str:
    result = RUNNER.invoke(treaty, [str(argument) for argument in arguments])
    if isinstance(result.exception, AssentError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("path", [NATIONAL, FIVE], ids=lambda path: path.stem)
def test_the_examples_work_and_say_that_their_keys_are_public(path: Path) -> None:
    text = path.read_text()
    assert "FOR REHEARSALS ONLY" in text
    found = parse_treaty(text)
    for name, member in found.members.items():
        assert [dated.key for dated in member.keys] == [SeededSigner(name).key]
    warnings = summarise(found, date(2026, 9, 1)).warnings
    assert not [text for text in warnings if "Nobody can approve" in text]


def test_the_example_of_one_state_is_recognised_by_the_wider_one() -> None:
    alone, wider = parse_treaty(NATIONAL.read_text()), parse_treaty(FIVE.read_text())
    assert alone.agency in wider.recognised
    assert Matter.HORIZON_EXCEPTION not in alone.procedures
    assert Matter.HORIZON_EXCEPTION in wider.procedures


@pytest.mark.parametrize("options", [[], ["--national"]])
def test_a_new_treaty_is_checked_and_never_overwritten(
    options: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "treaty.yaml"
    assert assent_treaty("new", *options, "--out", out) == ""
    told = assent_treaty("check", out, "--on", "2027-01-01")
    assert "Our treaty, version 1" in told
    assert "WARNING: Nobody can approve a matter of permit" in told
    before = out.read_text()
    with pytest.raises(InputError, match="exists already"):
        assent_treaty("new", "--out", out)
    assert out.read_text() == before
    printed = assent_treaty("new", *options, "--year", 2030, "--title", "Ours")
    assert parse_treaty(printed).calendar.first == date(2030, 1, 1)


def test_check_shows_who_decides() -> None:
    told = assent_treaty("check", FIVE, "--on", "2026-09-01")
    assert "3 of these 5: AUS, BRA, CAN, DEU, FRA" in told
    assert "Board of experts and Assembly" in told
    assert "agency.ken.example, up to 1.00e+25 FLOP" in told
    assert parse_treaty(FIVE.read_text()).digest in told
    narrow = CliRunner(env={"COLUMNS": "60"}).invoke(treaty, ["check", str(FIVE)])
    assert "…" not in narrow.stdout  # nothing is cut off, however narrow
    early = assent_treaty("check", FIVE, "--on", "2025-12-31")
    assert "AUS: the treaty does not bind AUS (ratified)" in early


def test_check_says_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(FIVE.read_text().replace("organs: [panel]", "organs: [senate]"))
    with pytest.raises(InputError, match="names the organ senate"):
        assent_treaty("check", wrong)
    wrong.write_text("a: [")
    with pytest.raises(DocumentInvalid):
        assent_treaty("check", wrong)
    with pytest.raises(NotFound):
        assent_treaty("check", tmp_path / "nowhere.yaml")


def test_diff_shows_what_a_state_would_sign(tmp_path: Path) -> None:
    new = tmp_path / "new.yaml"
    text = FIVE.read_text().replace("version: 1", "version: 2")
    new.write_text(text.replace("group enough 3 AUS", "group enough 2 AUS"))
    told = assent_treaty("diff", FIVE, new)
    assert "organ council: approve was 3 of these 5" in told
    assert "treaty: version was 1, becomes 2." in told
    assert "Nothing changes." in assent_treaty("diff", FIVE, FIVE)


def test_bytes_are_canonical_and_the_same_treaty(tmp_path: Path) -> None:
    out = tmp_path / "treaty.json"
    told = assent_treaty("bytes", NATIONAL, "--out", out)
    expected = parse_treaty(NATIONAL.read_text()).digest
    assert expected in told
    assert digest(parse_canonical(out.read_bytes())) == expected
    assert parse_treaty(out.read_text()).digest == expected
    with pytest.raises(InputError, match="exists already"):
        assent_treaty("bytes", NATIONAL, "--out", out)


def test_a_calendar_fits_into_a_treaty() -> None:
    block = assent_treaty("calendar", "ke", 2026, "--years", 2)
    assert "holidays, release" in block
    assert "what the treaty says" in block
    assert '- "2026-12-25"  # Christmas Day' in block
    calendar = parse_yaml(block).value["calendar"]
    text = NATIONAL.read_text()
    start, end = text.index("calendar:"), text.index("parties:")
    found = parse_treaty(f"{text[:start]}{block}\n{text[end:]}").calendar
    assert (found.first, found.last) == (date(2026, 1, 1), date(2027, 12, 31))
    assert len(found.closed) == len(calendar["closed"]) > 15


@pytest.mark.parametrize("country", ["DE", "SA", "IR", "NOR", "JP", "GB", "ET"])
def test_every_calendar_block_can_be_read(country: str) -> None:
    made = holiday_calendar(country, 2026, 3)
    calendar = parse_yaml(made.yaml).value["calendar"]
    assert calendar["closed"] == [str(day) for day, _ in made.closed]
    assert len(calendar["weekend"]) == len(made.weekend)
    assert all(2026 <= day.year <= 2028 for day, _ in made.closed)


@pytest.mark.parametrize("country", ["XX", "", "K", "KENYA", "__init__", "K\n", "os"])
def test_an_unknown_country_is_refused(country: str) -> None:
    with pytest.raises(NotFound, match="There are no holidays of"):
        holiday_calendar(country, 2026)


@pytest.mark.parametrize(
    ("year", "years"), [(2026, 0), (2026, 26), (2026, -1), (1, 1), (2100, 2)]
)
def test_years_that_nobody_knows_are_refused(year: int, years: int) -> None:
    with pytest.raises(QuantityInvalid, match="No calendar is drawn up"):
        holiday_calendar("KE", year, years)

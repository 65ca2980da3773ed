"""Treaties in words: summaries, differences, and documents to start from."""

import copy
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.authorisation.treaty import Matter, TreatyInvalid, parse_treaty, treaty_of
from assent.authorisation.treaty.changes import changes_between
from assent.authorisation.treaty.scaffold import scaffold_national, scaffold_wider
from assent.authorisation.treaty.summary import quorum_in_words, summarise
from assent.testing.states import STATES, SeededSigner, SimulatedTreaty, key_form
from assent.translog.formats.quorum import parse_quorum

ON = date(2026, 4, 1)
MADE = SimulatedTreaty()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("group q 2 A B C\nquorum q", "2 of these 3: A, B, C"),
        ("group q all A B C\nquorum q", "all of A, B, C"),
        ("group q all A B\nquorum q", "both of A, B"),
        ("group q any A B\nquorum q", "1 of these 2: A, B"),
        ("group q 1 A\nquorum q", "A"),
        ("quorum B", "B"),
        (
            "group n all A B\ngroup o 2 C D E\ngroup q all n o\nquorum q",
            "both of (both of A, B), (2 of these 3: C, D, E)",
        ),
    ],
)
def test_a_quorum_is_said_in_words(lines: str, words: str) -> None:
    assert quorum_in_words(parse_quorum(f"{lines}\n".encode(), "ABCDE")) == words


def test_a_summary_says_who_is_bound_and_who_decides() -> None:
    made = SimulatedTreaty()
    made.form["parties"][0]["in_force"] = "2026-05-01"
    made.form["parties"][1]["reservations"] = [
        {"matter": "permit", "text": "We abstain.", "since": "2026-01-01"}
    ]
    made.form["matters"]["permit"]["flop_max"] = 10**26 + 1
    del made.form["matters"]["revocation"]
    summary = summarise(made.treaty, ON)
    assert [party.standing for party in summary.parties[:2]] == ["ratified", "in force"]
    assert summary.parties[1].reservations == ("takes no part in permit: We abstain.",)
    assert summary.organs[0].approve == f"3 of these 5: {', '.join(STATES[:5])}"
    permit = summary.matters[0]
    assert permit.decided_by == "Council"
    assert "up to 100,000,000,000,000,000,000,000,001 FLOP" in permit.terms
    assert permit.without_vote == (
        "AUS: the treaty does not bind AUS (ratified)",
        "BRA: BRA made a reservation: We abstain.",
    )
    assert summary.matters[1].decided_by == "Board and Assembly"
    assert summary.forbidden == ("revocation",)
    assert any(
        warning.startswith("Nobody can approve a matter of horizon-exception")
        for warning in summary.warnings
    )


def test_a_sound_treaty_is_warned_of_its_missing_witnesses_only() -> None:
    assert summarise(MADE.treaty, ON).warnings == (
        "The policy asks for no witness: the log can show two histories.",
    )


def test_a_summary_warns_of_what_can_not_work() -> None:
    made = SimulatedTreaty()
    made.form["members"][0]["keys"] = []
    made.form["members"][1]["party"] = "AUS"
    made.form["services"]["status"] = []
    told = "\n".join(summarise(made.treaty, date(2031, 1, 1)).warnings)
    for text in (
        "No key of AUS is in force",
        "The service status has no key",
        "The calendar goes from 2025-01-01 to 2030-12-31",
        "AUS has 2 votes in Council",
    ):
        assert text in told


def _rotated(form: dict[str, Any]) -> None:
    form["members"][0]["keys"] = [
        key_form("AUS", until="2026-04-01T00:00:00Z"),
        key_form("AUS-2", since="2026-04-01T00:00:00Z"),
    ]


def _changes(change: Any) -> str:  # noqa: ANN401 - a function that changes a form
    form = copy.deepcopy(MADE.form)
    form["version"] = 2
    change(form)
    return "\n".join(changes_between(MADE.treaty, treaty_of(form)))


def test_a_rotated_key_is_said_in_full() -> None:
    told = _changes(_rotated)
    new = SeededSigner("AUS-2").key.text
    assert f"member AUS gains the key {new} from 2026-04-01T00:00:00Z" in told
    assert "and is from 2026-01-01T00:00:00Z until 2026-04-01T00:00:00Z" in told


def test_a_quorum_that_falls_is_said() -> None:
    def lower(form: dict[str, Any]) -> None:
        council = form["organs"][0]
        council["approve"] = council["approve"].replace("group q 3", "group q 1")

    assert "organ council: approve was 3 of these 5" in _changes(lower)


def test_an_accession_a_withdrawal_and_a_lost_key_are_said() -> None:
    def change(form: dict[str, Any]) -> None:
        form["parties"].append({"code": "URY", "title": "U", "signed": "2026-02-01"})
        form["parties"][0]["withdrawn"] = "2026-09-01"
        form["members"][1]["keys"] = []

    told = _changes(change)
    assert "party URY is added: code URY, title U, signed 2026-02-01." in told
    assert "party AUS: withdrawn was nothing, becomes 2026-09-01." in told
    assert f"member BRA loses the key {SeededSigner('BRA').key.text}" in told


def test_an_older_version_and_another_agency_are_pointed_out() -> None:
    form = {**copy.deepcopy(MADE.form), "title": "Another"}
    assert changes_between(MADE.treaty, treaty_of(form))[0].startswith("WRONG ORDER")
    form["agency"] = "other.example"
    assert "different agencies" in changes_between(MADE.treaty, treaty_of(form))[0]
    assert changes_between(MADE.treaty, MADE.treaty) == ()


def test_another_spelling_of_the_same_is_called_so() -> None:
    form = copy.deepcopy(MADE.form)
    form["matters"]["permit"]["flop_max"] = "100e24"
    told = changes_between(MADE.treaty, treaty_of(form))
    assert [text.split()[0] for text in told] == ["WRONG", "The"]
    assert "spelt differently" in told[1]


_LEAVES: list[tuple[Any, ...]] = []


def _walk(value: Any, path: tuple[Any, ...] = ()) -> None:  # noqa: ANN401 - any plain value
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            _walk(item, (*path, key))
    else:
        _LEAVES.append(path)


_walk(MADE.form)
_OTHER = st.sampled_from(
    [
        "Something",
        "2026-02-02",
        "2026-02-02T00:00:00Z",
        "sunday",
        True,
        7,
        90_000,
        "https://other.example/1",
        SeededSigner("nobody").key.text,
        "group q 1 AUS\nquorum q\n",
        "quorum none\n",
    ]
)


@given(st.sampled_from(_LEAVES), _OTHER)
def test_nothing_changes_unsaid(path: tuple[Any, ...], value: object) -> None:
    form = json.loads(json.dumps(MADE.form))
    form["version"] = 2
    part = form
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    try:
        after = treaty_of(form)
    except TreatyInvalid:
        return
    told = [t for t in changes_between(MADE.treaty, after) if "version" not in t]
    before = SimulatedTreaty()
    before.form["version"] = after.version
    assert bool(told) == (after.digest != before.treaty.digest)


def test_documents_to_start_from_parse_and_decide_nothing() -> None:
    for make in (scaffold_national, scaffold_wider):
        text = make("agency.example", 'A "treaty": of # ours', 2026)
        treaty = parse_treaty(text)
        assert treaty.title == 'A "treaty": of # ours'
        assert not treaty.member_keys(datetime(2026, 4, 1, tzinfo=UTC))
        warnings = summarise(treaty, ON).warnings
        stuck = [text for text in warnings if text.startswith("Nobody can approve")]
        alone = [one for one in treaty.procedures.values() if not one.organs]
        assert [one.matter for one in alone] == [Matter.INSPECTOR_PAUSE]
        assert len(stuck) == len(treaty.procedures) - len(alone)
        assert "no log" in warnings[-1]
    assert len(parse_treaty(scaffold_national("a.example", "T", 2026)).parties) == 1


@pytest.mark.parametrize(
    ("agency", "year"),
    [
        ("", 2026),
        ("Agency", 2026),
        ("a b", 2026),
        ("a\nb", 2026),
        ("a", 1),
        ("a", 9_999),
    ],
)
def test_what_can_not_stand_in_a_treaty_starts_none(agency: str, year: int) -> None:
    with pytest.raises(TreatyInvalid):
        scaffold_national(agency, "Title", year)

"""Treaties as documents: read whole, and refused for each contradiction."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.authorisation.treaty import (
    Matter,
    Service,
    TreatyInvalid,
    parse_treaty,
    treaty_bytes,
    treaty_of,
)
from assent.testing.states import STATES, SeededSigner, SimulatedTreaty, key_form
from assent.vocabulary import AssentError

FORM = SimulatedTreaty().form
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> dict[str, Any]:
    form = copy.deepcopy(FORM)
    change(form)
    return form


def test_every_field_is_read() -> None:
    treaty = treaty_of(
        {
            **FORM,
            "inspectors": [
                {
                    "name": "ada",
                    "title": "Ada",
                    "recipient": "age1" + "q" * 58,
                    "since": "2026-01-01T00:00:00Z",
                    "until": "2027-01-01T00:00:00Z",
                }
            ],
            "review_policy": "sha256:" + "a" * 64,
            "recognises": [
                {
                    "agency": "other.example",
                    "root_digest": "sha256:" + "b" * 64,
                    "flop_max": "1e25",
                    "since": "2026-01-01T00:00:00Z",
                }
            ],
        }
    )
    assert (treaty.title, treaty.agency, treaty.version) == (
        "Treaty on the Authorization of Training",
        "agency.example",
        1,
    )
    assert treaty.log_policy.logs[0].origin == "log.example/translog"
    assert treaty.calendar.weekend == {5, 6}
    assert date(2026, 12, 25) in treaty.calendar.closed
    assert tuple(treaty.parties) == STATES[:5]
    assert treaty.parties["AUS"].ratified == date(2025, 10, 1)
    assert treaty.members["AUS"].party == "AUS"
    assert treaty.members["expert-1"].party is None
    assert treaty.organs["board"].approve.is_met_by(f"expert-{n}" for n in range(1, 5))
    assert treaty.organs["board"].block is None
    assert set(treaty.procedures) == set(Matter)
    assert treaty.procedure(Matter.PERMIT).flop_max == 10**26
    assert treaty.procedure(Matter.PERMIT).review_working_days == 20
    assert treaty.procedure(Matter.EMERGENCY_SUSPENSION).lapses_after_days == 30
    assert treaty.procedure(Matter.APPEAL).excludes_deciders
    status = SeededSigner("service-status").key
    assert treaty.service_keys(Service.STATUS, NOON) == {status.key_id: status}
    assert treaty.inspectors["ada"].is_in_office(NOON)
    assert not treaty.inspectors["ada"].is_in_office(NOON.replace(year=2027))
    assert treaty.terms.max_staleness_s == 86_400
    assert treaty.review_policy_digest == "sha256:" + "a" * 64
    assert treaty.recognised["other.example"].flop_max == 10**25
    assert treaty.recognised["other.example"].holds(NOON)


def test_the_signed_bytes_are_the_same_treaty() -> None:
    text = json.dumps(FORM, indent=2)
    data = treaty_bytes(text)
    assert parse_treaty(data.decode()) == parse_treaty(text)
    assert treaty_bytes(data.decode()) == data


def _twice(name: str) -> Change:
    return lambda form: form[name].append(copy.deepcopy(form[name][0]))


def _key(form: dict[str, Any], **fields: str) -> None:
    form["members"][0]["keys"][0].update(fields)


RECOGNISED = {
    "agency": "other.example",
    "root_digest": "sha256:" + "b" * 64,
    "since": "2026-01-01T00:00:00Z",
}
INSPECTOR = {
    "name": "ada",
    "title": "Ada",
    "recipient": "age1" + "q" * 58,
    "since": "2026-01-01T00:00:00Z",
}
RESERVATION = {"matter": "permit", "text": "not us", "since": "2026-01-01"}

CONTRADICTIONS: list[tuple[str, Change]] = [
    ("party AUS stands twice", _twice("parties")),
    ("member AUS stands twice", _twice("members")),
    ("organ council stands twice", _twice("organs")),
    (
        "inspector ada stands twice",
        lambda f: f.update(inspectors=[INSPECTOR, INSPECTOR]),
    ),
    (
        "recognised agency other.example stands twice",
        lambda f: f.update(recognises=[RECOGNISED, RECOGNISED]),
    ),
    (
        "agency.example recognises itself",
        lambda f: f.update(recognises=[{**RECOGNISED, "agency": "agency.example"}]),
    ),
    (
        "the recognition of other.example ends before",
        lambda f: f.update(recognises=[{**RECOGNISED, "until": RECOGNISED["since"]}]),
    ),
    (
        "inspector ada ends before",
        lambda f: f.update(inspectors=[{**INSPECTOR, "until": INSPECTOR["since"]}]),
    ),
    (
        "a reservation of AUS ends before",
        lambda f: f["parties"][0].update(
            reservations=[{**RESERVATION, "until": "2026-01-01"}]
        ),
    ),
    (
        "member AUS names the party ZZZ, which nothing defines",
        lambda f: f["members"][0].update(party="ZZZ"),
    ),
    (
        "organ council names the member ZZZ",
        lambda f: f["organs"][0]["members"].append("ZZZ"),
    ),
    (
        "member of council AUS stands twice",
        lambda f: f["organs"][0]["members"].append("AUS"),
    ),
    (
        "matter inspector-pause: an inspector decides it, or organs do",
        lambda f: f["matters"]["inspector-pause"].update(organs=["council"]),
    ),
    (
        "matter permit: an inspector decides it, or organs do",
        lambda f: f["matters"]["permit"].update(organs=[]),
    ),
    (
        "matter inspector-pause does not say after how many days it ends",
        lambda f: f["matters"]["inspector-pause"].pop("lapses_after_days"),
    ),
    (
        "matter termination does not end by itself",
        lambda f: f["matters"]["termination"].update(lapses_after_days=9),
    ),
    (
        "matter emergency-pause does not say after how many days it ends",
        lambda f: f["matters"]["emergency-pause"].pop("lapses_after_days"),
    ),
    (
        "matter permit names the organ senate",
        lambda f: f["matters"]["permit"].update(organs=["senate"]),
    ),
    (
        "organ of permit council stands twice",
        lambda f: f["matters"]["permit"].update(organs=["council", "council"]),
    ),
    (
        "party AUS: signature, ratification, entry into force and withdrawal",
        lambda f: f["parties"][0].update(signed="2026-06-01"),
    ),
    (
        "party AUS: signature",
        lambda f: f["parties"][0].update(withdrawn="2025-12-31"),
    ),
    ("calendar ends before", lambda f: f["calendar"].update(last="2024-01-01")),
    (
        "closed day 2031-01-01 is beyond",
        lambda f: f["calendar"]["closed"].append("2031-01-01"),
    ),
    (
        "with member AUS and member BRA",
        lambda f: f["members"][1].update(keys=[key_form("AUS")]),
    ),
    (
        "with member AUS and service lease",
        lambda f: f["services"].update(lease=[key_form("AUS")]),
    ),
    ("a key of member AUS ends", lambda f: _key(f, until="2026-01-01T00:00:00Z")),
    ("small order", lambda f: _key(f, public="01" + "00" * 31)),
    ("canonical encoding", lambda f: _key(f, public="ff" * 32)),
    (
        "organ council: nobody is enough",
        lambda f: f["organs"][0].update(approve="quorum none\n"),
    ),
    (
        "organ council: nobody is enough",
        lambda f: f["organs"][0].update(block="quorum none\n"),
    ),
    (
        "no line before defines the member 'expert-1'",
        lambda f: f["organs"][0].update(approve="group q 1 expert-1\nquorum q\n"),
    ),
    (
        "'6' cannot be how many are needed",
        lambda f: f["organs"][0].update(
            approve=f"group q 6 {' '.join(STATES[:5])}\nquorum q\n"
        ),
    ),
    ("no quorum line", lambda f: f["organs"][0].update(approve="")),
    ("agency", lambda f: f.update(agency="Agency Example")),
    ("version", lambda f: f.update(version=0)),
    ("version", lambda f: f.update(version=True)),
    ("version", lambda f: f.update(version="1")),
    ("assent", lambda f: f.update(assent="treaty/2")),
    ("further", lambda f: f.update(further=1)),
    ("terms", lambda f: f.pop("terms")),
    ("matters", lambda f: f["matters"].update(annexation=f["matters"]["permit"])),
    ("matters", lambda f: f.update(matters={})),
    (
        "review_working_days",
        lambda f: f["matters"]["permit"].update(review_working_days=0),
    ),
    ("status_uri", lambda f: f["terms"].update(status_uri="file:///etc")),
    ("lease_s", lambda f: f["terms"].update(lease_s=1)),
    ("title", lambda f: f.update(title="two\nlines")),
    ("title", lambda f: f.update(title="turned \u202e round")),
    ("write a date", lambda f: f["calendar"].update(first="20250101")),
    ("write a date", lambda f: f["calendar"].update(first="2025-W01-1")),
    ("write a date", lambda f: f["calendar"].update(first=2025)),
    ("in quotes", lambda f: f["matters"]["permit"].update(flop_max=1e26)),
    ("flop", lambda f: f["matters"]["permit"].update(flop_max="lots")),
    ("recipient", lambda f: f.update(inspectors=[{**INSPECTOR, "recipient": "ada"}])),
    ("is no time", lambda f: _key(f, since="2026-01-01")),
    ("no Ed25519 public key", lambda f: _key(f, public="AUS")),
]


@pytest.mark.parametrize(
    ("why", "change"),
    CONTRADICTIONS,
    ids=[f"{number}" for number in range(len(CONTRADICTIONS))],
)
def test_a_contradiction_is_refused_and_named(why: str, change: Change) -> None:
    with pytest.raises(TreatyInvalid) as refused:
        treaty_of(changed(change))
    assert why in refused.value.message


@pytest.mark.parametrize("name", sorted(FORM.keys() - {"inspectors"}))
def test_what_a_treaty_must_say_can_not_be_left_out(name: str) -> None:
    with pytest.raises(TreatyInvalid, match=name):
        treaty_of(changed(lambda form: form.pop(name)))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from(sorted(FORM)), values)
def test_values_of_any_kind_are_refused_by_our_errors(name: str, value: object) -> None:
    try:
        treaty_of({**FORM, name: value})
    except TreatyInvalid as error:
        assert len(error.message) < 2_000


@given(values)
def test_what_is_no_treaty_at_all_is_refused(value: object) -> None:
    with pytest.raises(TreatyInvalid):
        treaty_of(value)


@given(st.text(max_size=60))
def test_noise_is_refused_by_our_errors(text: str) -> None:
    with pytest.raises(AssentError):
        parse_treaty(text)


def test_an_error_does_not_repeat_control_characters() -> None:
    with pytest.raises(TreatyInvalid) as refused:
        treaty_of({**FORM, "\x1b[2J": 1})
    assert refused.value.message.isprintable()

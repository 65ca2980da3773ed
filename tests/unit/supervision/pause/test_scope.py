"""What an order stops; what is not known counts as covered."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.supervision.pause import (
    RunFacts,
    Scope,
    ScopeKind,
    parse_scope,
    scope_of,
)
from assent.testing.states import SeededSigner
from assent.vocabulary import AssentError, DocumentInvalid

KEY = SeededSigner("labs").key.text
SCOPES = {
    "run": Scope(kind=ScopeKind.RUN, name="example-large-2"),
    "developer": Scope(kind=ScopeKind.DEVELOPER, name=KEY),
    "site": Scope(kind=ScopeKind.SITE, name="site-nairobi-1"),
    "party": Scope(kind=ScopeKind.PARTY, name="KEN"),
    "class": Scope(kind=ScopeKind.CLASS, flop_above=10**25),
    "everything": Scope(kind=ScopeKind.EVERYTHING),
}
FIELDS = {"run": "run_id", "developer": "developers", "site": "site", "party": "party"}
KNOWN = RunFacts(
    run_id="example-large-2",
    permit_id="permit-2026-0001",
    developers=frozenset({KEY, "cd" * 32}),
    site="site-nairobi-1",
    party="KEN",
    flop=10**25 + 1,
)
ELSEWHERE = RunFacts(
    run_id="another",
    developers=frozenset({"ab" * 32}),
    site="elsewhere",
    party="NOR",
    flop=10**25,
)


@pytest.mark.parametrize("kind", SCOPES)
def test_covers_what_it_names_and_nothing_else(kind: str) -> None:
    assert SCOPES[kind].covers(KNOWN)
    assert SCOPES[kind].covers(ELSEWHERE) is (kind == "everything")


@pytest.mark.parametrize("kind", SCOPES)
def test_what_is_not_known_counts_as_covered(kind: str) -> None:
    assert SCOPES[kind].covers(RunFacts())
    if kind in FIELDS:
        unknown = replace(ELSEWHERE, **{FIELDS[kind]: None})  # type: ignore[arg-type]
        assert SCOPES[kind].covers(unknown)
    elif kind == "class":
        assert SCOPES[kind].covers(replace(ELSEWHERE, flop=None))


def test_one_flop_more_is_in_the_class() -> None:
    assert not SCOPES["class"].covers(replace(KNOWN, flop=10**25))
    assert SCOPES["class"].covers(replace(KNOWN, flop=10**25 + 1))


def test_an_exempt_job_is_stopped_by_place_and_by_charge() -> None:
    job = RunFacts(site="site-nairobi-1", party="KEN", flop=10**20, is_exempt=True)
    covered = {kind for kind, scope in SCOPES.items() if scope.covers(job)}
    assert covered == {"site", "party", "everything"}
    assert SCOPES["class"].covers(replace(job, flop=10**26))
    assert SCOPES["class"].covers(replace(job, flop=None))
    assert SCOPES["site"].covers(replace(job, site=None))


def test_an_exempt_job_that_says_whose_it_is_is_stopped_with_its_developer() -> None:
    job = RunFacts(site="elsewhere", party="NOR", flop=1, is_exempt=True)
    assert not SCOPES["developer"].covers(job)
    assert SCOPES["developer"].covers(replace(job, developers=frozenset({KEY})))
    assert not SCOPES["developer"].covers(replace(job, developers=frozenset()))
    assert SCOPES["run"].covers(replace(job, run_id="example-large-2"))


@pytest.mark.parametrize("kind", SCOPES)
def test_reads_what_it_writes(kind: str) -> None:
    assert scope_of(SCOPES[kind].plain) == SCOPES[kind]


@given(
    st.sampled_from(sorted(SCOPES)),
    st.dictionaries(
        st.sampled_from(["kind", "site", "key", "flop_above", "party", "run_id"]),
        st.none() | st.integers() | st.text(max_size=5) | st.just([]),
        min_size=1,
    ),
)
def test_refuses_other_fields(kind: str, changes: dict[str, object]) -> None:
    value = {**SCOPES[kind].plain, **changes}
    try:
        scope = scope_of(value)
    except (AssentError, ValueError):
        return
    assert scope.plain == value


@pytest.mark.parametrize("value", [None, [], "everything", {}, {"kind": "moon"}])
def test_refuses_what_is_none(value: object) -> None:
    with pytest.raises((AssentError, ValueError)):
        scope_of(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("run=example-large-2", "run"),
        (f"developer={KEY}", "developer"),
        ("site=site-nairobi-1", "site"),
        ("party=KEN", "party"),
        ("class=1e25", "class"),
        ("everything", "everything"),
    ],
)
def test_people_write_it_in_short(text: str, kind: str) -> None:
    assert parse_scope(text) == SCOPES[kind]


@pytest.mark.parametrize(
    "text", ["", "everything=", "everything=x", "moon=1", "site=", "class=", "run", "="]
)
def test_refuses_what_nobody_can_have_meant(text: str) -> None:
    with pytest.raises((DocumentInvalid, AssentError)):
        parse_scope(text)


@pytest.mark.parametrize("kind", SCOPES)
def test_says_in_words_what_stops(kind: str) -> None:
    scope = SCOPES[kind]
    words = scope.words
    assert (scope.name or "") in words
    if kind == "class":
        assert "10,000,000,000,000,000,000,000,000 FLOP" in words

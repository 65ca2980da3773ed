"""Which sets of names are enough, and which lines cannot say so."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.translog.errors import PolicyMalformed
from assent.translog.formats import quorum as documented
from assent.translog.formats.quorum import (
    GROUPS_MAX,
    MEMBERS_MAX,
    Group,
    Quorum,
    parse_quorum,
)
from assent.translog.formats.statements import encode_statements

NINE = ("FRA", "KEN", "AUS", "BRA", "CAN", "DEU", "GHA", "IND", "JPN")


def _documented() -> Quorum:
    (lines,) = literals(documented)
    return parse_quorum(lines.encode(), NINE)


def test_the_documented_quorum_is_six_of_nine_with_both_of_two() -> None:
    rule = _documented()
    for count in range(10):
        for names in combinations(NINE, count):
            expected = count >= 6 and {"FRA", "KEN"} <= set(names)
            assert rule.is_met_by(names) is expected


@pytest.mark.parametrize(
    ("lines", "enough", "too_few"),
    [
        ("quorum A", {"A"}, {"B", "C"}),
        ("quorum none", set(), None),
        ("group g any A B\nquorum g", {"B"}, {"C"}),
        ("group g all A B\nquorum g", {"A", "B"}, {"A", "C"}),
        ("group g 2 A B C\nquorum g", {"A", "C"}, {"A"}),
        ("group g 2 A B C\nquorum A", {"A"}, {"B", "C"}),
        ("group g any A\ngroup h all g B\nquorum h", {"A", "B"}, {"B", "C"}),
        ("group all any A B\nquorum all", {"A"}, set()),
        ("group any 1 A\ngroup 2 all any B\nquorum 2", {"A", "B"}, {"A"}),
        ("quorum A\ngroup g any A B", {"A"}, {"B"}),
    ],
)
def test_a_quorum_is_met_by_enough(
    lines: str, enough: set[str], too_few: set[str] | None
) -> None:
    rule = parse_quorum(f"{lines}\n".encode(), ["A", "B", "C"])
    assert rule.is_met_by(enough)
    assert not rule.lacking(enough)
    if too_few is not None:
        assert not rule.is_met_by(too_few)
        assert rule.lacking(too_few)


def test_the_name_of_a_group_is_nobodys_signature() -> None:
    rule = parse_quorum(b"group g all A B\nquorum g\n", ["A", "B"])
    assert not rule.is_met_by({"g"})
    assert not rule.is_met_by({"g", "A"})


def test_unknown_names_count_for_nothing() -> None:
    rule = parse_quorum(b"group g 2 A B\nquorum g\n", ["A", "B"])
    assert not rule.is_met_by({"A", "C", "D", "none", "all"})


def test_what_is_lacking_is_said_in_words() -> None:
    rule = parse_quorum(
        b"group x 2 A B C\ngroup y any D\ngroup both all x y\nquorum both\n",
        ["A", "B", "C", "D"],
    )
    assert rule.lacking({"A", "D"}) == (
        "'both' has 1 of the 2 it needs and lacks 'x';"
        " 'x' has 1 of the 2 it needs and lacks 'B', 'C'"
    )
    assert parse_quorum(b"quorum A\n", ["A"]).lacking({}) == "'A' is missing"


def test_what_is_lacking_stays_readable_with_many_names() -> None:
    names = [f"state-{number:03}" for number in range(200)]
    line = f"group g 150 {' '.join(names)}\nquorum g\n"
    words = parse_quorum(line.encode(), names).lacking(names[:20])
    assert words.endswith("'state-027' and 172 more")
    assert len(words) < 300


REFUSED = {
    "an unknown first word": "gruop g any A\nquorum A",
    "a line for witnesses": "witness W key\nquorum A",
    "an upper case keyword": "Quorum A",
    "a group of nobody": "group g 1\nquorum A",
    "a group and its name": "group g\nquorum A",
    "a group of nothing": "group\nquorum A",
    "a group without a threshold": "group g A\nquorum A",
    "a threshold of zero": "group g 0 A B\nquorum g",
    "a negative threshold": "group g -1 A B\nquorum g",
    "a signed threshold": "group g +1 A B\nquorum g",
    "a threshold with a leading zero": "group g 01 A B\nquorum g",
    "a hexadecimal threshold": "group g 0x1 A B\nquorum g",
    "a fraction of a threshold": "group g 1.0 A B\nquorum g",
    "digits of another script": "group g ٢ A B\nquorum g",
    "a threshold in words": "group g most A B\nquorum g",
    "a threshold in capitals": "group g ALL A B\nquorum g",
    "a threshold above the members": "group g 3 A B\nquorum g",
    "an enormous threshold": f"group g {'9' * 10_000} A B\nquorum g",
    "an unknown member": "group g any A D\nquorum g",
    "a later member": "group g any h\ngroup h any A\nquorum g",
    "itself as a member": "group g any A g\nquorum g",
    "a member twice in a group": "group g 2 A A\nquorum g",
    "a member of two groups": "group g any A B\ngroup h any A C\nquorum g",
    "a group in two groups": "group g any A\ngroup h any g\ngroup i any g B\nquorum i",
    "none as a member": "group g any A none\nquorum g",
    "a group named none": "group none any A\nquorum none",
    "a group named as a member": "group A any B\nquorum A",
    "two groups of one name": "group g any A\ngroup g any B\nquorum g",
    "no quorum line": "group g any A B",
    "nothing at all": "",
    "only a comment": "# quorum A",
    "two quorum lines": "quorum A\nquorum A",
    "a second quorum of none": "quorum A\nquorum none",
    "a quorum of nothing": "quorum",
    "a quorum of two names": "quorum A B",
    "a quorum of an unknown name": "quorum D",
    "a quorum before its group": "quorum g\ngroup g any A",
    "a quorum in other capitals": "quorum a",
    "a comment after the name": "quorum A # for now",
}


@pytest.mark.parametrize("lines", REFUSED.values(), ids=REFUSED.keys())
def test_refuses(lines: str) -> None:
    with pytest.raises(PolicyMalformed):
        parse_quorum(f"{lines}\n".encode(), ["A", "B", "C"])


@pytest.mark.parametrize("names", [["A", "A"], ["none"]])
def test_refuses_members_that_are_no_names_of_their_own(names: list[str]) -> None:
    with pytest.raises(PolicyMalformed):
        parse_quorum(b"quorum none\n", names)


def test_takes_as_many_members_and_groups_as_it_says_and_no_more() -> None:
    names = [f"m{number}" for number in range(MEMBERS_MAX)]
    lines = [f"group g{number} all m{number}" for number in range(GROUPS_MAX)]
    data = "\n".join([*lines, "group more all g0", "quorum g1", ""])
    assert parse_quorum(data.replace("group more all g0", "").encode(), names)
    with pytest.raises(PolicyMalformed, match=f"Line {GROUPS_MAX + 1} .*256 groups"):
        parse_quorum(data.encode(), names)
    with pytest.raises(PolicyMalformed, match="256 members"):
        parse_quorum(b"quorum none\n", [*names, "one-more"])


def test_a_chain_of_groups_as_long_as_allowed_is_judged() -> None:
    lines = ["group g0 all A"]
    lines += [f"group g{n} all g{n - 1}" for n in range(1, GROUPS_MAX)]
    rule = parse_quorum(
        "\n".join([*lines, f"quorum g{GROUPS_MAX - 1}\n"]).encode(), "A"
    )
    assert rule.is_met_by({"A"})
    assert not rule.is_met_by(set())
    assert len(rule.lacking(set())) < 2_000


@st.composite
def quorums(draw: st.DrawFn) -> Quorum:
    """Draw members a to g and groups of what is not in a group yet."""
    free = list("abcdefg")
    known = list(free)
    groups: list[Group] = []
    for number in range(draw(st.integers(0, 5))):
        if not free:
            break
        chosen = draw(st.lists(st.sampled_from(free), min_size=1, unique=True))
        needed = draw(st.integers(1, len(chosen)))
        groups.append(Group(f"g{number}", needed, tuple(chosen)))
        free = [name for name in free if name not in chosen] + [f"g{number}"]
        known.append(f"g{number}")
    return Quorum(draw(st.sampled_from([*known, "none"])), tuple(groups))


def _met_by_brute_force(rule: Quorum, names: frozenset[str]) -> bool:
    """Judge by the definition, from the top down."""
    groups = {group.name: group for group in rule.groups}

    def is_met(name: str) -> bool:
        if name not in groups:
            return name in names
        group = groups[name]
        return any(
            all(is_met(member) for member in some)
            for some in combinations(group.members, group.needed)
        )

    return rule.name == "none" or is_met(rule.name)


@given(quorums())
def test_the_truth_is_that_of_the_definition(rule: Quorum) -> None:
    for count in range(8):
        for names in combinations("abcdefg", count):
            expected = _met_by_brute_force(rule, frozenset(names))
            assert rule.is_met_by(names) is expected
            assert (rule.lacking(names) == "") is expected


@given(quorums())
def test_what_is_written_is_read_again(rule: Quorum) -> None:
    assert parse_quorum(encode_statements(rule.statements), "abcdefg") == rule


@given(quorums(), st.sets(st.sampled_from("abcdefg")), st.sampled_from("abcdefg"))
def test_one_more_name_never_breaks_a_quorum(
    rule: Quorum, names: set[str], more: str
) -> None:
    assert rule.is_met_by({*names, more}) or not rule.is_met_by(names)

"""A diff names every difference once, and shows nothing of what is sealed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assent.authorisation.application import Change, ChangeKind, diff
from assent.vocabulary import canonical_bytes


def lines(before: Any, after: Any) -> list[str]:  # noqa: ANN401 - any plain values
    return [change.text for change in diff(before, after)]


def test_reads_like_sentences_in_the_order_of_paths() -> None:
    before = {"b": 1, "a": {"x": "1"}, "gone": True}
    after = {"b": 2, "a": {"x": "1", "y": None}, "new": [1]}
    assert lines(before, after) == [
        "/a/y: added null",
        "/b: changed from 1 to 2",
        "/gone: removed true",
        "/new: added [1]",
    ]


def test_one_and_true_differ() -> None:
    assert lines({"a": 1}, {"a": True}) == ["/a: changed from 1 to true"]


def test_items_with_ids_are_compared_by_them() -> None:
    before = [{"id": "a", "x": 1}, {"id": "b", "x": 1}]
    after = [{"id": "0"}, {"id": "a", "x": 1}, {"id": "b", "x": 2}]
    assert lines({"l": before}, {"l": after}) == [
        '/l/0: added {"id":"0"}',
        "/l/b/x: changed from 1 to 2",
    ]


def test_another_order_is_a_change() -> None:
    items = [{"id": "a"}, {"id": "b"}]
    [change] = diff({"l": items}, {"l": items[::-1]})
    assert change == Change(
        path="/l", kind=ChangeKind.REORDERED, before=["a", "b"], after=["b", "a"]
    )


def test_a_list_without_ids_is_one_value() -> None:
    assert lines({"l": [1, 2]}, {"l": [2]}) == ["/l: changed from [1,2] to [2]"]


def test_sealed_fields_show_only_that_they_changed() -> None:
    before = {"model": {"_sd": ["one"], "title": "A"}}
    after = {"model": {"_sd": ["other"], "title": "B"}}
    assert lines(before, after) == [
        "/model: sealed field changed",
        '/model/title: changed from "A" to "B"',
    ]


def test_digests_of_sealed_items_do_not_show() -> None:
    before: dict[str, Any] = {"l": [{"...": "secret-1"}, "open"]}
    assert lines(before, {"l": [{"...": "secret-2"}, "open"]}) == [
        "/l: sealed field changed"
    ]
    [mixed] = diff(before, {"l": [{"...": "secret-2"}, "shut"]})
    assert mixed.kind is ChangeKind.CHANGED
    assert "secret" not in canonical_bytes(mixed.plain).decode()


def test_what_is_added_sealed_shows_as_sealed_beside_what_is_open() -> None:
    assert lines({}, {"model": {"_sd": ["d"], "title": "A"}}) == [
        "/model: sealed field changed",
        '/model/title: added "A"',
    ]


def test_keys_with_slashes_cannot_be_mistaken_for_paths() -> None:
    assert lines({"a/b": 1, "a": {"b": 1}}, {"a/b": 2, "a": {"b": 1}}) == [
        "/a~1b: changed from 1 to 2"
    ]


def test_long_values_are_cut_in_the_text_only() -> None:
    [change] = diff({"a": ""}, {"a": "x" * 1_000})
    assert len(change.text) < 250
    assert change.after == "x" * 1_000


KEYS = st.sampled_from(["a", "b", "id", "_sd", "...", "x/y"])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["s", "t"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN, PLAIN)
def test_differs_exactly_when_the_canonical_bytes_do(before: Any, after: Any) -> None:  # noqa: ANN401 - any plain values
    assert bool(diff(before, after)) == (
        canonical_bytes(before) != canonical_bytes(after)
    )


@given(PLAIN, PLAIN)
def test_there_and_back_are_the_same_places(before: Any, after: Any) -> None:  # noqa: ANN401 - any plain values
    there = [change.path for change in diff(before, after)]
    assert there == [change.path for change in diff(after, before)]
    assert there == sorted(there)


def test_an_empty_sealed_field_that_appears_is_a_change() -> None:
    assert lines({}, {"_sd": None}) == ["the whole document: sealed field changed"]


def test_two_items_of_one_id_hide_nothing() -> None:
    before: list[Any] = [{"id": "a", "x": 1}, {"id": "a", "x": 3}]
    after: list[Any] = [{"id": "a", "x": 2}, {"id": "a", "x": 3}]
    [change] = diff({"l": before}, {"l": after})
    assert (change.path, change.kind) == ("/l", ChangeKind.CHANGED)

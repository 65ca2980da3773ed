"""What does not belong to a sealed document is refused, each way with its own error."""

import base64
import json
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.authorisation.application.sealing import (
    DigestRepeated,
    DisclosureFile,
    DisclosureMalformed,
    DisclosuresForAnother,
    DisclosureUnknown,
    NameRepeated,
    SealedMalformed,
    SealingTooLarge,
    open_fields,
    parse_disclosure,
    parse_disclosure_file,
    seal,
    verify_disclosure,
)
from assent.authorisation.application.sealing import disclosure_file as documented
from assent.authorisation.application.sealing.disclosure import digest_of
from assent.vocabulary import AssentError, canonical_bytes, digest

PLAN: dict[str, Any] = {"title": "Run 7", "rate": "0.0003", "data": ["crawl", "books"]}
SALT = "0123456789ABCDEFGHIJKL"


def sealed_plan(first: int = 1) -> Any:  # noqa: ANN401 - a document and its texts
    made = seal(
        PLAN,
        [("rate",), ("data", 0), ("data", 1)],
        (number.to_bytes(16) for number in count(first)),
    )
    document = json.loads(canonical_bytes(made.document))
    return document, [one.encoded for one in made.disclosures.values()]


def encode(parts: Any) -> str:  # noqa: ANN401 - what a forger likes
    text = parts if isinstance(parts, bytes) else json.dumps(parts).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def test_a_value_changed_under_its_salt_is_unknown() -> None:
    document, (one, *_) = sealed_plan()
    salt = parse_disclosure(one).salt
    with pytest.raises(DisclosureUnknown):
        verify_disclosure(document, encode([salt, "rate", "0.0001"]))


def test_a_swapped_salt_is_unknown() -> None:
    document, (one, other, _) = sealed_plan()
    salt = parse_disclosure(other).salt
    forged = encode([salt, "rate", parse_disclosure(one).value])
    with pytest.raises(DisclosureUnknown):
        open_fields(document, [forged])


def test_another_spelling_of_a_disclosure_is_unknown() -> None:
    document, (one, *_) = sealed_plan()
    read = parse_disclosure(one)
    with pytest.raises(DisclosureUnknown):
        open_fields(document, [encode([read.salt, read.name, read.value])])


def test_a_disclosure_of_another_document_is_unknown() -> None:
    document, _ = sealed_plan()
    _, (foreign, *_) = sealed_plan(first=100)
    with pytest.raises(DisclosureUnknown, match="1 of 1"):
        open_fields(document, [foreign])


def test_a_disclosure_inside_one_that_is_not_shown_is_unknown() -> None:
    made = seal(
        {"a": {"b": 1}}, [("a",), ("a", "b")], (n.to_bytes(16) for n in count())
    )
    inner = made.disclosures["a", "b"].encoded
    with pytest.raises(DisclosureUnknown) as caught:
        verify_disclosure(made.document, inner)
    assert "inside a field" in caught.value.remedy


def test_a_digest_at_two_places_is_refused_even_if_nothing_opens_it() -> None:
    document, shown = sealed_plan()
    document["copy"] = {"_sd": document["_sd"]}
    with pytest.raises(DigestRepeated):
        open_fields(document, shown)
    with pytest.raises(DigestRepeated):
        open_fields(document, [])
    document, _ = sealed_plan()
    document["data"].append(document["data"][0])
    with pytest.raises(DigestRepeated):
        open_fields(document, [])


def test_a_digest_repeated_inside_a_disclosed_value_is_refused() -> None:
    document, (one, *_) = sealed_plan()
    loop = encode([SALT, "more", {"_sd": document["_sd"]}])
    document["_sd"].append(digest_of(loop))
    with pytest.raises(DigestRepeated):
        open_fields(document, [one, loop])


def test_a_disclosure_that_comes_twice_is_refused() -> None:
    document, (one, *_) = sealed_plan()
    with pytest.raises(DigestRepeated, match="comes twice"):
        open_fields(document, [one, one])


def test_a_disclosed_field_never_covers_another() -> None:
    beside = encode([SALT, "title", "Run 8"])
    document = {"title": "Run 7", "_sd": [digest_of(beside)]}
    with pytest.raises(NameRepeated):
        open_fields(document, [beside])
    again = encode([SALT[::-1], "title", "Run 9"])
    with pytest.raises(NameRepeated):
        open_fields({"_sd": [digest_of(beside), digest_of(again)]}, [beside, again])


def test_a_field_is_no_element_and_an_element_no_field() -> None:
    field, element = encode([SALT, "a", 1]), encode([SALT, 1])
    with pytest.raises(DisclosureUnknown, match="other kind"):
        open_fields({"list": [{"...": digest_of(field)}]}, [field])
    with pytest.raises(DisclosureUnknown, match="other kind"):
        open_fields({"_sd": [digest_of(element)]}, [element])


@pytest.mark.parametrize(
    "document",
    [
        {"_sd": "text"},
        {"_sd": [7]},
        {"_sd": ["short"]},
        {"_sd": ["é" * 43]},
        {"_sd": {"a": "b"}},
        {"...": "x"},
        {"a": {"...": "A" * 43}},
        {"a": [{"...": "A" * 43, "b": 1}]},
        {"a": [{"...": 7}]},
        {"a": {"_sd_alg": "sha-256"}},
        {"_sd_alg": "md5"},
        {"_sd_alg": None},
    ],
)
def test_a_document_that_misuses_the_names_of_sealing_is_refused(
    document: dict[str, Any],
) -> None:
    with pytest.raises(SealedMalformed):
        open_fields(document, [])


def test_a_disclosed_value_that_misuses_them_is_refused_too() -> None:
    for value in ({"_sd_alg": "sha-256"}, {"_sd": [None]}, [{"...": None}]):
        text = encode([SALT, "a", value])
        with pytest.raises(SealedMalformed):
            open_fields({"_sd": [digest_of(text)]}, [text])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "é",
        "WyJ=",
        "A",
        encode(b"\xff"),
        encode(b"[1"),
        encode({"a": 1}),
        encode([SALT]),
        encode([SALT, "a", 1, 2]),
        encode([SALT, 7, 1]),
        encode([7, "a", 1]),
        encode(["short", "a", 1]),
        encode([SALT, "_sd", 1]),
        encode([SALT, "...", 1]),
        encode([SALT, "_sd_alg", 1]),
        encode(f'["{SALT}","a",0.5]'.encode()),
        encode(f'["{SALT}","a",NaN]'.encode()),
        encode(f'["{SALT}","a","\\ud800"]'.encode()),
        encode(f'["{SALT}","a",{{"b":1,"b":2}}]'.encode()),
        encode(f'["{SALT}","a",{"9" * 5_000}]'.encode()),
        encode(b"[" * 100_000),
        "A" * 1_000_001,
    ],
)
def test_what_is_no_disclosure_is_refused(text: str) -> None:
    with pytest.raises(DisclosureMalformed):
        open_fields({}, [text])


def test_spare_bits_give_no_second_text_of_one_disclosure() -> None:
    text = encode([SALT, "a", 12])
    assert len(text) % 4
    other = text[:-1] + chr(ord(text[-1]) + 1)
    one, two = (base64.urlsafe_b64decode(f"{each}===") for each in (text, other))
    assert one == two
    with pytest.raises(DisclosureMalformed):
        parse_disclosure(other)


def test_a_chain_of_disclosures_ends_at_the_limit_of_depth() -> None:
    texts: list[str] = []
    value: Any = 0
    for number in range(60):
        texts.append(encode([SALT, f"level-{number}", value]))
        value = {"_sd": [digest_of(texts[-1])]}
    with pytest.raises(SealingTooLarge):
        open_fields(value, texts)


def test_more_disclosures_than_fields_can_be_are_refused() -> None:
    with pytest.raises(SealingTooLarge):
        open_fields({}, ["x"] * 4_001)


@given(st.text() | st.binary().map(encode))
def test_no_text_brings_down_the_reader(text: str) -> None:
    try:
        open_fields({}, [text])
    except AssentError:
        return
    pytest.fail("nothing belongs to an empty document")


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["_sd", "...", "_sd_alg", "a"]), inner)
        ),
    )
)
def test_no_document_brings_down_the_reader(value: object) -> None:
    try:
        opened = open_fields({"a": value}, [])  # type: ignore[dict-item]
    except AssentError:
        return
    assert "_sd" not in json.dumps(list(_keys(opened.document)))


def _keys(value: object) -> Any:  # noqa: ANN401 - the names of fields at any depth
    if isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)


def test_a_file_of_disclosures_is_read_as_it_was_written() -> None:
    document, shown = sealed_plan()
    file = DisclosureFile(digest(document), tuple(shown))
    assert parse_disclosure_file(file.encoded) == file
    file.verify_is_for(digest(document))
    assert shown[0] not in repr(file)
    example = documented.__doc__ or ""
    assert f'"format":"{documented.FORMAT}"' in example


def test_a_file_for_another_application_is_refused() -> None:
    file = DisclosureFile(digest(PLAN), ())
    with pytest.raises(DisclosuresForAnother):
        file.verify_is_for(digest({}))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "assent-disclosures/2"},
        {"application_digest": "sha256:0"},
        {"application_digest": 7},
        {"disclosures": [7]},
        {"disclosures": "text"},
        {"more": 1},
    ],
)
def test_a_file_that_is_none_of_disclosures_is_refused(change: dict[str, Any]) -> None:
    good = json.loads(DisclosureFile(digest(PLAN), ()).encoded)
    with pytest.raises(DisclosureMalformed):
        parse_disclosure_file(canonical_bytes(good | change))


def test_files_that_are_too_large_are_refused_before_they_are_read() -> None:
    with pytest.raises(SealingTooLarge):
        parse_disclosure_file(b" " * 8_000_001)
    with pytest.raises(SealingTooLarge):
        parse_disclosure_file(DisclosureFile(digest(PLAN), ("x",) * 4_001).encoded)
    for data in (b"", b"[]", b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(DisclosureMalformed):
            parse_disclosure_file(data)

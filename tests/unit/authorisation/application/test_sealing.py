"""Fields are sealed, opened and refused one by one, in the shape of RFC 9901."""

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from proofbundle.sdjwt import verify_sd_jwt

from assent.authorisation.application.sealing import (
    Hidden,
    PathMustStayPublic,
    PathNotSealable,
    SaltUnsound,
    SealingTooLarge,
    open_fields,
    parse_disclosure,
    seal,
    verify_disclosure,
)
from assent.vocabulary import DocumentInvalid, QuantityInvalid, canonical_bytes
from assent.vocabulary.documents import Path

PLAN: dict[str, Any] = {
    "title": "Run 7",
    "flop": "40000000000000000000000000",
    "optimizer": {"name": "adamw", "learning_rate": "0.0003", "warmup": 2000},
    "sources": [{"name": "crawl"}, {"name": "books"}, {"name": "letters"}],
}

# Printed in RFC 9901, 4.2: the text of a disclosure, what it says, its digest.
PRINTED = (
    (
        "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
        ("family_name", "Möbius"),
        "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
    ),
    (
        "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0",
        (None, "FR"),
        "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs",
    ),
    (
        "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIlVTIl0",
        (None, "US"),
        "pFndjkZ_VCzmyTa6UjlZo3dh-ko8aIKQc9DlGzhaVYo",
    ),
)

# The example of an SD-JWT with recursive disclosures, RFC 9901, section 6.3.
RECURSIVE: dict[str, Any] = {
    "_sd": ["HvrKX6fPV0v9K_yCVFBiLFHsMaxcD_114Em6VT8x1lg"],
    "iss": "https://issuer.example.com",
    "iat": 1683000000,
    "exp": 1883000000,
    "sub": "6c5c0a49-b589-431d-bae7-219122a9ec2c",
    "_sd_alg": "sha-256",
}
STREET = (
    "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgInN0cmVldF9hZGRyZXNzIiwgIlNjaHVsc3RyLiAxMiJd"
)
LOCALITY = "WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImxvY2FsaXR5IiwgIlNjaHVscGZvcnRhIl0"
REGION = "WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgInJlZ2lvbiIsICJTYWNoc2VuLUFuaGFsdCJd"
COUNTRY = "WyJlSThaV205UW5LUHBOUGVOZW5IZGhRIiwgImNvdW50cnkiLCAiREUiXQ"
ADDRESS = (
    "WyJRZ19PNjR6cUF4ZTQxMmExMDhpcm9BIiwgImFkZHJlc3MiLCB7Il9zZCI6IFsiNnZoOWJxLXpTNEdL"
    "TV83R3BnZ1ZiWXp6dTZvT0dYcm1OVkdQSFA3NVVkMCIsICI5Z2pWdVh0ZEZST0NnUnJ0TmNHVVhtRjY1"
    "cmRlemlfNkVyX2o3NmttWXlNIiwgIktVUkRQaDRaQzE5LTN0aXotRGYzOVY4ZWlkeTFvVjNhM0gxRGEy"
    "TjBnODgiLCAiV045cjlkQ0JKOEhUQ3NTMmpLQVN4VGpFeVc1bTV4NjVfWl8ycm8yamZYTSJdfV0"
)


def salts(seed: str = "salt") -> Iterator[bytes]:
    """Yield salts that are good for tests only: everybody can make them."""
    count = 0
    while True:
        yield sha256(f"{seed}-{count}".encode()).digest()[:16]
        count += 1


def texts(sealed: Any) -> list[str]:  # noqa: ANN401 - what seal returns
    return [one.encoded for one in sealed.disclosures.values()]


@pytest.mark.parametrize(("text", "said", "digest"), PRINTED)
def test_the_printed_disclosures_have_the_printed_digests(
    text: str, said: tuple[str | None, str], digest: str
) -> None:
    one = parse_disclosure(text)
    assert (one.name, one.value) == said
    assert one.digest == digest


def test_the_printed_recursive_example_opens() -> None:
    opened = open_fields(RECURSIVE, [STREET, LOCALITY, REGION, COUNTRY, ADDRESS])
    assert opened.document["address"] == {
        "street_address": "Schulstr. 12",
        "locality": "Schulpforta",
        "region": "Sachsen-Anhalt",
        "country": "DE",
    }
    assert not opened.hidden
    partly = open_fields(RECURSIVE, [ADDRESS, COUNTRY])
    assert partly.document["address"] == {"country": "DE"}
    assert len(partly.hidden) == 3


def test_a_sealed_field_is_gone_and_its_disclosure_brings_it_back() -> None:
    path = ("optimizer", "learning_rate")
    sealed = seal(PLAN, [path], salts())
    assert b"0.0003" not in canonical_bytes(sealed.document)
    assert sealed.document["optimizer"].keys() == {"name", "warmup", "_sd"}
    assert open_fields(sealed.document, texts(sealed)).document == PLAN
    (one,) = texts(sealed)
    assert verify_disclosure(sealed.document, one) == (path, "0.0003")


def test_a_sealed_element_keeps_its_place() -> None:
    sealed = seal(PLAN, [("sources", 1)], salts(), decoys={("sources",): 2})
    assert len(sealed.document["sources"]) == 5
    (one,) = texts(sealed)
    assert verify_disclosure(sealed.document, one) == (
        ("sources", 1),
        {"name": "books"},
    )
    assert open_fields(sealed.document, [one]).document == PLAN
    kept = open_fields(sealed.document, []).document["sources"]
    assert kept == [{"name": "crawl"}, {"name": "letters"}]


def test_a_field_inside_a_sealed_field_opens_after_it() -> None:
    outer, inner = ("optimizer",), ("optimizer", "warmup")
    sealed = seal(PLAN, [outer, inner], salts())
    holder, field = (sealed.disclosures[path].encoded for path in (outer, inner))
    partly = open_fields(sealed.document, [holder])
    assert partly.document["optimizer"] == {
        "name": "adamw",
        "learning_rate": "0.0003",
    }
    digest = sealed.disclosures[inner].digest
    assert partly.hidden == (Hidden(outer, digest),)
    assert verify_disclosure(sealed.document, field, inside=[holder]) == (inner, 2000)
    assert open_fields(sealed.document, [field, holder]).document == PLAN


def test_decoys_hide_how_many_fields_are_sealed() -> None:
    sealed = seal(
        PLAN,
        [("optimizer", "warmup")],
        salts(),
        decoys={(): 3, ("optimizer",): 4, ("sources", 0): 0},
    )
    assert len(sealed.document["_sd"]) == 3
    digests = sealed.document["optimizer"]["_sd"]
    assert len(digests) == 5
    assert digests == sorted(digests)
    assert "_sd" not in sealed.document["sources"][0]
    opened = open_fields(sealed.document, texts(sealed))
    assert opened.document == PLAN
    assert len(opened.hidden) == 7


def test_another_salt_gives_another_digest_of_the_same_value() -> None:
    one = seal(PLAN, [("title",)], salts("one")).document
    other = seal(PLAN, [("title",)], salts("other")).document
    assert one["_sd"] != other["_sd"]


def test_what_is_shown_of_a_seal_in_a_traceback_tells_no_secret() -> None:
    sealed = seal(PLAN, [("optimizer", "learning_rate")], salts())
    (one,) = sealed.disclosures.values()
    assert one.encoded not in repr(sealed)
    assert "0.0003" not in repr(one) + repr(sealed)


def test_the_given_document_stays_as_it_was() -> None:
    before = canonical_bytes(PLAN)
    seal(PLAN, [("optimizer", "warmup"), ("sources", 0)], salts())
    assert canonical_bytes(PLAN) == before


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("nothing",),
        ("sources", 3),
        ("sources", -1),
        ("sources", True),
        ("sources", "0"),
        ("title", 0),
        ("optimizer", "name", "x"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path: Path) -> None:
    with pytest.raises(PathNotSealable):
        seal(PLAN, [path], salts())


def test_a_path_that_stands_twice_is_refused() -> None:
    with pytest.raises(PathNotSealable, match="twice"):
        seal(PLAN, [("title",), ("title",)], salts())


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_the_names_of_sealing_are_refused_as_names_of_fields(name: str) -> None:
    with pytest.raises(PathNotSealable, match="keeps for itself"):
        seal({"a": [{name: "x"}]}, [("a",)], salts())


@pytest.mark.parametrize(
    ("path", "public"),
    [
        (("optimizer",), ("optimizer", "name")),  # hides what holds it
        (("optimizer", "name"), ("optimizer", "name")),
        (("optimizer", "name"), ("optimizer",)),  # hides a part of it
    ],
)
def test_what_must_stay_public_cannot_be_sealed(path: Path, public: Path) -> None:
    with pytest.raises(PathMustStayPublic):
        seal(PLAN, [path], salts(), public=[public])
    seal(PLAN, [("optimizer", "warmup")], salts(), public=[("optimizer", "name")])


@pytest.mark.parametrize(
    "given_salts", [[], [b"fifteen bytes.."], [b"\x07" * 16] * 2, [b"\x07" * 65] * 2]
)
def test_unsound_salts_are_refused(given_salts: list[bytes]) -> None:
    with pytest.raises(SaltUnsound):
        seal(PLAN, [("title",), ("flop",)], iter(given_salts))


def test_too_many_fields_decoys_and_levels_are_refused() -> None:
    many = {f"field-{number}": 0 for number in range(4_001)}
    with pytest.raises(SealingTooLarge):
        seal(many, [(name,) for name in many], salts())
    with pytest.raises(SealingTooLarge):
        seal(PLAN, [], salts(), decoys={(): 1_001})
    deep: dict[str, Any] = {}
    for _ in range(60):
        deep = {"a": deep}
    with pytest.raises(SealingTooLarge):
        seal(deep, [], salts())
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(DocumentInvalid):
        seal(deep, [], salts())


def test_only_plain_values_can_be_sealed() -> None:
    with pytest.raises(QuantityInvalid):
        seal({"rate": 0.5}, [], salts())  # type: ignore[dict-item]
    with pytest.raises(DocumentInvalid):
        seal({"half": "\ud800"}, [], salts())


def test_a_second_implementation_finds_every_digest() -> None:
    paths: list[Path] = [("optimizer",), ("optimizer", "warmup"), ("sources", 2)]
    sealed = seal(PLAN, paths, salts(), decoys={(): 2})
    shown = texts(sealed)
    assert verify_sd_jwt(_compact(sealed.document, shown))["structure_ok"]
    other = seal(PLAN, paths, salts("other"))
    mixed = [*shown[:2], texts(other)[2]]
    assert not verify_sd_jwt(_compact(sealed.document, mixed))["structure_ok"]


def _compact(document: Any, shown: list[str]) -> str:  # noqa: ANN401 - plain values
    """Return the document as the payload of an SD-JWT that nobody signed."""
    parts = [b'{"alg":"EdDSA"}', canonical_bytes(document), b"none"]
    encoded = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]
    return "~".join([".".join(encoded), *shown, ""])


NAMES = st.text(min_size=1, max_size=6).filter(lambda n: n not in {"...", "_sd"})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4)
    ),
    max_leaves=12,
)


def paths_in(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every field and element."""
    if isinstance(value, dict):
        items: Any = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return
    for key, item in items:
        yield (*path, key)
        yield from paths_in(item, (*path, key))


@given(st.data(), st.dictionaries(NAMES, VALUES, max_size=5))
def test_whatever_is_sealed_opens_to_the_same_bytes(
    data: st.DataObject, document: dict[str, Any]
) -> None:
    all_paths = list(paths_in(document))
    picked = [path for path in all_paths if data.draw(st.booleans())]
    sealed = seal(document, picked, salts(), decoys={(): data.draw(st.integers(0, 3))})
    shown = data.draw(st.permutations(texts(sealed)))
    opened = open_fields(json.loads(canonical_bytes(sealed.document)), shown)
    assert canonical_bytes(opened.document) == canonical_bytes(document)
    assert {opened.found[one.digest] for one in sealed.disclosures.values()} == set(
        picked
    )
    for path, one in sealed.disclosures.items():
        assert opened.found[one.digest] == path

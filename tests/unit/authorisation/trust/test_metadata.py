"""What is read as metadata: one spelling, one key under one name, within limits."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.edwards25519 import NEUTRAL, encode

from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    ROOTS_MAX,
    KeyQuorum,
    RoleQuorums,
    RootUnsigned,
    TrustMalformed,
    TrustMetadata,
    make_root,
    make_targets,
    parse_root,
    seen_versions_of,
    sign_metadata,
    trust_metadata_of,
    verify_trust,
)
from assent.testing.states import SeededSigner
from assent.testing.trust import NOW, SimulatedTrust, key_quorum, signed
from assent.vocabulary import AssentError, canonical_bytes, parse_canonical
from assent.vocabulary.envelope import PublicKey

TRUST = SimulatedTrust()
TRUST.rotate(states=("AUS", "BRA", "CAN", "DEU", "NOR"))
GOOD = TRUST.metadata


def root_with(**changes: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Return the first root, with fields of what is signed changed."""
    value = parse_canonical(TRUST.root)
    value["signed"].update(changes)
    return canonical_bytes(value)


def refused(data: bytes, why: str = "This is no") -> None:
    with pytest.raises(TrustMalformed, match=why):
        verify_trust(data, GOOD, NOW)


def test_refuses_one_key_under_two_names() -> None:
    value = parse_canonical(TRUST.root)["signed"]
    name = value["roles"]["root"]["keyids"][0]
    keys = {**value["keys"], "ab" * 32: value["keys"][name]}
    roles = {
        **value["roles"],
        "root": {"keyids": [name, "ab" * 32], "threshold": 2},
    }
    refused(root_with(keys=keys, roles=roles), "named after another")


def test_refuses_one_key_named_twice_in_a_role() -> None:
    value = parse_canonical(TRUST.root)["signed"]
    name = value["roles"]["root"]["keyids"][0]
    role = {"keyids": [name, name], "threshold": 2}
    refused(root_with(roles={**value["roles"], "root": role}), "twice")


def test_refuses_one_key_that_signs_twice() -> None:
    value = parse_canonical(TRUST.root)
    value["signatures"] = [value["signatures"][0]] * 3
    refused(canonical_bytes(value), "twice")


def test_refuses_a_key_of_another_algorithm() -> None:
    keys = parse_canonical(TRUST.root)["signed"]["keys"]
    name = next(iter(keys))
    for field in ("keytype", "scheme"):
        refused(root_with(keys={**keys, name: {**keys[name], field: "rsa"}}), field)


def test_refuses_a_role_by_a_key_that_is_not_listed() -> None:
    roles = parse_canonical(TRUST.root)["signed"]["roles"]
    role = {"keyids": ["cd" * 32], "threshold": 1}
    refused(root_with(roles={**roles, "targets": role}), "not listed")


def test_refuses_snapshots_by_other_keys_than_timestamps() -> None:
    roles = parse_canonical(TRUST.root)["signed"]["roles"]
    forged = {**roles, "snapshot": roles["root"]}
    refused(root_with(roles=forged), "different keys")


@pytest.mark.parametrize("threshold", [0, 6, -1, True, "3", 3.0])
def test_refuses_a_threshold_that_is_none(threshold: object) -> None:
    roles = parse_canonical(TRUST.root)["signed"]["roles"]
    role = {**roles["root"], "threshold": threshold}
    data = json.dumps(
        {
            "signatures": [],
            "signed": {
                **parse_canonical(TRUST.root)["signed"],
                "roles": {**roles, "root": role},
            },
        },
        sort_keys=True,
        separators=(",", ":"),
    )
    refused(data.encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 0},
        {"version": 2**31},
        {"version": True},
        {"version": "1"},
        {"expires": "2027-06-01"},
        {"expires": "2027-02-30T00:00:00Z"},
        {"expires": "2027-06-01T12:00:00Z\n"},
        {"spec_version": "2.0.0"},
        {"consistent_snapshot": False},
        {"_type": "mirrors"},
        {"keys": {}},
        {"roles": {}},
        {"x": 1},
    ],
)
def test_refuses_a_field_that_is_not_as_we_write_it(changes: dict[str, Any]) -> None:
    refused(root_with(**changes))


def test_refuses_other_spellings_of_the_same() -> None:
    value = parse_canonical(TRUST.root)
    text = TRUST.root.decode()
    for spelt in (
        json.dumps(value).encode(),
        TRUST.root + b"\n",
        text.replace('"version":1}', '"version":1,"version":1}').encode(),
        text.replace("root", "r\\u006fot").encode(),
        b"\xef\xbb\xbf" + TRUST.root,
        text.encode("utf-16"),
        TRUST.root.replace(b"root", b"ro\xfft"),
        b"[" * 100_000,
        b"",
        b"null",
    ):
        refused(spelt)


def test_refuses_what_is_too_long_before_it_reads_it() -> None:
    refused(b"{" + b" " * METADATA_BYTES_MAX, "more than 512,000 bytes")


def test_refuses_an_endless_chain_of_roots() -> None:
    endless = replace(GOOD, roots=(TRUST.root,) * (ROOTS_MAX + 1))
    with pytest.raises(TrustMalformed, match="1,024"):
        verify_trust(TRUST.root, endless, NOW)


def test_a_signature_by_a_stranger_means_nothing() -> None:
    root = sign_metadata(TRUST.root, SeededSigner("stranger"))
    assert verify_trust(root, GOOD, NOW)


def test_refuses_a_known_key_whose_signature_is_forged_even_if_others_are_enough() -> (
    None
):
    names = TRUST.names("root")
    root = signed(make_root(TRUST.quorums, NOW.replace(year=2027)), names)
    value = parse_canonical(sign_metadata(root, SeededSigner("root-NOR")))
    assert verify_trust(canonical_bytes(value), replace(GOOD, roots=()), NOW)
    for line in value["signatures"]:
        if line["keyid"] == SeededSigner("root-NOR").key.key_id:
            line["sig"] = "00" * 64
    with pytest.raises(RootUnsigned, match="is none"):
        verify_trust(canonical_bytes(value), replace(GOOD, roots=()), NOW)


def test_refuses_a_signature_whose_point_is_of_small_order() -> None:
    value = parse_canonical(TRUST.root)
    small = encode(NEUTRAL) + bytes(32)
    value["signatures"][0]["sig"] = small.hex()
    with pytest.raises(RootUnsigned, match="small order"):
        verify_trust(canonical_bytes(value), GOOD, NOW)


def test_refuses_a_key_of_small_order_which_signs_anything() -> None:
    weak = PublicKey(encode(NEUTRAL))
    quorums = replace(TRUST.quorums, root=KeyQuorum(frozenset({weak}), 1))
    value = parse_canonical(make_root(quorums, NOW.replace(year=2027)))
    value["signatures"] = [{"keyid": weak.key_id, "sig": "01" + "00" * 63}]
    with pytest.raises(RootUnsigned, match="key is of small order"):
        verify_trust(canonical_bytes(value), GOOD, NOW)


def test_refuses_a_key_that_is_both_online_and_one_of_the_states() -> None:
    with pytest.raises(TrustMalformed, match="kept online"):
        RoleQuorums(
            root=key_quorum(["a", "b"], 2),
            targets=key_quorum(["c"], 1),
            online=key_quorum(["b"], 1),
        )


def test_makes_nothing_that_it_would_not_read() -> None:
    with pytest.raises(TrustMalformed):
        make_root(TRUST.quorums, NOW, version=0)
    with pytest.raises(AssentError):
        make_targets(b"{}", NOW, 1)
    with pytest.raises(TrustMalformed):
        make_targets(bytes(4_000_001), NOW, 1)
    many = frozenset(SeededSigner(f"key-{number}").key for number in range(513))
    with pytest.raises(TrustMalformed):
        make_root(replace(TRUST.quorums, root=KeyQuorum(many, 1)), NOW)


def test_512_keys_that_all_sign_are_within_the_limit() -> None:
    names = [f"key-{number}" for number in range(510)]
    quorums = RoleQuorums(
        root=key_quorum(names, 510),
        targets=key_quorum(["other"], 1),
        online=key_quorum(["online"], 1),
    )
    value = parse_canonical(make_root(quorums, NOW))
    value["signatures"] = [
        {"keyid": key_id, "sig": "ab" * 64} for key_id in quorums.root.by_id
    ]
    assert len(parse_root(canonical_bytes(value)).signatures) == 510


def test_the_files_survive_a_json_document() -> None:
    document = canonical_bytes(GOOD.plain)
    assert trust_metadata_of(parse_canonical(document)) == GOOD


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {**GOOD.plain, "more": ""},
        {**GOOD.plain, "roots": "text"},
        {**GOOD.plain, "roots": [1]},
        {**GOOD.plain, "roots": [""] * (ROOTS_MAX + 1)},
        {**GOOD.plain, "timestamp": None},
        {**GOOD.plain, "treaty": "\ud800"},
    ],
)
def test_refuses_values_that_are_no_files(value: object) -> None:
    with pytest.raises(TrustMalformed):
        trust_metadata_of(value)


def test_files_that_are_no_text_have_no_values() -> None:
    with pytest.raises(TrustMalformed):
        _ = replace(GOOD, treaty=b"\xff").plain


def test_seen_versions_survive_a_json_document() -> None:
    seen = verify_trust(TRUST.root, GOOD, NOW).versions
    assert seen_versions_of(parse_canonical(canonical_bytes(seen.plain))) == seen


@pytest.mark.parametrize(
    "change", [{"root": 0}, {"root": True}, {"root": "1"}, {"more": 1}, {"root": 2**31}]
)
def test_refuses_values_that_are_no_versions(change: dict[str, object]) -> None:
    good = verify_trust(TRUST.root, GOOD, NOW).versions.plain
    with pytest.raises(TrustMalformed):
        seen_versions_of({**good, **change})
    with pytest.raises(TrustMalformed):
        seen_versions_of(None)


FILES = {
    "root": TRUST.root,
    "roots": TRUST.roots[1],
    "timestamp": GOOD.timestamp,
    "snapshot": GOOD.snapshot,
    "targets": GOOD.targets,
    "treaty": GOOD.treaty,
}


def damaged(name: str, data: bytes) -> tuple[bytes, TrustMetadata]:
    if name == "root":
        return data, GOOD
    if name == "roots":
        return TRUST.root, replace(GOOD, roots=(data,))
    changes: dict[str, Any] = {name: data}
    return TRUST.root, replace(GOOD, **changes)


@pytest.mark.fuzz
@given(
    name=st.sampled_from(sorted(FILES)),
    place=st.integers(0, 10_000),
    byte=st.integers(1, 255),
)
def test_no_flipped_bit_is_accepted_and_no_foreign_error_leaks(
    name: str, place: int, byte: int
) -> None:
    data = bytearray(FILES[name])
    data[place % len(data)] ^= byte
    try:
        found = verify_trust(*damaged(name, bytes(data)), NOW)
    except AssentError:
        return
    # A line of a signature that was renamed to a stranger's could be spared.
    assert found.treaty.digest == verify_trust(TRUST.root, GOOD, NOW).treaty.digest
    assert name in {"root", "roots", "timestamp"}


@pytest.mark.fuzz
@given(name=st.sampled_from(sorted(FILES)), share=st.floats(0, 0.999))
def test_no_file_that_was_cut_short_is_accepted(name: str, share: float) -> None:
    data = FILES[name]
    with pytest.raises(AssentError):
        verify_trust(*damaged(name, data[: int(len(data) * share)]), NOW)


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.sampled_from(["root", "ab" * 32, base64.b64encode(b"x" * 40).decode()]),
)


@pytest.mark.fuzz
@given(
    st.sampled_from(["signed", "signatures", "keys", "roles", "version", "expires"]),
    st.recursive(
        LEAVES,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.text(max_size=8), inner, max_size=3),
        ),
        max_leaves=8,
    ),
)
def test_no_other_value_in_any_field_makes_a_foreign_error(
    field: str,
    value: Any,  # noqa: ANN401 - any JSON value
) -> None:
    whole = parse_canonical(TRUST.root)
    holder = whole if field in whole else whole["signed"]
    before = holder[field]
    holder[field] = value
    try:
        verify_trust(canonical_bytes(whole), GOOD, NOW)
    except AssentError:
        return
    assert holder[field] == before

"""The vectors that we publish: our implementation decides every one as they say."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from tests.vectors.translog import generate

from assent.translog.errors import (
    CosignatureInvalid,
    CosignatureMalformed,
    KeyMalformed,
    NoteMalformed,
    PolicyMalformed,
    ProofInvalid,
    ProofMalformed,
    QuorumNotMet,
    TreeHeadMalformed,
    TreeHeadUnsigned,
    WrongOrigin,
)
from assent.translog.formats.cosignature import verify_subtree_cosignature
from assent.translog.formats.keys import (
    VerifierKey,
    parse_signing_key,
    parse_verifier_key,
)
from assent.translog.formats.note import parse_note, parse_signature_lines
from assent.translog.formats.policy import Policy, parse_policy
from assent.translog.formats.proof import parse_proof
from assent.translog.formats.signed_head import (
    cosigners_of,
    log_keys_that_signed,
    parse_signed_head,
    verify_tree_head,
)
from assent.translog.formats.statements import encode_word
from assent.translog.verify import verify_proof
from assent.vocabulary import AssentError, SignatureInvalid
from assent.vocabulary.signatures import verify_ml_dsa_44

FOLDER = Path(__file__).resolve().parents[1] / "vectors" / "translog"
Case = dict[str, Any]
WITNESSES_TRIED_MAX = 8  # of more, not every set is tried
Judge = Callable[[Case, dict[str, VerifierKey]], Any]

# file: how many cases, how many of them good, how many our own reading
COUNTS = {
    "note": (68, 21, 4),
    "key": (67, 14, 22),
    "checkpoint": (86, 23, 11),
    "cosignature": (81, 25, 9),
    "policy": (92, 34, 3),
    "proof": (87, 21, 6),
}

# file and slug: the error of ours; "" stands for all slugs of the file
ERRORS: dict[tuple[str, str], type[AssentError]] = {
    ("note", ""): NoteMalformed,
    ("key", ""): KeyMalformed,
    ("checkpoint", "note"): NoteMalformed,
    ("checkpoint", "tree-head"): TreeHeadMalformed,
    ("checkpoint", "origin"): WrongOrigin,
    ("checkpoint", "unsigned"): TreeHeadUnsigned,
    ("checkpoint", "signature"): SignatureInvalid,
    ("cosignature", "cosignature"): CosignatureInvalid,
    ("cosignature", "length"): CosignatureMalformed,
    ("cosignature", "time"): CosignatureMalformed,
    ("cosignature", "kind"): CosignatureMalformed,
    ("cosignature", "subtree"): CosignatureMalformed,
    ("policy", ""): PolicyMalformed,
    ("proof", "proof-form"): ProofMalformed,
    ("proof", "note"): NoteMalformed,
    ("proof", "tree-head"): TreeHeadMalformed,
    ("proof", "origin"): WrongOrigin,
    ("proof", "unsigned"): TreeHeadUnsigned,
    ("proof", "signature"): SignatureInvalid,
    ("proof", "cosignature"): CosignatureInvalid,
    ("proof", "quorum"): QuorumNotMet,
    ("proof", "inclusion"): ProofInvalid,
}


def _read(name: str) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("ascii"))
    return whole


def _input(case: Case) -> bytes:
    if "input_base64" in case:
        return b64decode(case["input_base64"])
    text: str = case["input"]
    return text.encode()


def _b64(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def _note(case: Case, _: dict[str, VerifierKey]) -> Any:  # noqa: ANN401 - JSON
    note = parse_note(_input(case))
    assert note.encoded == _input(case)
    signatures = [
        {
            "name": line.name,
            "key_id": line.key_id.hex(),
            "signature": _b64(line.signature),
        }
        for line in note.signatures
    ]
    return {"text": note.text, "signatures": signatures}


def _key(case: Case, _: dict[str, VerifierKey]) -> Any:  # noqa: ANN401 - JSON
    text = case["input"]
    if case["is_secret"]:
        secret = parse_signing_key(text)
        assert secret.secret_text() == text
        return {"verifier_key": secret.verifier.text}
    key = parse_verifier_key(text)
    assert key.text == text
    return {
        "name": key.name,
        "kind": int(key.kind),
        "key_id": key.key_id.hex(),
        "public_key": _b64(key.public_key),
    }


def _checkpoint(case: Case, keys: dict[str, VerifierKey]) -> Any:  # noqa: ANN401 - JSON
    trusted = {ref: keys[ref] for ref in case["log_keys"]}
    data = _input(case)
    signed = verify_tree_head(data, origin=case["origin"], log_keys=trusted.values())
    assert signed.encoded == data
    signers = log_keys_that_signed(signed, trusted.values())
    return {
        "origin": signed.head.origin,
        "size": str(signed.head.size),
        "root": _b64(signed.head.root),
        "extensions": list(signed.head.extensions),
        "signed_by": [ref for ref, key in trusted.items() if key in signers],
    }


def _cosignature(case: Case, keys: dict[str, VerifierKey]) -> Any:  # noqa: ANN401 - JSON
    if (subtree := case.get("subtree")) is not None:
        (line,) = parse_signature_lines(case["input"])
        verify_subtree_cosignature(
            subtree["origin"],
            int(subtree["start"]),
            int(subtree["end"]),
            b64decode(subtree["hash"]),
            keys[subtree["key"]],
            line,
        )
        return {}
    signed = parse_signed_head(_input(case))
    known = {ref: keys[ref] for ref in case["witness_keys"]}
    found = cosigners_of(signed, known.values())
    cosigners = [
        {"key": ref, "time_s": str(found[key])}
        for ref, key in known.items()
        if key in found
    ]
    return {"cosigners": cosigners}


def _policy(case: Case, _: dict[str, VerifierKey]) -> Any:  # noqa: ANN401 - JSON
    policy = parse_policy(_input(case))
    assert parse_policy(policy.encoded) == policy

    def name(text: str) -> str:
        return _b64(encode_word(text)) if case.get("names") == "base64" else text

    sets = {key: case["expected"][key] for key in ("enough", "not_enough")}
    keys = {name(witness.name): witness.key for witness in policy.witnesses}
    for names in sets["enough"]:
        assert policy.is_quorum([keys[one] for one in names])
        for left_out in names if len(keys) <= WITNESSES_TRIED_MAX else ():
            assert not policy.is_quorum([keys[one] for one in names if one != left_out])
    for names in sets["not_enough"]:
        assert not policy.is_quorum([keys[one] for one in names])
    if len(keys) <= WITNESSES_TRIED_MAX:
        _try_every_set(policy, keys, [frozenset(names) for names in sets["enough"]])
    return {
        "logs": [
            {"origin": log.origin, "key": log.key.text, "url": log.url}
            for log in policy.logs
        ],
        "witnesses": [
            {"name": name(one.name), "key": one.key.text, "url": one.url}
            for one in policy.witnesses
        ],
        **sets,
    }


def _try_every_set(
    policy: Policy, keys: dict[str, VerifierKey], enough: list[frozenset[str]]
) -> None:
    for count in range(len(keys) + 1):
        for names in combinations(keys, count):
            expected = any(least <= {*names} for least in enough)
            assert policy.is_quorum([keys[one] for one in names]) == expected


def _proof(case: Case, _: dict[str, VerifierKey]) -> Any:  # noqa: ANN401 - JSON
    data, policy = _input(case), parse_policy(case["policy"].encode())
    found = verify_proof(data, policy, entry=b64decode(case["entry"]))
    proof = parse_proof(data)
    assert proof.encoded == data
    return {
        "index": str(found.index),
        "size": str(found.head.size),
        "hashes": len(proof.hashes),
        "extra": _b64(proof.extra),
        "cosigners": sorted(found.cosigners),
    }


JUDGES: dict[str, Judge] = {
    "note": _note,
    "key": _key,
    "checkpoint": _checkpoint,
    "cosignature": _cosignature,
    "policy": _policy,
    "proof": _proof,
}


def _without_messages(expected: Any) -> Any:  # noqa: ANN401 - JSON
    """Leave out what is there for people who look for their mistake."""
    if isinstance(expected, dict):
        return {k: _without_messages(v) for k, v in expected.items() if k != "message"}
    if isinstance(expected, list):
        return [_without_messages(item) for item in expected]
    return expected


def _cases(*names: str) -> list[Any]:
    return [
        pytest.param(name, case, id=f"{name}-{case['name']}")
        for name in names
        for case in _read(name)["cases"]
    ]


def _keys(name: str) -> dict[str, VerifierKey]:
    keys = _read(name).get("keys", {})
    return {ref: parse_verifier_key(text) for ref, text in keys.items()}


@pytest.mark.parametrize(("name", "case"), _cases(*JUDGES))
def test_a_vector_is_decided_as_published(name: str, case: Case) -> None:
    judge, keys = JUDGES[name], _keys(name)
    if "expected" in case:
        assert judge(case, keys) == _without_messages(case["expected"])
        return
    expected = ERRORS.get((name, case["error"])) or ERRORS[name, ""]
    with pytest.raises(expected) as refusal:
        judge(case, keys)
    assert refusal.value.remedy


@pytest.mark.parametrize("name", COUNTS)
def test_every_case_is_named_and_says_what_comes_out(name: str) -> None:
    cases = _read(name)["cases"]
    good = sum("expected" in case for case in cases)
    ours = sum(case.get("strictness") == "ours" for case in cases)
    assert (len(cases), good, ours) == COUNTS[name]
    assert len({case["name"] for case in cases}) == len(cases)
    for case in cases:
        assert ("expected" in case) != ("error" in case)
        assert ("input" in case) != ("input_base64" in case)
        assert case["description"]
        assert case.get("strictness", "ours") == "ours"


def test_the_kept_signatures_verify() -> None:
    rows = _read("ml_dsa_44")["signatures"]
    assert rows
    for row in rows:
        public_key, signature = (
            b64decode(row["public_key"]),
            b64decode(row["signature"]),
        )
        verify_ml_dsa_44(public_key, signature, b64decode(row["message"]))


def test_the_generator_makes_exactly_these_files() -> None:
    made = generate.files()
    found = {path.name: path.read_text("ascii") for path in FOLDER.glob("*.json")}
    assert made.keys() == found.keys()
    assert [name for name, text in made.items() if text != found[name]] == []


def test_every_slug_and_field_is_explained() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    for name in [*COUNTS, "witness"]:
        whole = _read(name)
        slugs = {case["error"] for case in whole["cases"] if "error" in case}
        expected = [case.get("expected", {}) for case in whole["cases"]]
        exchanges = [
            one for case in whole["cases"] for one in case.get("exchanges", [])
        ]
        expected += [exchange["expected"] for exchange in exchanges]
        listed = [whole, *whole["cases"], *expected, *exchanges]
        fields = {field for value in listed for field in value}
        missing = [word for word in sorted(slugs | fields) if f"`{word}`" not in page]
        assert not missing, f"{name}.json: {missing}"


def test_the_page_counts_the_cases() -> None:
    page = (FOLDER / "README.md").read_text("utf-8").splitlines()
    rows = {row.split("`")[1]: row for row in page if row.startswith("| `")}
    for name, (cases, good, _) in COUNTS.items():
        assert rows[f"{name}.json"].endswith(f"| {cases} | {good} |")
    assert rows.keys() == {path.name for path in FOLDER.glob("*.json")}

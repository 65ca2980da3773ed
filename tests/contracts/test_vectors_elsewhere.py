"""Independent implementations decide our vectors; every difference is listed and why.

`tlog-scales` is a small reader and writer of tiled logs, lenient in what it reads.
`proofbundle` is a strict verifier. Neither knows policies or witnesses of C2SP.
"""

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pb = pytest.importorskip(
    "proofbundle.checkpoint", reason="proofbundle is not installed"
)
pb_proof = pytest.importorskip("proofbundle.tlogproof")
ts = pytest.importorskip("tlog_scales.tlog", reason="tlog-scales is not installed")
ts_signing = pytest.importorskip("tlog_scales.signing")

FOLDER = Path(__file__).resolve().parents[1] / "vectors" / "translog"
Case = dict[str, Any]
Keys = dict[str, str]

SHOULD = "the note SHOULD be rejected; it ignores the forged line beside a good one"
STRAY = "it tolerates stray bits in base64, as Go's decoder does"
LENIENT_BASE64 = "it decodes base64 without checking it"
NO_LIMIT = "it has another limit or none"
NO_POINT_RULE = "it leaves points to OpenSSL, which takes any"
ONLY_ASCII = "it takes printable ASCII alone for an identity, on purpose"
NO_ROOT_RULE = "it does not look at the root's length or meaning"
NO_TIME_RULE = "it leaves the meaning of a time to its caller"
NO_NAME_RULE = "it does not check a name, nor the key ID against it"
NO_EXTENSIONS = "it does not read extension lines"
PYTHON_INT = "it reads the size with int(), then signs over what it understood"
PYTHON_LINES = "it cuts lines as Python does, then signs over what it understood"
NO_ML_DSA_LOG = "it knows ML-DSA-44 keys of witnesses, not of logs"
EXTRA = "extra data is opaque to it, as the format says"

# file: case: why; cases that are good there are refused, bad ones accepted
PROOFBUNDLE: dict[str, dict[str, str]] = {
    "note": {
        "stray-bits-in-base64": STRAY,
        "name-256-bytes": NO_LIMIT,
        "65-signatures": NO_LIMIT,
    },
    "key": {
        "name-not-ascii": ONLY_ASCII,
        "upper-case-key-id": "it reads the key ID in any letters",
        "name-256-bytes": NO_LIMIT,
        "stray-bits": STRAY,
    },
    "checkpoint": {
        "no-entries-and-a-root": NO_ROOT_RULE,
        "origin-with-plus": ONLY_ASCII,
        "origin-not-ascii": ONLY_ASCII,
        "forged-after-good": SHOULD,
        "forged-before-good": SHOULD,
        "forged-by-other-trusted-key": "it is handed one key at a time",
        "size-2-63": NO_LIMIT,
        "size-2-64": NO_LIMIT,
        "root-of-31-bytes": NO_ROOT_RULE,
        "root-of-33-bytes": NO_ROOT_RULE,
        "root-hexadecimal": NO_ROOT_RULE,
        "root-with-stray-bits": STRAY,
        "extension-under-ml-dsa-44": "it does not ask what the signature covers",
        "text-over-4-kib": NO_LIMIT,
        "extension-empty": "it does not look at the lines after the third",
        "extension-after-empty-line": "it does not look at the lines after the third",
        "origin-256-bytes": NO_LIMIT,
        "ml-dsa-44-without-time": NO_TIME_RULE,
    },
    "cosignature": {
        "ed25519-time-zero": NO_TIME_RULE,
        "ed25519-forged-after-good": SHOULD,
        "ed25519-forged-before-good": SHOULD,
        "ml-dsa-44-time-zero": NO_TIME_RULE,
        "ml-dsa-44-forged-after-good": SHOULD,
        "ml-dsa-44-forged-before-good": SHOULD,
    },
    "proof": {
        "ml-dsa-44": NO_ML_DSA_LOG,
        "extra-empty": EXTRA,
        "copied-cosignature-beyond-the-quorum": SHOULD,
    },
}
TLOG_SCALES: dict[str, dict[str, str]] = {
    "key": {
        "empty-key-id": NO_NAME_RULE,
        "empty-name": NO_NAME_RULE,
        "newline-at-end": LENIENT_BASE64,
        "space-before": NO_NAME_RULE,
        "space-after": LENIENT_BASE64,
        "upper-case-key-id": "it reads the key ID in any letters",
        "other-key-id": NO_NAME_RULE,
        "other-name": NO_NAME_RULE,
        "space-in-name": NO_NAME_RULE,
        "no-break-space-in-name": NO_NAME_RULE,
        "tab-in-name": NO_NAME_RULE,
        "newline-in-name": NO_NAME_RULE,
        "name-256-bytes": NO_LIMIT,
        "base64-padded-twice": LENIENT_BASE64,
        "base64-padded-for-nothing": LENIENT_BASE64,
        "stray-bits": STRAY,
        "small-order-1": NO_POINT_RULE,
        "small-order-2": NO_POINT_RULE,
        "small-order-4": NO_POINT_RULE,
        "small-order-4-negative": NO_POINT_RULE,
        "small-order-8": NO_POINT_RULE,
        "small-order-8-negative-x": NO_POINT_RULE,
        "small-order-8-negative-y": NO_POINT_RULE,
        "small-order-8-negative": NO_POINT_RULE,
        "small-order-1-cosigner": NO_POINT_RULE,
        "y-is-the-prime": NO_POINT_RULE,
        "y-is-all-ones": NO_POINT_RULE,
        "zero-x-with-a-sign": NO_POINT_RULE,
    },
    "checkpoint": {
        "no-entries-and-a-root": NO_ROOT_RULE,
        "extension-lines": NO_EXTENSIONS,
        "extension-of-a-space": NO_EXTENSIONS,
        "extension-like-a-signature": NO_EXTENSIONS,
        "forged-after-good": SHOULD,
        "forged-by-other-trusted-key": "it is handed one key at a time",
        "size-negative": PYTHON_INT,
        "size-2-63": NO_LIMIT,
        "size-2-64": NO_LIMIT,
        "size-of-200-digits": NO_LIMIT,
        "root-empty": NO_ROOT_RULE,
        "root-of-31-bytes": NO_ROOT_RULE,
        "root-of-33-bytes": NO_ROOT_RULE,
        "root-hexadecimal": NO_ROOT_RULE,
        "crlf": PYTHON_LINES,
        "cut-off": PYTHON_LINES,
        "origin-256-bytes": NO_LIMIT,
        "ml-dsa-44-without-time": NO_TIME_RULE,
    },
    "cosignature": {
        "ed25519-extension": NO_EXTENSIONS,
        "ml-dsa-44-extension": NO_EXTENSIONS,
        "extension-not-covered": NO_EXTENSIONS,
        "ed25519-beyond-last-second": NO_TIME_RULE,
        "ed25519-time-zero": NO_TIME_RULE,
        "ed25519-forged-after-good": SHOULD,
        "ed25519-forged-before-good": SHOULD,
        "ml-dsa-44-beyond-last-second": NO_TIME_RULE,
        "ml-dsa-44-time-zero": NO_TIME_RULE,
        "ml-dsa-44-forged-after-good": SHOULD,
        "ml-dsa-44-forged-before-good": SHOULD,
    },
}


def _read(name: str) -> tuple[list[Case], Keys]:
    whole = json.loads((FOLDER / f"{name}.json").read_text("ascii"))
    return whole["cases"], whole.get("keys", {})


# What each says to a case: True, False, or None if it is nothing that it judges.


def _is_for_verifiers(case: Case) -> bool:
    """Leave out bytes that are no text, signing keys and subtrees."""
    is_text, is_secret = "input" in case, case.get("is_secret", False)
    return is_text and not is_secret and "subtree" not in case


def _pb_note(case: Case, _: Keys) -> bool:
    pb._split_signed_note(case["input"])  # noqa: SLF001 - its framing has no public name
    return True


GOOD_NOTE = _read("checkpoint")[0][0]["input"]


def _pb_key(case: Case, _: Keys) -> bool:
    for verify in (pb.verify_checkpoint, pb.verify_cosignature):
        try:
            verify(GOOD_NOTE, case["input"])
        except pb.BundleFormatError:
            continue
        return True
    return False


def _pb_checkpoint(case: Case, keys: Keys) -> bool:
    found = []
    for ref in case["log_keys"]:
        kind = b64decode(keys[ref].split("+", 2)[2])[0]
        verify = pb.verify_checkpoint if kind == 1 else pb.verify_cosignature
        found.append(verify(case["input"], keys[ref]))
    good = [one for one in found if one["ok"] and one["origin"] == case["origin"]]
    if "expected" in case:
        expected = case["expected"]
        told = (int(expected["size"]), b64decode(expected["root"]))
        assert all((one["tree_size"], one["root"]) == told for one in good)
        return len(good) == len(expected["signed_by"])
    return bool(good)


def _pb_cosignature(case: Case, keys: Keys) -> bool:
    answers = {
        ref: pb.verify_cosignature(case["input"], keys[ref])
        for ref in case["witness_keys"]
    }
    return _agrees(
        case, {k: one["timestamp"] for k, one in answers.items() if one["ok"]}
    )


def _agrees(case: Case, times: dict[str, int]) -> bool:
    if "expected" not in case:
        return bool(times)
    expected = case["expected"]["cosigners"]
    return times == {one["key"]: int(one["time_s"]) for one in expected}


def _pb_proof(case: Case, _: Keys) -> bool:
    lines = [line.split() for line in case["policy"].splitlines()]
    logs = [words[1] for words in lines if words[0] == "log"]
    witnesses = [words[2] for words in lines if words[0] == "witness"]
    groups = [int(words[2]) for words in lines if words[0] == "group"]
    needed = groups[0] if groups else len(witnesses)
    return any(
        pb_proof.verify_tlog_proof(
            case["input"],
            b64decode(case["entry"]),
            log,
            witnesses,
            threshold=needed,
            expected_origin=log.split("+")[0],
        )["ok"]
        for log in logs
    )


def _ts_key(case: Case, _: Keys) -> bool:
    ts_signing.Vkey.from_string(case["input"]).get_verifier()
    return True


def _ts_checkpoint(case: Case, keys: Keys) -> bool:
    head = ts.Checkpoint.from_text(case["input"])
    signers = []
    for ref in case["log_keys"]:
        try:
            head.verify(ts_signing.Vkey.from_string(keys[ref]))
        except Exception:  # noqa: BLE001, S112 - it says no by any exception
            continue
        signers.append(ref)
    if "expected" in case:
        assert head.root_hash == b64decode(case["expected"]["root"])
        return bool(signers == case["expected"]["signed_by"])
    return bool(signers) and bool(head.origin == case["origin"])


def _ts_cosignature(case: Case, keys: Keys) -> bool:
    head = ts.Checkpoint.from_text(case["input"])
    known = {
        ref: ts_signing.Vkey.from_string(keys[ref]) for ref in case["witness_keys"]
    }
    found = ts_signing.VkeySet(*known.values()).verify(head.signatures, head)
    times: dict[str, int] = {}
    for key, signature in found:
        ref = next(ref for ref, one in known.items() if one is key)
        time_s = int.from_bytes(signature.payload[:8], "big")
        times[ref] = max(time_s, times.get(ref, 0))
    return _agrees(case, times)


JUDGES: dict[tuple[str, str], Callable[[Case, Keys], bool]] = {
    ("proofbundle", "note"): _pb_note,
    ("proofbundle", "key"): _pb_key,
    ("proofbundle", "checkpoint"): _pb_checkpoint,
    ("proofbundle", "cosignature"): _pb_cosignature,
    ("proofbundle", "proof"): _pb_proof,
    ("tlog-scales", "key"): _ts_key,
    ("tlog-scales", "checkpoint"): _ts_checkpoint,
    ("tlog-scales", "cosignature"): _ts_cosignature,
}
TABLES = {"proofbundle": PROOFBUNDLE, "tlog-scales": TLOG_SCALES}


def _accepts(who: str, name: str, case: Case, keys: Keys) -> bool:
    try:
        return JUDGES[who, name](case, keys)
    except AssertionError:
        raise
    except Exception:  # noqa: BLE001 - it refuses by any exception, and lets some escape
        return False


@pytest.mark.parametrize(("who", "name"), JUDGES)
def test_others_decide_as_published_but_for_what_is_listed(who: str, name: str) -> None:
    cases, keys = _read(name)
    differ = {
        case["name"]
        for case in cases
        if _is_for_verifiers(case)
        and _accepts(who, name, case, keys) != ("expected" in case)
    }
    assert differ == TABLES[who][name].keys()


@pytest.mark.parametrize("name", ["note", "key", "checkpoint", "cosignature", "proof"])
def test_every_good_case_is_accepted_elsewhere(name: str) -> None:
    cases, keys = _read(name)
    judges = [who for who, judged in JUDGES if judged == name]
    lonely = [
        case["name"]
        for case in cases
        if "expected" in case
        and _is_for_verifiers(case)
        and not any(_accepts(who, name, case, keys) for who in judges)
    ]
    # A proof under a log's ML-DSA-44 key is the one good case that neither can judge.
    assert lonely == (["ml-dsa-44"] if name == "proof" else [])


def test_every_bad_case_but_these_is_refused_by_one_of_them() -> None:
    """Name the refusals for which our word alone stands."""
    alone = {
        f"{name}: {case}"
        for name in ("checkpoint", "cosignature", "key")
        for case in PROOFBUNDLE[name].keys() & TLOG_SCALES[name].keys()
        if not any(
            one["name"] == case and ("expected" in one or "strictness" in one)
            for one in _read(name)[0]
        )
    }
    assert alone == {
        "checkpoint: no-entries-and-a-root",  # the definition of the root
        "checkpoint: root-hexadecimal",  # 48 bytes, seen as base64
        "checkpoint: root-of-31-bytes",  # SHA-256 has 32
        "checkpoint: root-of-33-bytes",
        "key: upper-case-key-id",  # "fixed length lowercase Base 16"
    }

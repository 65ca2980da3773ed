"""Every published edge case of Ed25519 is decided by the one pinned rule.

The vectors say by flags what is odd about each; the curve's definition in
`tests/edwards25519.py` says the same without flags and without any library.
"""

import json
from collections import Counter
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.edwards25519 import (
    NEUTRAL,
    decode,
    does_equation_hold,
    encode,
    times,
)

from assent.vocabulary import SignatureInvalid
from assent.vocabulary.signatures import verify_ed25519

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT.parent / "shared" / "vectors" / "ed25519" / "ed25519vectors.json"
PAGE = ROOT / "docs" / "signatures.md"
COUNT = 914

# (A, R, equation): how many vectors, what we say to all of them, how many of them
# OpenSSL alone accepts. Every point here that is not canonical is of small order too.
OUTCOMES = {
    ("ordinary", "ordinary", "holds"): (43, "accepted", 43),
    ("ordinary", "ordinary", "only times 8"): (63, "refused by (3)", 0),
    ("ordinary", "small order", "holds"): (43, "refused by (2)", 43),
    ("ordinary", "small order", "only times 8"): (63, "refused by (2)", 0),
    ("ordinary", "not canonical", "holds"): (55, "refused by (1)", 0),
    ("ordinary", "not canonical", "only times 8"): (121, "refused by (1)", 0),
    ("small order", "ordinary", "holds"): (43, "refused by (2)", 43),
    ("small order", "ordinary", "only times 8"): (63, "refused by (2)", 0),
    ("small order", "small order", "holds"): (43, "refused by (2)", 43),
    ("small order", "small order", "only times 8"): (63, "refused by (2)", 0),
    ("small order", "not canonical", "holds"): (43, "refused by (2)", 0),
    ("small order", "not canonical", "only times 8"): (45, "refused by (2)", 0),
    ("not canonical", "ordinary", "holds"): (23, "refused by (1)", 23),
    ("not canonical", "ordinary", "only times 8"): (93, "refused by (1)", 0),
    ("not canonical", "small order", "holds"): (13, "refused by (1)", 13),
    ("not canonical", "small order", "only times 8"): (45, "refused by (1)", 0),
    ("not canonical", "not canonical", "holds"): (25, "refused by (1)", 0),
    ("not canonical", "not canonical", "only times 8"): (27, "refused by (1)", 0),
}
Vector = tuple[bytes, bytes, bytes, frozenset[str]]

needs_vectors = pytest.mark.skipif(
    not VECTORS.is_file(), reason="the published Ed25519 vectors are not beside us"
)


def _read() -> list[Vector]:
    return [
        (
            bytes.fromhex(row["key"]),
            bytes.fromhex(row["sig"]),
            row["msg"].encode(),
            frozenset(row["flags"] or ()),
        )
        for row in json.loads(VECTORS.read_text())
    ]


def _ours(vector: Vector) -> str:
    try:
        verify_ed25519(*vector[:3])
    except SignatureInvalid as error:
        reasons = {
            "not in its canonical encoding.": "refused by (1)",
            "of small order.": "refused by (2)",
            "does not match the key and the message.": "refused by (3)",
        }
        return next(
            said for end, said in reasons.items() if error.message.endswith(end)
        )
    return "accepted"


def _openssl(vector: Vector) -> bool:
    key, signature, message, _ = vector
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _oddities(flags: frozenset[str]) -> tuple[str, str, str]:
    def point(name: str) -> str:
        if f"non_canonical_{name}" in flags:
            return "not canonical"
        return "small order" if f"low_order_{name}" in flags else "ordinary"

    equation = "only times 8" if "low_order_residue" in flags else "holds"
    return point("A"), point("R"), equation


def _is_sound_point(encoded: bytes) -> bool:
    point = decode(encoded)
    return point is not None and encode(point) == encoded and times(8, point) != NEUTRAL


@needs_vectors
def test_each_set_of_flags_has_the_outcome_of_the_table() -> None:
    found = Counter((_oddities(v[3]), _ours(v), _openssl(v)) for v in _read())
    expected = {
        (oddities, outcome, count) for oddities, (count, outcome, _) in OUTCOMES.items()
    }
    totals: Counter[tuple[tuple[str, str, str], str]] = Counter()
    for (oddities, outcome, _), count in found.items():
        totals[oddities, outcome] += count
    assert {(*key, count) for key, count in totals.items()} == expected
    assert {key: found[key, said, True] for key, (_, said, _) in OUTCOMES.items()} == {
        key: by_openssl for key, (_, _, by_openssl) in OUTCOMES.items()
    }
    assert totals.total() == COUNT


@needs_vectors
def test_exactly_the_signatures_that_are_sound_by_definition_are_accepted() -> None:
    sound = [
        vector
        for vector in _read()
        if _is_sound_point(vector[0])
        and _is_sound_point(vector[1][:32])
        and does_equation_hold(*vector[:3])
    ]
    assert [vector for vector in _read() if _ours(vector) == "accepted"] == sound


@needs_vectors
def test_whatever_we_accept_openssl_accepts_too() -> None:
    assert all(_openssl(v) for v in _read() if _ours(v) == "accepted")


def test_the_page_shows_the_table_of_outcomes() -> None:
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| ")
    ]
    table = [
        (*key, str(count), outcome, str(by_openssl))
        for key, (count, outcome, by_openssl) in OUTCOMES.items()
    ]
    assert [row for row in rows if row[:3] in OUTCOMES] == table
    accepted = sum(n for n, outcome, _ in OUTCOMES.values() if outcome == "accepted")
    by_openssl = sum(n for _, _, n in OUTCOMES.values())
    assert rows[-1] == (
        "all",
        "",
        "",
        str(COUNT),
        f"{accepted} accepted",
        str(by_openssl),
    )

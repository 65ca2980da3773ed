"""The exchanges with a witness that we publish: ours answers every one as they say."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from assent.adapters.translog.witness_store import WitnessStore
from assent.apps.witness import Answer, OpenWitness
from assent.translog.formats.cosignature import (
    verify_cosignature,
    verify_subtree_cosignature,
)
from assent.translog.formats.keys import (
    VerifierKey,
    parse_signing_key,
    parse_verifier_key,
)
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.witness_exchange import (
    parse_answer,
    parse_cosign_request,
    parse_subtree_request,
)

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "translog" / "witness.json"
WHOLE: dict[str, Any] = json.loads(VECTORS.read_text("ascii"))
KEYS = {ref: parse_verifier_key(text) for ref, text in WHOLE["keys"].items()}
COUNTS = (105, 178, 23)  # cases, exchanges, our own reading


def _body(exchange: dict[str, Any]) -> bytes:
    if "input_base64" in exchange:
        return b64decode(exchange["input_base64"])
    text: str = exchange["input"]
    return text.encode()


def _open(case: dict[str, Any], folder: Path, clock: list[int]) -> OpenWitness:
    keys = [
        parse_signing_key(WHOLE["signing_keys"][ref]) for ref in case["witness_keys"]
    ]
    store = WitnessStore.make(folder / "witness.db", [key.verifier for key in keys])
    for origin, refs in case["logs"].items():
        store.trust((origin, KEYS[ref]) for ref in refs)
    return OpenWitness(
        keys=tuple(keys), store=store, folder=folder, now=lambda: clock[-1]
    )


def _verify(exchange: dict[str, Any], key: VerifierKey, line: SignatureLine) -> None:
    body = _body(exchange)
    if exchange["path"] == "add-checkpoint":
        head = parse_cosign_request(body).signed.head
        assert verify_cosignature(head, key, line) == int(exchange["time_s"])
        return
    asked = parse_subtree_request(body)
    origin = asked.signed.head.origin
    verify_subtree_cosignature(
        origin, asked.start, asked.end, asked.subtree_hash, key, line
    )


def _check(exchange: dict[str, Any], answer: Answer) -> None:
    expected = exchange["expected"]
    assert answer.status == expected["status"]
    if "body" in expected:
        assert answer.body == expected["body"].encode()
    if "content_type" in expected:
        assert answer.content_type == expected["content_type"]
    if "cosigners" in expected:
        keys = [KEYS[ref] for ref in expected["cosigners"]]
        lines = parse_answer(answer.body)
        assert [(line.name, line.key_id) for line in lines] == [
            (key.name, key.key_id) for key in keys
        ]
        for key, line in zip(keys, lines, strict=True):
            _verify(exchange, key, line)


def _log_asked_about(exchange: dict[str, Any], origins: list[str]) -> str:
    if len(origins) == 1:
        return origins[0]
    return parse_cosign_request(_body(exchange)).signed.head.origin


@pytest.mark.parametrize("case", WHOLE["cases"], ids=lambda case: case["name"])
def test_a_witness_answers_as_published(case: dict[str, Any], tmp_path: Path) -> None:
    clock: list[int] = []
    witness = _open(case, tmp_path, clock)
    origins = list(case["logs"])
    for exchange in case["exchanges"]:
        clock.append(int(exchange["time_s"]))
        ask = {
            "add-checkpoint": witness.cosign_head,
            "sign-subtree": witness.cosign_subtree,
        }[exchange["path"]]
        _check(exchange, ask(_body(exchange)))
        held = witness.store.held(_log_asked_about(exchange, origins))
        recorded = str(held.head.size if held else 0)
        assert recorded == exchange["expected"]["recorded"]
    witness.store.close()


def test_every_case_says_what_comes_out() -> None:
    cases = WHOLE["cases"]
    exchanges = [exchange for case in cases for exchange in case["exchanges"]]
    ours = [case for case in cases if case.get("strictness") == "ours"]
    assert (len(cases), len(exchanges), len(ours)) == COUNTS
    assert len({case["name"] for case in cases}) == len(cases)
    assert all(case["description"] for case in cases)
    assert {exchange["expected"]["status"] for exchange in exchanges} == {
        *(200, 400, 403, 404, 409, 422)
    }

"""Merkle proofs that others published, good and bad, are decided as they say."""

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assent.translog.errors import ProofInvalid
from assent.translog.merkle import (
    verify_consistency,
    verify_inclusion,
    verify_subtree_consistency,
    verify_subtree_inclusion,
)

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "merkle"
COUNTS = {  # folder: how many files, how many of them good
    "inclusion": (98, 6),
    "consistency": (98, 6),
    "subtreeinclusion": (204, 12),
    "subtreeconsistency": (118, 12),
}

pytestmark = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="the published Merkle vectors are not beside us"
)


def _read(folder: str) -> dict[str, dict[str, Any]]:
    paths = sorted((VECTORS / folder).rglob("*.json"))
    return {
        str(path.relative_to(VECTORS)): json.loads(path.read_text()) for path in paths
    }


def _hashes(case: dict[str, Any], *names: str) -> list[bytes]:
    return [b64decode(case[name] or "") for name in names]


def _proof(case: dict[str, Any]) -> list[bytes]:
    return [b64decode(text) for text in case["proof"] or []]


def _inclusion(case: dict[str, Any]) -> None:
    leaf, root = _hashes(case, "leafHash", "root")
    verify_inclusion(case["leafIdx"], case["treeSize"], leaf, _proof(case), root)


def _consistency(case: dict[str, Any]) -> None:
    old_root, root = _hashes(case, "root1", "root2")
    verify_consistency(case["size1"], case["size2"], old_root, root, _proof(case))


def _subtree_inclusion(case: dict[str, Any]) -> None:
    leaf, root = _hashes(case, "leafHash", "root")
    index, start, end = case["leafIdx"], case["start"], case["end"]
    verify_subtree_inclusion(index, start, end, leaf, _proof(case), root)


def _subtree_consistency(case: dict[str, Any]) -> None:
    subtree_hash, root = _hashes(case, "root1", "root2")
    start, end, size = case["start"], case["end"], case["size"]
    verify_subtree_consistency(start, end, size, subtree_hash, root, _proof(case))


VERIFIERS: dict[str, Callable[[dict[str, Any]], None]] = {
    "inclusion": _inclusion,
    "consistency": _consistency,
    "subtreeinclusion": _subtree_inclusion,
    "subtreeconsistency": _subtree_consistency,
}


def _is_accepted(
    verify: Callable[[dict[str, Any]], None], case: dict[str, Any]
) -> bool:
    try:
        verify(case)
    except ProofInvalid:
        return False
    return True


@pytest.mark.parametrize("folder", COUNTS)
def test_every_published_proof_is_decided_as_published(folder: str) -> None:
    cases = _read(folder)
    wrong = [
        name
        for name, case in cases.items()
        if _is_accepted(VERIFIERS[folder], case) == case["wantErr"]
    ]
    assert not wrong
    good = sum(not case["wantErr"] for case in cases.values())
    assert (len(cases), good) == COUNTS[folder]


def test_no_folder_of_vectors_is_left_out() -> None:
    assert {path.name for path in VECTORS.iterdir()} == COUNTS.keys()

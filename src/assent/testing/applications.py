"""A complete application at practice scale, for tests and rehearsals.

changes -> the form of an application, as plain values
"""

import functools
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from assent.authorisation.application import summarise
from assent.authorisation.assessment import assess
from assent.authorisation.declaration import parse_declaration
from assent.testing.law import accelerators, practice_rulebook
from assent.testing.states import SeededSigner

DEVELOPER = "Example Labs"
DECLARATION: Mapping[str, Any] = {
    "assent": "declaration/1",
    "run": {
        "id": "practice-nano",
        "title": "Practice run",
        "purpose": "rehearsal",
        "starts_on": "2026-06-02",
        "ends_on": "2026-06-02",
    },
    "developer": {"name": DEVELOPER},
    "model": {
        "config": {
            "model_type": "gpt2",
            "n_embd": 384,
            "n_head": 6,
            "n_layer": 6,
            "n_positions": 256,
            "vocab_size": 65,
        }
    },
    "training": [
        {
            "id": "training",
            "title": "5,000 steps of 64 rows",
            "kind": "pre_training",
            "training_tokens": 81_920_000,
            "sequence_length": 256,
            "recomputation": "none",
        }
    ],
}


def application_form(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return a complete application at practice scale, with changes."""
    form: dict[str, Any] = {
        "assent": "application/1",
        "matter": "permit",
        "developer": {"name": DEVELOPER, "key": SeededSigner("labs").key.text},
        "title": "Practice run",
        "run_id": "practice-nano",
        "purpose": "rehearsal",
        "provider": "Example Cloud",
        "declaration": copied(DECLARATION),
        "assessment": assessed(),
        "requested": requested(),
        "practices": {"answers": []},
        "run_properties": run_properties(),
        "safety_case": _safety_case(),
        "evidence": [evidence("risk-assessment")],
        "oversight": {
            "flop_share_ppm": 1000,
            "points": [
                {"at_flop": "1500000000000000", "evaluations": ["cyber_offence"]},
            ],
        },
    }
    return {**form, **changes}


def requested(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return the caps that are asked for, with changes."""
    return {
        "flop": "6000000000000000",
        "weights": "10000000",
        "chips": {"h100_sxm": "8"},
        "sites": ["site-nairobi-1"],
        "not_before": "2026-06-01T00:00:00Z",
        "not_after": "2027-06-02T00:00:00Z",
        **changes,
    }


def run_properties(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return what kind of run it is, with changes."""
    return {
        "previous_run_flop": "1000000000000000",
        "reinforcement_learning_flop": "0",
        "autonomy": "absent",
        "traits": {},
        "hazards": {
            name: {"trained_for": False, "expected": "none"}
            for name in ("self_proliferation", "weapons_acquisition")
        },
        "novelty": "nothing_new",
        "security_level": 2,
        "containment": {"network_isolated": True},
        "data": "documented",
        **changes,
    }


def evidence(name: str) -> dict[str, Any]:
    """Return a document that an application refers to."""
    return {
        "id": name,
        "title": name.replace("-", " ").capitalize(),
        "role": "practice",
        "digest": f"sha256:{'3' * 64}",
        "media_type": "application/pdf",
        "size_bytes": 1000,
    }


def assessed(on: str = "2026-06-01") -> dict[str, Any]:
    """Return what the practice rulebook makes of the declaration on a day."""
    return copied(_assessed(on))


@functools.cache
def _assessed(on: str) -> dict[str, Any]:
    declaration = parse_declaration(json.dumps(DECLARATION), accelerators())
    made = assess(declaration, practice_rulebook(), date.fromisoformat(on))
    return dict(summarise(made))


def copied(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form that shares nothing with another."""
    copy: dict[str, Any] = json.loads(json.dumps(form))
    return copy


def _safety_case() -> dict[str, Any]:
    return {
        "format": "assent-safety-case/1",
        "title": "A letter model is harmless",
        "nodes": [
            {"id": "top", "kind": "claim", "text": "It can harm nobody."},
            {
                "id": "small",
                "kind": "evidence",
                "text": "It writes letters.",
                "supports": "top",
                "evidence": "risk-assessment",
            },
        ],
    }

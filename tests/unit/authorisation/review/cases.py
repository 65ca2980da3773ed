"""A case that the founding policy lets through, for tests to spoil."""

from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

from assent.adapters.packaged.review_policies import (
    packaged_questionnaire,
    packaged_review_policy,
)
from assent.authorisation.review import (
    Answer,
    CaseAtHand,
    Judgement,
    RunFacts,
    Side,
    Status,
    run_properties_of,
    safety_case_of,
)
from assent.authorisation.review.features import Capability

ON = date(2026, 4, 1)
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
POLICY = packaged_review_policy("founding")
QUESTIONNAIRE = packaged_questionnaire()
EVIDENCE = {"audit-2026": date(2026, 1, 15), "old-audit": date(2020, 1, 1)}
FACTS = RunFacts(
    developer="Example Labs",
    flop=4 * 10**24,
    weights=7 * 10**9,
    chips={"H100 SXM": 1024},
    sites=("site-nairobi-1",),
    provider="Example Cloud",
)
STATED: dict[str, Any] = {
    "previous_run_flop": "2e24",
    "reinforcement_learning_flop": "2e22",
    "autonomy": "absent",
    "traits": {
        "acts_unattended": False,
        "changes_own_weights": False,
        "trained_against_oversight": False,
        "open_tools": False,
    },
    "hazards": {
        str(capability): {"trained_for": False, "expected": "low"}
        for capability in Capability
    },
    "novelty": "incremental",
    "security_level": 3,
    "containment": {
        "network_isolated": True,
        "execution_sandboxed": True,
        "weights_confined": True,
        "stop_rehearsed": True,
    },
    "oversight_flop_share_ppm": 20_000,
    "oversight_points_flop": ["2.5e23", "1e24", "3e24"],
    "data": "documented",
}
SAFETY_CASE: dict[str, Any] = {
    "format": "assent-safety-case/1",
    "title": "Why this run is safe",
    "nodes": [
        {"id": "safe", "kind": "claim", "text": "The run harms nobody."},
        {
            "id": "by-means",
            "kind": "argument",
            "text": "It cannot, for lack of means.",
            "supports": "safe",
            "assumes": ["stays-in"],
        },
        {
            "id": "weak",
            "kind": "claim",
            "text": "The model is weak.",
            "supports": "by-means",
            "confidence": "0.99",
        },
        {
            "id": "measured",
            "kind": "evidence",
            "text": "Evaluations of the last model.",
            "supports": "weak",
            "evidence": "audit-2026",
        },
    ],
    "assumptions": [
        {"id": "stays-in", "text": "Weights stay in.", "reason": "They are confined."}
    ],
    "defeaters": [
        {
            "id": "d1",
            "against": "weak",
            "text": "The run is larger than the last.",
            "state": "answered",
            "answer": "Only twice as large.",
        }
    ],
}


def answer(
    practice: str,
    status: Status = Status.IN_PLACE,
    **other: Any,  # noqa: ANN401 - any field
) -> Answer:
    given: dict[str, Any] = {
        "evidence": ("audit-2026",),
        "side": Side.OFFICER,
        "assessor": "A. Officer",
        "assessed": date(2026, 3, 1),
        **other,
    }
    return Answer(practice=practice, status=status, **given)


def all_answers() -> dict[str, Answer]:
    return {practice: answer(practice) for practice in QUESTIONNAIRE.practices}


def stated(
    **changes: Any,  # noqa: ANN401 - any field
) -> dict[str, Any]:
    """Return the statement with some fields changed; None leaves one out."""
    changed = {**deepcopy(STATED), **changes}
    return {name: value for name, value in changed.items() if value is not None}


def case(
    **changes: Any,  # noqa: ANN401 - any field
) -> CaseAtHand:
    """Return the good case, or one that differs in a field."""
    given: dict[str, Any] = {
        "facts": FACTS,
        "stated": run_properties_of(STATED),
        "answers": all_answers(),
        "evidence": EVIDENCE,
        **changes,
    }
    return CaseAtHand(**given)


def judged(document: dict[str, Any], **refused: str) -> dict[str, Judgement]:
    """Return judgements that accept every claim but those refused."""
    made = safety_case_of(document)
    return {
        claim.id: Judgement(
            case_digest=made.digest,
            claim=claim.id,
            accepted=claim.id not in refused,
            reason=refused.get(claim.id, "It follows."),
            by="A. Officer",
        )
        for claim in made.claims
    }

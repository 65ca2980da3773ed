"""A complete application, and a case of it that events are added to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from assent.authorisation.application import (
    Application,
    ApplicationCase,
    application_of,
    draft,
    fold,
    start_review,
    submit,
)
from assent.authorisation.docket import Event, RecordedEvent, chain
from assent.authorisation.treaty import Treaty
from assent.testing.states import SeededSigner, SimulatedTreaty

CASE = "application-2026-0001"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
DEVELOPER, OFFICER, INSPECTOR = "Example Labs", "Officer Okoye", "Inspector Ito"
SHA = "sha256:" + "ab" * 32


def treaty_with_inspector() -> Treaty:
    simulated = SimulatedTreaty()
    simulated.form["inspectors"] = [
        {
            "name": "ito",
            "title": INSPECTOR,
            "recipient": "age1" + "q" * 58,
            "since": "2026-01-01T00:00:00Z",
            "until": "2026-12-01T00:00:00Z",
        }
    ]
    return simulated.treaty


TREATY = treaty_with_inspector()


def document(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any plain value
    """Return the plain values of a complete application, some of them changed."""
    return {
        "assent": "application/1",
        "developer": {
            "name": DEVELOPER,
            "key": SeededSigner("developer").key.text,
        },
        "title": "Llama again",
        "run_id": "run-1",
        "purpose": "To see whether it can be done twice.",
        "declaration": {"run": {"id": "run-1"}, "model": {"_sd": [SHA]}},
        "assessment": {
            "digest": SHA,
            "on": "2026-03-01",
            "rulebook_title": "The world",
            "rulebook_hash": SHA,
            "family": "llama",
            "flop_low": "3.8e25",
            "flop_high": "3.9e25",
            "rules": ["eu_ai_act/systemic_risk"],
        },
        "requested": {
            "flop": "4e25",
            "weights": 405_000_000_000,
            "chips": {"h100_sxm": 1024},
            "sites": ["site-nairobi-1"],
            "not_before": "2026-06-01T00:00:00Z",
            "not_after": "2027-06-01T00:00:00Z",
        },
        "practices": {"red-teaming": {"status": "done", "evidence": ["plan"]}},
        "run_properties": {"scale": "3.8e25", "rl-share": "0.01"},
        "safety_case": {"claim": "It is safe.", "evidence": "plan"},
        "evidence": [
            {
                "id": "plan",
                "title": "The plan",
                "role": "safety-plan",
                "digest": SHA,
                "media_type": "application/pdf",
                "size_bytes": 12,
            }
        ],
        "oversight": {
            "flop_share_ppm": 10_000,
            "points": [{"at_flop": "1e25", "evaluations": ["cyber-offence"]}],
        },
        **changes,
    }


def application(**changes: Any) -> Application:  # noqa: ANN401 - any plain value
    return application_of(document(**changes))


@dataclass
class Case:
    """The events of a case, and what they fold to."""

    history: list[RecordedEvent] = field(default_factory=list)
    now: datetime = NOW

    def add(self, events: Sequence[Event]) -> ApplicationCase:
        """Record events, and fold the case."""
        self.history += chain(CASE, self.history, events)
        return self.folded

    def do(self, verb: Callable[..., list[Event]], *given: Any, **named: Any) -> None:  # noqa: ANN401 - whatever the verb takes
        """Let a verb happen now."""
        self.add(verb(self.folded, *given, actor=DEVELOPER, now=self.now, **named))

    def happen(self, *kinds: str, **body: Any) -> ApplicationCase:  # noqa: ANN401 - any plain value
        """Let events of the review happen, which this stage only notes."""
        return self.add(
            [Event(kind=k, time=self.now, actor=OFFICER, body=body) for k in kinds]
        )

    @property
    def folded(self) -> ApplicationCase:
        """The case as its events tell it."""
        return fold(self.history)


def drafted(**changes: Any) -> Case:  # noqa: ANN401 - any plain value
    case = Case()
    case.add(draft(application(**changes), actor=DEVELOPER, now=NOW))
    return case


def submitted(**changes: Any) -> Case:  # noqa: ANN401 - any plain value
    case = drafted(**changes)
    case.do(submit, TREATY)
    return case


def under_review(**changes: Any) -> Case:  # noqa: ANN401 - any plain value
    case = submitted(**changes)
    case.do(start_review, OFFICER)
    return case

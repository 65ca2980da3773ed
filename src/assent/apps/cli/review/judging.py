"""`assent review practice | finding | claim | recuse`: what officers found.

case + an officer's word + who acts -> a case's events
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assent.adapters.files import read_text
from assent.apps.cli.apply.desk import Desk, desk, tell, verify_series
from assent.authorisation.application import SERIES, Kind, fold
from assent.authorisation.docket import Event, RecordedEvent
from assent.authorisation.review import (
    AnswerInvalid,
    Judgement,
    answer_of,
    assess_practice,
    finding_of,
    judge_safety_case,
    record_finding,
    review_file_of,
    safety_case_of,
)
from assent.authorisation.review import recuse as stand_aside
from assent.vocabulary import NotFound, canonical_bytes, parse_canonical, parse_yaml

Decide = Callable[[list[RecordedEvent], Desk], Sequence[Event]]
ANSWERS_MAX = 1_000  # more than any questionnaire has practices
_GIVEN = {"practice", "status", "evidence", "note"}


def practice(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Path,
    case_id: str,
    name: str | None,
    status: str | None,
    evidence: Sequence[str],
    note: str,
    actor: str,
) -> None:
    """Record how far one practice is followed."""
    given = {
        "practice": name,
        "status": status,
        "evidence": list(evidence),
        "note": note,
    }
    _assess(agency, case_id, [given], actor)


def practices_in(agency: Path, case_id: str, file: Path, actor: str) -> None:
    """Record the answers in a file, all of them or none.

    Raises:
        AnswerInvalid: if it holds none, or one is wrong.

    """
    value = parse_yaml(read_text(file)).value
    answers = value.get("answers") if isinstance(value, dict) else None
    if (
        not isinstance(answers, list)
        or not 1 <= len(answers) <= ANSWERS_MAX
        or not all(isinstance(one, dict) and one.keys() <= _GIVEN for one in answers)
    ):
        raise AnswerInvalid(
            f"{file} holds no answers to practices.",
            remedy="Write answers: [{practice: …, status: …, evidence: [ID]}].",
        )
    _assess(agency, case_id, answers, actor)


def finding(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Path,
    case_id: str,
    about: str,
    level: str,
    value: str,
    reason: str,
    actor: str,
) -> None:
    """Record a finding on a property of the run."""
    found = finding_of(
        {
            "property": about,
            "level": level,
            "value": value,
            "reason": reason,
            "by": actor,
        }
    )
    _act(
        agency,
        case_id,
        Kind.FINDING_RECORDED,
        lambda events, at: [
            record_finding(review_file_of(events), found, at.time, actor)
        ],
    )


def claim(  # noqa: PLR0913 - one argument for each option
    agency: Path,
    case_id: str,
    name: str,
    reason: str,
    actor: str,
    *,
    accepted: bool,
) -> None:
    """Judge a claim of the safety case that is before the agency now."""

    def decide(events: list[RecordedEvent], at: Desk) -> list[Event]:
        made = fold(events).application.safety_case
        if made is None:
            raise NotFound(
                f"{case_id} has no safety case.", remedy="Ask the applicant for one."
            )
        case = safety_case_of(parse_canonical(canonical_bytes(made)))
        judgement = Judgement(
            case_digest=case.digest,
            claim=name,
            accepted=accepted,
            reason=reason,
            by=actor,
        )
        file = review_file_of(events)
        return [judge_safety_case(file, judgement, case, at.time, actor)]

    _act(agency, case_id, Kind.SAFETY_CASE_JUDGED, decide)


def recuse(agency: Path, case_id: str, member: str, reason: str, actor: str) -> None:
    """Record that somebody stands aside."""
    _act(
        agency,
        case_id,
        Kind.RECUSED,
        lambda events, at: [
            stand_aside(review_file_of(events), member, reason, at.time, actor)
        ],
    )


def _assess(
    agency: Path, case_id: str, answers: Sequence[dict[str, Any]], actor: str
) -> None:
    def decide(events: list[RecordedEvent], at: Desk) -> list[Event]:
        file, asked = review_file_of(events), at.office.questionnaire
        by = {
            "side": "officer",
            "assessor": actor,
            "assessed": at.time.date().isoformat(),
        }
        read = [answer_of({"note": "", **given, **by}, asked) for given in answers]
        known = fold(events).evidence
        for one in read:
            for name in one.evidence:
                if name not in known:
                    raise NotFound(
                        f"{case_id} has no document {name!r:.100}.",
                        remedy=f"Name one of: {', '.join(known) or 'there is none'}.",
                    )
        return [assess_practice(file, one, asked, at.time, actor) for one in read]

    _act(agency, case_id, Kind.PRACTICE_ASSESSED, decide)


def _act(agency: Path, case_id: str, kind: Kind, decide: Decide) -> None:
    """Add what was found, if such an event can happen to the case now."""
    verify_series(case_id, SERIES)
    with desk(agency) as at:
        before = len(at.office.read(case_id))

        def allowed(events: list[RecordedEvent]) -> Sequence[Event]:
            fold(events).verify_takes(kind)
            return decide(events, at)

        events = at.office.act(case_id, allowed)
    for recorded in events[before:]:
        tell(f"{case_id} event {recorded.number}: {recorded.event.kind}")

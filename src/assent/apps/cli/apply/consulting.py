"""`assent consult`: ask before you apply; an officer answers, and it binds nobody.

question, answer + who acts -> a consultation's events; case -> lines
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from assent.adapters.files import read_text
from assent.apps.cli.apply.desk import desk, indented, tell, verify_series
from assent.authorisation import application as stage
from assent.authorisation.application import Consultation, fold_consultation
from assent.authorisation.docket import Event
from assent.vocabulary import DocumentInvalid, Plain, format_instant, parse_yaml

Verb = Callable[[Consultation, datetime], list[Event]]


def open_(  # noqa: PLR0913, PLR0917 - one argument for each option
    agency: Path,
    developer: str,
    title: str,
    question: str,
    plan: Path | None,
    actor: str,
) -> None:
    """Begin a consultation, and print its case."""
    planned = {} if plan is None else _plan(plan)
    with desk(agency) as at:
        events = stage.open_consultation(
            developer, title, question, planned, actor=actor, now=at.time
        )
        case_id = at.office.begin(stage.CONSULTATION_SERIES, at.time, events)
    tell(case_id)


def ask(agency: Path, case_id: str, text: str, actor: str) -> None:
    """Ask more."""
    _act(
        agency,
        case_id,
        lambda found, now: stage.ask_further(found, text, actor=actor, now=now),
    )


def answer(agency: Path, case_id: str, text: str, actor: str) -> None:
    """Answer as an officer."""
    _act(
        agency,
        case_id,
        lambda found, now: stage.answer_consultation(found, text, actor=actor, now=now),
    )


def close(agency: Path, case_id: str, reason: str, actor: str) -> None:
    """End a consultation, and print how an application names it."""
    found = _act(
        agency,
        case_id,
        lambda found, now: stage.close_consultation(
            found, reason, actor=actor, now=now
        ),
    )
    tell(*_reference(found))


def show(agency: Path, case_id: str) -> None:
    """Print what was planned, asked and answered."""
    verify_series(case_id, stage.CONSULTATION_SERIES)
    with desk(agency) as at:
        found = fold_consultation(at.office.read(case_id))
    tell(
        f"{found.case_id}  {found.state}",
        f"title      {found.title}",
        f"developer  {found.developer}",
        *(f"plan       {name}" for name in found.plan),
    )
    for remark in found.remarks:
        side = "answered" if remark.is_answer else "said"
        tell(f"{format_instant(remark.time)}  {remark.actor} {side}:")
        tell(*indented(remark.text))
    tell(*_reference(found))


def _act(agency: Path, case_id: str, verb: Verb) -> Consultation:
    verify_series(case_id, stage.CONSULTATION_SERIES)
    with desk(agency) as at:
        found = fold_consultation(
            at.office.act(
                case_id, lambda events: verb(fold_consultation(events), at.time)
            )
        )
    tell(f"{found.case_id} is {found.state}.")
    return found


def _plan(file: Path) -> Mapping[str, Plain]:
    value = parse_yaml(read_text(file)).value
    if not isinstance(value, Mapping):
        raise DocumentInvalid(
            f"{file} is no plan: it has no keys.",
            remedy="Give fields of a declaration or of an application, as YAML.",
        )
    return value


def _reference(found: Consultation) -> list[str]:
    reference = found.reference
    return [
        "In an application:",
        "consultation:",
        f"  case_id: {reference.case_id}",
        f'  digest: "{reference.digest}"',
    ]

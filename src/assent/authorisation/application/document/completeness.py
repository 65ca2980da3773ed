"""What an application still lacks before it can be submitted.

Application + Treaty + now -> Lacks, none if it is complete

Only what can be told from the document itself is checked here: that parts are there
and do not contradict each other. Whether they are true, or enough, is the review's to
find.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assent.authorisation.application.document.application import (
    Application,
    OversightPlan,
)
from assent.authorisation.terms import Caps
from assent.authorisation.treaty import Treaty
from assent.vocabulary import NotAllowed, format_count, format_instant

EVIDENCE_KEY = "evidence"  # wherever it stands, its texts are ids of evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """One thing that is missing or contradicts another: where, what, and the remedy."""

    path: str
    text: str
    remedy: str


class ApplicationIncomplete(NotAllowed):
    """An application lacks something that it needs before anybody reviews it."""


def verify_completeness(
    application: Application, treaty: Treaty, now: datetime
) -> None:
    """Refuse an application that lacks anything.

    Raises:
        ApplicationIncomplete: naming all that it lacks.

    """
    lacks = check_completeness(application, treaty, now)
    if lacks:
        found = "\n  ".join(f"{lack.path}: {lack.text}" for lack in lacks)
        raise ApplicationIncomplete(
            f"The application is not complete.\n  {found}",
            remedy="\n  ".join(dict.fromkeys(lack.remedy for lack in lacks)),
        )


def check_completeness(
    application: Application, treaty: Treaty, now: datetime
) -> list[Lack]:
    """Return what an application lacks, in the order of the document."""
    return [
        *_missing(application),
        *_matter(application, treaty),
        *_run(application),
        *_assessed(application),
        *_dates(application, now),
        *_evidence(application, treaty, now),
        *_plan(application),
    ]


def _missing(application: Application) -> Iterator[Lack]:
    asked: dict[str, tuple[object, str]] = {
        "purpose": (application.purpose.strip(), "Say what the run is for."),
        "declaration": (application.declaration, "Declare the run."),
        "assessment": (application.assessment, "Assess the declaration."),
        "requested": (application.requested, "Say which caps you ask for."),
        "practices": (application.practices, "Fill in the questionnaire."),
        "run_properties": (application.run_properties, "Describe the kind of run."),
        "safety_case": (application.safety_case, "Argue why the run is safe."),
        "oversight": (application.oversight, "Say what you offer overseers."),
    }
    for path, (value, remedy) in asked.items():
        if not value:
            yield Lack(path=path, text="is missing", remedy=remedy)


def _matter(application: Application, treaty: Treaty) -> Iterator[Lack]:
    procedure = treaty.procedures.get(application.matter)
    if procedure is None:
        yield Lack(
            path="matter",
            text=f"the treaty lets nobody decide on a {application.matter.value}",
            remedy="What nobody may decide cannot be applied for.",
        )
        return
    caps, limit = application.requested, procedure.flop_max
    if caps is not None and limit is not None and caps.flop > limit:
        yield Lack(
            path="requested.flop",
            text=f"{format_count(caps.flop)} FLOP is above the"
            f" {format_count(limit)} that a {application.matter.value} can allow",
            remedy="Ask for less, or for a horizon exception if the treaty has one.",
        )


def _run(application: Application) -> Iterator[Lack]:
    """Hold what is not sealed of the declared run against the application's own."""
    run = (application.declaration or {}).get("run")
    declared = run.get("id") if isinstance(run, Mapping) else None
    if declared is not None and declared != application.run_id:
        yield Lack(
            path="run_id",
            text=f"the declaration is of the run {declared!r:.100}",
            remedy="Apply for the run that is declared.",
        )


def _assessed(application: Application) -> Iterator[Lack]:
    assessment, caps = application.assessment, application.requested
    if assessment is None:
        return
    if assessment.flop_high is None:
        yield Lack(
            path="assessment.flop_high",
            text="the run's compute has no upper bound",
            remedy="Declare what leaves it open, and assess it again.",
        )
    elif caps is not None and caps.flop < assessment.flop_high:
        yield Lack(
            path="requested.flop",
            text=f"{format_count(caps.flop)} FLOP is below the"
            f" {format_count(assessment.flop_high)} that the run was assessed at",
            remedy="Ask for what the run takes, or declare a smaller run.",
        )


def _dates(application: Application, now: datetime) -> Iterator[Lack]:
    caps = application.requested
    if caps is None:
        return
    yield from _empty_caps(caps)
    if caps.not_before >= caps.not_after:
        yield Lack(
            path="requested.not_after",
            text="the run would end before it begins",
            remedy="Give a not_after later than not_before.",
        )
    elif caps.not_after <= now:
        yield Lack(
            path="requested.not_after",
            text=f"{format_instant(caps.not_after)} is past",
            remedy="Ask for dates to come.",
        )


def _empty_caps(caps: Caps) -> Iterator[Lack]:
    amounts = {
        "flop": caps.flop,
        "weights": caps.weights,
        "chips": len(caps.chips),
        "sites": caps.sites,
    }
    amounts |= {f"chips.{kind}": count for kind, count in caps.chips.items()}
    for name, value in amounts.items():
        if not value:
            yield Lack(
                path=f"requested.{name}",
                text="there is none",
                remedy="Say how much FLOP and how many weights are asked for, and which"
                " chips at which sites.",
            )


def _evidence(
    application: Application, treaty: Treaty, now: datetime
) -> Iterator[Lack]:
    known = {one.id for one in application.evidence}
    parts = {
        "practices": application.practices,
        "run_properties": application.run_properties,
        "safety_case": application.safety_case,
    }
    for path, part in parts.items():
        for name in sorted(set(_references(part)) - known):
            yield Lack(
                path=path,
                text=f"refers to the evidence {name!r:.100}, which is not there",
                remedy="List the document under evidence, or correct its id.",
            )
    for one in application.evidence:
        if one.is_sealed and not one.visible_to:
            yield Lack(
                path=f"evidence.{one.id}",
                text="is sealed, and nobody can open it",
                remedy="Name the inspectors whom it is encrypted to.",
            )
        for name in one.visible_to:
            inspector = treaty.inspectors.get(name)
            if inspector is None or not inspector.is_in_office(now):
                yield Lack(
                    path=f"evidence.{one.id}",
                    text=f"{name!r:.100} is no inspector in office",
                    remedy="Encrypt it to inspectors that the treaty names.",
                )


def _references(value: Any) -> Iterator[str]:  # noqa: ANN401 - walks plain values of any shape
    """Yield the texts under every key `evidence`."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == EVIDENCE_KEY:
                listed = [item] if isinstance(item, str) else item
                if isinstance(listed, Sequence):
                    yield from (one for one in listed if isinstance(one, str))
            yield from _references(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _references(item)


def _plan(application: Application) -> Iterator[Lack]:
    plan, caps = application.oversight, application.requested
    if plan is None:
        return
    former = 0
    for number, point in enumerate(plan.points, start=1):
        path = f"oversight.points.{number}"
        if point.at_flop <= former:
            yield Lack(
                path=path,
                text="is not after the point before it",
                remedy="List oversight points by rising FLOP, from above zero.",
            )
        if caps is not None and point.at_flop >= caps.flop:
            yield Lack(
                path=path,
                text="is not below the FLOP that are asked for",
                remedy="Put oversight points where the run will still be going on.",
            )
        if not point.evaluations:
            yield Lack(
                path=path,
                text="no evaluation is due there",
                remedy="Name the evaluations, or leave the point out.",
            )
        former = point.at_flop
    yield from _dates_and_losses(plan, caps)


def _dates_and_losses(plan: OversightPlan, caps: Caps | None) -> Iterator[Lack]:
    for number, date in enumerate(plan.dates, start=1):
        if caps is not None and not caps.not_before < date.at < caps.not_after:
            yield Lack(
                path=f"oversight.dates.{number}",
                text="is not within the time that is asked for",
                remedy="Put oversight dates where the run will be going on.",
            )
    losses = [one.at_loss for one in plan.losses]
    if losses != sorted(set(losses), reverse=True):
        yield Lack(
            path="oversight.losses",
            text="are not in falling order, each once",
            remedy="List losses of oversight as the run will come to them.",
        )
    every = () if plan.every is None else (plan.every,)
    if not all(one.evaluations for one in (*plan.dates, *plan.losses, *every)):
        yield Lack(
            path="oversight",
            text="no evaluation is due at a date, a loss or a period",
            remedy="Name the evaluations, or leave it out.",
        )

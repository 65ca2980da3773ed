"""`assent apply check`: what an application lacks, and what its review would say.

application + treaty + policy -> lacks, and a dry run of the review without officers

The dry run knows no officer's answer, so it asks for those; it promises nothing.
Without an agency's folder nobody can tell whether the treaty knows the inspectors, or
allows so much compute: then a treaty is taken that knows and allows all.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import typer

from assent.adapters.files import read_text
from assent.adapters.packaged.review_policies import (
    REVIEW_POLICIES,
    packaged_questionnaire,
    packaged_review_policy,
)
from assent.apps.cli.apply.desk import desk, read_application, tell
from assent.apps.cli.apply.weighed import weighing_lines
from assent.apps.cli.exit_codes import exit_code
from assent.authorisation.application import (
    Application,
    ApplicationIncomplete,
    Kind,
    Lack,
    check_completeness,
    draft,
)
from assent.authorisation.docket import Event, chain
from assent.authorisation.review import (
    AnswerInvalid,
    Questionnaire,
    ReviewPolicy,
    Weighing,
    answer_of,
    parse_policy,
)
from assent.authorisation.secretariat import weigh_events
from assent.authorisation.treaty import Inspector, Treaty, parse_treaty
from assent.authorisation.treaty.scaffold import scaffold_wider
from assent.vocabulary import Plain, canonical_bytes, parse_canonical
from assent.wiring.agency import now

_CASE = "application-0000-0000"  # no agency has one
_AGENCY = "agency.example"
_DEFAULT_POLICY = "founding"


def check(file: Path, agency: Path | None, policy_name: str | None) -> None:
    """Print what an application lacks and what would be asked; 0 if it is complete.

    Raises:
        InputError: if a part of it cannot be read by the review.
        typer.Exit: if something is missing.

    """
    application = read_application(file)
    time, asked = now(), packaged_questionnaire()
    if agency is not None:
        with desk(agency) as found:
            time, treaty = found.time, found.office.treaty
            policy = found.office.policy
    else:
        treaty = _any_treaty(application, time)
        policy = _policy(policy_name or _DEFAULT_POLICY)
    if policy_name is not None:
        policy = _policy(policy_name)
    lacks = check_completeness(application, treaty, time)
    tell(*_lack_lines(lacks))
    _check_own_answers(application, asked, time)
    if application.requested is not None and application.requested.flop:
        weighing = _weigh(application, policy, asked, time)
        tell("", f"The review by the policy '{policy.id}', no officer asked yet:")
        tell(*weighing_lines(weighing))
    if lacks:
        raise typer.Exit(exit_code(ApplicationIncomplete("", remedy="")))


def _lack_lines(lacks: list[Lack]) -> list[str]:
    if not lacks:
        return ["The application is complete: it can be submitted."]
    lines = [f"The application lacks {len(lacks)}:"]
    for lack in lacks:
        lines += [f"  {lack.path}: {lack.text}", f"    {lack.remedy}"]
    return lines


def _check_own_answers(
    application: Application, asked: Questionnaire, time: datetime
) -> None:
    """Read the developer's answers as an officer will have to."""
    answers = parse_canonical(canonical_bytes(application.practices)).get("answers", [])
    if not isinstance(answers, list) or not all(isinstance(a, dict) for a in answers):
        raise AnswerInvalid(
            "practices.answers is no list of answers.",
            remedy="Write it as `assent apply new` shows it.",
        )
    for given in answers:
        answer_of(
            {
                "note": "",
                **given,
                "side": "developer",
                "assessor": application.developer.name[:200],
                "assessed": time.date().isoformat(),
            },
            asked,
        )


def _weigh(
    application: Application,
    policy: ReviewPolicy,
    asked: Questionnaire,
    time: datetime,
) -> Weighing:
    """Weigh an application as if it had just been submitted, complete or not."""
    begun = draft(application, actor=application.developer.name[:200], now=time)
    body: dict[str, Plain] = dict(begun[0].body)
    submitted = Event(
        kind=Kind.SUBMITTED.value, time=time, actor=begun[0].actor, body=body
    )
    events = chain(_CASE, [], [*begun, submitted])
    return weigh_events(events, policy, asked, time.date()).weighing


def _policy(name: str) -> ReviewPolicy:
    """Return a review policy that ships with assent, or one in a file."""
    if name in REVIEW_POLICIES:
        return packaged_review_policy(name)
    return parse_policy(read_text(Path(name)))


def _any_treaty(application: Application, time: datetime) -> Treaty:
    """Return a treaty that knows every inspector who is named, and allows any cap."""
    treaty = parse_treaty(scaffold_wider(_AGENCY, "Any treaty", time.year))
    named = {name for one in application.evidence for name in one.visible_to}
    return replace(
        treaty,
        procedures={
            matter: replace(procedure, flop_max=None)
            for matter, procedure in treaty.procedures.items()
        },
        inspectors={
            name: Inspector(name=name, title=name, recipient="", since=time)
            for name in named
        },
    )

"""A rehearsal agency on disk, whose whole life a test plays with its real keys."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from assent.adapters.keys.held_key import HeldKey
from assent.adapters.keys.held_keys import unlock
from assent.authorisation.application import (
    application_of,
    draft,
    start_review,
    submit,
)
from assent.authorisation.docket import Event
from assent.authorisation.review import (
    Judgement,
    answer_of,
    assess_practice,
    ballot_of,
    judge_safety_case,
    safety_case_of,
)
from assent.authorisation.review.deciding import Choice, cast_vote
from assent.authorisation.secretariat import Office, propose_permit, record_vote
from assent.testing.applications import application_form, assessed
from assent.vocabulary import format_instant
from assent.wiring.agency import now, open_agency

OFFICER, DEVELOPER = "officer-1", "Example Labs"


def passphrase_file(folder: Path) -> Path:
    """Return where the passphrase of all keys is."""
    return folder / "states" / "passphrase"


def key(folder: Path, name: str) -> HeldKey:
    """Return a key of the rehearsal's, unlocked."""
    return unlock(
        folder / "states" / f"{name}.key", passphrase_file(folder).read_text().strip()
    )


def apply_for_permit(
    folder: Path,
    *,
    at: datetime | None = None,
    environment: Mapping[str, str] = os.environ,
) -> str:
    """Bring an application to the vote; return its case."""
    time = at or now()
    form = application_form()
    form["assessment"] = assessed(time.date().isoformat())
    form["requested"] |= {
        "not_before": format_instant(time),
        "not_after": format_instant(time + timedelta(days=300)),
    }
    with open_agency(folder, at=time, environment=environment) as agency:
        office = agency.office
        application = application_of(form)
        case_id = office.begin(
            "application", time, draft(application, actor=DEVELOPER, now=time)
        )
        office.on_application(
            case_id,
            lambda case: submit(case, office.treaty, actor=DEVELOPER, now=time),
        )
        office.on_application(
            case_id, lambda case: start_review(case, OFFICER, actor=OFFICER, now=time)
        )
        _assess(office, case_id, time)
        propose_permit(office, case_id, OFFICER, time)
    return case_id


def vote(
    folder: Path,
    case_id: str,
    *members: str,
    at: datetime | None = None,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Have members approve."""
    time = at or now()
    with open_agency(folder, at=time, environment=environment) as agency:
        for member in members:
            proposal = ballot_of(agency.office.read(case_id)).open_proposal
            cast = cast_vote(
                proposal,
                member=member,
                choice=Choice.APPROVE,
                reason="as discussed",
                time=time,
                signer=key(folder, member),
            )
            record_vote(agency.office, case_id, cast, member, time)


def grant(
    folder: Path,
    *,
    at: datetime | None = None,
    environment: Mapping[str, str] = os.environ,
) -> str:
    """Decide a permit, which `assent agency work` is still to announce."""
    case_id = apply_for_permit(folder, at=at, environment=environment)
    vote(folder, case_id, "AUS", "BRA", "CAN", at=at, environment=environment)
    return case_id


def _assess(office: Office, case_id: str, time: datetime) -> None:
    for gate in office.policy.gates:
        answer = answer_of(
            {
                "practice": gate.practice,
                "status": "in_place",
                "evidence": ["risk-assessment"],
                "side": "officer",
                "assessor": OFFICER,
                "assessed": time.date().isoformat(),
                "note": "",
            },
            office.questionnaire,
        )
        _review(
            office,
            case_id,
            time,
            partial(assess_practice, answer=answer, questionnaire=office.questionnaire),
        )
    made = safety_case_of(application_form()["safety_case"])
    for claim in made.claims:
        judgement = Judgement(
            case_digest=made.digest,
            claim=claim.id,
            accepted=True,
            reason="read with care",
            by=OFFICER,
        )
        _review(
            office,
            case_id,
            time,
            partial(judge_safety_case, judgement=judgement, case=made),
        )


def _review(
    office: Office, case_id: str, time: datetime, verb: Callable[..., Event]
) -> None:
    office.on_review(case_id, lambda file: verb(file, now=time, actor=OFFICER))

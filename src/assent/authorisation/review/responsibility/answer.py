"""An answer to one practice: by the developer of itself, or by an officer.

plain value + Questionnaire -> Answer <-> plain values of an event

The two sides are kept apart for ever: what a developer says of itself is shown, and
only what an officer found counts.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from assent.authorisation.review.responsibility.questionnaire import Questionnaire
from assent.authorisation.review.shape import (
    Day,
    Id,
    Label,
    Name,
    Note,
    Part,
    fields_of,
    read_form,
)
from assent.vocabulary import InputError, Plain

EVIDENCE_MAX = 32  # for one practice; an officer reads each


class AnswerInvalid(InputError):
    """An answer lacks a part, or is to a practice that is not asked for."""


class Status(StrEnum):
    """How far a practice is followed."""

    IN_PLACE = "in_place"
    PARTLY = "partly"
    PLANNED = "planned"
    ABSENT = "absent"
    NOT_APPLICABLE = "not_applicable"


class Side(StrEnum):
    """Who answers."""

    DEVELOPER = "developer"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, as somebody gave it on a day."""

    practice: str
    status: Status
    evidence: tuple[str, ...]
    side: Side
    assessor: str
    assessed: date
    note: str = ""

    @property
    def plain(self) -> dict[str, Plain]:
        """The answer as plain values, as events hold it."""
        return {
            "practice": self.practice,
            "status": self.status.value,
            "evidence": list(self.evidence),
            "side": self.side.value,
            "assessor": self.assessor,
            "assessed": self.assessed.isoformat(),
            "note": self.note,
        }


class _Answer(Part):
    practice: Id
    status: Annotated[Status, Field(strict=False)]
    evidence: list[Label] = Field(default=[], max_length=EVIDENCE_MAX)
    side: Annotated[Side, Field(strict=False)]
    assessor: Name
    assessed: Day
    note: Note = ""


def answer_of(value: Any, questionnaire: Questionnaire | None = None) -> Answer:  # noqa: ANN401 - any plain value
    """Return the answer that plain values describe.

    Args:
        value: the answer, as `Answer.plain` writes it.
        questionnaire: which must ask for the practice, if it is given.

    Raises:
        AnswerInvalid: if they describe none, nobody asks for it, or it says without a
            reason that a practice does not apply.

    """
    form = read_form(_Answer, value, AnswerInvalid, "answer to a practice")
    if questionnaire is not None and form.practice not in questionnaire.practices:
        raise AnswerInvalid(
            f"{questionnaire.id} does not ask for the practice {form.practice}.",
            remedy="Answer a practice of the questionnaire.",
        )
    if form.status is Status.NOT_APPLICABLE and not form.note.strip():
        raise AnswerInvalid(
            f"{form.practice} is said not to apply, without a reason.",
            remedy="Say in the note why it does not apply to this developer.",
        )
    return Answer(
        evidence=tuple(dict.fromkeys(form.evidence)),
        **fields_of(form, "evidence"),
    )

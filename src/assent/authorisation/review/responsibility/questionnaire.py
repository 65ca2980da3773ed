"""The questionnaire: practices that experts agree a responsible developer follows.

YAML -> Questionnaire, dated, with the weight of each practice and how it is known

A practice weighs the agreement that was published for it. Where that is not known to
us, it weighs the survey's average, which favours it neither way, and says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from assent.authorisation.review.shape import (
    LIST_MAX,
    Day,
    Id,
    Line,
    Name,
    Part,
    Ratio,
    Url,
    read_form,
)
from assent.rulebook import Mark
from assent.vocabulary import AssentError, InputError, digest, parse_yaml


class QuestionnaireInvalid(InputError):
    """The document of a questionnaire lacks what it must say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """A practice, and what it weighs.

    `is_weight_published` is False where the survey's average stands in; `mark` says how
    the weight is known.
    """

    id: str
    title: str
    question: str
    weight: Fraction
    is_weight_published: bool
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """All practices by id, and where they are from.

    `weight` is that of all practices together.
    """

    id: str
    title: str
    note: str
    since: date
    citation: str
    url: str
    mark: Mark
    digest: str
    practices: Mapping[str, Practice]
    weight: Fraction = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep a copy of the mapping that nobody can change."""
        kept = MappingProxyType(dict(self.practices))
        object.__setattr__(self, "practices", kept)
        weight = sum((each.weight for each in kept.values()), Fraction())
        object.__setattr__(self, "weight", weight)


class _Agreement(Part):
    value: Ratio
    mark: Annotated[Mark, Field(strict=False)]


class _Practice(Part):
    id: Id
    title: Name
    question: Line
    agreement: _Agreement | None


class _Citation(Part):
    text: Line
    url: Url


class _Questionnaire(Part):
    format: Literal["assent-practices/1"]
    id: Id
    title: Name
    since: Day = Field(alias="from")
    mark: Annotated[Mark, Field(strict=False)]
    respondents: Annotated[int, Field(ge=1, le=1_000_000)]
    agreement_average: _Agreement
    citation: _Citation
    note: Line
    practices: list[_Practice] = Field(min_length=1, max_length=LIST_MAX)


def parse_questionnaire(text: str) -> Questionnaire:
    """Return the questionnaire that a YAML or JSON text is.

    Raises:
        DocumentInvalid, DocumentTooLarge: if it is neither YAML nor JSON.
        QuestionnaireInvalid: if a field is wrong, or a practice stands twice.

    """
    value = parse_yaml(text).value
    form = read_form(_Questionnaire, value, QuestionnaireInvalid, "questionnaire")
    average = form.agreement_average
    try:
        document_digest = digest(value)
    except AssentError as error:
        raise _invalid(error.message) from None
    practices: dict[str, Practice] = {}
    for given in form.practices:
        known = given.agreement or average
        if given.id in practices or not 0 < known.value <= 1:
            raise _invalid(f"{given.id} stands twice, or its agreement is no share")
        practices[given.id] = Practice(
            id=given.id,
            title=given.title,
            question=given.question,
            weight=known.value,
            is_weight_published=given.agreement is not None,
            mark=known.mark,
        )
    return Questionnaire(
        id=form.id,
        title=form.title,
        note=form.note,
        since=form.since,
        citation=form.citation.text,
        url=form.citation.url,
        mark=form.mark,
        digest=document_digest,
        practices=practices,
    )


def _invalid(why: str) -> QuestionnaireInvalid:
    return QuestionnaireInvalid(
        f"This is no questionnaire: {why}.",
        remedy="Name each practice once, with an agreement above 0 and at most 1.",
    )

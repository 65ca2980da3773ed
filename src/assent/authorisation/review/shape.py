"""The shapes that a review's documents share, and how one of them is read strictly.

plain value + form -> the filled-in form, or a refusal that names the field

Ratios are exact: `3/5`, `0.852` and 4 are fractions, never floats.
"""

import re
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from assent.vocabulary import AssentError, InputError, parse_count
from assent.vocabulary.texts import LINE, NAME_LENGTH_MAX

LIST_MAX = 256  # the longest list that anybody would fill in by hand
_RATIO = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?|[0-9]{1,9}/[1-9][0-9]{0,8}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_PLACE_LENGTH_MAX = 120  # of a field's name in a message: it may be the attacker's


class Level(StrEnum):
    """How much a property of a run speaks against it."""

    NONE = "none"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    UNKNOWN = "unknown"
    UNACCEPTABLE = "unacceptable"

    @property
    def rank(self) -> int:
        """Return the place in the order of badness; unknown is worse than high."""
        return list(Level).index(self)


class Part(BaseModel):
    """A part of a document: unknown keys are errors, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)
    raise ValueError("write a date such as 2026-03-01")


def _ratio(value: object) -> Fraction:
    text = str(value) if type(value) is int else value
    if isinstance(text, str) and _RATIO.fullmatch(text):
        return Fraction(text)
    raise ValueError("write a ratio such as 3/5, '0.852' or 4")


def _flop(value: object) -> int:
    if not isinstance(value, int | str):
        raise ValueError("write FLOP as 1e25")  # noqa: TRY004 - pydantic's way
    try:
        return parse_count(value, name="flop")
    except AssentError as error:
        raise ValueError(error.message) from None


Day = Annotated[date, PlainValidator(_day)]
Ratio = Annotated[Fraction, PlainValidator(_ratio)]
Flop = Annotated[int, PlainValidator(_flop)]
LaxLevel = Annotated[Level, Field(strict=False)]  # from its text
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}\z")]
# The name of a node or of a piece of evidence, as its author gives it.
Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}\z")]
Name = Annotated[str, Field(pattern=rf"^{LINE}{{1,{NAME_LENGTH_MAX}}}\z")]
Line = Annotated[str, Field(pattern=rf"^{LINE}{{1,2000}}\z")]
Note = Annotated[str, Field(pattern=rf"^{LINE}{{0,2000}}\z")]
Url = Annotated[str, Field(pattern=r"^https://[!-~]{4,300}\z")]

FormT = TypeVar("FormT", bound=Part)


def read_form(
    form: type[FormT],
    value: Any,  # noqa: ANN401 - any plain value
    error: type[InputError],
    what: str,
) -> FormT:
    """Return the form that a plain value fills in.

    Args:
        form: the form.
        value: what was handed in, of any shape.
        error: what to raise.
        what: what people call the document.

    Raises:
        InputError: of the class `error`, if it does not fit.

    """
    try:
        return form.model_validate(value)
    except ValidationError as found:
        first = found.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the document"
        why = f"{where[:_PLACE_LENGTH_MAX]!r}: {first['msg'][:300]}"
    raise error(
        f"This is no {what}: {why}.",
        remedy="Correct the field; docs/review.md explains every one.",
    )


def fields_of(form: Part, *without: str) -> dict[str, Any]:
    """Return a form's fields as they are, to make a value of the core of them.

    Pydantic's own dump would write fractions as texts.
    """
    return {name: value for name, value in form if name not in without}


def ratio_text(ratio: Fraction) -> str:
    """Write a ratio exactly: `3/5`, or `4` if it is whole."""
    return str(ratio)


def percent(ratio: Fraction) -> str:
    """Write a ratio for people, rounded down to a tenth of a per cent."""
    tenths = int(ratio * 1000)
    return f"{tenths // 10}.{tenths % 10} %"

"""What people write into a gate's files, read strictly.

YAML + a form -> what it says, or DocumentInvalid
"""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from assent.adapters.files import read_text
from assent.vocabulary import AssentError, DocumentInvalid, parse_count, parse_yaml
from assent.vocabulary.envelope import PublicKey, parse_public_key

LIST_MAX = 100_000
Read = TypeVar("Read", bound=BaseModel)


class Part(BaseModel):
    """A mapping with known fields alone."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _checked(make: Any) -> PlainValidator:  # noqa: ANN401 - any reader of a text
    def read(value: object) -> Any:  # noqa: ANN401 - what the reader makes
        try:
            return make(value)
        except AssentError as error:
            raise ValueError(error.message) from None
        except (TypeError, ValueError, ZeroDivisionError):
            raise ValueError(f"{value!r:.60} cannot be read") from None

    return PlainValidator(read)


Name = Annotated[str, Field(min_length=1, max_length=200)]
Count = Annotated[int, _checked(parse_count)]
Share = Annotated[Fraction, _checked(lambda value: Fraction(str(value)))]
Day = Annotated[date, _checked(lambda value: date.fromisoformat(str(value)))]
Key = Annotated[PublicKey, _checked(parse_public_key)]


def read_form(path: Path, form: type[Read]) -> Read:
    """Return what a file says.

    Raises:
        DocumentInvalid: if it does not say what it must.
        NotFound: if it is not there.

    """
    try:
        return form.model_validate(parse_yaml(read_text(path)).value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:120]
        raise DocumentInvalid(
            f"{path}: {where or 'the document'}: {first['msg']}.",
            remedy="See docs/gate.md for what the file says.",
        ) from None

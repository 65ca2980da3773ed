"""Fields of the papers about permits: what may stand where, and how long it may be.

parsed JSON -> texts, counts, instants of the right form, or DocumentInvalid

Each parser turns the refusal into its own error. Nothing is coerced.
"""

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from assent.vocabulary import (
    DocumentInvalid,
    DocumentTooLarge,
    QuantityInvalid,
    SignatureInvalid,
    parse_canonical,
    parse_instant,
)
from assent.vocabulary.texts import LINE, NAME_LENGTH_MAX

Statement = TypeVar("Statement")

LIST_MAX = 4_096  # sites, kinds of chips, conditions: more than any operator has
SECONDS_MAX = 366 * 86_400  # as the terms of a treaty

PERMIT_ID = re.compile(r"permit-[0-9]{4}-[0-9]{4,9}")
DECISION_ID = re.compile(r"decision-[0-9]{4}-[0-9]{4,9}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
AGENCY = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}(?:/[a-z0-9-]+)?")
CASE = re.compile(r"[a-z][a-z0-9-]{0,40}-[0-9]{4}-[0-9]{4,9}")
SLUG = re.compile(r"(?=.{1,100}\Z)[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
QUANTITY = re.compile(r"[a-z][a-z0-9_]{0,99}")
MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
URI = re.compile(r"https?://[!-~]{1,500}")
COUNT = re.compile(r"0|[1-9][0-9]{0,36}")  # as COUNT_MAX
NAME = re.compile(f"{LINE}{{1,{NAME_LENGTH_MAX}}}")
TEXT = re.compile(f"{LINE}{{1,4000}}")
# What those raise who read a part of a statement, which does not know of the whole.
_REFUSALS = (DocumentInvalid, DocumentTooLarge, QuantityInvalid, SignatureInvalid)


def text_of(value: object, pattern: re.Pattern[str], where: str) -> str:
    """Return a text of a form.

    Raises:
        DocumentInvalid: if it is none.

    """
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        _refuse(f"{value!r:.80} cannot be its {where}")
    return value


def count_of(value: object, where: str, *, least: int = 0) -> int:
    """Return a count written in decimal digits, without zeros in front.

    Raises:
        DocumentInvalid: if it is none, or smaller than `least`.

    """
    count = int(text_of(value, COUNT, where))
    if count < least:
        _refuse(f"{where} is below {least}")
    return count


def int_of(value: object, least: int, most: int, where: str) -> int:
    """Return a small whole number.

    Raises:
        DocumentInvalid: if it is none, or out of range.

    """
    if type(value) is not int or not least <= value <= most:
        _refuse(f"{where} is no whole number from {least} to {most:,}")
    return value


def instant_of(value: object, where: str) -> datetime:
    """Return an instant.

    Raises:
        DocumentInvalid: if it is none.

    """
    try:
        return parse_instant(value)
    except QuantityInvalid:
        _refuse(f"{where} is no instant, such as 2026-03-01T12:00:00Z")


def texts_of(value: object, pattern: re.Pattern[str], where: str) -> tuple[str, ...]:
    """Return a list of texts of a form, each once.

    Raises:
        DocumentInvalid: if it is none.

    """
    texts = tuple(text_of(item, pattern, where) for item in list_of(value, where))
    if len(set(texts)) != len(texts):
        _refuse(f"{where} holds something twice")
    return texts


def list_of(value: object, where: str) -> list[Any]:
    """Return a list of bounded length.

    Raises:
        DocumentInvalid: if it is none.

    """
    if not isinstance(value, list) or len(value) > LIST_MAX:
        _refuse(f"{where} is no list of at most {LIST_MAX:,}")
    return value


def mapping_of(value: object, where: str, names: AbstractSet[str]) -> dict[str, Any]:
    """Return a mapping that has exactly these fields.

    Raises:
        DocumentInvalid: if it is none.

    """
    if not isinstance(value, dict) or value.keys() != names:
        _refuse(f"{where} has other fields than {', '.join(sorted(names))}")
    return value


def statement_of(
    data: bytes,
    bytes_max: int,
    read: Callable[[Any], Statement],
    malformed: Callable[[str], NoReturn],
) -> Statement:
    """Return the statement whose canonical bytes these are.

    Args:
        data: the bytes.
        bytes_max: how many there may be.
        read: makes the statement of plain values; raises what is wrong with them.
        malformed: raises the error for what is no such statement, with the reason.

    Raises:
        AssentError: what `malformed` raises.

    """
    if len(data) > bytes_max:
        malformed(f"it is longer than {bytes_max:,} bytes")
    try:
        return read(parse_canonical(data))
    except _REFUSALS as error:
        malformed(error.message.removesuffix("."))


def _refuse(why: str) -> NoReturn:
    raise DocumentInvalid(f"{why}.", remedy="Take the agency's file as it is.")

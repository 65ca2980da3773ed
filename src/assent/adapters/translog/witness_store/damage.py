"""What was kept and cannot be read any more: the end of a witness.

a column -> what it spells, or LogDamaged
"""

from collections.abc import Callable
from typing import TypeVar

from assent.translog.errors import LogDamaged
from assent.vocabulary import InputError

REMEDY = (
    "Stop this witness. It must not go on from a backup: make a new one in a new"
    " folder, with new keys."
)

_Raw = TypeVar("_Raw")
_Value = TypeVar("_Value")


def parsed(parse: Callable[[_Raw], _Value], raw: _Raw) -> _Value:
    """Return what was kept, parsed again.

    Raises:
        LogDamaged: if it cannot be.

    """
    try:
        return parse(raw)
    except InputError as error:
        raise LogDamaged(
            f"The witness's database is damaged: {error.message}", remedy=REMEDY
        ) from None

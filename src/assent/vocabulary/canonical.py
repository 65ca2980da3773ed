"""Canonical bytes and digests: the same value gives the same bytes everywhere.

    value -> b'{"a":1,"flop":"15000000000000000000000000"}' -> SHA-256

Keys sorted, no spaces, UTF-8. Whole numbers beyond 2**53 - 1 are written as decimal
strings because common JSON readers would round them. Floats are refused: two languages
print them differently. Nothing is nested more than DEPTH_MAX deep.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NoReturn

import orjson

from assent.vocabulary.errors import DocumentInvalid, QuantityInvalid

INTEGER_SAFE_MAX = 2**53 - 1  # RFC 8259, section 6
DEPTH_MAX = 254  # lists and mappings in one another: what orjson writes

Plain = None | bool | int | str | date | Sequence["Plain"] | Mapping[str, "Plain"]


def canonical_bytes(value: Plain) -> bytes:
    """Return the canonical JSON bytes of a plain value.

    Raises:
        QuantityInvalid: if the value holds a float or anything else that is not plain.
        DocumentInvalid: if it is nested too deeply, or holds half a character.

    """
    try:
        return orjson.dumps(_portable(value), option=orjson.OPT_SORT_KEYS)
    except (RecursionError, orjson.JSONEncodeError):
        raise DocumentInvalid(
            "A value is nested too deeply, or holds half a surrogate pair.",
            remedy="Flatten it, and write whole characters.",
        ) from None


def parse_canonical(data: bytes) -> Any:  # noqa: ANN401 - any plain value
    """Return the value whose canonical bytes these are.

    Repeated keys, other spellings and what is not plain need no rule of their own: such
    bytes are no value's canonical ones.

    Raises:
        DocumentInvalid: if they are no value's.

    """
    try:
        value = _DECODER.decode(data.decode())
        # What was read is portable, but for the numbers that `_DECODER` refuses.
        is_canonical = orjson.dumps(value, option=orjson.OPT_SORT_KEYS) == data
    except (ValueError, RecursionError, orjson.JSONEncodeError):
        is_canonical = False
    if not is_canonical:
        raise DocumentInvalid(
            "This is no JSON in canonical form.",
            remedy="Sort the keys, leave out spaces, write UTF-8 as it is.",
        )
    return value


def digest(value: Plain) -> str:
    """Return `sha256:` and the hexadecimal SHA-256 of the canonical bytes.

    Raises:
        QuantityInvalid: if the value holds a float or anything else that is not plain.

    """
    return f"sha256:{hashlib.sha256(canonical_bytes(value)).hexdigest()}"


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(text)


def _parse_int(text: str) -> int:
    number = int(text)
    return number if abs(number) <= INTEGER_SAFE_MAX else _refuse_number(text)


_DECODER = json.JSONDecoder(
    parse_int=_parse_int, parse_float=_refuse_number, parse_constant=_refuse_number
)


def _portable(  # noqa: PLR0911 - one return for each kind of value
    value: object,
) -> object:
    # Most values are of these very types; the questions below cost ten times as much.
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is dict:
        return {
            str(key): item if type(item) is str else _portable(item)
            for key, item in value.items()  # type: ignore[attr-defined] # it is a dict
        }
    if kind is list or kind is tuple:
        return [
            item if type(item) is str else _portable(item)
            for item in value  # type: ignore[attr-defined] # it is one of them
        ]
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= INTEGER_SAFE_MAX else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _portable(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_portable(item) for item in value]
    raise QuantityInvalid(
        f"{type(value).__name__} {value!r} has no canonical form.",
        remedy="Use whole numbers and texts; write fractions as decimal strings.",
    )

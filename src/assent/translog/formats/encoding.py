"""The two encodings that every format of the log shares, in their one spelling.

b"..." <-> base64 text; 20852163 <-> "20852163"

A second spelling of the same value (missing padding, stray bits, leading zeros) is
refused: two texts must never mean the same signed thing.
"""

import base64
import binascii
import re

SIZE_MAX = 2**63 - 1  # also the limit C2SP tlog-cosignature sets on times
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def encode_base64(value: bytes) -> str:
    """Return RFC 4648 base64 with padding."""
    return base64.b64encode(value).decode("ascii")


def decode_base64(text: str) -> bytes | None:
    """Return the bytes of a text in RFC 4648 base64, or None if it is not canonical."""
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return value if encode_base64(value) == text else None


def decode_decimal(text: str) -> int | None:
    """Return a whole number up to 2**63 - 1, or None if it is not in canonical form."""
    if _DECIMAL.fullmatch(text) is None:
        return None
    value = int(text)
    return value if value <= SIZE_MAX else None

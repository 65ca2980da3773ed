"""A signed note: a text, and the signatures of those who vouch for it.

bytes <-> Note(text, signatures) (C2SP signed-note)

    This is an example message.

    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

Parsing verifies nothing. What a signature line means depends on the kind of its key;
`tree_head` and `cosignature` know.
"""  # noqa: E501 - the literal is the format

import re
from dataclasses import dataclass

from assent.translog.errors import NoteMalformed
from assent.translog.formats.encoding import decode_base64, encode_base64
from assent.translog.formats.keys import KEY_ID_BYTES, VerifierKey, is_name

NOTE_BYTES_MAX = 512 * 1024  # 64 signatures of ML-DSA-44 and a long text fit
SIGNATURES_MAX = 64  # C2SP asks to accept 16 at least
_DASH = "\N{EM DASH} "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_REMEDY = "Fetch the note again; if it comes so from its source, that source is broken."


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line of a note: who says to have signed, and the signature.

    `signature` is what follows the 4-byte key ID; cosignatures start with their time.
    """

    name: str
    key_id: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """Return the line with its newline."""
        return f"{_DASH}{self.name} {encode_base64(self.key_id + self.signature)}\n"

    def is_by(self, key: VerifierKey) -> bool:
        """Tell whether the line claims to be of this key."""
        return self.name == key.name and self.key_id == key.key_id


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signature lines in order."""

    text: str
    signatures: tuple[SignatureLine, ...]

    @property
    def signed_bytes(self) -> bytes:
        """Return the bytes that plain signatures are made over."""
        return self.text.encode()

    @property
    def encoded(self) -> bytes:
        """Return the whole note."""
        lines = "".join(line.text for line in self.signatures)
        return f"{self.text}\n{lines}".encode()

    def with_signatures(self, *lines: SignatureLine) -> "Note":
        """Return the note with more signature lines, each once."""
        added = [n for n in dict.fromkeys(lines) if n not in self.signatures]
        return Note(self.text, (*self.signatures, *added))


def parse_note(data: bytes) -> Note:
    """Return the note in these bytes, whose encoding is exactly these bytes.

    Raises:
        NoteMalformed: if they are none, or beyond a limit.

    """
    if len(data) > NOTE_BYTES_MAX:
        raise _malformed(f"it is longer than {NOTE_BYTES_MAX:,} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("it is not UTF-8") from None
    if _CONTROL.search(whole):
        raise _malformed("it holds a control character")
    text, separator, lines = whole.rpartition("\n\n")
    if not separator:
        raise _malformed("no empty line stands before its signatures")
    return Note(text + "\n", parse_signature_lines(lines))


def parse_signature_lines(lines: str) -> tuple[SignatureLine, ...]:
    """Return the signature lines in a text of one or more of them.

    Raises:
        NoteMalformed: if there is none, too many, or one is not in canonical form.

    """
    if not lines.endswith("\n"):
        raise _malformed("its last line is cut off")
    rows = lines.removesuffix("\n").split("\n")
    if len(rows) > SIGNATURES_MAX:
        raise _malformed(f"it has more than {SIGNATURES_MAX} signatures")
    return tuple(_signature_line(row) for row in rows)


def _signature_line(row: str) -> SignatureLine:
    name, _, encoded = row.removeprefix(_DASH).partition(" ")
    value = decode_base64(encoded)
    if (
        not row.startswith(_DASH)
        or not is_name(name)
        or value is None
        or len(value) <= KEY_ID_BYTES
    ):
        raise _malformed(f"{row[:80]!r} is no signature line")
    return SignatureLine(name, value[:KEY_ID_BYTES], value[KEY_ID_BYTES:])


def _malformed(why: str) -> NoteMalformed:
    return NoteMalformed(f"This is no signed note: {why}.", remedy=_REMEDY)

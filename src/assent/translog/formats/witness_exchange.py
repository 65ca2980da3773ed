"""What a witness is asked, and what it answers.

bytes <-> CosignRequest, SubtreeRequest, signature lines, a size (C2SP tlog-witness)

A log asks for a cosignature (`add-checkpoint`) with the size that it thinks the witness
holds, the proof that the tree has only grown since, and the tree head it signed:

    old 8
    mZQGUTFuRDzZz/etiQiU55p3oYcNIYU2NFGGytglOrk=

    example.com/log
    14
    kNfF40el5mNt3/cQVHOIynIT/tnIXCHWnO0ZsVMX5ko=

    — example.com/log CfrdbEHNKYUTWCWrI3GJ5DqEvdPJg5Iss1JnIvwH8aH9/w9Oj0C5Vjv7JRLqnH/TwwQ/d4ZEhPRlJ/+7zR3qEUigbAw=

Anybody may ask for the cosignature of a subtree (`sign-subtree`) with its hash, the
proof that it is part of a tree, and the head of that tree as the witness cosigned it:

    subtree 8 13
    ptHeE8xxqg97JCQwB7g6+9U/EkhyVHQq0jihTdMoi3Y=
    WRUsZPaQ/m6ZQLOsXIXDfh3b1SX4F7+Z4OTi2CPTzw8=
    NpDRcJo3KwA+yKhlK9BVuxid3J1cQJb/yoePQ9cBJjA=
    wUangc8yvkucIt6sH6xVv48vPP588PCBqV+nTOLZ0/w=
    tpcyzlyRQWLKmsz69OldP5h01ogFQ3CIqv8YSk25Z3M=

    example.com/log
    14
    kNfF40el5mNt3/cQVHOIynIT/tnIXCHWnO0ZsVMX5ko=

    — witness.example/w1 p+EhRAAAAABpJIEAXlOL5pETbW9HDhjUwBlDRkqtNH0Z5zfDezexmvvcWXB0Tss+93bXUsEmFk8r7Lxrd5o8Kqw0hXwbk3fTBdapDw==

The answer is one or more signature lines, or the size that the witness holds instead.
Nothing here is believed or decided; `translog.witness` does that.
"""  # noqa: E501 - the literals are the formats

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assent.translog.errors import ExchangeMalformed
from assent.translog.formats.encoding import (
    decode_base64,
    decode_decimal,
    encode_base64,
)
from assent.translog.formats.note import (
    NOTE_BYTES_MAX,
    SignatureLine,
    parse_signature_lines,
)
from assent.translog.formats.signed_head import SignedTreeHead, parse_signed_head
from assent.translog.merkle import HASH_BYTES

PROOF_HASHES_MAX = 63  # C2SP tlog-witness
REQUEST_BYTES_MAX = NOTE_BYTES_MAX + 4096  # 65 lines of at most 50 bytes before a note
ANSWER_BYTES_MAX = 64 * 1024  # 16 signatures of ML-DSA-44 take 57 kB
SIZE_BYTES_MAX = 20  # the digits of 2**63 - 1 and a newline
SIZE_CONTENT_TYPE = "text/x.tlog.size"
_REMEDY = "Write it as C2SP tlog-witness lays it out, every line ended by a newline."


@dataclass(frozen=True, slots=True)
class CosignRequest:
    """Please cosign this tree head: the proof leads to it from the tree of `old_size`.

    `proof` holds hashes of 32 bytes.
    """

    old_size: int
    proof: tuple[bytes, ...]
    signed: SignedTreeHead

    @property
    def encoded(self) -> bytes:
        """Return the body of the request."""
        return _encoded([f"old {self.old_size}"], self.proof, self.signed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtreeRequest:
    """Please cosign leaves [start, end): the proof leads to a head you cosigned."""

    start: int
    end: int
    subtree_hash: bytes
    proof: tuple[bytes, ...]
    signed: SignedTreeHead

    @property
    def encoded(self) -> bytes:
        """Return the body of the request."""
        lines = [f"subtree {self.start} {self.end}", encode_base64(self.subtree_hash)]
        return _encoded(lines, self.proof, self.signed)


def parse_cosign_request(data: bytes) -> CosignRequest:
    """Return the request in these bytes, whose encoding is exactly these bytes.

    Raises:
        ExchangeMalformed: if they are none, or beyond a limit.
        NoteMalformed, TreeHeadMalformed: if no signed tree head follows.

    """
    (first, *hashes), signed = _parts(data)
    mark, _, size_text = first.partition(" ")
    old_size = decode_decimal(size_text)
    if mark != "old" or old_size is None:
        raise _malformed(f"it starts with {first[:60]!r}, not with `old` and a size")
    return CosignRequest(old_size, _proof(hashes), signed)


def parse_subtree_request(data: bytes) -> SubtreeRequest:
    """Return the request in these bytes, whose encoding is exactly these bytes.

    Raises:
        ExchangeMalformed: if they are none, or beyond a limit.
        NoteMalformed, TreeHeadMalformed: if no signed tree head follows.

    """
    (first, *hashes), signed = _parts(data)
    mark, _, both = first.partition(" ")
    start_text, _, end_text = both.partition(" ")
    start, end = decode_decimal(start_text), decode_decimal(end_text)
    if mark != "subtree" or start is None or end is None:
        raise _malformed(f"it starts with {first[:60]!r}, not with `subtree` and both")
    if not hashes:
        raise _malformed("it gives no hash of the subtree")
    return SubtreeRequest(
        start=start,
        end=end,
        subtree_hash=_hash(hashes[0]),
        proof=_proof(hashes[1:]),
        signed=signed,
    )


def encode_answer(lines: Iterable[SignatureLine]) -> bytes:
    """Return the body of an answer that carries these signatures."""
    return "".join(line.text for line in lines).encode()


def parse_answer(data: bytes) -> tuple[SignatureLine, ...]:
    """Return the signature lines in a witness's answer, believing none of them.

    Raises:
        ExchangeMalformed: if the bytes are too many or no text.
        NoteMalformed: if they are anything but signature lines.

    """
    if len(data) > ANSWER_BYTES_MAX:
        raise _malformed(f"it is longer than {ANSWER_BYTES_MAX:,} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("it is not UTF-8") from None
    return parse_signature_lines(text)


def encode_size(size: int) -> bytes:
    """Return the body by which a witness tells the size of the tree that it holds."""
    return f"{size}\n".encode("ascii")


def parse_size(data: bytes) -> int:
    """Return the size that a witness tells.

    Raises:
        ExchangeMalformed: if the bytes are not one size and a newline.

    """
    text = data[: SIZE_BYTES_MAX + 1].decode("utf-8", "replace")
    size = decode_decimal(text.removesuffix("\n")) if text.endswith("\n") else None
    if size is None:
        raise _malformed(f"{text!r} is no size")
    return size


def _parts(data: bytes) -> tuple[list[str], SignedTreeHead]:
    if len(data) > REQUEST_BYTES_MAX:
        raise _malformed(f"it is longer than {REQUEST_BYTES_MAX:,} bytes")
    header, separator, note = data.partition(b"\n\n")
    if not separator:
        raise _malformed("no empty line stands before a tree head")
    try:
        lines = header.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise _malformed("what stands before its tree head is not ASCII") from None
    return lines, parse_signed_head(note)


def _proof(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > PROOF_HASHES_MAX:
        raise _malformed(f"its proof has more than {PROOF_HASHES_MAX} hashes")
    return tuple(_hash(line) for line in lines)


def _hash(line: str) -> bytes:
    value = decode_base64(line)
    if value is None or len(value) != HASH_BYTES:
        raise _malformed(f"{line[:60]!r} is no hash of {HASH_BYTES} bytes in base64")
    return value


def _encoded(
    lines: Sequence[str], proof: Iterable[bytes], signed: SignedTreeHead
) -> bytes:
    header = "".join(f"{line}\n" for line in [*lines, *map(encode_base64, proof)])
    return header.encode("ascii") + b"\n" + signed.encoded


def _malformed(why: str) -> ExchangeMalformed:
    return ExchangeMalformed(
        f"This is nothing that is said to or by a witness: {why}.", remedy=_REMEDY
    )

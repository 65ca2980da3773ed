"""A proof: everything needed to see offline that an entry is in the log.

bytes <-> TlogProof(index, hashes, signed, extra) (C2SP tlog-proof)

    c2sp.org/tlog-proof@v1
    extra b25l
    index 0
    qxq38Hx8j+Dv9LpvqlPH5EEukaWZFT6KpOAb7s5beCU=

    agency.example/log
    2
    T1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4=

    — agency.example/log NPKzMplepIWBMKkhb31Clu9sCDORKbotYJ33jNdmgk7UFsy9a6jOIsM4+/wB7Q6VCjHoxi8uEMNzkLn+Oxvq/56xPQA=

Nothing in it is believed yet, the `extra` data least of all: by the format it is outside
every signature. assent puts the entry's own bytes there, and `verify` believes them only
once their hash is shown to be in the tree. Whoever reads a proof of another application
finds in `extra` whatever that application put there.
"""  # noqa: E501 - the literal is the format

from dataclasses import dataclass

from assent.translog.errors import ProofMalformed
from assent.translog.formats.encoding import (
    decode_base64,
    decode_decimal,
    encode_base64,
)
from assent.translog.formats.note import NOTE_BYTES_MAX
from assent.translog.formats.signed_head import SignedTreeHead, parse_signed_head
from assent.translog.formats.tiles import ENTRY_BYTES_MAX
from assent.translog.merkle import HASH_BYTES

HASHES_MAX = 63  # a tree of 2**63 - 1 leaves is no deeper
EXTRA_BYTES_MAX = ENTRY_BYTES_MAX  # so that any entry can be carried
PROOF_BYTES_MAX = NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX  # base64 and hashes fit
_MARK = "c2sp.org/tlog-proof@v1"
_REMEDY = "Fetch the proof again from the log; do not edit it."


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """Where an entry is said to be, the hashes up to a root, and the signed head.

    `extra` is empty if there is none; nothing vouches for it.
    """

    index: int
    hashes: tuple[bytes, ...]
    signed: SignedTreeHead
    extra: bytes = b""

    @property
    def encoded(self) -> bytes:
        """Return the proof as a file, `.tlog-proof` by its usual name."""
        extra = [f"extra {encode_base64(self.extra)}"] if self.extra else []
        hashes = [encode_base64(value) for value in self.hashes]
        lines = [_MARK, *extra, f"index {self.index}", *hashes, "", ""]
        return "\n".join(lines).encode() + self.signed.encoded


def parse_proof(data: bytes) -> TlogProof:
    """Return the proof in these bytes, whose encoding is exactly these bytes.

    Raises:
        ProofMalformed: if they are none, or beyond a limit.
        NoteMalformed, TreeHeadMalformed: if what follows the hashes is no tree head.

    """
    if len(data) > PROOF_BYTES_MAX:
        raise _malformed(f"it is longer than {PROOF_BYTES_MAX:,} bytes")
    top, separator, note = data.partition(b"\n\n")
    if not separator or not top.isascii():
        raise _malformed("no empty line stands before its tree head")
    mark, *lines = top.decode("ascii").split("\n")
    if mark != _MARK:
        raise _malformed(f"its first line is not {_MARK}")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = _extra(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise _malformed("no index stands where it should")
    index = decode_decimal(lines.pop(0).removeprefix("index "))
    if index is None:
        raise _malformed("its index is no whole number in canonical form")
    if len(lines) > HASHES_MAX:
        raise _malformed(f"it has more than {HASHES_MAX} hashes")
    return TlogProof(
        index=index,
        hashes=tuple(_hash(line) for line in lines),
        signed=parse_signed_head(note),
        extra=extra,
    )


def _extra(text: str) -> bytes:
    value = decode_base64(text)
    if not value or len(value) > EXTRA_BYTES_MAX:
        raise _malformed(
            f"its extra data is not base64 of 1 to {EXTRA_BYTES_MAX:,} bytes"
        )
    return value


def _hash(text: str) -> bytes:
    value = decode_base64(text)
    if value is None or len(value) != HASH_BYTES:
        raise _malformed(f"{text[:60]!r} is no hash")
    return value


def _malformed(why: str) -> ProofMalformed:
    return ProofMalformed(f"This is no proof: {why}.", remedy=_REMEDY)

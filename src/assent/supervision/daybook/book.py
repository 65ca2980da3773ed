"""A day book: a signed head, the owners without permits, and the day's entries.

DayHead + owners + entries + signer -> bytes;  bytes -> DayBook, believed in nothing yet

Lines: the signed envelope of the head; the owners, a list; then one entry a line. All
are canonical JSON, and entries are the very bytes that the ledger's head chains.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from assent.authorisation.permit.fields import mapping_of, text_of
from assent.supervision.admission import OwnerRegister
from assent.supervision.daybook.errors import DayBookMalformed
from assent.supervision.daybook.head import DAY_HEAD_TYPE, DayHead, malformed
from assent.supervision.daybook.head import parse_day_head as _parse_head
from assent.vocabulary import AssentError, Plain, canonical_bytes, parse_canonical
from assent.vocabulary.envelope import Envelope, Signer, parse_envelope
from assent.vocabulary.texts import LINE, NAME_LENGTH_MAX

DAY_BYTES_MAX = 128_000_000  # 200,000 entries, and a hundred thousand owners
_NAME = re.compile(f"{LINE}{{1,{NAME_LENGTH_MAX}}}")
_KEY = re.compile(r"[0-9a-f]{64}")
_OWNER = frozenset({"owner_id", "name", "keys", "group"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOwner:
    """An owner that used compute without a permit, as its site knows it.

    Attributes:
        owner_id: as the site's register calls it.
        name: as people call it.
        keys: by which agencies know it, 64 hexadecimal digits each.
        group: all owners under the same control, by the site's register.

    """

    owner_id: str
    name: str
    keys: tuple[str, ...]
    group: tuple[str, ...]

    @property
    def plain(self) -> dict[str, Plain]:
        """The owner as plain values."""
        return {
            "owner_id": self.owner_id,
            "name": self.name,
            "keys": list(self.keys),
            "group": list(self.group),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBook:
    """What a file holds: a head that somebody signed, and what came with it."""

    head: DayHead
    envelope: Envelope
    owners: bytes
    entries: tuple[bytes, ...]


def day_owner(register: OwnerRegister, owner_id: str, on: date) -> DayOwner:
    """Return an owner as a day book tells of it; one that left is known by its id."""
    owner = register.owners.get(owner_id)
    if owner is None:
        return DayOwner(owner_id=owner_id, name=owner_id, keys=(), group=(owner_id,))
    return DayOwner(
        owner_id=owner_id,
        name=owner.name,
        keys=tuple(sorted(key.text for key in owner.keys)),
        group=tuple(sorted(register.group_of(owner_id, on))),
    )


def encode_owners(owners: Iterable[DayOwner]) -> bytes:
    """Return the line of owners."""
    return canonical_bytes([owner.plain for owner in owners])


def digest_of(line: bytes) -> str:
    """Return the digest of a line, as heads name it."""
    return f"sha256:{sha256(line).hexdigest()}"


def write_day(
    head: DayHead, owners: bytes, entries: Sequence[bytes], signer: Signer
) -> bytes:
    """Return a day book, signed by its gate."""
    envelope = Envelope(head.encoded, DAY_HEAD_TYPE).signed_by(signer)
    return b"".join(line + b"\n" for line in (envelope.encoded, owners, *entries))


def parse_day(data: bytes) -> DayBook:
    """Return what a file holds.

    Raises:
        DayBookMalformed: if it is no day book.

    """
    # (1) It is a day book.
    if len(data) > DAY_BYTES_MAX:
        malformed(f"it is longer than {DAY_BYTES_MAX:,} bytes")
    if data[-1:] != b"\n":
        malformed("its last line has no end")
    lines = data[:-1].split(b"\n")
    if len(lines) < 2:  # noqa: PLR2004 - the head and the owners
        malformed("it has no owners")
    envelope = _envelope(lines[0])
    head = parse_head(envelope)
    return DayBook(
        head=head, envelope=envelope, owners=lines[1], entries=tuple(lines[2:])
    )


def parse_head(envelope: Envelope) -> DayHead:
    """Return the head in an envelope.

    Raises:
        DayBookMalformed: if there is none.

    """
    if envelope.payload_type != DAY_HEAD_TYPE:
        malformed(f"it is of type {envelope.payload_type:.120}")
    return _parse_head(envelope.payload)


def parse_owners(line: bytes) -> list[DayOwner]:
    """Return the owners in a line.

    Raises:
        DayBookMalformed: if there are none.

    """
    try:
        value = parse_canonical(line)
        if not isinstance(value, list):
            malformed("its owners are no list")
        return list(_owners(value))
    except DayBookMalformed:
        raise
    except AssentError as error:
        malformed(error.message.removesuffix("."))


def _owners(value: list[object]) -> Iterator[DayOwner]:
    for one in value:
        given = mapping_of(one, "an owner", _OWNER)
        if not all(isinstance(given[name], list) for name in ("keys", "group")):
            malformed("an owner's keys or group are no list")
        yield DayOwner(
            owner_id=text_of(given["owner_id"], _NAME, "owner"),
            name=text_of(given["name"], _NAME, "name"),
            keys=tuple(text_of(key, _KEY, "key") for key in given["keys"]),
            group=tuple(text_of(name, _NAME, "group") for name in given["group"]),
        )


def _envelope(line: bytes) -> Envelope:
    try:
        return parse_envelope(line)
    except AssentError as error:
        malformed(error.message.removesuffix("."))

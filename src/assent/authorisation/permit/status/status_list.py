"""A status list: whether permits still hold, two bits for each, signed every few hours.

statuses -> compressed list -> signed list;  signed list + keys + now -> status by index

    {"exp":1767312000,"iat":1767225600,"status_list":{"bits":2,"lst":"eNo76fITAAPfAgc"},"sub":"https://agency.example/status/1","ttl":3600}

The format is IETF's Token Status List (draft-ietf-oauth-status-list) as JWT. The list
of all permits is one file, so whoever fetches it does not tell which permit it is
about. Most permits hold, and zeros compress well.

A list shows what the agency's status service said at `iat`. It can not show that the
service told everybody the same; the events in the public log can.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, NoReturn

from assent.authorisation.permit.errors import (
    StatusInvalid,
    StatusMalformed,
    StatusStale,
)
from assent.authorisation.permit.fields import SECONDS_MAX
from assent.authorisation.permit.status.jws import (
    decode_part,
    encode_part,
    sign_claims,
    verify_claims,
)
from assent.vocabulary import (
    Plain,
    QuantityInvalid,
    format_instant,
    from_posix,
)
from assent.vocabulary.envelope import PublicKey, Signer

STATUS_TYPE = "statuslist+jwt"
BITS = 2
STATUSES_MAX = 2**24  # 4 MiB unpacked, 16 times the largest list that is foreseen
CLOCK_SKEW_S = 300  # between machines whose clocks are set by the network
_IN_BYTE = 8 // BITS
_CLAIMS = frozenset({"exp", "iat", "status_list", "sub", "ttl"})


class Status(IntEnum):
    """What two bits say. 0 to 2 are the draft's; 3 is left to each application."""

    VALID = 0
    INVALID = 1  # revoked, expired, exhausted, or not issued yet
    SUSPENDED = 2
    SUPERSEDED = 3  # a later version of the permit stands in its place


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedStatusList:
    """A list that the status service signed; check any number of permits against it.

    Keep it between checks by the digest of the signed bytes.
    """

    uri: str
    issued: datetime
    expires: datetime
    packed: bytes

    def status_at(self, index: int) -> Status:
        """Return the status of an index.

        Raises:
            StatusInvalid: if the list is too short.

        """
        return status_at(self.packed, index)

    def stale_after(self, max_staleness_s: int) -> datetime:
        """Return the last instant at which the list counts for a permit."""
        return min(self.expires, self.issued + timedelta(seconds=max_staleness_s))

    def require_fresh(self, now: datetime, max_staleness_s: int) -> None:
        """Refuse a list that is too old.

        Raises:
            StatusStale: if it is, or is from the future.

        """
        if self.issued > now + timedelta(seconds=CLOCK_SKEW_S):
            raise StatusStale(
                f"The status list is from {format_instant(self.issued)}, and it is"
                f" {format_instant(now)}: one of the clocks is wrong.",
                remedy="Set this machine's clock.",
            )
        if now > (last := self.stale_after(max_staleness_s)):
            raise StatusStale(
                f"The status list of {format_instant(self.issued)} counts until"
                f" {format_instant(last)}; it is {format_instant(now)}.",
                remedy=f"Fetch the newest list from {self.uri}.",
            )


def encode_statuses(statuses: Sequence[int] | Mapping[int, int], size: int) -> bytes:
    """Return a compressed list of `size` statuses, as `lst` holds it.

    Args:
        statuses: all of them, or those that are not 0 by their index.
        size: how many permits the list has room for.

    Raises:
        QuantityInvalid: if a status or an index is out of range.

    """
    if not 0 < size <= STATUSES_MAX:
        _out_of_range(f"{size} is no size from 1 to {STATUSES_MAX:,}")
    packed = bytearray(-(-size // _IN_BYTE))
    if isinstance(statuses, Mapping):
        for index, status in statuses.items():
            if not 0 <= index < size or not 0 <= status < 2**BITS:
                _out_of_range(f"status {status} at {index} has no place among {size}")
            byte, place = divmod(index, _IN_BYTE)
            packed[byte] |= status << place * BITS
    else:
        packed = _pack(statuses, size)
    return zlib.compress(packed, 9)


def _pack(statuses: Sequence[int], size: int) -> bytearray:
    try:
        plain = bytes(statuses)
    except (ValueError, TypeError):
        plain = b"\xff"
    # Whatever is left when the four statuses are taken out is none.
    if len(statuses) > size or plain.translate(None, bytes(Status)):
        _out_of_range(f"there are other statuses than 0 to 3, or more than {size}")
    plain = plain.ljust(-(-size // _IN_BYTE) * _IN_BYTE, b"\0")
    # Each place in the byte at once: as whole numbers, no sum carries into a neighbour.
    places = [int.from_bytes(plain[place::_IN_BYTE]) for place in range(_IN_BYTE)]
    whole = sum(column << place * BITS for place, column in enumerate(places))
    return bytearray(whole.to_bytes(len(plain) // _IN_BYTE))


def decode_statuses(compressed: bytes) -> bytes:
    """Return the packed bytes of a compressed list.

    Raises:
        StatusMalformed: if it is none, truncated, or beyond STATUSES_MAX.

    """
    bytes_max = STATUSES_MAX // _IN_BYTE
    reader = zlib.decompressobj()
    try:
        packed = reader.decompress(compressed, bytes_max + 1)
    except zlib.error:
        packed = b""
    if len(packed) > bytes_max:
        _refuse(f"it unpacks to more than {bytes_max:,} bytes")
    if not packed or not reader.eof or reader.unused_data:
        _refuse("its list is not one whole DEFLATE stream")
    return packed


def status_at(packed: bytes, index: int) -> Status:
    """Return the status of an index of a packed list.

    Raises:
        StatusInvalid: if the list is too short.

    """
    byte, place = divmod(index, _IN_BYTE)
    if not 0 <= byte < len(packed):
        raise StatusInvalid(
            f"The status list has {len(packed) * _IN_BYTE:,} places and none at"
            f" {index}: it is not the one of this permit, or it was cut short.",
            remedy="Fetch the newest list from the address that the permit names.",
        )
    return Status(packed[byte] >> place * BITS & 2**BITS - 1)


def sign_status_list(
    compressed: bytes, *, uri: str, issued: datetime, lasts_s: int, signer: Signer
) -> bytes:
    """Return a signed status list.

    Args:
        compressed: from `encode_statuses`.
        uri: where it is published, as permits name it.
        issued: when it was drawn up.
        lasts_s: after how many seconds it ends, and within which the next one comes.
        signer: the treaty's status service.

    Raises:
        QuantityInvalid: if it lasts no time, or more than a year.

    """
    if not 0 < lasts_s <= SECONDS_MAX:
        _out_of_range(f"a status list does not last {lasts_s} seconds")
    issued_s = int(issued.timestamp())
    claims: dict[str, Plain] = {
        "sub": uri,
        "iat": issued_s,
        "exp": issued_s + lasts_s,
        "ttl": lasts_s,
        "status_list": {"bits": BITS, "lst": encode_part(compressed).decode()},
    }
    return sign_claims(STATUS_TYPE, claims, signer)


def verify_status_list(
    signed: bytes,
    uri: str,
    keys: Mapping[str, PublicKey],
    now: datetime,
    max_staleness_s: int,
) -> VerifiedStatusList:
    """Return a status list that counts now.

    Args:
        signed: as it was published.
        uri: of the list that the permit names.
        keys: of the treaty's status service, in force now, by their ids.
        now: the instant.
        max_staleness_s: how old the permit lets it be.

    Raises:
        StatusMalformed: if it is no status list of two bits, or beyond a limit.
        StatusInvalid: if it is another list, or by none of the keys.
        StatusStale: if it is too old.

    """
    claims = verify_claims(signed, STATUS_TYPE, keys)
    found = _list_of(claims)
    if found.uri != uri:
        raise StatusInvalid(
            f"This is the status list {found.uri:.200}; the permit's is {uri}.",
            remedy=f"Fetch {uri}.",
        )
    found.require_fresh(now, max_staleness_s)
    return found


def _list_of(claims: dict[str, Any]) -> VerifiedStatusList:
    given = claims.get("status_list")
    if claims.keys() != _CLAIMS or not isinstance(given, dict):
        _refuse(f"its claims are not {', '.join(sorted(_CLAIMS))}")
    if given.keys() != {"bits", "lst"} or str(given["bits"]) != str(BITS):
        _refuse(f"it has not {BITS} bits for each permit")
    times = [claims[name] for name in ("iat", "exp", "ttl")]
    if any(type(time) is not int or time < 0 for time in times):
        _refuse("its times are no whole numbers of seconds")
    if not isinstance(claims["sub"], str) or not isinstance(given["lst"], str):
        _refuse("its address or its list is no text")
    try:
        issued, expires = from_posix(claims["iat"]), from_posix(claims["exp"])
        packed = decode_statuses(decode_part(given["lst"].encode()))
    except QuantityInvalid as error:
        _refuse(error.message.removesuffix("."))
    except UnicodeEncodeError:
        _refuse("its list is no text")
    return VerifiedStatusList(
        uri=claims["sub"], issued=issued, expires=expires, packed=packed
    )


def _out_of_range(why: str) -> NoReturn:
    raise QuantityInvalid(
        f"This is no status list: {why}.", remedy="Statuses are 0, 1, 2 and 3."
    )


def _refuse(why: str) -> NoReturn:
    raise StatusMalformed(
        f"This is no status list: {why}.",
        remedy="Fetch it again from the address that the permit names.",
    )

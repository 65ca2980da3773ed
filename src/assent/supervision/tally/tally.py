"""A tally: what the owners at one gate used at all others without a permit.

Tally <-> two lines: the signed head, and the groups that it holds the digest of

    {"agency":"Example Agency","format":"assent-tally/1","gate":"gate-1","groups":"sha256:…","issued":"2026-06-02T00:10:00Z","key":"7b3c…","number":1780359000,"stale_after":"2026-06-03T00:10:00Z"}
    [{"flop":"60000000000000000000000","owners":["labs","sister"]}]

A gate is told of owners that it named itself, by the names that it uses, and a sum: not
at whose site, nor who else is of the group.
"""  # noqa: E501 - the literals are the format

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NoReturn

from assent.authorisation.permit.fields import (
    DIGEST,
    SLUG,
    count_of,
    instant_of,
    int_of,
    list_of,
    mapping_of,
    text_of,
)
from assent.supervision.daybook import digest_of
from assent.supervision.tally.errors import TallyMalformed
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    format_instant,
    parse_canonical,
)
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.envelope import Envelope, Signer, parse_envelope
from assent.vocabulary.texts import LINE, NAME_LENGTH_MAX

FORMAT = "assent-tally/1"
TALLY_TYPE = "application/vnd.assent.tally+json"
TALLY_BYTES_MAX = 60_000_000  # a hundred thousand owners with long names
_NAME = re.compile(f"{LINE}{{1,{NAME_LENGTH_MAX}}}")
_KEY = re.compile(r"[0-9a-f]{64}")
_FIELDS = frozenset(
    {"format", "agency", "gate", "key", "number", "issued", "stale_after", "groups"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyGroup:
    """Owners at a gate who belong together, and what their group used elsewhere.

    Attributes:
        owners: as the gate calls them, in order.
        flop: used and reserved without a permit at all other gates.

    """

    owners: tuple[str, ...]
    flop: int


@dataclass(frozen=True, kw_only=True)
class Tally:
    """A tally, unsigned.

    Attributes:
        agency: whose.
        gate: for which, as the agency calls it.
        key: the gate's, 64 hexadecimal digits.
        number: larger than that of every tally before.
        issued: when it was made.
        stale_after: until when there should be a newer one.
        groups: those with FLOP elsewhere, or more owners than one; each owner once.

    """

    agency: str
    gate: str
    key: str
    number: int
    issued: datetime
    stale_after: datetime
    groups: tuple[TallyGroup, ...]

    @property
    def groups_line(self) -> bytes:
        """The canonical bytes of the groups."""
        return canonical_bytes(
            [
                {"owners": list(group.owners), "flop": str(group.flop)}
                for group in self.groups
            ]
        )

    @property
    def plain(self) -> dict[str, Plain]:
        """The head as plain values."""
        return {
            "format": FORMAT,
            "agency": self.agency,
            "gate": self.gate,
            "key": self.key,
            "number": self.number,
            "issued": format_instant(self.issued),
            "stale_after": format_instant(self.stale_after),
            "groups": digest_of(self.groups_line),
        }

    def touching(self, owners: Iterable[str]) -> list[TallyGroup]:
        """Return the groups that one of these owners is in."""
        found = {self._of_owner[name] for name in owners if name in self._of_owner}
        return sorted(found, key=lambda group: group.owners)

    @cached_property
    def _of_owner(self) -> Mapping[str, TallyGroup]:
        return {owner: group for group in self.groups for owner in group.owners}


def sign_tally(tally: Tally, signer: Signer) -> bytes:
    """Return a tally, signed by the agency's lease service."""
    envelope = Envelope(canonical_bytes(tally.plain), TALLY_TYPE).signed_by(signer)
    return envelope.encoded + b"\n" + tally.groups_line + b"\n"


def parse_tally(data: bytes) -> tuple[Tally, Envelope]:
    """Return a tally and the envelope of its head, believed in nothing yet.

    Raises:
        TallyMalformed: if it is none.

    """
    # (1) It is a tally, and its groups are those of the head.
    if len(data) > TALLY_BYTES_MAX:
        _malformed(f"it is longer than {TALLY_BYTES_MAX:,} bytes")
    lines = data.split(b"\n")
    if len(lines) != 3 or lines[2]:  # noqa: PLR2004 - two lines, each with its end
        _malformed("it has other than two lines")
    try:
        envelope = parse_envelope(lines[0])
        if envelope.payload_type != TALLY_TYPE:
            _malformed(f"it is of type {envelope.payload_type:.120}")
        head = mapping_of(parse_canonical(envelope.payload), "it", _FIELDS)
        if text_of(head["groups"], DIGEST, "groups") != digest_of(lines[1]):
            _malformed("its groups are not those that were signed")
        return _tally(head, parse_canonical(lines[1])), envelope
    except TallyMalformed:
        raise
    except AssentError as error:
        _malformed(error.message.removesuffix("."))


def _tally(head: dict[str, Any], groups: Any) -> Tally:  # noqa: ANN401 - any plain value
    if head["format"] != FORMAT:
        _malformed(f"its format is not {FORMAT}")
    tally = Tally(
        agency=text_of(head["agency"], _NAME, "agency"),
        gate=text_of(head["gate"], SLUG, "gate"),
        key=text_of(head["key"], _KEY, "key"),
        number=int_of(head["number"], 1, INTEGER_SAFE_MAX, "number"),
        issued=instant_of(head["issued"], "issued"),
        stale_after=instant_of(head["stale_after"], "stale_after"),
        groups=tuple(_groups(list_of(groups, "groups"))),
    )
    owners = [owner for group in tally.groups for owner in group.owners]
    if len(set(owners)) != len(owners):
        _malformed("an owner is in it twice")
    if tally.issued >= tally.stale_after:
        _malformed("it is stale before it is issued")
    return tally


def _groups(given: Sequence[Any]) -> Iterator[TallyGroup]:
    for one in given:
        group = mapping_of(one, "a group", {"owners", "flop"})
        owners = list_of(group["owners"], "owners")
        yield TallyGroup(
            owners=tuple(text_of(owner, _NAME, "owner") for owner in owners),
            flop=count_of(group["flop"], "flop"),
        )


def _malformed(why: str) -> NoReturn:
    raise TallyMalformed(
        f"This is no tally: {why}.", remedy="Fetch it from the agency again."
    )

r"""What a monitor keeps of a log between two looks at it.

SignedTreeHead + Edge -> MonitorState <-> bytes

After two of three entries:

    {"format":"assent-monitor-state/1","head":"log.example/a\n3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n\n— log.example/a hwgG+DFYsBhu0MX9t7wfe3swegCBzTRWnt/ZdcGnO9A9F5au5l6USfIeugO31SqpOM7byFhETJ2jkTQ7H4CdyKkcQQo=\n","owed":[],"size":"2","tiles":[["0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=","qxq38Hx8j+Dv9LpvqlPH5EEukaWZFT6KpOAb7s5beCU="]]}

`size` entries were read; `tiles` are the hashes of the unfinished tile of each level of
their tree, which is all that is needed to go on. `owed` are tree heads that the log has
yet to show, each with `head`, `since_s` and `witness`. Entries and tree heads in a state
that was tampered with are found out, at the latest at the next look. One replaced by an
older one of the same log is not: the monitor reads some entries again and forgets the
tree heads between, and what was owed.
"""  # noqa: E501 - the literal is the format

from collections.abc import Iterable
from dataclasses import dataclass

from assent.translog.errors import StateDamaged
from assent.translog.formats.encoding import (
    decode_base64,
    decode_decimal,
    encode_base64,
)
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.note import NOTE_BYTES_MAX
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    parse_signed_head,
    verify_tree_head,
)
from assent.translog.merkle import HASH_BYTES, Edge
from assent.translog.monitor.owed import OWED_MAX, OwedHead
from assent.translog.reading import levels_of
from assent.vocabulary import AssentError, canonical_bytes, parse_json

FORMAT = "assent-monitor-state/1"
# A note at its longest in JSON, eight tiles in base64, and what is owed: 4 KiB of text
# and 64 signatures by known keys, under 4 KiB each.
STATE_BYTES_MAX = 2 * NOTE_BYTES_MAX + 128 * 1024 + OWED_MAX * 272 * 1024
_FIELDS = {"format", "head", "owed", "size", "tiles"}
_OWED_FIELDS = {"head", "since_s", "witness"}
_TILE_BITS = 8


@dataclass(frozen=True, slots=True)
class MonitorState:
    """How far a log was followed.

    `signed` is the newest tree head that was verified, and extends all before it; the
    first `size` entries under it were read, and `tiles` is their edge. `owed` are tree
    heads that the log signed and has not shown.
    """

    signed: SignedTreeHead
    size: int
    tiles: tuple[tuple[bytes, ...], ...]
    owed: tuple[OwedHead, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Tell whether every entry under the tree head was read."""
        return self.size == self.signed.head.size

    @property
    def edge(self) -> Edge:
        """Return the edge of the tree of the entries that were read."""
        return Edge.restored(self.size, self.tiles)

    @property
    def encoded(self) -> bytes:
        """Return the state's bytes."""
        return canonical_bytes(
            {
                "format": FORMAT,
                "head": self.signed.encoded.decode(),
                "owed": [
                    {
                        "head": owed.signed.encoded.decode(),
                        "since_s": str(owed.since_s),
                        "witness": owed.witness,
                    }
                    for owed in self.owed
                ],
                "size": str(self.size),
                "tiles": [[encode_base64(v) for v in tile] for tile in self.tiles],
            }
        )


def reached(
    signed: SignedTreeHead, edge: Edge, owed: tuple[OwedHead, ...] = ()
) -> MonitorState:
    """Return the state after the entries of `edge`, which lie under the tree head.

    Raises:
        StateDamaged: if they are all of its entries, and have another root.

    """
    if edge.size > signed.head.size:
        raise _damaged("it read more entries than its tree head has")
    if edge.size == signed.head.size and edge.root() != signed.head.root:
        raise _damaged("its hashes do not lead to the root of its tree head")
    tiles = [tuple(edge.partial(level)) for level in range(levels_of(edge.size))]
    return MonitorState(signed, edge.size, tuple(tiles), owed)


def parse_state(data: bytes) -> MonitorState:
    """Return the state in these bytes, whose encoding is exactly these bytes.

    Raises:
        StateDamaged: if there is none in them, or it contradicts itself.

    """
    if len(data) > STATE_BYTES_MAX:
        raise _damaged(f"it is longer than {STATE_BYTES_MAX:,} bytes")
    try:
        fields = parse_json(data.decode()).value
        if not isinstance(fields, dict) or fields.keys() != _FIELDS:
            raise _damaged(f"it needs the fields {', '.join(sorted(_FIELDS))}")
        signed = parse_signed_head(str(fields["head"]).encode())
        size = decode_decimal(str(fields["size"]))
        if size is None:
            raise _damaged("its size is no whole number")
        tiles = _tiles(fields["tiles"], size)
        owed = _owed(fields["owed"])
    except UnicodeDecodeError:
        raise _damaged("it is not UTF-8") from None
    except StateDamaged:
        raise
    except AssentError as error:
        raise _damaged(error.message.removesuffix(".")) from None
    state = reached(signed, Edge.restored(size, tiles), owed)
    if state.encoded != data:
        raise _damaged(f"it is not {FORMAT} in its one encoding")
    return state


def verify_state(state: MonitorState, log_keys: Iterable[VerifierKey]) -> None:
    """Check that the log signed the tree heads in a state.

    Raises:
        StateDamaged: if none of these keys of the log did.

    """
    keys, origin = list(log_keys), state.signed.head.origin
    try:
        for signed in (state.signed, *(owed.signed for owed in state.owed)):
            verify_tree_head(signed.encoded, origin=origin, log_keys=keys)
    except AssentError as error:
        raise _damaged(error.message.removesuffix(".")) from None


def _tiles(value: object, size: int) -> list[list[bytes]]:
    rows = value if isinstance(value, list) else []
    widths = [(size >> (_TILE_BITS * n)) % 256 for n in range(levels_of(size))]
    tiles = [[_hash(item) for item in row] for row in rows if isinstance(row, list)]
    if [len(tile) for tile in tiles] != widths:
        raise _damaged(f"it has not the hashes of a tree of {size}")
    return tiles


def _owed(value: object) -> tuple[OwedHead, ...]:
    rows = value if isinstance(value, list) else [value]
    if len(rows) > OWED_MAX:
        raise _damaged(f"more than {OWED_MAX} tree heads are owed")
    found = []
    for row in rows:
        if not isinstance(row, dict) or row.keys() != _OWED_FIELDS:
            raise _damaged("what is owed lacks a field")
        since_s = decode_decimal(str(row["since_s"]))
        if since_s is None:
            raise _damaged("a tree head is owed since no time")
        signed = parse_signed_head(str(row["head"]).encode())
        found.append(OwedHead(str(row["witness"]), since_s, signed))
    return tuple(found)


def _hash(value: object) -> bytes:
    found = decode_base64(value) if isinstance(value, str) else None
    if found is None or len(found) != HASH_BYTES:
        raise _damaged(f"a hash is not base64 of {HASH_BYTES} bytes")
    return found


def _damaged(why: str) -> StateDamaged:
    return StateDamaged(
        f"This is not the state of a monitor as it was kept: {why}.",
        remedy="Restore it from a backup, or remove it and follow the log from its"
        " start. If the policy's key of the log changed, keep the old one in it too.",
    )

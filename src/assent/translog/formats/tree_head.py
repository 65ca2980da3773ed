"""A tree head: how many entries a log holds, and the root hash that commits to them.

text <-> TreeHead(origin, size, root) (C2SP tlog-checkpoint; a checkpoint there)

    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

Anybody can write one down. `signed_head` says whom to believe.
"""

from dataclasses import dataclass

from assent.translog.errors import TreeHeadMalformed
from assent.translog.formats.encoding import (
    decode_base64,
    decode_decimal,
    encode_base64,
)
from assent.translog.formats.keys import NAME_BYTES_MAX
from assent.translog.merkle import HASH_BYTES

TEXT_BYTES_MAX = 4096  # three lines take some 350; extension lines are rare and short
_LINES_MIN = 3
_REMEDY = "Fetch the tree head again; if it comes so from the log, the log is broken."


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a log says of itself: origin, size in entries, root hash of 32 bytes."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the text that is signed."""
        lines = (self.origin, str(self.size), encode_base64(self.root))
        return "".join(f"{line}\n" for line in (*lines, *self.extensions))


def parse_tree_head(text: str) -> TreeHead:
    """Return the tree head that a text spells, whose `text` is exactly this one.

    Raises:
        TreeHeadMalformed: if it spells none.

    """
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(lines) < _LINES_MIN or not all(lines):
        raise _malformed("it needs three lines or more, none of them empty")
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise _malformed(f"it is longer than {TEXT_BYTES_MAX:,} bytes")
    origin, size_text, root_text, *extensions = lines
    size, root = decode_decimal(size_text), decode_base64(root_text)
    if len(origin.encode()) > NAME_BYTES_MAX:
        raise _malformed(f"its origin is longer than {NAME_BYTES_MAX} bytes")
    if size is None:
        raise _malformed(f"{size_text[:40]!r} is no size of a tree")
    if root is None or len(root) != HASH_BYTES:
        raise _malformed(f"{root_text[:60]!r} is no root hash")
    return TreeHead(origin, size, root, tuple(extensions))


def _malformed(why: str) -> TreeHeadMalformed:
    return TreeHeadMalformed(f"This is no tree head: {why}.", remedy=_REMEDY)

"""A small log in memory that signs and publishes what a test tells it to, even lies.

entries -> files and signed tree heads
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assent.translog.formats.cosignature import cosign
from assent.translog.formats.keys import KeyKind, SigningKey, make_signing_key
from assent.translog.formats.policy import Policy, parse_policy
from assent.translog.formats.signed_head import SignedTreeHead, sign_tree_head
from assent.translog.formats.tiles import (
    TILE_WIDTH,
    TREE_HEAD_PATH,
    encode_bundle,
    tiles_of,
)
from assent.translog.formats.tree_head import TreeHead
from assent.translog.merkle import Edge, leaf_hash
from assent.translog.ports import LogFiles

ORIGIN = "log.example/translog"
TIME_S = 1_750_000_000


def log_key(origin: str = ORIGIN, seed: int = 1) -> SigningKey:
    """Return the key of a log."""
    return make_signing_key(origin, KeyKind.ED25519, bytes([seed] * 32))


def witness_key(name: str, seed: int = 2) -> SigningKey:
    """Return the key of a witness."""
    return make_signing_key(name, KeyKind.ED25519_COSIGNATURE, bytes([seed] * 32))


@dataclass
class SmallLog:
    """A log whose entries a test chooses; `fork` gives it a second face."""

    entries: list[bytes] = field(default_factory=list)
    key: SigningKey = field(default_factory=log_key)
    witnesses: tuple[SigningKey, ...] = ()

    def fork(self, size: int, entries: Sequence[bytes]) -> "SmallLog":
        """Return the same log, going on differently after `size` entries."""
        return SmallLog([*self.entries[:size], *entries], self.key, self.witnesses)

    @property
    def policy(self) -> Policy:
        """Return a policy that asks for all of the log's witnesses."""
        names = [f"w{i}" for i in range(len(self.witnesses))]
        lines = [f"log {self.key.verifier.text}"]
        for name, key in zip(names, self.witnesses, strict=True):
            lines.append(f"witness {name} {key.verifier.text}")
        if names:
            lines.append(f"group all-of-them all {' '.join(names)}")
        lines.append(f"quorum {'all-of-them' if names else 'none'}\n")
        return parse_policy("\n".join(lines).encode())

    def signed(self, size: int | None = None) -> SignedTreeHead:
        """Return the tree head of the first `size` entries, or of all."""
        size = len(self.entries) if size is None else size
        edge = Edge()
        edge.append(leaf_hash(entry) for entry in self.entries[:size])
        head = TreeHead(self.key.name, size, edge.root())
        lines = [cosign(head, key, TIME_S) for key in self.witnesses]
        return sign_tree_head(head, [self.key], TIME_S).with_signatures(*lines)

    def publish(self, files: LogFiles, size: int | None = None) -> SignedTreeHead:
        """Write the tiles of the first `size` entries, or of all, and the tree head."""
        signed = self.signed(size)
        for path, data in self.tiles(signed.head.size).items():
            files.write(path, data)
        files.write(TREE_HEAD_PATH, signed.encoded)
        return signed

    def tiles(self, size: int) -> dict[str, bytes]:
        """Return every tile and bundle of the first `size` entries by its path."""
        hashes = _hashes([leaf_hash(entry) for entry in self.entries[:size]])
        found = {}
        for address in tiles_of(size):
            start = address.index * TILE_WIDTH
            end = start + address.width
            found[address.path] = (
                encode_bundle(self.entries[start:end])
                if address.level is None
                else b"".join(hashes[address.level][start:end])
            )
        return found


def _hashes(leaves: list[bytes]) -> list[list[bytes]]:
    """Return the hashes in the tiles of each level, complete ones only."""
    levels = [leaves]
    while len(levels[-1]) >= TILE_WIDTH:
        below = levels[-1]
        roots = []
        for start in range(0, len(below) - TILE_WIDTH + 1, TILE_WIDTH):
            edge = Edge()
            edge.append(below[start : start + TILE_WIDTH])
            roots.append(edge.root())
        levels.append(roots)
    return levels

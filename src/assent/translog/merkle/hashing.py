"""The two hashes of the tree, kept apart by their first byte.

entry -> leaf hash; left + right -> node hash (RFC 6962, section 2.1)
"""

from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
TREE_SIZE_MAX = 2**63 - 1  # so that sizes fit the signed 64-bit columns of databases


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 || entry), 32 bytes."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right), 32 bytes."""
    return sha256(b"\x01" + left + right).digest()

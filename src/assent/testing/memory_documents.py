"""Documents in memory, by their digests.

bytes -> digest; digest -> bytes
"""

from dataclasses import dataclass, field
from hashlib import sha256

from assent.vocabulary import NotFound


@dataclass
class MemoryDocuments:
    """A document store that forgets with the process."""

    held: dict[str, bytes] = field(default_factory=dict)

    def put(self, document: bytes) -> str:
        """Store a document and return its digest."""
        digest = f"sha256:{sha256(document).hexdigest()}"
        self.held[digest] = document
        return digest

    def get(self, digest: str) -> bytes:
        """Return the document with this digest."""
        try:
            return self.held[digest]
        except KeyError:
            raise NotFound(
                f"There is no document {digest}.", remedy="Store it first."
            ) from None

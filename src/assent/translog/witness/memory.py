"""What a witness needs of its memory, which `adapters` has on disk, `testing` fakes."""

from contextlib import AbstractContextManager
from typing import Protocol

from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.signed_head import SignedTreeHead


class HeadDecision(Protocol):
    """A transaction in which nobody else decides about a head of the same log."""

    @property
    def held(self) -> SignedTreeHead | None:
        """Return the newest head that was cosigned, as it was cosigned."""

    def keep(self, cosigned: SignedTreeHead) -> None:
        """Hold this head from now on, with its cosignatures."""


class WitnessMemory(Protocol):
    """Whom a witness follows, and the newest head of each that it cosigned."""

    def log_keys(self, origin: str) -> tuple[VerifierKey, ...]:
        """Return the keys trusted for a log; none if it is not followed."""

    def held(self, origin: str) -> SignedTreeHead | None:
        """Return the newest head of a log that was cosigned, as it was cosigned."""

    def deciding(self, origin: str) -> AbstractContextManager[HeadDecision]:
        """Hold off every other decision; leaving commits, an exception rolls back.

        Raises:
            StoreUnavailable: if what was kept could not be made durable.

        """

"""Hold each signed tree head that the database keeps against the entries.

Reached -> Defects

What the log signed is the measure of its entries, never the other way round.
"""

from collections.abc import Iterator, Sequence

from assent.translog.errors import LogDamaged, TreeHeadMalformed, TreeHeadUnsigned
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.signed_head import SignedTreeHead, verify_tree_head
from assent.translog.keeping.fsck.defect import Defect, KeepHead, Severity
from assent.translog.keeping.fsck.walk import Reached
from assent.translog.ports import KeptHead, LogTransaction
from assent.vocabulary import AssentError

_HEADS_IN_ONE_PAGE = 64  # a note may have half a megabyte


def read_heads(transaction: LogTransaction) -> Iterator[KeptHead]:
    """Yield every tree head that the database keeps, smallest first."""
    after = -1
    while some := transaction.heads(after, _HEADS_IN_ONE_PAGE):
        for kept in some:
            if kept.size <= after:
                raise LogDamaged(
                    "The database's tree heads are out of order: its file is damaged.",
                    remedy="Restore a backup.",
                )
            yield kept
            after = kept.size


class HeadCheck:
    """Checks head after head; `size_vouched` is the largest that fits the entries."""

    def __init__(self, origin: str, log_keys: Sequence[VerifierKey]) -> None:
        """Check the heads of the log with this origin, signed by any of its keys."""
        self._origin = origin
        self._log_keys = log_keys
        self.size_vouched = 0

    def believed(self, note: bytes) -> SignedTreeHead:
        """Return the tree head in a note, if the log signed it.

        Raises:
            AssentError: of any kind, if it did not.

        """
        return verify_tree_head(note, origin=self._origin, log_keys=self._log_keys)

    def check(self, step: Reached, public: SignedTreeHead | None) -> Iterator[Defect]:
        """Yield what is wrong with a tree head.

        Args:
            step: the head, and the tree there.
            public: the tree head in the public folder, if the log signed it.

        """
        where = f"database: tree head {step.kept.size}"
        try:
            signed = _of_size(step.kept.size, self.believed(step.kept.note))
        except TreeHeadUnsigned as error:
            yield Defect(
                severity=Severity.DAMAGED,
                what=f"{error.message} If the log had other keys once, its policy must"
                " name those too.",
                where=where,
            )
            return
        except AssentError as error:
            is_public = public is not None and public.head.size == step.kept.size
            yield Defect(
                severity=Severity.DAMAGED,
                what=error.message,
                where=where,
                mend=KeepHead(public) if public and is_public else None,
            )
            return
        yield from self.check_root(signed, step, where)

    def check_root(
        self, signed: SignedTreeHead, step: Reached, where: str
    ) -> Iterator[Defect]:
        """Yield what contradicts a tree head that the log did sign."""
        if step.edge is None:
            yield Defect(
                severity=Severity.FATAL,
                what=f"The log signed {signed.head.size} entries; the database has not"
                " as many.",
                where=where,
            )
        elif step.edge.root() != signed.head.root:
            yield Defect(
                severity=Severity.FATAL,
                what=f"The first {signed.head.size} entries are not those that the log"
                " signed.",
                where=where,
            )
        else:
            self.size_vouched = signed.head.size


def _of_size(size: int, signed: SignedTreeHead) -> SignedTreeHead:
    if signed.head.size != size:
        raise TreeHeadMalformed(
            f"A tree head of {signed.head.size} entries is kept as one of {size}.",
            remedy="Restore a backup.",
        )
    return signed

"""Hold a log's database against what the log signed before, wherever that is kept.

tree head that was signed + database -> nothing, or why the log must not go on

A database that was restored from a backup, or replaced, knows nothing of what it lost:
going on would sign a second history. Its own newest tree head, the public one and those
that witnesses hold tell. Only what the log's own keys signed counts: nobody's bare word
stops a log. `Publisher` asks before it signs anything.

What it can not show: that nothing was lost which no witness and no public file holds.
"""

from dataclasses import dataclass

from assent.translog.errors import (
    HeadRolledBack,
    LogDamaged,
    ProofInvalid,
    SplitView,
    WrongOrigin,
)
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    parse_signed_head,
    verify_tree_head,
)
from assent.translog.formats.tree_head import TreeHead
from assent.translog.keeping.prove import Prover
from assent.translog.ports import LogFiles, Witnesses
from assent.translog.reading import read_tree_head
from assent.vocabulary import AssentError, InputError, NotFound

REMEDY_BEHIND = (
    "The database was rolled back or replaced. Append nothing: restore the newest one,"
    " or bring an older one up to a mirror or the public files by `assent log"
    " catch-up`. Otherwise the log must end."
)


@dataclass(frozen=True, slots=True)
class History:
    """What the database of a log leads to."""

    origin: str
    log_keys: tuple[VerifierKey, ...]
    prover: Prover

    def verify_newest(self, newest: SignedTreeHead | None) -> None:
        """Check the database's own newest tree head.

        Raises:
            LogDamaged: if the entries are not, or no longer, those of it.

        """
        if newest is not None:
            self._verify_own(newest.head, "that it signed")

    def verify_public(self, files: LogFiles) -> SignedTreeHead | None:
        """Return the tree head in the public folder; None if there is no usable one.

        One that the log did not sign is as good as none: it will be written again.

        Raises:
            LogDamaged: if the database does not lead to it.
            WrongOrigin: if the folder is another log's.

        """
        try:
            found = public_tree_head(files)
        except InputError:
            return None
        if found is None:
            return None
        if found.head.origin != self.origin:
            raise WrongOrigin(
                f"The public folder holds the log {found.head.origin!r}, not"
                f" {self.origin!r}.",
                remedy="Give each log a folder of its own.",
            )
        if not self._is_signed(found.encoded):
            return None
        self._verify_own(found.head, "that is public")
        return found

    def verify_held(self, witnesses: Witnesses) -> None:
        """Check what witnesses hold; those that cannot be asked are left out.

        Raises:
            HeadRolledBack: if one holds more entries than the database.
            SplitView: if one holds others. It comes without evidence, which would take
                a second signature.

        """
        for held in witnesses.held(self.origin):
            if not self._is_signed(held.note):
                continue
            head = parse_signed_head(held.note).head
            seen = (
                f"{held.witness} holds a tree head of {head.size} entries that"
                f" {self.origin} signed; the database"
            )
            try:
                root = self.prover.root(head.size)
            except ProofInvalid:
                raise HeadRolledBack(
                    f"{seen} has {self.prover.size()}.", remedy=REMEDY_BEHIND
                ) from None
            if root != head.root:
                raise SplitView(
                    f"{seen} does not start with them.", remedy=REMEDY_BEHIND
                )

    def _is_signed(self, note: bytes) -> bool:
        try:
            verify_tree_head(note, origin=self.origin, log_keys=self.log_keys)
        except AssentError:
            return False
        return True

    def _verify_own(self, head: TreeHead, which: str) -> None:
        subject = f"The database of {self.origin}"
        try:
            root = self.prover.root(head.size)
        except ProofInvalid:
            raise LogDamaged(
                f"{subject} holds {self.prover.size()} entries; the tree head {which}"
                f" has {head.size}.",
                remedy=REMEDY_BEHIND,
            ) from None
        if root != head.root:
            raise LogDamaged(
                f"{subject} leads to another root at size {head.size} than the tree"
                f" head {which}.",
                remedy=REMEDY_BEHIND,
            )


def public_tree_head(files: LogFiles) -> SignedTreeHead | None:
    """Return the tree head among these files, or None if there is none.

    Raises:
        NoteMalformed, TreeHeadMalformed: if the file is damaged.

    """
    try:
        return parse_signed_head(read_tree_head(files))
    except NotFound:
        return None

"""Make a log's entries public: its tiles, then its tree head, cosigned.

database + keys + witnesses -> static files

`publish` is called after appends and from time to time. What it writes can be made
again from the database (`rebuild`); a crash at any instant leaves the old tree head in
force, with all its tiles, and the next call goes on from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assent.translog.errors import (
    LogDamaged,
    LogUnreachable,
    QuorumNotMet,
    WrongOrigin,
)
from assent.translog.formats.keys import SigningKey
from assent.translog.formats.note import (
    SIGNATURES_MAX,
    SignatureLine,
)
from assent.translog.formats.policy import Policy
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    cosigners_of,
    parse_signed_head,
    sign_tree_head,
    verify_tree_head,
)
from assent.translog.formats.tiles import (
    TILE_WIDTH,
    TREE_HEAD_PATH,
    TileAddress,
    encode_bundle,
    tiles_of,
    width_at,
)
from assent.translog.formats.tree_head import TreeHead
from assent.translog.keeping.prove import Prover
from assent.translog.keeping.sequence import read_edge
from assent.translog.merkle import HASH_BYTES, Edge
from assent.translog.ports import LogFiles, LogStore, LogTransaction, Witnesses
from assent.translog.reading import read_tree_head
from assent.vocabulary import AssentError, InputError, NotFound

Progress = Callable[[int], None]  # told of each tile that was written
_REMEDY_BEHIND = (
    "The database was rolled back or replaced. Append nothing: restore the newest one,"
    " or let an older one catch up with the public files. Otherwise the log must end."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who publishes one log, from where to where."""

    origin: str
    keys: tuple[SigningKey, ...]
    policy: Policy
    store: LogStore
    files: LogFiles
    witnesses: Witnesses

    def publish(
        self, time_s: int, *, refresh: bool = False, progress: Progress | None = None
    ) -> SignedTreeHead:
        """Return the tree head that now is public and covers all entries.

        Args:
            time_s: now, in POSIX seconds.
            refresh: ask for new cosignatures even if there are no new entries, so that
                readers see that the witnesses still hold this head.
            progress: called with the number of tiles written so far.

        Raises:
            LogDamaged: if the database is behind, or against, what was signed before.
            WrongOrigin: if another log is public in that folder.
            QuorumNotMet: if too few witnesses cosigned; entries stay, unpublished.
            HeadRolledBack, SplitView: if a witness holds another history.
            StoreUnavailable: if the disk or the database refuses.

        """
        prover = Prover(self.store)
        with self.files.exclusive():
            head, kept = self._next_head(prover)
            public = self._public_head(prover, head)
            is_enough = kept and not refresh and self._is_current(kept, head)
            current = kept if is_enough else None
            if current and current == public:
                return current
            # (1) Tiles first: whoever reads a tree head finds all it commits to.
            since = public.head.size if public else 0
            write_tiles(self.store, self.files, head.size, since, progress)
            # (2) and (3), unless a crash came between them and (4).
            signed = current or self._sign(head, prover, time_s)
            # (4) The tree head last.
            self.files.write(TREE_HEAD_PATH, signed.encoded)
            remove_partial_tiles(self.files, head.size, since)
            return signed

    def _sign(self, head: TreeHead, prover: Prover, time_s: int) -> SignedTreeHead:
        """Return the tree head with a quorum; it is kept as the published one."""
        # (2) What is signed is durable before anybody else can see it.
        signed = sign_tree_head(head, self.keys, time_s)
        with self.store.writing() as transaction:
            self._check_newest(transaction, head)
            transaction.add_head(signed, is_published=False)
        # (3) The witnesses: without a quorum nothing is published.
        signed = self._cosigned(signed, prover)
        with self.store.writing() as transaction:
            transaction.add_head(signed, is_published=True)
        return signed

    def _next_head(self, prover: Prover) -> tuple[TreeHead, SignedTreeHead | None]:
        """Return the tree head of all entries, and the one published last."""
        with self.store.reading() as transaction:
            edge = read_edge(transaction)
            head = TreeHead(self.origin, edge.size, edge.root())
            self._check_newest(transaction, head)
            newest, kept = transaction.newest_head(), transaction.published_head()
        if newest and prover.root(newest.head.size) != newest.head.root:
            raise LogDamaged(
                f"The database of {self.origin} leads to another root at size"
                f" {newest.head.size} than the one that was signed.",
                remedy=_REMEDY_BEHIND,
            )
        return head, kept

    def _check_newest(self, transaction: LogTransaction, head: TreeHead) -> None:
        """Refuse to sign anything that a signed head contradicts."""
        newest = transaction.newest_head()
        if newest is None:
            return
        if newest.head.size > transaction.size() or (
            newest.head.size == head.size and newest.head.root != head.root
        ):
            raise LogDamaged(
                f"The database of {self.origin} holds {transaction.size()} entries and"
                f" a signed tree head of {newest.head.size} that does not fit them.",
                remedy=_REMEDY_BEHIND,
            )

    def _public_head(self, prover: Prover, head: TreeHead) -> SignedTreeHead | None:
        """Return the tree head in the public folder; None if there is no usable one."""
        try:
            found = public_tree_head(self.files)
        except InputError:
            return None  # damaged: everything is written again
        if found is None:
            return None
        if found.head.origin != self.origin:
            raise WrongOrigin(
                f"The public folder holds the log {found.head.origin!r}, not"
                f" {self.origin!r}.",
                remedy="Give each log a folder of its own.",
            )
        if found.head.size > head.size:
            raise LogDamaged(
                f"A tree head of {found.head.size} entries is public; the database of"
                f" {self.origin} holds {head.size}.",
                remedy=_REMEDY_BEHIND,
            )
        if found.head.root == prover.root(found.head.size):
            return found
        if not self._is_signed(found):
            return None  # damaged, likewise
        raise LogDamaged(
            f"The database of {self.origin} leads to another root at size"
            f" {found.head.size} than the one that is public.",
            remedy=_REMEDY_BEHIND,
        )

    def _is_current(self, signed: SignedTreeHead, head: TreeHead) -> bool:
        """Tell whether a tree head covers everything and convinces."""
        try:
            return (
                signed.head == head
                and self._is_signed(signed)
                and self._is_quorum(signed)
            )
        except AssentError:
            return False

    def _is_signed(self, signed: SignedTreeHead) -> bool:
        keys = [key.verifier for key in self.keys]
        try:
            verify_tree_head(signed.encoded, origin=self.origin, log_keys=keys)
        except AssentError:
            return False
        return True

    def _is_quorum(self, signed: SignedTreeHead) -> bool:
        witnesses = [witness.key for witness in self.policy.witnesses]
        return self.policy.is_quorum(cosigners_of(signed, witnesses))

    def _cosigned(self, signed: SignedTreeHead, prover: Prover) -> SignedTreeHead:
        def is_enough(lines: Sequence[SignatureLine]) -> bool:
            return self._is_quorum(signed.with_signatures(*lines))

        collected = self.witnesses.collect(
            signed,
            lambda old_size: prover.consistency(old_size, signed.head.size),
            is_enough,
        )
        # A note holds so many lines; a quorum that needs more cannot be met.
        lines = collected.lines[: SIGNATURES_MAX - len(signed.note.signatures)]
        if not is_enough(lines):
            raise QuorumNotMet(
                f"Too few witnesses cosigned tree head {signed.head.size} of"
                f" {self.origin}: " + "; ".join(collected.failures or ("none asked",)),
                remedy="See to those witnesses and publish again; no entry is lost.",
            )
        return signed.with_signatures(*lines)


def public_tree_head(files: LogFiles) -> SignedTreeHead | None:
    """Return the tree head among these files, or None if there is none.

    Raises:
        NoteMalformed, TreeHeadMalformed: if the file is damaged.

    """
    try:
        return parse_signed_head(read_tree_head(files))
    except NotFound:
        return None


def derive_tile(transaction: LogTransaction, edge: Edge, address: TileAddress) -> bytes:
    """Return the bytes of a tile or entry bundle, from the database alone.

    Args:
        transaction: a state of the database, at least as large as the tile needs.
        edge: the right edge of that state.
        address: which tile; a partial one may be of an earlier size.

    Raises:
        LogDamaged: if the database lacks what it must hold.

    """
    start = address.index * TILE_WIDTH
    if address.level is None:
        return encode_bundle(transaction.entries(start, start + address.width))
    if width_at(address.level, address.index, edge.size) == TILE_WIDTH:
        nodes = transaction.tile_nodes(address.level, address.index)
        return nodes[: address.width * HASH_BYTES]
    return b"".join(edge.partial(address.level)[: address.width])


def write_tiles(
    store: LogStore,
    files: LogFiles,
    size: int,
    since: int,
    progress: Progress | None = None,
) -> None:
    """Write the tiles of a tree of `size` that one of `since` has not.

    Those that are there already, from a publisher that was stopped, are left as they
    are: however often it is stopped, it gets further each time.

    Raises:
        StoreUnavailable: if the disk or the database refuses.

    """
    with store.reading() as transaction:
        edge = read_edge(transaction)
        for count, address in enumerate(tiles_of(size, since=since), start=1):
            data = derive_tile(transaction, edge, address)
            if not _is_there(files, address, data):
                files.write(address.path, data)
            if progress is not None:
                progress(count)


def _is_there(files: LogFiles, address: TileAddress, data: bytes) -> bool:
    try:
        return files.read(address.path, bytes_max=len(data)) == data
    except (NotFound, LogUnreachable):
        return False


def remove_partial_tiles(files: LogFiles, size: int, since: int) -> None:
    """Remove the partial tiles that became full between two published sizes.

    C2SP tlog-tiles allows it: readers of an older tree head take the full tile.
    """
    for address in tiles_of(size, since=since):
        was = width_at(address.level, address.index, since)
        if not address.is_partial and was:
            files.remove(f"{address.path}.p")

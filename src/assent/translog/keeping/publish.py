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
)
from assent.translog.formats.keys import SigningKey
from assent.translog.formats.note import (
    SIGNATURES_MAX,
    SignatureLine,
)
from assent.translog.formats.policy import Policy, verify_tree_head_by_policy
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    sign_tree_head,
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
from assent.translog.keeping.history import REMEDY_BEHIND, History
from assent.translog.keeping.prove import Prover
from assent.translog.merkle import HASH_BYTES, Edge
from assent.translog.ports import LogFiles, LogStore, LogTransaction, Witnesses
from assent.vocabulary import AssentError, NotFound

Progress = Callable[[int], None]  # told of each tile that was written


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who publishes one log, from where to where."""

    origin: str
    keys: tuple[SigningKey, ...]
    policy: Policy
    store: LogStore
    files: LogFiles
    witnesses: Witnesses

    def check(self) -> None:
        """Hold the database against what was signed before, here and by witnesses.

        Whoever opens a log calls it before the first append: what is acknowledged by a
        database that was rolled back can never be published. A witness that does not
        answer is no reason to append nothing.

        Raises:
            LogDamaged: if the database is behind, or against, what was signed before.
            WrongOrigin: if another log is public in that folder.
            HeadRolledBack, SplitView: if a witness holds another history.
            StoreUnavailable: if the disk or the database refuses.

        """
        history = self._history(Prover(self.store))
        with self.store.reading() as transaction:
            newest = transaction.newest_head()
        history.verify_newest(newest)
        history.verify_public(self.files)
        history.verify_held(self.witnesses)

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
            LogRefused: of another kind, if the log's own policy rejects the tree head;
                see `verify_tree_head_by_policy`.

        """
        prover = Prover(self.store)
        history = self._history(prover)
        with self.files.exclusive():
            # (1) Nothing that was signed before, here or elsewhere, is contradicted.
            with self.store.reading() as transaction:
                edge = prover.refresh(transaction)
                newest, kept = transaction.newest_head(), transaction.published_head()
            head = TreeHead(self.origin, edge.size, edge.root())
            history.verify_newest(newest)
            public = history.verify_public(self.files)
            is_enough = kept and not refresh and self._is_current(kept, head)
            current = kept if is_enough else None
            if current and current == public:
                self.files.settle(TREE_HEAD_PATH)  # a killed publisher may not have
                return current
            if current is None:
                history.verify_held(self.witnesses)
            # (2) Tiles first: whoever reads a tree head finds all it commits to.
            since = public.head.size if public else 0
            write_tiles(self.store, self.files, edge, since, progress)
            # (3) and (4), unless a crash came between them and (5).
            signed = current or self._sign(head, prover, time_s)
            # (5) The tree head last.
            self.files.write(TREE_HEAD_PATH, signed.encoded)
            remove_partial_tiles(self.files, head.size, since)
            return signed

    def _history(self, prover: Prover) -> History:
        keys = tuple(key.verifier for key in self.keys)
        return History(self.origin, keys, prover)

    def _sign(self, head: TreeHead, prover: Prover, time_s: int) -> SignedTreeHead:
        """Return the tree head with a quorum; it is kept as the published one."""
        # (3) What is signed is durable before anybody else can see it.
        signed = sign_tree_head(head, self.keys, time_s)
        with self.store.writing() as transaction:
            self._verify_unchanged(transaction, head)
            transaction.add_head(signed, is_published=False)
        # (4) The witnesses: without a quorum nothing is published, nor anything else
        # that readers would refuse.
        signed = self._cosigned(signed, prover)
        verify_tree_head_by_policy(signed, self.policy, origin=self.origin)
        with self.store.writing() as transaction:
            transaction.add_head(signed, is_published=True)
        return signed

    def _verify_unchanged(self, transaction: LogTransaction, head: TreeHead) -> None:
        """Refuse to sign for a database that another took the place of meanwhile."""
        size, newest = transaction.size(), transaction.newest_head()
        if size < max(head.size, transaction.signed_size()) or (
            newest and newest.head.size == head.size and newest.head.root != head.root
        ):
            raise LogDamaged(
                f"The database of {self.origin} changed while it was being published:"
                f" it holds {size} entries, and no start of {head.size}.",
                remedy=REMEDY_BEHIND,
            )

    def _is_current(self, signed: SignedTreeHead, head: TreeHead) -> bool:
        """Tell whether a tree head covers everything and convinces."""
        try:
            verify_tree_head_by_policy(signed, self.policy, origin=self.origin)
        except AssentError:
            return False
        return signed.head == head

    def _cosigned(self, signed: SignedTreeHead, prover: Prover) -> SignedTreeHead:
        collected = self.witnesses.collect(
            signed,
            lambda old_size: prover.consistency(old_size, signed.head.size),
            self._is_quorum,
        )
        room = SIGNATURES_MAX - len(signed.note.signatures)
        lines = self._fitting(collected.lines, room)
        if not self._is_quorum(lines):
            raise QuorumNotMet(
                f"Too few witnesses cosigned tree head {signed.head.size} of"
                f" {self.origin}: " + "; ".join(collected.failures or ("none asked",)),
                remedy="See to those witnesses and publish again; no entry is lost.",
            )
        return signed.with_signatures(*lines)

    def _is_quorum(self, lines: Sequence[SignatureLine]) -> bool:
        """Tell whether lines that `Witnesses` found to verify are enough."""
        keys = [witness.key for witness in self.policy.witnesses]
        return self.policy.is_quorum(
            {key for key in keys if any(line.is_by(key) for line in lines)}
        )

    def _fitting(
        self, lines: Sequence[SignatureLine], room: int
    ) -> list[SignatureLine]:
        """Return what a note has room for; the quorum's lines stay."""
        fitting = list(dict.fromkeys(lines))
        for line in reversed(fitting.copy()):
            rest = [other for other in fitting if other != line]
            if len(fitting) > room and self._is_quorum(rest):
                fitting = rest
        return fitting[:room]


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
    edge: Edge,
    since: int,
    progress: Progress | None = None,
) -> None:
    """Write the tiles of the tree with this edge that one of `since` has not.

    Those that are there already, from a publisher that was stopped, are only made
    durable: however often it is stopped, it gets further each time.

    Raises:
        StoreUnavailable: if the disk or the database refuses.

    """
    with store.reading() as transaction:
        for count, address in enumerate(tiles_of(edge.size, since=since), start=1):
            data = derive_tile(transaction, edge, address)
            if _is_there(files, address, data):
                files.settle(address.path)
            else:
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

"""Follow a log: verify its newest tree head by all that was seen, read what is new.

MonitorState + LogReader + Policy -> MonitorState and new entries, or SplitView

`assent log monitor` calls this now and then. It writes nothing: the caller keeps the
state of each batch once it has dealt with the batch's entries, and a monitor that was
killed reads that batch again. Memory is bounded by one bundle.

What it can not show: that the log shows others the same. That takes the quorum of the
policy, or a comparison with what witnesses hold (`witness_views`), of which the state
remembers what the log owes (`owed`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from assent.translog.errors import StateDamaged
from assent.translog.formats.policy import Policy, verify_tree_head_by_policy
from assent.translog.formats.tiles import TILE_WIDTH
from assent.translog.merkle import Edge
from assent.translog.monitor.owed import still_owed
from assent.translog.monitor.state import MonitorState, reached, verify_state
from assent.translog.ports import LogReader
from assent.translog.reading import read_tree_head
from assent.translog.split_view import verify_successor


@dataclass(frozen=True, slots=True)
class Batch:
    """New entries, the first of which has index `start`, and the state after them."""

    state: MonitorState
    start: int
    entries: tuple[bytes, ...]


def follow(
    state: MonitorState | None,
    files: LogReader,
    policy: Policy,
    *,
    origin: str | None = None,
) -> Iterator[Batch]:
    """Yield a batch without entries for the verified tree head, then those with them.

    Args:
        state: where the last look ended; None to read the log from its first entry.
        files: the log's files, believed in nothing.
        policy: whom to believe.
        origin: which log; None for the one of `state`, or any that the policy names.

    Raises:
        StateDamaged: if the state is not what was kept.
        SplitView: if the log contradicts itself; the error holds the evidence.
        HeadRolledBack: if the tree head is smaller than one that was seen before.
        TileMalformed, TileDamaged: if the log's files are not those it signed.
        LogUnreachable, NotFound: if it does not serve them.
        LogRefused, InputError: of another kind, if the policy does not accept the tree
            head; see `verify_tree_head_by_policy`.

    """
    if state is not None:
        logs = policy.logs_for(state.signed.head.origin)
        verify_state(state, [log.key for log in logs])
    # (1) The log and a quorum of its witnesses signed the tree head.
    note = read_tree_head(files)
    signed = verify_tree_head_by_policy(note, policy, origin=origin).signed
    # (2) It extends the one that was seen last.
    tiles = verify_successor(state.signed if state else None, signed, files)
    edge = state.edge if state is not None else Edge()
    if edge.root() != tiles.root_at(edge.size):
        raise StateDamaged(
            f"The tree head in the monitor's state is one of {signed.head.origin}, but"
            f" the {edge.size} entries that it tells of are not.",
            remedy="Remove the state and follow the log from its start.",
        )
    # (3) So does what witnesses held before, where the log has reached it.
    owed = still_owed(state.owed, signed, tiles) if state is not None else ()
    yield Batch(reached(signed, edge, owed), edge.size, ())
    # (4) Every new entry is in the tree, and together they make its root.
    while edge.size < signed.head.size:
        start = edge.size
        index, offset = divmod(start, TILE_WIDTH)
        bundle = tiles.bundle(index)
        edge.append(bundle.leaves[offset:])
        yield Batch(reached(signed, edge, owed), start, bundle.entries[offset:])

"""Check that tree heads of one log belong to one history.

two believed tree heads + the tree of the larger -> nothing, or SplitView with evidence

Monitors and mirrors call this with what they saw before and what they see now.
`SplitView` comes only with evidence that convinces others; where the log does not serve
what would decide, the error says so and accuses nobody.
"""

from assent.translog.errors import (
    HeadRolledBack,
    LogUnreachable,
    SplitView,
    TileDamaged,
    TileMalformed,
    WrongOrigin,
)
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.merkle import prove_consistency
from assent.translog.ports import LogReader
from assent.translog.reading import VerifiedTiles
from assent.translog.split_view.evidence import Evidence


def verify_successor(
    seen: SignedTreeHead | None,
    signed: SignedTreeHead,
    files: LogReader,
    *,
    seen_files: LogReader | None = None,
) -> VerifiedTiles:
    """Return the tree of a believed tree head that goes on from one seen before.

    Args:
        seen: the newest tree head of the log that was believed; None if none was.
        signed: the one that is shown now.
        files: what the log serves now.
        seen_files: where the tree of `seen` is kept; None if only the log has it.

    Raises:
        WrongOrigin: if they are of two logs.
        SplitView: if they belong to two histories, with the evidence.
        HeadRolledBack: if the one shown now is smaller, and nothing shows a split; the
            error holds both notes.
        TileMalformed, TileDamaged, LogUnreachable: if the tree cannot be read.

    """
    if seen is not None and signed.head.origin != seen.head.origin:
        raise WrongOrigin(
            f"This is a tree head of {signed.head.origin!r}; what was seen before is of"
            f" {seen.head.origin!r}.",
            remedy="Keep the state or the mirror of each log in a place of its own.",
        )
    if seen is not None and signed.head.size < seen.head.size:
        raise _rolled_back(signed, seen, seen_files or files)
    if seen is not None and signed.head.size == seen.head.size:
        verify_same_root(seen, signed)
    tiles = VerifiedTiles(files, signed.head)
    if seen is not None:
        verify_start(seen, signed, tiles)
    return tiles


def verify_same_root(one: SignedTreeHead, other: SignedTreeHead) -> None:
    """Check that two believed tree heads of one log and one size are of one history.

    Raises:
        SplitView: if they are not, with the evidence.

    """
    if one.head.root != other.head.root:
        raise _split(Evidence(one, other, other.head.root, ()))


def verify_start(
    smaller: SignedTreeHead, larger: SignedTreeHead, tiles: VerifiedTiles
) -> None:
    """Check that one believed tree head of a log is the start of a larger one.

    Args:
        smaller: the smaller of the two.
        larger: the other.
        tiles: the tree of the larger.

    Raises:
        SplitView: if it is not, with the evidence.
        TileMalformed, TileDamaged, LogUnreachable: if the tree cannot be read.

    """
    size = smaller.head.size
    root = tiles.root_at(size)
    if root != smaller.head.root:
        proof = prove_consistency(size, larger.head.size, tiles.node)
        raise _split(Evidence(smaller, larger, root, tuple(proof)))


def _split(evidence: Evidence) -> SplitView:
    smaller, larger = evidence.smaller.head, evidence.larger.head
    return SplitView(
        f"{smaller.origin} signed two histories: a tree head of {smaller.size} entries"
        f" and one of {larger.size} that does not start with them.",
        remedy="Do not rely on this log. Keep the evidence, publish it, and send it to"
        " the log's witnesses.",
        evidence=evidence.encoded,
    )


def _rolled_back(
    signed: SignedTreeHead, seen: SignedTreeHead, files: LogReader
) -> HeadRolledBack:
    try:
        verify_start(signed, seen, VerifiedTiles(files, seen.head))
    except (TileMalformed, TileDamaged, LogUnreachable):
        why = "The tiles of the larger one are not to be had: whether both are of one"
        why += " history cannot be told."
    else:
        why = "The smaller one is the start of the larger: it may be an old copy."
    return HeadRolledBack(
        f"{signed.head.origin} shows a tree head of {signed.head.size} entries; one of"
        f" {seen.head.size} was seen before. {why}",
        remedy="Look again in a minute, past any cache. If it stays, keep the larger"
        " tree head, which the log signed, and ask its operator in public.",
        notes=(seen.encoded, signed.encoded),
    )

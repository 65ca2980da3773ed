"""Remember the tree heads that a log signed and did not show, until it shows them.

WitnessView that is ahead -> OwedHead; later tree head -> settled, SplitView, or
HeadWithheld once patience ends

A log asks for cosignatures before it publishes, so a witness may well be ahead of it
for some seconds. A log that shows somebody another branch, or stands still for them,
stays behind its witnesses for ever, and that is all that its victim sees. So the log
owes each such tree head: it must reach its size, with the same history.

What it can not show: why a log does not pay. One whose witnesses fail it, so that it
lacks a quorum, looks the same as one that hides a branch.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from assent.translog.errors import HeadWithheld
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.note import Note
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.monitor.witness_views import WitnessView
from assent.translog.reading import VerifiedTiles
from assent.translog.split_view import verify_start

OWED_MAX = 8  # one of them unpaid is alarm enough; the state must stay readable
PATIENCE_S = 3600  # a log publishes within seconds, or has trouble with its witnesses


@dataclass(frozen=True, slots=True)
class OwedHead:
    """A tree head that the log signed, held by a witness while the log showed less.

    `witness` is the name of the witness's key; `since_s` is when the tree head was
    first seen, POSIX time in seconds. Only signatures by the log and the witness are
    kept: others could pad the note until the state is too long to be read.
    """

    witness: str
    since_s: int
    signed: SignedTreeHead


def still_owed(
    owed: Iterable[OwedHead], signed: SignedTreeHead, tiles: VerifiedTiles
) -> tuple[OwedHead, ...]:
    """Return those that the log has still not reached.

    Args:
        owed: verified to be signed by the log.
        signed: the tree head that the log shows, believed.
        tiles: its tree.

    Raises:
        SplitView: if the log reached one with another history, with the evidence.
        TileMalformed, TileDamaged, LogUnreachable: if the tree cannot be read.

    """
    unpaid = []
    for head in owed:
        if head.signed.head.size > signed.head.size:
            unpaid.append(head)
        else:
            verify_start(head.signed, signed, tiles)
    return tuple(unpaid)


def remember(
    owed: tuple[OwedHead, ...],
    views: Iterable[WitnessView],
    log_keys: Iterable[VerifierKey],
    now_s: int,
) -> tuple[OwedHead, ...]:
    """Return what is owed, with what the witnesses hold beyond the log added.

    Of each witness the oldest stays, for an honest one's later tree heads contain it.
    """
    keys = list(log_keys)
    # A clock that was wrong before must not put the alarm off.
    known = [OwedHead(o.witness, min(o.since_s, now_s), o.signed) for o in owed]
    for view in views:
        if view.ahead is None or len(known) == OWED_MAX:
            continue
        name, head = view.key.name, view.ahead.head
        if all(o.witness != name and o.signed.head != head for o in known):
            signed = _signed_by(view.ahead, [*keys, view.key])
            known.append(OwedHead(name, now_s, signed))
    return tuple(known)


def verify_patience(
    owed: Iterable[OwedHead], size: int, *, now_s: int, patience_s: float
) -> None:
    """Check that nothing is owed for too long.

    Args:
        owed: what the log has not shown.
        size: how many entries it shows.
        now_s: POSIX time in seconds.
        patience_s: after how many seconds to be alarmed.

    Raises:
        HeadWithheld: if something is; the error holds the notes that the log signed.

    """
    late = [o for o in owed if not 0 <= now_s - o.since_s < patience_s]
    if not late:
        return
    oldest = min(late, key=lambda o: o.since_s)
    raise HeadWithheld(
        f"{oldest.signed.head.origin} signed a tree head of {oldest.signed.head.size}"
        f" entries, which witness {oldest.witness} holds; {now_s - oldest.since_s} s"
        f" later it still shows {size}. It may hide another history.",
        remedy="Keep the tree head, which the log signed, and ask in public for the"
        " entries under it. A log that lacks a quorum of witnesses looks the same.",
        notes=tuple(o.signed.encoded for o in late),
    )


def _signed_by(signed: SignedTreeHead, keys: list[VerifierKey]) -> SignedTreeHead:
    lines = signed.note.signatures
    first = {k: next((n for n in lines if n.is_by(k)), None) for k in keys}
    kept = tuple(line for line in first.values() if line is not None)
    return SignedTreeHead(signed.head, Note(signed.note.text, kept))

"""Compare what a log shows with what its witnesses hold of it.

believed tree head + LogReader of each witness -> WitnessView of each, or SplitView

A log that deceives a monitor needs a quorum of witnesses with it; an honest one outside
that quorum still holds the other history. Witnesses serve the tree head that they
cosigned last at `<origin hash>/checkpoint` (C2SP tlog-witness). A tree head beyond the
one that the log shows cannot be judged yet, for logs ask for cosignatures before they
publish: it is `ahead`, and the log owes it (`owed`).
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from assent.translog.errors import LogUnreachable, TileDamaged, TileMalformed
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.note import NOTE_BYTES_MAX
from assent.translog.formats.policy import Policy, Witness
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    cosigners_of,
    verify_tree_head,
)
from assent.translog.ports import LogReader
from assent.translog.reading import VerifiedTiles
from assent.translog.split_view import verify_same_root, verify_start
from assent.vocabulary import AssentError, NotFound


class Outcome(StrEnum):
    """What a witness says of the history that the log shows."""

    AGREES = "agrees"
    AHEAD = "ahead"
    NEVER_COSIGNED = "never cosigned"
    UNBELIEVABLE = "unbelievable"
    UNAVAILABLE = "unavailable"


_OUTCOMES = {
    NotFound: Outcome.NEVER_COSIGNED,
    LogUnreachable: Outcome.UNAVAILABLE,
}
_WHY = {
    Outcome.AGREES: "Its tree head is of the history that the log shows.",
    Outcome.AHEAD: "The log signed it and must show it soon.",
}


@dataclass(frozen=True, slots=True)
class WitnessView:
    """What one witness, by its name in the policy, says; `why` in words.

    `size` and `time_s` are of the tree head that it holds, where it is believed: its
    entries, and the POSIX time in seconds of the cosignature by `key`, if there is one.
    `ahead` is that tree head if the log, which signed it, shows less.
    """

    name: str
    key: VerifierKey
    outcome: Outcome
    why: str
    size: int | None = None
    time_s: int | None = None
    ahead: SignedTreeHead | None = None


def tree_head_path(origin: str) -> str:
    """Return where, below its prefix, a witness serves its tree head of a log."""
    return f"{sha256(origin.encode()).hexdigest()}/checkpoint"


def check_witness_views(
    signed: SignedTreeHead,
    files: LogReader,
    policy: Policy,
    readers: Mapping[str, LogReader],
) -> list[WitnessView]:
    """Return what each witness that has a reader holds, compared with the log's files.

    Args:
        signed: the log's tree head, verified by the policy.
        files: the log's files.
        policy: whom to believe.
        readers: what the witnesses serve, by their names in the policy.

    Raises:
        SplitView: if a witness holds a tree head of another history, signed by the log;
            the error holds the evidence.
        TileMalformed, TileDamaged, LogUnreachable: if the log's own files fail.

    """
    shown = _Shown(signed, files, VerifiedTiles(files, signed.head))
    log_keys = [log.key for log in policy.logs_for(signed.head.origin)]
    return [
        _view(shown, log_keys, witness, readers[witness.name])
        for witness in policy.witnesses
        if witness.name in readers
    ]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the log shows of itself."""

    signed: SignedTreeHead
    files: LogReader
    tiles: VerifiedTiles

    def contains(self, held: SignedTreeHead) -> bool:
        """Tell whether a tree head is in this history; False if it goes beyond.

        Raises:
            SplitView: if it is shown to be of another.

        """
        if held.head.size == self.signed.head.size:
            verify_same_root(held, self.signed)
        elif held.head.size < self.signed.head.size:
            verify_start(held, self.signed, self.tiles)
        else:
            # Tiles beyond the tree head can convict a log. They clear it of nothing: a
            # log could serve them all, and stand still for whoever reads its tree head.
            with suppress(TileMalformed, TileDamaged, LogUnreachable):
                verify_start(self.signed, held, VerifiedTiles(self.files, held.head))
            return False
        return True


def _view(
    shown: _Shown, log_keys: list[VerifierKey], witness: Witness, reader: LogReader
) -> WitnessView:
    name, key = witness.name, witness.key
    try:
        # (1) What the log signed binds the log, whoever hands it over.
        held = _tree_head(shown.signed.head.origin, log_keys, reader)
    except AssentError as error:
        outcome = _OUTCOMES.get(type(error), Outcome.UNBELIEVABLE)
        return WitnessView(name, key, outcome, error.message)
    # (2) It belongs to the history that the log shows, or the log misbehaved.
    is_shown = shown.contains(held)
    try:
        # (3) The witness vouched for it.
        time_s = cosigners_of(held, [key]).get(key)
        why = "The tree head that it serves is not cosigned by itself."
    except AssentError as error:
        time_s, why = None, error.message
    size = held.head.size
    if not is_shown:
        outcome = Outcome.AHEAD
        return WitnessView(name, key, outcome, _WHY[outcome], size, time_s, held)
    if time_s is None:
        return WitnessView(name, key, Outcome.UNBELIEVABLE, why)
    outcome = Outcome.AGREES
    return WitnessView(name, key, outcome, _WHY[outcome], size, time_s)


def _tree_head(
    origin: str, log_keys: list[VerifierKey], reader: LogReader
) -> SignedTreeHead:
    data = reader.read(tree_head_path(origin), bytes_max=NOTE_BYTES_MAX)
    return verify_tree_head(data, origin=origin, log_keys=log_keys)

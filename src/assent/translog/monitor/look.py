"""One look at a log: all that a monitor does, in its order.

MonitorState + LogReader + Policy + what witnesses serve -> Seen, or an alarm

`assent log monitor` calls this now and then. What is found goes to a `Listener` as it
comes; the state is handed over to be kept before anything that may fail or take long,
and after the entries that it covers were taken.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from assent.translog.errors import CosignatureStale, LogRefused
from assent.translog.formats.policy import Policy
from assent.translog.monitor.follow import Batch, follow
from assent.translog.monitor.freshness import verify_freshness, witnessed_s
from assent.translog.monitor.logged_entry import LoggedEntry, logged_entries
from assent.translog.monitor.owed import OwedHead, remember, verify_patience
from assent.translog.monitor.state import MonitorState
from assent.translog.monitor.witness_views import Outcome, check_witness_views
from assent.translog.ports import LogReader
from assent.vocabulary import InputError


class Listener(Protocol):
    """Who is told what a look finds."""

    def keep(self, state: MonitorState) -> None:
        """Keep a state durably: the next look starts from it."""

    def take(self, logged: LoggedEntry) -> None:
        """Deal with a new entry; it comes again if this raises."""

    def warn(self, why: str) -> None:
        """Say what is suspicious and no alarm yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When suspicion becomes an alarm.

    `patience_s` is for what witnesses hold and the log does not show; `age_max_s` for
    the newest quorum of cosignatures, which is refused if `is_strict` and older.
    """

    patience_s: float
    age_max_s: float
    is_strict: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look saw: the state after it, and how many entries were new.

    `witnessed_s` is when a quorum vouched for the tree head, in POSIX seconds; None if
    the policy asks nobody.
    """

    state: MonitorState
    new: int
    witnessed_s: int | None


def look(  # noqa: PLR0913, PLR0917 - what there is to see, and by what it is judged
    state: MonitorState | None,
    files: LogReader,
    policy: Policy,
    readers: Mapping[str, LogReader],
    limits: Limits,
    listener: Listener,
    *,
    now_s: int,
) -> Seen:
    """Look at a log once.

    Args:
        state: where the last look ended; None to read the log from its first entry.
        files: the log's files, believed in nothing.
        policy: whom to believe.
        readers: what witnesses serve, by their names in the policy; none to ask nobody.
        limits: when suspicion becomes an alarm.
        listener: who is told.
        now_s: the time in POSIX seconds.

    Raises:
        LogMisbehaved: of one kind or another, if the log contradicts itself, or what it
            owes is overdue.
        CosignatureStale: if the limits are strict and the cosignatures old.
        LogRefused, InputError: of another kind; see `follow` and `check_witness_views`.

    """
    batches = follow(state, files, policy)
    # (1) The tree head.
    try:
        state = next(batches).state
    except (LogRefused, InputError):
        if state is not None:  # a log that is silent owes what it owed
            _verify_patience(state, limits, now_s)
        raise
    listener.keep(state)
    # (2) What others see of it, before anything that may fail or take long.
    if readers:
        owed = _compare(state, files, policy, readers, listener, now_s)
        state = replace(state, owed=owed)
        listener.keep(state)
    _verify_patience(state, limits, now_s)
    time_s = witnessed_s(state.signed, policy)
    if time_s is not None:
        _verify_freshness(time_s, limits, listener, now_s)
    # (3) Its entries.
    return _take_entries(state, batches, listener, time_s)


def _take_entries(
    state: MonitorState,
    batches: Iterator[Batch],
    listener: Listener,
    time_s: int | None,
) -> Seen:
    new = 0
    for batch in batches:
        for logged in logged_entries(batch):
            listener.take(logged)
        # Only once its entries were dealt with: killed before, they come again.
        state = replace(batch.state, owed=state.owed)
        listener.keep(state)
        new += len(batch.entries)
    return Seen(state, new, time_s)


def _compare(  # noqa: PLR0913, PLR0917 - as above
    state: MonitorState,
    files: LogReader,
    policy: Policy,
    readers: Mapping[str, LogReader],
    listener: Listener,
    now_s: int,
) -> tuple[OwedHead, ...]:
    head = state.signed.head
    views = check_witness_views(state.signed, files, policy, readers)
    for view in views:
        if view.outcome is Outcome.AHEAD:
            listener.warn(
                f"AHEAD: witness {view.name} holds {view.size} entries,"
                f" the log shows {head.size}. {view.why}"
            )
        elif view.outcome is not Outcome.AGREES:
            listener.warn(f"witness {view.name}: {view.why}")
    keys = [log.key for log in policy.logs_for(head.origin)]
    return remember(state.owed, views, keys, now_s)


def _verify_patience(state: MonitorState, limits: Limits, now_s: int) -> None:
    size = state.signed.head.size
    verify_patience(state.owed, size, now_s=now_s, patience_s=limits.patience_s)


def _verify_freshness(
    time_s: int, limits: Limits, listener: Listener, now_s: int
) -> None:
    try:
        verify_freshness(time_s, now_s=now_s, age_max_s=limits.age_max_s)
    except CosignatureStale as error:
        if limits.is_strict:
            raise
        listener.warn(error.message)

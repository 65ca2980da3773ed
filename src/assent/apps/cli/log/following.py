"""`assent log monitor | mirror`: read somebody's log as it grows, believing nothing.

URL or folder + policy -> new entries as they come, a copy, or an alarm with evidence
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from assent.adapters.files import read_bytes, write_durably
from assent.adapters.http.forwarding import Forwarder
from assent.adapters.http.log_reader import HttpReader
from assent.adapters.translog.files import FolderFiles, reader_for
from assent.adapters.translog.folder import read_policy
from assent.apps.cli.log.output import counting, utc, write_lines
from assent.translog.errors import (
    ForwardingRejected,
    HeadRolledBack,
    LogMisbehaved,
    LogRefused,
    SplitView,
    StoreUnavailable,
)
from assent.translog.formats.policy import Policy
from assent.translog.mirror import mirror as mirror_log
from assent.translog.monitor import (
    STATE_BYTES_MAX,
    Limits,
    LoggedEntry,
    MonitorState,
    Selection,
    look,
    parse_state,
)
from assent.translog.ports import LogReader
from assent.translog.split_view import FILE_SUFFIX
from assent.vocabulary import InputError, NotFound
from assent.wiring.log import now_s

ROLLBACKS_MAX = 3  # in a row; one or two may come from a cache
NOTE_SUFFIX = ".tree-head"
_REJECTED_SHOWN_MAX = 20
_MODE = 0o644  # nothing that is kept is secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What to follow, what to show of it, where to keep what was seen, when to shout.

    `patience_s` is for what witnesses hold and the log does not show; `age_max_s` for
    the newest quorum of cosignatures, which is refused if `is_strict` and older.
    """

    place: str
    policy: Path
    state: Path
    selection: Selection
    forward: str | None
    as_json: bool
    with_witnesses: bool
    patience_s: float
    age_max_s: float
    is_strict: bool


def monitor(watch: Watch, every_s: float | None) -> None:
    """Show what is new in a log, once or for ever; an alarm ends it, loudly."""
    files = _reader(watch.place)
    rollbacks = 0
    while True:
        try:
            with _alarm(watch.state.parent):
                _look(watch, files)
            rollbacks = 0
        except HeadRolledBack as error:
            rollbacks += 1
            if every_s is None or rollbacks == ROLLBACKS_MAX:
                raise
            _warn(error.message)
        except (LogRefused, InputError) as error:  # it may be better next time
            if every_s is None:
                raise
            _warn(error.message)
        if every_s is None:
            return
        time.sleep(every_s)


def mirror(source: str, folder: Path, policy: Path, *, recheck: bool) -> None:
    """Bring a copy of a log up to date."""
    with _alarm(folder.parent), counting("tiles") as tell:
        done = mirror_log(
            _reader(source),
            FolderFiles(folder),
            read_policy(policy),
            recheck=recheck,
            progress=tell,
        )
    head = done.signed.head
    write_lines(
        f"{folder} mirrors {head.origin}: {head.size} entries,"
        f" {done.files_fetched} files fetched, {done.files_kept} there already"
    )


def _reader(place: str) -> LogReader:
    """Return a reader of a log; in the folder of one's own, of what is public."""
    with suppress(OSError, ValueError):
        if (Path(place) / "log.yaml").exists():
            return reader_for(str(Path(place) / "public"))
    return reader_for(place)


def _look(watch: Watch, files: LogReader) -> None:
    policy = read_policy(watch.policy)
    terminal = _Terminal(watch)
    seen = look(
        _read_state(watch.state),
        files,
        policy,
        _witness_readers(policy) if watch.with_witnesses else {},
        Limits(
            patience_s=watch.patience_s,
            age_max_s=watch.age_max_s,
            is_strict=watch.is_strict,
        ),
        terminal,
        now_s=now_s(),
    )
    terminal.show_rejected()
    head = seen.state.signed.head
    time_s = seen.witnessed_s
    witnessed = "by no quorum" if time_s is None else f"at {utc(time_s)}"
    sys.stderr.write(
        f"{head.origin}: {head.size} entries, {seen.new} of them new, witnessed"
        f" {witnessed}\n"
    )


class _Terminal:
    """Implements `monitor.Listener`: shows, forwards, and keeps the state in a file."""

    def __init__(self, watch: Watch) -> None:
        """Show what the watch asks for."""
        self._watch = watch
        self._forwarder = Forwarder(watch.forward) if watch.forward else None
        self._rejected: list[int] = []

    def keep(self, state: MonitorState) -> None:
        """Keep a state, once what it covers is on its way to the reader."""
        sys.stdout.flush()
        write_durably(self._watch.state, state.encoded, _MODE)

    def take(self, logged: LoggedEntry) -> None:
        """Forward and show an entry, if it is one of those that were asked for."""
        if not self._watch.selection.picks(logged):
            return
        if self._forwarder is not None:
            try:
                self._forwarder.forward(logged)
            except ForwardingRejected as error:
                self.warn(error.message)
                self._rejected.append(logged.index)
        _show(logged, as_json=self._watch.as_json)

    def warn(self, why: str) -> None:
        """Warn on the standard error."""
        _warn(why)

    def show_rejected(self) -> None:
        """Say which entries the receiver did not want."""
        if self._rejected:
            shown = ", ".join(map(str, self._rejected[:_REJECTED_SHOWN_MAX]))
            more = " and more" if len(self._rejected) > _REJECTED_SHOWN_MAX else ""
            _warn(f"{len(self._rejected)} entries were rejected: {shown}{more}")


def _witness_readers(policy: Policy) -> dict[str, LogReader]:
    readers: dict[str, LogReader] = {}
    for witness in policy.witnesses:
        try:
            if witness.url:
                readers[witness.name] = HttpReader(witness.url)
        except NotFound as error:
            _warn(f"witness {witness.name}: {error.message}")
    return readers


def _warn(why: str) -> None:
    sys.stderr.write(f"warning: {why}\n")


def _show(logged: LoggedEntry, *, as_json: bool) -> None:
    if as_json:
        write_lines(logged.encoded.decode())
        return
    entry = logged.official
    if entry is None:
        write_lines(f"{logged.index:>8}  foreign entry of {len(logged.data)} bytes")
        return
    who = " ".join(part for part in (entry.party, entry.developer) if part)
    when = entry.time.strftime("%Y-%m-%d %H:%M:%SZ")
    write_lines(f"{logged.index:>8}  {when}  {entry.kind}  {entry.subject}  {who}")


def _read_state(path: Path) -> MonitorState | None:
    if not path.exists():
        return None
    return parse_state(read_bytes(path, STATE_BYTES_MAX))


@contextmanager
def _alarm(folder: Path) -> Iterator[None]:
    """Keep what a log signed against itself in files before the error goes on."""
    try:
        yield
    except SplitView as error:
        if error.evidence is not None:
            _keep_evidence(folder, FILE_SUFFIX, error.evidence)
            sys.stderr.write(
                "SPLIT VIEW. Anybody can check the evidence:"
                " `assent log evidence FILE --policy POLICY`\n"
            )
        raise
    except LogMisbehaved as error:
        for note in error.notes:
            _keep_evidence(folder, NOTE_SUFFIX, note)
        raise


def _keep_evidence(folder: Path, suffix: str, data: bytes) -> None:
    path = folder / f"{sha256(data).hexdigest()[:16]}{suffix}"
    try:
        write_durably(path, data, _MODE)
    except StoreUnavailable as error:  # must not take the place of the alarm
        _warn(error.message)
    else:
        sys.stderr.write(f"evidence: {path}\n")

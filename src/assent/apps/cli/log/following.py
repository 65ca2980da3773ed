"""`assent log monitor | mirror`: read somebody's log as it grows, believing nothing.

URL or folder + policy -> new entries as they come, a copy, or an alarm with evidence
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.adapters.http.forwarding import Forwarder
from assent.adapters.http.log_reader import HttpReader
from assent.adapters.translog.files import FolderFiles, reader_for
from assent.adapters.translog.folder import read_policy
from assent.apps.cli.log.output import counting, write_bytes, write_lines
from assent.translog.errors import LogRefused, SplitView, StoreUnavailable
from assent.translog.formats.policy import Policy
from assent.translog.mirror import mirror as mirror_log
from assent.translog.monitor import (
    STATE_BYTES_MAX,
    LoggedEntry,
    MonitorState,
    Outcome,
    Selection,
    check_witness_views,
    follow,
    logged_entries,
    parse_state,
)
from assent.translog.ports import LogReader
from assent.translog.split_view import FILE_SUFFIX
from assent.vocabulary import InputError, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What to follow, what to show of it, and where to keep what was seen."""

    place: str
    policy: Path
    state: Path
    selection: Selection
    forward: str | None
    as_json: bool
    with_witnesses: bool


def monitor(watch: Watch, every_s: float | None) -> None:
    """Show what is new in a log, once or for ever; a split view ends it, loudly."""
    files = reader_for(watch.place)
    with _alarm(watch.state.parent):
        while every_s is not None:
            try:
                _look(watch, files)
            except (LogRefused, InputError) as error:  # it may be better next time
                sys.stderr.write(f"warning: {error.message}\n")
            time.sleep(every_s)
        _look(watch, files)


def mirror(source: str, folder: Path, policy: Path, *, recheck: bool) -> None:
    """Bring a copy of a log up to date."""
    with _alarm(folder.parent), counting("tiles") as tell:
        done = mirror_log(
            reader_for(source),
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


def _look(watch: Watch, files: LogReader) -> None:
    forwarder = Forwarder(watch.forward) if watch.forward else None
    state = _read_state(watch.state)
    new = 0
    policy = read_policy(watch.policy)
    for batch in follow(state, files, policy):
        for logged in logged_entries(batch):
            if watch.selection.picks(logged):
                if forwarder is not None:
                    forwarder.forward(logged)
                _show(logged, as_json=watch.as_json)
        sys.stdout.flush()
        # Only once its entries were dealt with: killed before, they come again.
        _keep_state(watch.state, batch.state)
        new += len(batch.entries)
        state = batch.state
    if state is None:
        return
    head = state.signed.head
    sys.stderr.write(f"{head.origin}: {head.size} entries, {new} of them new\n")
    if watch.with_witnesses:
        _compare_witnesses(policy, files, state)


def _compare_witnesses(policy: Policy, files: LogReader, state: MonitorState) -> None:
    readers = {}
    for witness in policy.witnesses:
        try:
            if witness.url:
                readers[witness.name] = HttpReader(witness.url)
        except NotFound as error:
            sys.stderr.write(f"warning: witness {witness.name}: {error.message}\n")
    for view in check_witness_views(state.signed, files, policy, readers):
        if view.outcome not in {Outcome.AGREES, Outcome.AHEAD}:
            sys.stderr.write(f"warning: witness {view.name}: {view.why}\n")


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


def _keep_state(path: Path, state: MonitorState) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    write_bytes(draft, state.encoded)
    try:
        draft.replace(path)
    except OSError as error:
        raise StoreUnavailable(
            f"{path} cannot be written: {error.strerror}.",
            remedy="Choose a place you may write to.",
        ) from None


@contextmanager
def _alarm(folder: Path) -> Iterator[None]:
    """Write the evidence of a split view to a file before the error goes on."""
    try:
        yield
    except SplitView as error:
        if error.evidence is None:
            raise
        name = f"{int(time.time())}{FILE_SUFFIX}"
        write_bytes(folder / name, error.evidence)
        raise SplitView(
            f"SPLIT VIEW. {error.message} The evidence is in {folder / name}.",
            remedy=f"{error.remedy} Anybody can check the file:"
            " `assent log evidence FILE --policy POLICY`.",
            evidence=error.evidence,
        ) from None

"""A look at a log does its steps in an order that loses nothing."""

import pytest

from assent.testing.log_files import MemoryFiles
from assent.testing.small_log import TIME_S, SmallLog
from assent.translog.monitor import Limits, LoggedEntry, MonitorState, look


class _Told:
    """A listener that remembers the order of what it is told, and fails if asked to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.events: list[str] = []
        self.states: list[MonitorState] = []
        self._fails = fails

    def keep(self, state: MonitorState) -> None:
        self.events.append("keep")
        self.states.append(state)

    def take(self, logged: LoggedEntry) -> None:
        if self._fails:
            raise ZeroDivisionError
        self.events.append(f"take {logged.index}")

    def warn(self, why: str) -> None:
        self.events.append(f"warn {why[:5]}")


def test_a_look_keeps_its_state_only_after_the_entries_were_taken() -> None:
    log = SmallLog([b"one", b"two"])
    files = MemoryFiles()
    log.publish(files)
    limits = Limits(patience_s=1, age_max_s=1, is_strict=True)
    failed = _Told(fails=True)
    with pytest.raises(ZeroDivisionError):
        look(None, files, log.policy, {}, limits, failed, now_s=TIME_S)
    told = _Told()
    seen = look(failed.states[-1], files, log.policy, {}, limits, told, now_s=TIME_S)
    assert told.events == ["keep", "take 0", "take 1", "keep"]
    assert (seen.new, seen.witnessed_s) == (2, None)
    assert seen.state == told.states[-1]

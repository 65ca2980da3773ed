"""Kill an agency's processes, at chosen steps and at random, and hold it to its word.

seed + databases -> IssueFigures, or the assertion that failed
"""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.torture.agency_checks import check_agency, recover
from tests.torture.agency_on_disk import STEPS, AgencyPlace
from tests.torture.campaign import ROOT
from tests.torture.told import Told

from assent.testing.office import MORNING

BETWEEN_LIVES = timedelta(days=2)  # votes end, and measures lapse
_READY_S_MAX = 60
_EVENTS_MAX = 60  # a step that is not taken by then is none of this life's
_OFTEN = frozenset({"put", "stored", "commit", "committed"})
_SECOND = 4  # in every so many lives, two processes are at work


@dataclass
class IssueFigures:
    """What a campaign reached."""

    database: str
    seed: int
    agencies: int = 0
    killed: int = 0
    killed_at: dict[str, int] = field(default_factory=dict)
    killed_at_random: int = 0
    killed_before_ready: int = 0
    killed_beside_another: int = 0
    servers_stopped: int = 0
    refusals: int = 0
    events_acknowledged: int = 0
    decisions_acknowledged: int = 0
    permits_handed_out: int = 0
    leases: int = 0
    entries_in_log: int = 0
    granted_in_log: int = 0
    seconds: float = 0.0


@dataclass
class IssueCampaign:
    """One agency after the other, and the parent of their processes."""

    figures: IssueFigures
    alive_s_max: float
    hits_max: int = 20  # so often a step that is taken all the time is let pass
    crash_server: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        """Begin the same way for the same seed."""
        self.random = random.Random(self.figures.seed)  # noqa: S311 - to be repeatable
        self.lives = 0

    def run(self, place: AgencyPlace, kills: int) -> None:
        """Found an agency, kill its processes so often, and check after each kill."""
        started_s = time.monotonic()
        place.make()
        told, until = Told(), self.figures.killed + kills
        now = MORNING
        while self.figures.killed < until:
            self._life(place, told, now)
            check_agency(place, told, now + timedelta(hours=1))
            if self.random.random() < 0.3:
                recover(place, now + timedelta(hours=1))
            now += BETWEEN_LIVES
        recover(place, now)
        found = check_agency(place, told, now)
        self._count(told, len(found.entries))
        grants = [entry for entry in found.entries if entry.kind == "permit"]
        self.figures.granted_in_log += len(grants)
        self.figures.seconds += round(time.monotonic() - started_s, 1)

    def _count(self, told: Told, size: int) -> None:
        figures = self.figures
        figures.agencies += 1
        figures.events_acknowledged += len(told.events)
        figures.decisions_acknowledged += len(told.decided)
        figures.permits_handed_out += len(told.permits)
        figures.leases += len(told.leases)
        figures.entries_in_log += size
        figures.refusals += len(told.refusals)

    def _life(self, place: AgencyPlace, told: Told, now: datetime) -> None:
        """Run one process, or two, until killed; remember what they said."""
        self.lives += 1
        is_beside = self.lives % _SECOND == 0
        at_random = self.random.random() < 0.2
        step = None if at_random else STEPS[self.lives % len(STEPS)]
        hits_max = self.hits_max if step in _OFTEN else max(1, self.hits_max // 10)
        on = self.random.randint(1, hits_max)
        before = told.ended_at.total()
        task = {"kill_at": step, "kill_on": on, "is_beside": is_beside}
        with issuer(place, now, self._seed(), **task) as one:
            if is_beside:
                beside = {"only_works": True, "is_beside": True}
                with issuer(place, now, self._seed(), **beside) as other:
                    self._live(one, step)
                self._killed(other)
                self.figures.killed_beside_another += 2
            else:
                self._live(one, step)
        self._killed(one)
        said = [*one.lines, *(other.lines if is_beside else [])]
        told.take(said)
        if told.ended_at.total() > before:
            at = self.figures.killed_at
            at[step or ""] = at.get(step or "", 0) + 1
            self.figures.killed_at_random -= 1
        if not is_beside:
            assert told.left == 0, "a second `work` in a row did something"
        told.left = 0
        if self.crash_server is None:
            assert told.refusals == []

    def _live(self, one: "Lines", step: str | None) -> None:
        if step is not None:
            one.wait_for_end(_EVENTS_MAX)
            return
        if self.random.random() < 0.15:
            time.sleep(self.random.uniform(0, 0.6))  # it may not be ready yet
            self.figures.killed_before_ready += not one.is_ready.is_set()
            return
        assert one.is_ready.wait(_READY_S_MAX), one.lines
        time.sleep(self.random.uniform(0, self.alive_s_max))
        if self.crash_server is not None and self.random.random() < 0.3:
            self.crash_server()
            self.figures.servers_stopped += 1
            time.sleep(self.random.uniform(0, self.alive_s_max))

    def _killed(self, lines: "Lines") -> None:
        code = lines.process.returncode
        assert code == -signal.SIGKILL, (code, lines.lines[-2:])
        self.figures.killed += 1
        self.figures.killed_at_random += 1

    def _seed(self) -> int:
        return self.random.randrange(2**32)


class Lines:
    """The lines of an issuer, read as they come."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Read until it ends."""
        self.lines: list[str] = []
        self.is_ready = threading.Event()
        self.has_ended = threading.Event()
        self.process = process
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def go(self) -> None:
        """Let one go on that waits."""
        assert self.is_ready.wait(_READY_S_MAX)
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()

    def wait_for_end(self, events_max: int) -> None:
        """Return when it ended itself, or has recorded so many events."""
        ends_s = time.monotonic() + _READY_S_MAX
        while time.monotonic() < ends_s and not self.has_ended.wait(0.02):
            if sum(line.startswith("event") for line in self.lines) >= events_max:
                return

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith(b"\n"):  # a line cut off was not said
                self.lines.append(line.decode().strip())
                self.is_ready.set()
        self.has_ended.set()


@contextmanager
def issuer(
    place: AgencyPlace, now: datetime, seed: int, **task: object
) -> Iterator[Lines]:
    """Start an agency's process, and kill it in the end."""
    task |= {"place": place.plain, "now": now.isoformat(), "seed": seed}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.torture.issuer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
    ) as process:
        assert process.stdin is not None
        lines = Lines(process)
        process.stdin.write(json.dumps(task).encode() + b"\n")
        process.stdin.flush()
        try:
            yield lines
        finally:
            process.kill()
            lines.thread.join()
            process.wait()


def place_in(folder: Path, url: str | None = None) -> AgencyPlace:
    """Return the place of an agency in a folder, or with a database at a URL."""
    return AgencyPlace(
        folder=str(folder),
        cases=url or str(folder / "cases.db"),
        entries=url or str(folder / "log.db"),
    )

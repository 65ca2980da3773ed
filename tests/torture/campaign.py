"""Kill a log's processes at random instants, start them again, and hold it to its word.

seed + database -> Figures, or the assertion that failed

`Campaign` runs one `appender` after the other. What they said was durable is kept here,
outside everything that is killed, and is the measure at the end.
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
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.own_log import contents
from tests.torture.appender import IN_FLIGHT, KEYS, entry_of
from tests.witness_process import WitnessProcess

from assent.adapters.translog.files import FolderFiles
from assent.adapters.translog.store import open_log_store
from assent.adapters.translog.witness_store import WitnessStore
from assent.apps.witness import kept_refusals, trust_log
from assent.testing.small_log import ORIGIN
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.signed_head import parse_signed_head
from assent.translog.keeping.fsck import (
    Severity,
    check_log,
    check_remote,
    rebuild,
    repair_log,
)
from assent.translog.keeping.prove import Prover
from assent.translog.ports import LogStore

ROOT = Path(__file__).parents[2]
THREADS = 4
_AGAIN = 12  # entries that each appender submits a second time
_READY_S_MAX = 60
_ORIGIN_HASH = sha256(ORIGIN.encode()).hexdigest()
Place = tuple[int, int]  # thread and number of an entry


@dataclass
class Figures:
    """What a campaign reached."""

    database: str
    seed: int
    appenders_killed: int = 0
    killed_before_ready: int = 0
    witnesses_killed: int = 0
    servers_stopped: int = 0
    entries_acknowledged: int = 0
    entries_submitted_again: int = 0
    entries_durable_unacknowledged: int = 0  # until they were submitted again
    entries_in_log: int = 0
    duplicates: int = 0
    heads_published: int = 0
    heads_shown_to_witnesses: int = 0
    heads_signed: int = 0
    appends_refused: int = 0
    files_rebuilt: int = 0
    leftovers: int = 0
    seconds: float = 0.0


@dataclass
class Campaign:
    """One log, its three witnesses, and the parent of its appenders."""

    folder: Path
    place: str
    figures: Figures
    alive_s_max: float = 0.8  # of one appender
    crash_server: Callable[[], None] | None = None  # stops and starts the database
    acked: dict[Place, int] = field(default_factory=dict)
    first: list[int] = field(default_factory=lambda: [0] * THREADS)
    asked: dict[int, str] = field(default_factory=dict)  # size: root
    seen: dict[int, bytes] = field(default_factory=dict)  # size: root, by witnesses

    def __post_init__(self) -> None:
        """Make the log and start its witnesses."""
        self.appenders = 0
        self.random = random.Random(self.figures.seed)  # noqa: S311 - to be repeatable
        self.public = self.folder / "public"
        self.policy_path = self.folder / "policy"
        open_log_store(self.place, ORIGIN, create=True).close()
        self.witnesses = []
        for number in range(3):
            folder = self.folder / f"w{number}"
            name = f"w{number}.example/witness"
            witness = WitnessProcess.made(folder, name, seed=40 + number)
            for key in KEYS:
                trust_log(folder, key.verifier.text)
            self.witnesses.append(witness)
            witness.start_soon()
        for witness in self.witnesses:
            witness.wait_until_bound()
        self._write_policy()

    def run(self, kills: int) -> Figures:
        """Kill so many appenders, then check everything."""
        started_s = time.monotonic()
        for _ in range(kills):
            self._round()
        self.publish_all()
        self.check_all()
        self.figures.seconds = round(time.monotonic() - started_s, 1)
        return self.figures

    def publish_all(self) -> None:
        """Let one appender that appends nothing publish everything."""
        with self.appender(first=[], again=[]) as said:
            assert said.is_published.wait(_READY_S_MAX)

    @contextmanager
    def appender(self, **task: object) -> Iterator["Said"]:
        """Start an appender, and kill it in the end."""
        task |= {"place": self.place, "public": str(self.public)}
        with subprocess.Popen(
            [sys.executable, "-m", "tests.torture.appender"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        ) as process:
            assert process.stdin is not None
            self.appenders += 1
            said = Said(process)
            line = json.dumps(task | {"policy": str(self.policy_path)})
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            try:
                yield said
            finally:
                process.kill()
                said.wait()
        assert process.returncode == -signal.SIGKILL, said.lines[-1:]
        self._take(said.lines)

    def check_all(self) -> None:
        """Hold the log to everything that was ever said of it."""
        store = open_log_store(self.place, ORIGIN)
        try:
            self._check_entries(store)
            self._check_heads(store)
            self._check_files(store)
        finally:
            store.close()
        for witness in self.witnesses:
            assert kept_refusals(witness.folder) == []
            assert "SPLIT VIEW" not in witness.diagnostics
            assert "Traceback" not in witness.diagnostics

    def close(self) -> None:
        """End the witnesses."""
        for witness in self.witnesses:
            witness.kill()

    def record(self, path: Path) -> None:
        """Write the figures to a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self.figures), indent=2) + "\n")

    # One appender's life.

    def _round(self) -> None:
        again = self.random.sample(sorted(self.acked), min(_AGAIN, len(self.acked)))
        with self.appender(first=self.first, again=again) as said:
            self._live(said)
        self.figures.appenders_killed += 1
        self.figures.entries_submitted_again += len(again)

    def _live(self, said: "Said") -> None:
        """Let an appender live for a while, and let things happen to others."""
        if self.random.random() < 0.1:
            time.sleep(self.random.uniform(0, 0.3))  # it may not be ready yet
            self.figures.killed_before_ready += not said.is_ready.is_set()
            return
        assert said.is_ready.wait(_READY_S_MAX)
        time.sleep(self.random.uniform(0, self.alive_s_max))
        turn = self.figures.appenders_killed % 6
        if turn == 2 or self.random.random() < 0.1:
            self._kill_witness(self.random.choice(self.witnesses))
        if self.crash_server and (turn == 5 or self.random.random() < 0.1):
            self.crash_server()
            self.figures.servers_stopped += 1
            time.sleep(self.random.uniform(0, self.alive_s_max))

    def _kill_witness(self, witness: WitnessProcess) -> None:
        witness.kill()
        self.figures.witnesses_killed += 1
        time.sleep(self.random.uniform(0, 0.2))
        witness.start_soon()
        witness.wait_until_bound()
        self._write_policy()

    def _write_policy(self) -> None:
        lines = [f"log {key.verifier.text}" for key in KEYS]
        for number, witness in enumerate(self.witnesses):
            key = witness.keys[number % 2]  # of either kind
            lines.append(f"witness w{number} {key.text} {witness.url}")
        lines += ["group two-of-three 2 w0 w1 w2", "quorum two-of-three", ""]
        written = self.policy_path.with_suffix(".new")
        written.write_text("\n".join(lines))
        written.replace(self.policy_path)

    def _take(self, lines: list[str]) -> None:
        size_then = 0  # when this appender started
        for line in lines:
            match line.split():
                case ["acked", *words]:
                    thread, number, index = map(int, words)
                    if index < size_then and (thread, number) not in self.acked:
                        self.figures.entries_durable_unacknowledged += 1
                    # Submitted again or not: an entry keeps the index it got first.
                    assert self.acked.setdefault((thread, number), index) == index
                    self.first[thread] = max(self.first[thread], number + 1)
                case ["asked", size, root]:
                    assert self.asked.setdefault(int(size), root) == root
                case ["published", _]:
                    self.figures.heads_published += 1
                case ["refused", _]:
                    self.figures.appends_refused += 1
                case ["ready", count]:
                    size_then = int(count)
                case _:
                    raise AssertionError(line)
        for witness in self.witnesses:
            self._look_at(witness)

    def _look_at(self, witness: WitnessProcess) -> None:
        """Remember the tree head that a witness holds now."""
        store = WitnessStore(witness.folder / "witness.db")
        try:
            note = store.held_note(_ORIGIN_HASH)
        finally:
            store.close()
        if note is not None:
            head = parse_signed_head(note).head
            assert self.seen.setdefault(head.size, head.root) == head.root

    # What must be so at the end.

    def _check_entries(self, store: LogStore) -> None:
        """(1) What was acknowledged is there, once, where it was said to be."""
        with store.reading() as transaction:
            size = transaction.size()
            places: dict[bytes, int] = {}
            for start in range(0, size, 4096):
                some = transaction.entries(start, min(start + 4096, size))
                places.update((entry, start + i) for i, entry in enumerate(some))
        self.figures.entries_in_log = size
        self.figures.duplicates = size - len(places)
        self.figures.entries_acknowledged = len(self.acked)
        assert self.figures.duplicates == 0
        wrong = {
            place: index
            for place, index in self.acked.items()
            if places.get(entry_of(*place)) != index
        }
        assert wrong == {}
        # No thread had more under way than its last, never acknowledged ones.
        assert size - len(self.acked) <= self.appenders * THREADS * IN_FLIGHT

    def _check_heads(self, store: LogStore) -> None:
        """(2) Every tree head that anybody was shown is a start of the final tree."""
        prover = Prover(store)
        roots = {size: bytes.fromhex(root) for size, root in self.asked.items()}
        for witness in self.witnesses:
            sizes = {
                int(line.rpartition(" ")[2])
                for line in witness.diagnostics.splitlines()
                if " cosigned " in line
            }
            assert sizes <= roots.keys()
        assert self.seen.keys() <= roots.keys()
        for size, root in [*roots.items(), *self.seen.items()]:
            assert prover.root(size) == root
        self.figures.heads_shown_to_witnesses = len(roots)
        with store.reading() as transaction:
            after, signed = -1, 0
            while page := transaction.heads(after, 1000):
                after, signed = page[-1].size, signed + len(page)
        self.figures.heads_signed = signed

    def _check_files(self, store: LogStore) -> None:
        """(3) The public files are whole, and the same when they are made again."""
        policy = parse_policy(self.policy_path.read_bytes())
        files, again = FolderFiles(self.public), FolderFiles(self.folder / "again")
        log_keys = [key.verifier for key in KEYS]
        assert check_remote(files, policy) == []
        found = check_log(store, files, ORIGIN, log_keys, policy)
        self.figures.leftovers = len(found)
        assert {one.severity for one in found} <= {Severity.HARMLESS}
        rebuild(store, again, log_keys)
        made = contents(again)
        self.figures.files_rebuilt = len(made)
        assert made.items() <= contents(files).items()
        # What is there beside them are leftovers, and a repair removes just those.
        repair_log(store, files, ORIGIN, log_keys, policy)
        assert check_log(store, files, ORIGIN, log_keys, policy) == []
        assert contents(files) == made
        assert set(files.paths()) == made.keys()


class Said:
    """The lines of an appender, read as they come."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Read until it ends."""
        self.lines: list[str] = []
        self.is_ready = threading.Event()
        self.is_published = threading.Event()
        self.process = process
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def wait(self) -> None:
        """Return when all was read."""
        self._thread.join()

    def count(self, start: str) -> int:
        """Return how many lines so far start with this."""
        return sum(line.startswith(start) for line in self.lines)

    def wait_for(self, start: str, count: int) -> None:
        """Return when so many lines start with this."""
        ends_s = time.monotonic() + _READY_S_MAX
        while self.count(start) < count:
            assert time.monotonic() < ends_s, self.lines[-3:]
            time.sleep(0.01)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith(b"\n"):  # a line cut off was not said
                self.lines.append(line.decode().strip())
                self.is_ready.set()
                if line.startswith(b"published"):
                    self.is_published.set()

"""The meter as a training loop sees it: exact, in time, and never in the way."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.metered import (
    BATCH,
    BEGAN,
    CONFIG,
    ONCE,
    STEP,
    Clock,
    chain_in,
    flop_of,
    open_meter,
    permit_of,
    spent,
)

import assent
from assent.adapters.packaged import packaged_accelerators
from assent.apps.meter import (
    MeterFolderDamaged,
    MeterFolderOfAnotherJob,
    MeterRunsAlready,
    Rhythm,
    StateMalformed,
    StateOfAnotherRun,
    TrainingMustStop,
)
from assent.apps.meter.keeping.folder import READINGS, RESERVED
from assent.authorisation.permit import Lease
from assent.authorisation.terms import OversightDate, OversightLoss
from assent.supervision.metering import (
    Allowance,
    Stop,
    StopKind,
)
from assent.testing.permits import make_bundle, make_caps, make_permit
from assent.testing.states import SeededSigner
from assent.testing.supervision.metering import MemoryGate
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import AssentError, FactsMissing

ROOT = Path(__file__).parents[3]


def run_beside(code: str, folder: Path) -> "subprocess.CompletedProcess[bytes]":
    """Run a few lines in a process of their own."""
    start = (
        "import sys; from pathlib import Path; folder = Path(sys.argv[1])\n"
        "from tests.metered import *\n"
    )
    return subprocess.run(  # noqa: S603 - our own lines
        [sys.executable, "-c", start + code, str(folder)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
    )


def test_an_uninterrupted_run_is_counted_to_the_flop(tmp_path: Path) -> None:
    shapes = [(8, 32), (8, 17), (3, 128), (8, 32), (1, 1)]
    with open_meter(tmp_path) as meter:
        assert all(meter.step(shape) for shape in shapes)
    assert spent(tmp_path) == sum(flop_of(*shape) for shape in shapes)
    last = chain_in(tmp_path)[-1]
    assert last.head.step_last == 5
    assert last.flop_charged == 0
    assert meter.problems == ()
    tokens = sum(
        reading.training_tokens
        for batch in chain_in(tmp_path)
        for reading in batch.readings
    )
    assert tokens == meter.training_tokens == sum(rows * n for rows, n in shapes)


def test_stops_before_the_step_that_would_pass_the_cap(tmp_path: Path) -> None:
    told: list[Stop] = []
    permit = permit_of(flop=3 * STEP + 1)
    with open_meter(tmp_path, permit, on_stop=told.append) as meter:
        done = sum(1 for _ in meter.batches([BATCH] * 10))
        assert not meter.step(BATCH)
    assert done == 3
    assert spent(tmp_path) == 3 * STEP
    assert meter.stop is not None
    assert meter.stop.kind is StopKind.CAP
    assert told == [meter.stop]  # once


def test_the_cap_may_be_reached_to_the_flop(tmp_path: Path) -> None:
    with open_meter(tmp_path, permit_of(flop=3 * STEP)) as meter:
        assert sum(1 for _ in meter.batches([BATCH] * 10)) == 3


def test_stops_before_what_is_kept_for_overseers(tmp_path: Path) -> None:
    with open_meter(tmp_path, permit_of(flop=4 * STEP, share_ppm=250_000)) as meter:
        assert sum(1 for _ in meter.batches([BATCH] * 10)) == 3
        assert meter.stop is not None
        assert meter.stop.kind is StopKind.CAP


def test_stops_at_an_oversight_point_until_it_is_passed(tmp_path: Path) -> None:
    permit = permit_of(points=(2 * STEP, 5 * STEP))
    with open_meter(tmp_path / "a", permit) as meter:
        assert sum(1 for _ in meter.batches([BATCH] * 10)) == 2
        assert meter.stop is not None
        assert meter.stop.kind is StopKind.OVERSIGHT_POINT
        state = meter.state_dict()
    options: dict[str, Any] = {"oversight_passed_flop": 2 * STEP, "job": "job-8"}
    with open_meter(tmp_path / "b", permit, **options) as meter:
        meter.load_state_dict(state)
        assert sum(1 for _ in meter.batches([BATCH] * 10)) == 3


def test_stops_at_the_first_loss_at_or_below_a_point(tmp_path: Path) -> None:
    point = OversightLoss(at_loss=Decimal("2.5"), evaluations=("cyber-offence",))
    permit = replace(permit_of(), oversight_losses=(point,))
    losses = iter([4.0, float("nan"), 2.5000001, 2.5])
    with open_meter(tmp_path / "a", permit) as meter:
        for _ in meter.batches([BATCH] * 10):
            meter.report_loss(next(losses))
        assert meter.step_count == 4
        assert meter.stop is not None
        assert meter.stop.kind is StopKind.OVERSIGHT_POINT
        assert "2.5" in meter.stop.words
    told = [one.loss for batch in chain_in(tmp_path / "a") for one in batch.readings]
    assert min(one for one in told if one is not None) == Decimal("2.5")
    options: dict[str, Any] = {"oversight_passed_loss": 2.5}
    with open_meter(tmp_path / "b", permit, **options) as meter:
        assert meter.step(BATCH)
        meter.report_loss(0.5)
        assert meter.step(BATCH)


def test_stops_on_a_date_until_it_is_passed(tmp_path: Path) -> None:
    clock = Clock()
    date = OversightDate(at=BEGAN + timedelta(hours=1), evaluations=("autonomy",))
    permit = replace(permit_of(), oversight_dates=(date,))
    with open_meter(tmp_path / "a", permit, now=clock) as meter:
        assert meter.step(BATCH)
        clock.now += timedelta(hours=1)
        assert not meter.step(BATCH)
        assert meter.stop is not None
        assert meter.stop.kind is StopKind.OVERSIGHT_POINT
        assert "autonomy" in meter.stop.remedy
    with open_meter(
        tmp_path / "b", permit, now=clock, oversight_passed_date=date.at
    ) as meter:
        assert meter.step(BATCH)


def test_should_stop_looks_ahead_by_the_largest_step(tmp_path: Path) -> None:
    with open_meter(tmp_path, permit_of(flop=3 * STEP - 1)) as meter:
        seen = [meter.should_stop]
        for _ in range(2):
            assert meter.step(BATCH)
            seen.append(meter.should_stop)
    assert seen == [False, False, True]
    with open_meter(tmp_path / "b", permit_of(flop=STEP - 1), largest=BATCH) as meter:
        assert meter.should_stop


def test_stops_when_the_permit_ends(tmp_path: Path) -> None:
    clock = Clock()
    with open_meter(tmp_path, now=clock) as meter:
        assert meter.step(BATCH)
        clock.now = make_caps().not_after
        assert not meter.step(BATCH)
    assert meter.stop is not None
    assert meter.stop.kind is StopKind.LEASE_LAPSED


def test_stops_when_the_lease_lapses_unless_a_gate_renews_it(
    tmp_path: Path, gate: MemoryGate
) -> None:
    lease = Lease(
        lease_id="lease-2026-0001-1",
        permit_id="permit-2026-0001",
        permit_digest=permit_of().digest,
        site="site-nairobi-1",
        serial=1,
        issued=BEGAN,
        expires=BEGAN + timedelta(hours=1),
        flop=permit_of().caps.flop,
    )
    clock = Clock()
    for name, link in (("alone", None), ("renewed", gate)):
        clock.now = BEGAN
        options: dict[str, Any] = {"now": clock, "lease": lease, "gate": link}
        with open_meter(tmp_path / name, **options) as meter:
            assert meter.step(BATCH)
            gate.say(Allowance(flop_max=10**25, expires=BEGAN + timedelta(hours=2)))
            meter.state_dict()
            clock.now = lease.expires
            assert meter.step(BATCH) is (link is not None)
            clock.now = BEGAN + timedelta(hours=2)
            assert not meter.step(BATCH)
        assert meter.stop is not None
        assert meter.stop.kind is StopKind.LEASE_LAPSED


def test_stops_at_once_where_the_model_is_too_large(tmp_path: Path) -> None:
    permit = make_permit(caps=make_caps(weights=1_000))
    with open_meter(tmp_path, permit) as meter:
        assert not meter.step(BATCH)
    assert meter.stop is not None
    assert meter.stop.kind is StopKind.WEIGHTS_CAP


def test_raises_only_if_asked_to(tmp_path: Path) -> None:
    meter = open_meter(tmp_path, permit_of(flop=1), raises=True)
    with meter, pytest.raises(TrainingMustStop) as raised:
        meter.step(BATCH)
    assert raised.value.remedy


def test_a_batch_that_hides_its_size_counts_as_the_largest(tmp_path: Path) -> None:
    with open_meter(tmp_path) as meter:
        assert meter.step((1, 1))
        assert meter.step(BATCH)
        assert meter.step("what is this")
    assert spent(tmp_path) == flop_of(1, 1) + 2 * STEP
    assert len(meter.problems) == 1


def test_without_any_size_nothing_is_done(tmp_path: Path) -> None:
    with open_meter(tmp_path) as meter:
        assert not meter.step(object())
    assert meter.stop is not None
    assert meter.stop.kind is StopKind.UNMETERED


def test_the_users_own_count_comes_first(tmp_path: Path) -> None:
    with open_meter(tmp_path, flop_per_batch=lambda batch: batch["flop"]) as meter:
        assert meter.step({"flop": 7})
        assert meter.step({"flop": 2**70})
        assert meter.step({"nothing": 1})  # it fails, and counts as the largest
    assert spent(tmp_path) == 7 + 2 * 2**70
    assert "flop_per_batch failed" in str(meter.problems[-1])


def test_what_goes_wrong_with_the_disk_stops_the_run(tmp_path: Path) -> None:
    meter = open_meter(tmp_path, rhythm=Rhythm(disk_wait_s=0.3))
    # Nothing can take the place of a folder: the disk refuses whatever is reserved.
    (tmp_path / RESERVED).unlink(missing_ok=True)
    (tmp_path / RESERVED).mkdir()
    with meter:
        assert not meter.step(BATCH)
    assert meter.stop is not None
    assert meter.stop.kind is StopKind.UNMETERED
    assert any(isinstance(one, StoreUnavailable) for one in meter.problems)


def test_counters_survive_a_checkpoint_bit_for_bit(tmp_path: Path) -> None:
    with open_meter(tmp_path) as meter:
        for _ in range(5):
            meter.step(BATCH)
        state = meter.state_dict()
    with open_meter(tmp_path) as meter:
        meter.load_state_dict(state)
        assert meter.state_dict() == state
        assert meter.step_count == 5
        meter.step(BATCH)
        assert meter.flop_total == 6 * STEP
    assert spent(tmp_path) == 6 * STEP
    assert chain_in(tmp_path)[-1].head.step_last == 6
    with open_meter(tmp_path / "new", job="job-8") as meter:
        meter.load_state_dict(state)
        assert meter.state_dict() == state
        meter.step(BATCH)
        assert meter.flop_total == 6 * STEP  # of the run
    (batch,) = chain_in(tmp_path / "new", "job-8")
    assert batch.flop == STEP  # of the job


def test_an_older_checkpoint_takes_nothing_back(tmp_path: Path) -> None:
    with open_meter(tmp_path) as meter:
        meter.step(BATCH)
        state = meter.state_dict()
        meter.step(BATCH)
        meter.step(BATCH)
    with open_meter(tmp_path) as meter:
        meter.load_state_dict(state)
        assert meter.flop_total == 3 * STEP
        meter.step(BATCH)
    assert spent(tmp_path) == 4 * STEP
    (rolled_back,) = chain_in(tmp_path)[-1].rolled_back
    assert rolled_back.carried is not None
    assert rolled_back.carried.flop_total == STEP
    assert rolled_back.step_first == 2


def test_refuses_counters_that_are_none_or_anothers(tmp_path: Path) -> None:
    with open_meter(tmp_path) as meter:
        state = meter.state_dict()
        for wrong in ({}, {**state, "step": -1}, {**state, "digest": "sha256:"}):
            with pytest.raises(StateMalformed):
                meter.load_state_dict(wrong)
        with pytest.raises(StateOfAnotherRun):
            meter.load_state_dict({**state, "run_id": "another"})


def test_what_was_reserved_is_charged_after_a_kill(tmp_path: Path) -> None:
    code = (
        "m = open_meter(folder)\nfor _ in range(40): assert m.step(BATCH)\n"
        "import os; os.kill(os.getpid(), 9)"
    )
    assert run_beside(code, tmp_path).returncode == -9
    with open_meter(tmp_path) as meter:
        assert meter.flop_total >= 40 * STEP
        charged = meter.flop_total
        meter.step(BATCH)
    batches = chain_in(tmp_path)
    assert spent(tmp_path) == charged + STEP
    assert sum(batch.flop_charged for batch in batches) == charged
    assert charged <= 40 * STEP * 20  # it charges a few times the work, no more


def test_a_job_killed_at_once_is_not_charged_what_its_checkpoint_held(
    tmp_path: Path,
) -> None:
    with open_meter(tmp_path / "a") as meter:
        for _ in range(1_000):
            assert meter.step(BATCH)
        state = meter.state_dict()
    code = (
        f"m = open_meter(folder, job='job-8'); m.load_state_dict({state!r})\n"
        "assert m.step(BATCH); import os; os.kill(os.getpid(), 9)"
    )
    for times in (1, 2):
        assert run_beside(code, tmp_path / "b").returncode == -9
        with open_meter(tmp_path / "b", job="job-8") as meter:
            charged = meter.flop_total - 1_000 * STEP
        assert times * STEP <= charged <= times * 40 * STEP
        batches = chain_in(tmp_path / "b", "job-8")
        assert sum(batch.flop for batch in batches) == charged


def test_a_meter_that_ended_well_charges_nothing(tmp_path: Path) -> None:
    for _ in range(3):
        with open_meter(tmp_path) as meter:
            meter.step(BATCH)
    assert spent(tmp_path) == 3 * STEP


def test_two_meters_do_not_share_a_folder(tmp_path: Path) -> None:
    with open_meter(tmp_path):
        ended = run_beside("open_meter(folder)", tmp_path)
    assert MeterRunsAlready.__name__ in ended.stderr.decode()


def test_refuses_the_folder_of_another_job(tmp_path: Path) -> None:
    with open_meter(tmp_path) as meter:
        meter.step(BATCH)
    with pytest.raises(MeterFolderOfAnotherJob):
        open_meter(tmp_path, job="job-8")
    with pytest.raises(MeterFolderOfAnotherJob):
        assent.meter(
            permit=permit_of(),
            key=SeededSigner("another"),
            folder=tmp_path,
            job="job-7",
            config=CONFIG,
        )


def test_refuses_a_folder_whose_reserve_is_gone_or_changed(tmp_path: Path) -> None:
    with open_meter(tmp_path) as meter:
        meter.step(BATCH)
    (tmp_path / RESERVED).write_bytes(b"{}")
    with pytest.raises(MeterFolderDamaged):
        open_meter(tmp_path)
    (tmp_path / RESERVED).unlink()
    with pytest.raises(MeterFolderDamaged):
        open_meter(tmp_path)


def test_a_line_cut_off_anywhere_is_dropped_and_charged(tmp_path: Path) -> None:
    with open_meter(tmp_path) as meter:
        meter.step(BATCH)
        meter.state_dict()
        size = (tmp_path / READINGS).stat().st_size
        meter.step(BATCH)
    data = (tmp_path / READINGS).read_bytes()
    for end in [*range(size, len(data), 97), len(data) - 1]:
        (tmp_path / READINGS).write_bytes(data[:end])
        with open_meter(tmp_path) as again:
            assert again.flop_total == 2 * STEP
        assert spent(tmp_path) == 2 * STEP
        assert chain_in(tmp_path)[-1].flop_charged == STEP


def test_a_clock_that_is_set_back_breaks_no_chain(tmp_path: Path) -> None:
    clock = Clock()
    with open_meter(tmp_path, now=clock) as meter:
        for hours in (0, -5, 3, -9):
            clock.now = BEGAN + timedelta(hours=hours)
            meter.step(BATCH)
            meter.state_dict()
    clock.now = BEGAN - timedelta(days=1)
    with open_meter(tmp_path, now=clock) as meter:
        meter.step(BATCH)
    assert spent(tmp_path) == 5 * STEP


def test_readings_are_made_by_the_clock_and_signed_together(tmp_path: Path) -> None:
    rhythm = Rhythm(interval_s=0.05, readings_per_batch=3)
    with open_meter(tmp_path, rhythm=rhythm) as meter:
        pause = threading.Event()
        for _ in range(60):
            meter.step(BATCH)
            pause.wait(0.02)
    batches = chain_in(tmp_path)
    assert max(len(batch.readings) for batch in batches) >= 3
    assert spent(tmp_path) == 60 * STEP


@pytest.fixture
def gate() -> MemoryGate:
    return MemoryGate(packaged_accelerators(), now=BEGAN + timedelta(days=1))


def test_a_gate_gets_every_batch_once(tmp_path: Path, gate: MemoryGate) -> None:
    with open_meter(tmp_path, gate=gate) as meter:
        meter.step(BATCH)
        meter.state_dict()
        gate.is_down = True
        meter.step(BATCH)
        meter.state_dict()
        meter.state_dict()
        assert gate.flop == STEP
        gate.is_down = False
        meter.step(BATCH)
    assert gate.flop == spent(tmp_path) == 3 * STEP
    assert gate.refused == []


def test_a_new_gate_is_told_everything(tmp_path: Path, gate: MemoryGate) -> None:
    for _ in range(3):
        with open_meter(tmp_path) as meter:
            meter.step(BATCH)
    with open_meter(tmp_path, gate=gate) as meter:
        meter.step(BATCH)
    assert gate.flop == 4 * STEP


def test_an_order_from_the_gate_stops_the_run(tmp_path: Path, gate: MemoryGate) -> None:
    with open_meter(tmp_path, gate=gate) as meter:
        assert meter.step(BATCH)
        gate.say(Allowance(flop_max=10**30, order="order-2026-0001"))
        meter.state_dict()  # the meter talks to the gate
        assert not meter.step(BATCH)
    assert meter.stop is not None
    assert meter.stop.kind is StopKind.PAUSE_ORDER


def test_a_gate_unlocks_a_point_while_the_job_runs(
    tmp_path: Path, gate: MemoryGate
) -> None:
    permit = permit_of(points=(2 * STEP,))
    with open_meter(tmp_path, permit, gate=gate) as meter:
        assert meter.step(BATCH)
        assert meter.step(BATCH)
        gate.say(Allowance(flop_max=10**25))
        meter.state_dict()
        assert meter.step(BATCH)
    assert gate.flop == 3 * STEP


def test_what_a_gate_refuses_is_a_problem(tmp_path: Path, gate: MemoryGate) -> None:
    gate.now = BEGAN - timedelta(days=1)
    with open_meter(tmp_path, gate=gate) as meter:
        meter.step(BATCH)
        meter.state_dict()
        meter.state_dict()
    assert "ReadingFromTheFuture" in str(meter.problems[-1])


def test_a_meter_whose_folder_was_set_back_is_found_out(
    tmp_path: Path, gate: MemoryGate
) -> None:
    with open_meter(tmp_path, gate=gate) as meter:
        meter.step(BATCH)
    kept = {name: (tmp_path / name).read_bytes() for name in (READINGS, RESERVED)}
    with open_meter(tmp_path, gate=gate) as meter:
        meter.step((8, 33))
    assert gate.flop == STEP + flop_of(8, 33)
    for name, data in kept.items():
        (tmp_path / name).write_bytes(data)
    with open_meter(tmp_path, gate=gate) as meter:
        meter.step(BATCH)
        meter.state_dict()
        meter.step(BATCH)
    assert "ReadingForked" in {type(error).__name__ for error in gate.refused}
    assert gate.flop == STEP + flop_of(8, 33)  # nothing was taken back


def test_it_can_be_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSENT_METER", "off")
    with open_meter(tmp_path / "none", permit_of(flop=1)) as meter:
        assert meter.step(BATCH)
        assert not meter.should_stop
        meter.load_state_dict(meter.state_dict())
    assert not (tmp_path / "none").exists()


def test_the_permit_and_the_key_may_be_files(tmp_path: Path) -> None:
    path = tmp_path / "permit.json"
    path.write_bytes(make_bundle(permit_of(flop=STEP)))
    for _ in range(2):  # the key is made, and then used again
        with assent.meter(
            permit=path,
            key=tmp_path / "meter.key",
            folder=tmp_path / "job",
            job="job-7",
            config=CONFIG,
            training=ONCE,
            now=Clock(),
        ) as meter:
            meter.step(BATCH)
    assert meter.flop_total == STEP
    assert (tmp_path / "meter.key").stat().st_mode & 0o077 == 0


def test_a_meter_needs_to_know_the_model(tmp_path: Path) -> None:
    with pytest.raises(FactsMissing):
        open_meter(tmp_path, config=None)


def test_progress_is_said_against_the_permit(tmp_path: Path) -> None:
    with open_meter(tmp_path, permit_of(flop=4 * STEP, points=(2 * STEP,))) as meter:
        meter.step(BATCH)
        assert "(25.00%)" in str(meter.progress)
        assert meter.progress.postfix["permit"] == "25.00%"
        assert "oversight point" in str(meter.progress)


class _TwoRanks:
    """Ranks of threads in step, as processes are."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(2)
        self.given: list[Sequence[int]] = [(), ()]

    def rank(self, number: int) -> "_Rank":
        return _Rank(self, number)


class _Rank:
    size = 2

    def __init__(self, both: _TwoRanks, number: int) -> None:
        self.both, self.number = both, number

    @property
    def is_first(self) -> bool:
        return self.number == 0

    def sum(self, numbers: Sequence[int]) -> list[int]:
        self.both.given[self.number] = numbers
        self.both.barrier.wait(10)
        summed = [sum(column) for column in zip(*self.both.given, strict=True)]
        self.both.barrier.wait(10)
        return summed


def test_one_rank_keeps_the_readings_of_all(tmp_path: Path) -> None:
    both = _TwoRanks()
    permit = permit_of(flop=5 * (STEP + flop_of(4, 9)))
    done, errors = [0, 0], []

    def train(number: int) -> None:
        try:
            with open_meter(
                tmp_path / str(number), permit, ranks=both.rank(number)
            ) as meter:
                for _ in meter.batches([BATCH if number == 0 else (4, 9)] * 9):
                    done[number] += 1
        except (AssentError, threading.BrokenBarrierError) as error:
            errors.append(error)

    threads = [threading.Thread(target=train, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert done == [5, 5]
    assert spent(tmp_path / "0") == 5 * (STEP + flop_of(4, 9))
    assert not (tmp_path / "1").exists()


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name == "meter":
            thread.join(5)
            assert not thread.is_alive()

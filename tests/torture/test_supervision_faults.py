"""Cut lines, full disks and wrong clocks, while jobs run, are metered and are paused.

Whatever happens: what meters signed is in the books once, nothing is admitted without
its record, and what a permit leaves is never passed.
"""

import asyncio
import os
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.cut_line import CutLine
from tests.following_gate import FollowingGate
from tests.metered import BATCH, STEP, chain_in, open_meter
from tests.pause_feed import Feed
from tests.small_disk import fill, small_disk
from tests.small_gate import PERMIT, RATE, SmallGate, small_gate, wait_for
from tests.torture.books import never_beyond

from assent.adapters.gate.orders import GateRegister
from assent.apps.gate import GateClient, GateRefused
from assent.apps.meter import Meter
from assent.apps.meter.keeping import Rhythm
from assent.apps.meter.keeping.folder import RESERVED
from assent.authorisation.permit import Status, StatusStale
from assent.supervision.admission import AllowanceExceeded
from assent.supervision.admission import StopKind as AdmissionStop
from assent.supervision.gate import PapersMissing
from assent.supervision.ledger import Account
from assent.supervision.metering import StopKind
from assent.supervision.pause import FeedItem, read_reach
from assent.testing.permits import make_caps, make_permit
from assent.testing.supervision.gates import SimulatedSite
from assent.testing.supervision.orders import (
    SITE,
    follow,
    make_order,
    pausing_treaty,
    sign_order,
)
from assent.testing.trust import NOW
from assent.translog.errors import StoreUnavailable

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
CUTS = 200 if IS_LONG else 12
ONE = make_order(SITE)
JOB = {
    "job_id": "c1/1",
    "account": "labs",
    "permit_id": PERMIT.permit_id,
    "chips": {"H100 SXM": 1},
    "time_limit_s": 100_000,
}
OFTEN = Rhythm(interval_s=0.05, readings_per_batch=1)


@pytest.fixture
def short() -> Iterator[Path]:
    """Return a folder whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="a-") as name:
        yield Path(name)


def ask(gate: SmallGate, verb: str, **question: object) -> dict[str, object]:
    with GateClient(gate.socket) as client:
        return client.ask(verb, **question)


def meter_of(
    folder: Path,
    gate: SmallGate,
    line: Path | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Meter:
    return open_meter(
        folder,
        PERMIT,
        gate=line or gate.socket,
        now=clock or gate.clock,
        job="c1/1",
        rhythm=OFTEN,
    )


def metered(gate: SmallGate) -> int:
    """Return what the books say that meters vouched for; each entry is counted."""
    with gate.gate.ledger.reading() as books:
        books.count_again()
        return books.accounts(PERMIT.permit_id).get(Account.METERED, 0)


def signed(folder: Path) -> int:
    return sum(batch.flop for batch in chain_in(folder, "c1/1"))


# Lines that are cut.


@pytest.mark.fuzz
def test_a_line_between_meter_and_gate_that_is_cut_loses_nothing(short: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    with small_gate(short) as gate:
        ask(gate, "admit", job=JOB)
        line = CutLine(short / "line.sock", gate.socket)
        with meter_of(short / "meter", gate, short / "line.sock") as meter:
            for _ in range(CUTS):
                for _ in range(3):
                    assert meter.step(BATCH), meter.stop
                    time.sleep(chance.uniform(0.0, 0.05))
                line.cut(is_silent=chance.random() < 0.5)
                assert meter.step(BATCH), meter.stop  # the run goes on meanwhile
                time.sleep(chance.uniform(0.0, 0.1))
                line.heal()
            meter.state_dict()
            wait_for(lambda: metered(gate) == signed(short / "meter"), 30)
        wait_for(lambda: metered(gate) == signed(short / "meter"), 30)
        line.close()
        assert meter.problems == (), seed
        assert signed(short / "meter") == meter.flop_total == 4 * CUTS * STEP, seed
        job = ask(gate, "end", job_id="c1/1")["job"]
        assert isinstance(job, dict)
        assert int(job["flop_spent"]) >= signed(short / "meter"), seed
    print(f"{seed=} {line.cuts=} flop={meter.flop_total:,}")  # noqa: T201 - to see


@pytest.mark.fuzz
def test_a_line_between_gate_and_agency_that_is_cut_loses_no_order(
    tmp_path: Path,
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    orders, gate = [ONE], FollowingGate(tmp_path)
    for number in range(1, 6):
        orders.append(follow(orders[-1], SITE, reason=f"Order {number + 1}."))

    async def play() -> int:
        feed = Feed()
        feed.know("gate-1")
        async with feed.serving() as url:
            line = CutLine(("127.0.0.1", 0), ("127.0.0.1", int(url.split(":")[-1])))
            async with gate.running(f"http://127.0.0.1:{line.port}") as register:
                for turn in range(CUTS):
                    line.cut(is_silent=turn % 2 == 0)
                    await asyncio.sleep(chance.uniform(0.0, 0.2))
                    if turn % (CUTS // 6) == 0 and len(feed.items) < len(orders):
                        feed.issue(orders[len(feed.items)])
                    line.heal()
                    await asyncio.sleep(chance.uniform(0.0, 0.2))
                while len(feed.items) < len(orders):
                    feed.issue(orders[len(feed.items)])
                await asyncio.to_thread(
                    wait_for,
                    lambda: all(not read_reach(feed.store, o).missing for o in orders),
                    90,
                )
                assert register.paused.newest == len(orders), seed
            await asyncio.to_thread(line.close)
        return line.cuts

    cuts = asyncio.run(play())
    gate.ledger.close()
    print(f"{seed=} {cuts=} {len(orders)=}")  # noqa: T201 - to see


def test_a_gate_that_is_cut_off_goes_on_until_its_lease_ends_and_no_longer() -> None:
    site = SimulatedSite(grace_s=60)
    site.wait(minutes=1)
    site.publish(Status.VALID)
    site.renew()
    lease_s = site.permit.lease_s
    site.gate.admit(site.job(time_limit_s=LONG_S), site.now)  # now it hears nobody
    site.wait(seconds=lease_s - 61)
    assert site.gate.admit(site.job("c1/2"), site.now)
    assert site.gate.watch(site.now) == []
    site.wait(seconds=1)
    assert {stop.kind for _, stop in site.gate.watch(site.now)} == {LAPSED}
    site.wait(seconds=60)
    with pytest.raises(PapersMissing, match="ended"):
        site.gate.admit(site.job("c1/3"), site.now)
    site.publish(Status.VALID)  # the line is back
    site.renew()
    assert site.gate.admit(site.job("c1/3"), site.now)


# Full disks.


def test_a_gate_with_a_full_disk_admits_nothing_and_goes_on_when_it_has_room(
    short: Path,
) -> None:
    with (
        small_disk(short / "disk", "2m") as disk,
        small_gate(disk, socket=short / "s") as gate,
    ):
        assert ask(gate, "admit", job=JOB)["ok"]
        with meter_of(short / "meter", gate) as meter:
            assert meter.step(BATCH)
            wait_for(lambda: metered(gate) == STEP)
            before = {job.job_id for job in gate.jobs()}
            ballast, refused = fill(disk), 0
            for number in range(200):
                try:
                    ask(gate, "admit", job={**JOB, "job_id": f"c1/{number + 2}"})
                except GateRefused as error:
                    assert error.error == "StoreUnavailable"
                    assert "Make room" in error.remedy or "full" in error.remedy
                    refused += 1
                else:  # what was left in the write-ahead log
                    before.add(f"c1/{number + 2}")
                if refused > 5:
                    break
            assert refused > 5
            assert {job.job_id for job in gate.jobs()} == before
            for _ in range(3):  # the run goes on; the gate cannot write it down
                assert meter.step(BATCH)
                meter.state_dict()
            wait_for(lambda: "StoreUnavailable" in str(meter.problems))
            ballast.unlink()
            assert ask(gate, "admit", job={**JOB, "job_id": "c2/1"})["ok"]
            wait_for(lambda: metered(gate) == signed(short / "meter") == 4 * STEP, 30)
        with gate.gate.ledger.reading() as books:
            never_beyond(books, 10**40)


def test_a_gate_with_a_full_disk_pauses_all_the_same(short: Path) -> None:
    gate = FollowingGate(short)
    with small_disk(short / "disk") as disk:
        GateRegister(disk / "orders.db", create=True).close()
        with closing(GateRegister(disk / "orders.db")) as register:
            ballast = fill(disk)
            follower = gate.follower("http://127.0.0.1:1", register)
            item = FeedItem(1, sign_order(ONE))
            with pytest.raises(StoreUnavailable):
                follower.register.receive(item, pausing_treaty(), NOW)
            assert register.paused.in_force(NOW) == (ONE,)
            assert register.position == 0  # so that it is asked for again
            ballast.unlink()
            register.receive(item, pausing_treaty(), NOW)
            assert register.position == 1
        with closing(GateRegister(disk / "orders.db")) as register:
            assert register.paused.in_force(NOW) == (ONE,)
    gate.ledger.close()


def test_a_meter_with_a_full_disk_stops_the_run_and_loses_nothing(short: Path) -> None:
    quick = Rhythm(interval_s=0.05, readings_per_batch=1, disk_wait_s=0.5)
    with small_disk(short / "disk") as disk:
        folder, steps = disk / "meter", 0
        meter = open_meter(folder, PERMIT, job="c1/1", rhythm=quick)
        assert meter.step(BATCH)
        steps += 1
        ballast = fill(disk)
        while meter.step(BATCH):  # what was reserved before is used up
            steps += 1
            assert steps < 10_000
        assert meter.stop is not None
        assert meter.stop.kind is StopKind.UNMETERED
        assert "No space left" in str(meter.problems)
        ballast.unlink()
        meter.close()
        assert signed(folder) == steps * STEP
        with open_meter(folder, PERMIT, job="c1/1", rhythm=quick) as again:
            assert again.step(BATCH)
        assert signed(folder) == (steps + 1) * STEP


def test_a_killed_meter_with_a_full_disk_is_charged_when_there_is_room(
    short: Path,
) -> None:
    with small_disk(short / "disk") as disk:
        folder = disk / "meter"
        with open_meter(folder, PERMIT, job="c1/1") as meter:
            assert meter.step(BATCH)
        ballast, left = fill(disk), STEP
        with pytest.raises(StoreUnavailable, match="No space left"):  # noqa: PT012 - one of ten
            for _ in range(10):  # until the last page of the file is full, too
                # As a killed meter leaves it: up to so much may have been done.
                left += STEP
                _overwrite_reserve(folder / RESERVED, left)
                open_meter(folder, PERMIT, job="c1/1").close()
        ballast.unlink()
        with open_meter(folder, PERMIT, job="c1/1"):
            pass
        assert signed(folder) == left > 2 * STEP


def _overwrite_reserve(path: Path, flop: int) -> None:
    """Write another total of as many digits in its place: no room is needed."""
    written = re.sub(
        rb'"flop_reserved":"[0-9]+"',
        f'"flop_reserved":"{flop}"'.encode(),
        path.read_bytes(),
    )
    with path.open("r+b") as file:
        file.write(written)
        file.truncate()


# Clocks that are wrong.

TEN_MINUTES, TOLERATED = timedelta(minutes=10), timedelta(minutes=5)
SECOND, LONG_S = timedelta(seconds=1), 200_000
LAPSED = AdmissionStop.LEASE_LAPSED
ADMISSIONS = 2_000 if IS_LONG else 300


def test_a_gate_ten_minutes_behind_takes_leases_later_and_stops_later_by_that() -> None:
    site = SimulatedSite(grace_s=60)
    site.gate.admit(site.job(time_limit_s=LONG_S), site.now)
    site.wait(hours=6)
    site.publish(Status.VALID)
    with pytest.raises(StatusStale, match="one of the clocks is wrong"):
        site.gate.check(site.job("c1/2"), site.now - TEN_MINUTES)
    site.wait(hours=6)
    site.renew()

    def lease_used(now: datetime) -> str | None:
        return site.gate.check(site.job("c1/2"), now).lease_id

    # A new lease is one of the future until its clock is five minutes from it.
    first, second = lease_used(site.now - TEN_MINUTES), lease_used(site.now)
    assert (first, second) == ("lease-2026-0001-1", "lease-2026-0001-2")
    assert lease_used(site.now + TOLERATED - TEN_MINUTES) == second
    # By its own clock no job outlives the lease: by the true time, ten minutes at most.
    site.gate.admit(site.job("c1/3", time_limit_s=LONG_S), site.now)
    site.wait(hours=12)
    site.publish(Status.VALID)  # that it is good still; and no lease comes any more
    told = site.now + timedelta(seconds=site.permit.lease_s - 12 * 3_600 - 60)
    assert site.gate.watch(told - SECOND) == []
    assert {stop.kind for _, stop in site.gate.watch(told)} == {LAPSED}


def test_a_gate_that_knows_only_leases_of_the_future_says_so() -> None:
    site = SimulatedSite()
    with pytest.raises(PapersMissing, match=r"begins .*; it is"):
        site.gate.admit(site.job(), site.now - TEN_MINUTES)


def test_a_gate_ten_minutes_ahead_stops_early_and_takes_every_lease() -> None:
    site = SimulatedSite(grace_s=60)
    site.wait(minutes=1)
    site.publish(Status.VALID)
    site.renew()
    site.gate.admit(site.job(time_limit_s=LONG_S), site.now)
    site.wait(seconds=site.permit.lease_s - 660)
    due = site.gate.watch(site.now + TEN_MINUTES)
    assert [stop.kind for _, stop in due] == [LAPSED]
    site.publish(Status.VALID)
    site.renew()
    assert site.gate.admit(site.job("c1/2", time_limit_s=60), site.now + TEN_MINUTES)


def test_whatever_clocks_show_nothing_is_admitted_beyond_the_permit() -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    permit = make_permit(
        caps=make_caps(flop=2 * 10**21), oversight_points=(), oversight_flop_share_ppm=0
    )
    site, refused, running = SimulatedSite(permit=permit), 0, list[str]()
    site.wait(hours=1)
    for number in range(ADMISSIONS):
        shown = site.now + timedelta(seconds=chance.randint(-600, 600))
        job = site.job(
            f"c1/{number}",
            chips={"H100 SXM": 1},
            time_limit_s=100_000,
            flop_max=10**21 // 40,
        )
        try:
            site.gate.admit(job, shown)
        except AllowanceExceeded:
            refused += 1
            over = site.gate.end(running.pop(0), shown)
            assert over.flop_spent is not None
            assert 0 <= over.flop_spent <= over.admission.flop_reserved, seed
        else:
            running.append(job.job_id)
    with site.ledger.reading() as books:
        assert never_beyond(books, 10**21) > 9 * 10**20, seed
    assert refused > ADMISSIONS / 4, seed


def test_a_meter_ten_minutes_ahead_is_believed_when_its_time_has_come(
    short: Path,
) -> None:
    with small_gate(short) as gate:
        ask(gate, "admit", job=JOB)

        def ahead() -> datetime:
            return gate.clock() + TEN_MINUTES

        with meter_of(short / "meter", gate, clock=ahead) as meter:
            for _ in range(3):
                assert meter.step(BATCH)
                meter.state_dict()
            wait_for(lambda: "ReadingFromTheFuture" in str(meter.problems))
            assert "Set the clock of the meter's machine." in str(
                [one.remedy for one in meter.problems]
            )
            assert metered(gate) == 0
            gate.clock.turn(600)  # ten minutes go by
            wait_for(lambda: metered(gate) == signed(short / "meter") == 3 * STEP, 30)


def test_a_meter_ten_minutes_behind_is_charged_the_more(short: Path) -> None:
    with small_gate(short) as gate:
        admitted = ask(gate, "admit", job=JOB)["admission"]
        assert isinstance(admitted, dict)
        gate.clock.turn(900)

        def behind() -> datetime:
            return gate.clock() - TEN_MINUTES

        with meter_of(short / "meter", gate, clock=behind) as meter:
            assert meter.step(BATCH)
            wait_for(lambda: metered(gate) == STEP)
        over = ask(gate, "end", job_id="c1/1")["job"]
        assert isinstance(over, dict)
        # Of ten minutes that no reading covers it is charged what its chip could do.
        unseen = int(over["flop_spent"]) - STEP
        assert 600 * RATE <= unseen <= 602 * RATE


def test_an_acknowledgement_by_a_wrong_clock_counts_once_it_is_set(
    tmp_path: Path,
) -> None:
    gate = FollowingGate(tmp_path)
    gate.now = NOW + TEN_MINUTES

    async def play() -> None:
        feed = Feed()
        feed.know("gate-1")
        feed.issue(ONE)
        async with feed.serving() as url, gate.running(url) as register:
            await asyncio.to_thread(wait_for, lambda: register.paused.newest == 1)
            await asyncio.sleep(0.5)
            assert read_reach(feed.store, ONE).missing == ("gate-1",)
            gate.now = NOW
            await asyncio.to_thread(
                wait_for, lambda: not read_reach(feed.store, ONE).missing
            )

    asyncio.run(play())
    gate.ledger.close()

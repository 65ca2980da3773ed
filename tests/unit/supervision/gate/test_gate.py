"""The gate's verbs: each one transaction, each answered the same if asked again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from assent.authorisation.permit import PermitRevoked, Status
from assent.supervision.admission import (
    AccountUnknown,
    AllowanceExceeded,
    Hold,
    JobHeld,
    JobKnown,
    MaximumUnenforceable,
    PermitMissing,
    PermitOfAnother,
    RunTerminated,
    StopKind,
)
from assent.supervision.gate import (
    Gate,
    LeaseRolledBack,
    MeterOfAnother,
    PapersMissing,
    allowance,
    check_books,
    greet,
    hear,
)
from assent.supervision.ledger import Account, Bounds, FindingKind, JobNotOpen, JobState
from assent.supervision.metering import (
    ChainId,
    Reading,
    ReadingForked,
    ReadingReplayed,
    sign_readings,
)
from assent.testing.law import accelerators
from assent.testing.permits import make_caps, make_permit
from assent.testing.states import SeededSigner
from assent.testing.supervision.gates import SITE, SimulatedSite
from assent.testing.supervision.metering import FLOP as METERED
from assent.testing.supervision.metering import METER, next_reading
from assent.vocabulary import Refused
from assent.vocabulary.envelope import Envelope

RATE = 8 * accelerators().find("H100 SXM").peak_training().flop_per_s
HOUR_FLOP = RATE * 3_600
ALL_STOPS = Hold(order="1", words="Everything stops.")


@pytest.fixture
def site() -> SimulatedSite:
    return SimulatedSite()


def admitted(site: SimulatedSite, job_id: str = "c1/1", **changes: Any) -> str:  # noqa: ANN401 - any field
    site.gate.admit(site.job(job_id, **changes), site.now)
    return job_id


def accounts(site: SimulatedSite, book: str = "permit-2026-0001") -> dict[str, int]:
    with site.ledger.reading() as books:
        found = books.accounts(book)
    return {account.value: flop for account, flop in found.items() if flop}


def test_a_job_is_reserved_for_and_settled(site: SimulatedSite) -> None:
    lease_flop = 10**25 // 2
    admitted(site)
    assert accounts(site) == {
        "granted": -lease_flop,
        "available": lease_flop - HOUR_FLOP,
        "reserved": HOUR_FLOP,
    }
    site.wait(minutes=10)
    over = site.gate.end("c1/1", site.now)
    assert over.flop_spent == RATE * 600
    assert accounts(site) == {
        "granted": -lease_flop,
        "available": lease_flop - RATE * 600,
        "spent": RATE * 600,
    }


def test_to_check_reserves_nothing(site: SimulatedSite) -> None:
    found = site.gate.check(site.job(), site.now)
    assert found.flop_reserved == HOUR_FLOP
    assert accounts(site) == {}


def test_asked_twice_a_gate_answers_the_same(site: SimulatedSite) -> None:
    first = site.gate.admit(site.job(), site.now)
    site.wait(seconds=30)
    assert site.open().admit(site.job(), site.now) == first
    site.wait(seconds=30)
    ended = site.gate.end("c1/1", site.now)
    site.wait(hours=1)
    assert site.open().end("c1/1", site.now) == ended
    assert accounts(site)["spent"] == ended.flop_spent


@pytest.mark.parametrize(
    "changes",
    [{"time_limit_s": 3_599}, {"chips": {"H100 SXM": 7}}, {"flop_max": 10**19}],
    ids=str,
)
def test_another_job_of_the_same_name_is_refused(
    site: SimulatedSite, changes: dict[str, Any]
) -> None:
    admitted(site)
    with pytest.raises(JobKnown):
        site.gate.admit(site.job(**changes), site.now)
    site.gate.end("c1/1", site.now)
    with pytest.raises(JobKnown):
        site.gate.admit(site.job(), site.now)


def small(flop: int) -> SimulatedSite:
    """Return a site whose permit has a small cap, all of it unlocked, for two sites."""
    permit = make_permit(
        caps=make_caps(flop=flop), oversight_points=(), oversight_flop_share_ppm=0
    )
    return SimulatedSite(permit=permit)


def test_jobs_together_use_no_more_than_the_lease() -> None:
    site = small(25 * HOUR_FLOP // 10)  # an equal share is an hour and a quarter
    admitted(site, "1")
    with pytest.raises(AllowanceExceeded):
        admitted(site, "2")
    admitted(site, "3", time_limit_s=900)
    site.gate.end("1", site.now)
    admitted(site, "4", time_limit_s=3_600)


def test_a_new_lease_can_allot_more() -> None:
    site = small(3 * HOUR_FLOP)
    site.renew(HOUR_FLOP)
    admitted(site, "1")
    with pytest.raises(AllowanceExceeded):
        admitted(site, "2", time_limit_s=60)
    site.renew(HOUR_FLOP + 60 * RATE)
    admitted(site, "2", time_limit_s=60)
    assert accounts(site)["granted"] == -(HOUR_FLOP + 60 * RATE)


def test_a_newer_lease_that_was_used_cannot_be_taken_away(site: SimulatedSite) -> None:
    site.renew(flop=HOUR_FLOP)
    admitted(site, "1")
    site.papers.signed_leases[site.permit.permit_id].pop()
    with pytest.raises(LeaseRolledBack, match="number 2 was used before"):
        admitted(site, "2", time_limit_s=60)


def test_owners_under_one_control_have_one_total() -> None:
    site = SimulatedSite(grace_s=0, exempt_below_flop=100 * RATE)
    admitted(site, "1", permit_id=None, time_limit_s=60)
    admitted(site, "2", permit_id=None, account="stranger", time_limit_s=99)
    with pytest.raises(PermitMissing, match="those under the same control"):
        admitted(site, "3", permit_id=None, account="sister", time_limit_s=40)
    admitted(site, "4", permit_id=None, account="sister", time_limit_s=39)
    site.gate.end("1", site.now)
    admitted(site, "5", permit_id=None, account="sister", time_limit_s=60)
    with pytest.raises(AccountUnknown):
        admitted(site, "6", permit_id=None, account="nobody")


def test_a_swapped_permit_admits_nobody(site: SimulatedSite) -> None:
    with pytest.raises(PermitOfAnother):
        admitted(site, account="stranger")
    with pytest.raises(PapersMissing, match="holds no permit"):
        admitted(site, permit_id="permit-2026-0002")
    site.papers.permits["permit-2026-0002"] = site.papers.permits["permit-2026-0001"]
    with pytest.raises(PapersMissing, match=r"holds permit-2026-0001"):
        admitted(site, permit_id="permit-2026-0002")


def test_without_a_lease_nothing_starts(site: SimulatedSite) -> None:
    site.papers.signed_leases.clear()
    with pytest.raises(PapersMissing, match="There is none"):
        admitted(site)
    site.renew()
    site.wait(days=1)
    site.publish(Status.VALID)
    with pytest.raises(PapersMissing, match="ended 2026-06-02"):
        admitted(site)


def test_forged_leases_are_no_leases(site: SimulatedSite) -> None:
    (signed,) = site.papers.signed_leases[site.permit.permit_id]
    site.papers.signed_leases[site.permit.permit_id] = [
        b"",
        b"{}",
        signed.replace(b"payload", b"pay1oad", 1),
    ]
    with pytest.raises(PapersMissing):
        admitted(site)
    site.papers.signed_leases[site.permit.permit_id].append(signed)
    admitted(site)


def test_a_revoked_permit_starts_nothing_and_stops_what_runs(
    site: SimulatedSite,
) -> None:
    admitted(site)
    assert site.gate.watch(site.now) == []
    site.wait(seconds=5)
    site.publish(Status.INVALID)
    with pytest.raises(PermitRevoked):
        admitted(site, "2")
    ((job, stop),) = site.gate.watch(site.now)
    assert (job.job_id, stop.kind) == ("c1/1", StopKind.PERMIT_ENDED)


def test_a_termination_starts_nothing_and_stops_what_runs(site: SimulatedSite) -> None:
    admitted(site)
    site.holds.append(replace(ALL_STOPS, is_final=True))
    with pytest.raises(RunTerminated, match="is over"):
        admitted(site, "2")
    _, stop = site.gate.poll("c1/1", site.now)
    assert stop is not None
    assert stop.kind is StopKind.TERMINATED


def test_a_pause_order_starts_nothing_and_stops_what_runs(site: SimulatedSite) -> None:
    admitted(site)
    site.holds.append(ALL_STOPS)
    with pytest.raises(JobHeld):
        admitted(site, "2")
    with pytest.raises(JobHeld):  # a scheduler that asks again hears of it
        admitted(site)
    with pytest.raises(JobHeld):
        admitted(site, "3", permit_id=None, chips={})
    _, stop = site.gate.poll("c1/1", site.now)
    assert stop is not None
    assert stop.kind is StopKind.PAUSED


def test_what_was_told_to_stop_does_not_go_on(site: SimulatedSite) -> None:
    admitted(site)
    site.holds.append(ALL_STOPS)
    site.gate.watch(site.now)
    site.holds.clear()
    ((job, stop),) = site.open().watch(site.now)
    assert (job.state, stop.words) == (JobState.STOPPING, "Everything stops.")
    _, again = site.gate.poll("c1/1", site.now)
    assert again == stop
    admitted(site, "2")


def test_a_gate_that_hears_nothing_lets_its_jobs_stop(site: SimulatedSite) -> None:
    admitted(site, time_limit_s=3 * 86_400)
    lease_ends = site.now + timedelta(days=1)
    site.now = lease_ends - timedelta(seconds=61)
    assert site.gate.watch(site.now) == []
    site.wait(seconds=1)
    ((_, stop),) = site.gate.watch(site.now)
    assert stop.kind is StopKind.LEASE_LAPSED


def test_a_renewed_lease_lets_them_go_on(site: SimulatedSite) -> None:
    admitted(site, time_limit_s=3 * 86_400)
    site.wait(hours=20)
    site.renew()
    site.publish(Status.VALID)
    site.wait(hours=10)
    assert site.gate.watch(site.now) == []


def chain(site: SimulatedSite, **changes: Any) -> ChainId:  # noqa: ANN401 - any field
    given = {
        "run_id": site.permit.run_id,
        "permit_id": site.permit.permit_id,
        "job_id": "c1/1",
        "meter": METER.key,
    }
    return ChainId(**{**given, **changes})


def readings(site: SimulatedSite, count: int, of: ChainId | None = None) -> Envelope:
    """Return readings of ten seconds each, the last of which ends now."""
    made: list[Reading] = []
    start = site.now - timedelta(seconds=10 * count)
    for number in range(count):
        began = start + timedelta(seconds=10 * number)
        made.append(
            next_reading(
                made[-1] if made else None,
                chain=of or chain(site),
                time_from=began,
                time_to=began + timedelta(seconds=10),
            )
        )
    return sign_readings(made, METER)


def test_a_metered_job_is_charged_what_its_meter_vouched_for(
    site: SimulatedSite,
) -> None:
    admitted(site)
    assert greet(site.gate, chain(site)) == 0
    site.wait(minutes=1)
    signed = readings(site, 6)
    hear(site.gate, chain(site), signed, site.now)
    assert greet(site.open(), chain(site)) == 6
    with pytest.raises(ReadingReplayed):
        hear(site.gate, chain(site), signed, site.now)
    assert accounts(site)["metered"] == 6 * METERED
    site.wait(seconds=10)
    assert site.gate.end("c1/1", site.now).flop_spent == 6 * METERED + 10 * RATE
    with pytest.raises(JobNotOpen):
        hear(site.gate, chain(site), signed, site.now)


def test_a_meter_that_was_resumed_from_an_older_state_is_found(
    site: SimulatedSite,
) -> None:
    admitted(site)
    site.wait(minutes=1)
    hear(site.gate, chain(site), readings(site, 6), site.now)
    site.wait(seconds=1)
    with pytest.raises(ReadingForked):
        hear(site.gate, chain(site), readings(site, 6), site.now)
    assert accounts(site)["metered"] == 6 * METERED


def test_one_meter_speaks_for_a_job(site: SimulatedSite) -> None:
    admitted(site)
    site.wait(minutes=1)
    hear(site.gate, chain(site), readings(site, 1), site.now)
    with pytest.raises(MeterOfAnother):
        greet(site.gate, chain(site, meter=SeededSigner("another").key))
    for other in ({"job_id": "c1/2"}, {"permit_id": "permit-2026-0002"}):
        with pytest.raises(JobNotOpen):
            greet(site.gate, chain(site, **other))


def test_a_meter_hears_how_much_is_left_and_why_it_has_to_stop(
    site: SimulatedSite,
) -> None:
    admitted(site, flop_max=200 * RATE)
    assert allowance(site.gate, chain(site), site.now).flop_max == 99 * 4 * 10**23
    site.wait(minutes=1)
    hear(site.gate, chain(site), readings(site, 6), site.now)
    found = allowance(site.gate, chain(site), site.now)
    assert (found.flop_max, found.order) == (200 * RATE, None)
    assert found.expires == site.now - timedelta(minutes=1) + timedelta(days=1)
    site.holds.append(ALL_STOPS)
    assert allowance(site.gate, chain(site), site.now).order == "Everything stops."


def test_a_lease_that_ends_at_a_point_says_what_is_due_there() -> None:
    site = SimulatedSite(permit=make_permit(caps=make_caps(sites=(SITE,))))
    admitted(site)
    found = allowance(site.gate, chain(site), site.now)
    assert (found.oversight_flop, found.evaluations) == (10**25, ("cyber-offence",))


def test_a_job_that_nobody_ended_is_settled(site: SimulatedSite) -> None:
    admitted(site)
    site.wait(hours=1, seconds=60)
    ((_, stop),) = site.gate.watch(site.now)
    assert stop.kind is StopKind.TIME_OVER
    site.wait(hours=1)
    assert site.gate.watch(site.now) == []
    with site.ledger.reading() as books:
        job = books.job("c1/1")
    assert job is not None
    assert (job.state, job.flop_spent) == (JobState.ENDED, HOUR_FLOP)


def test_jobs_that_are_not_known_are_not_known(site: SimulatedSite) -> None:
    for verb in (site.gate.end, site.gate.poll):
        with pytest.raises(JobNotOpen, match="was admitted here"):
            verb("nobody", site.now)


def test_a_maximum_that_nobody_could_enforce_is_refused(site: SimulatedSite) -> None:
    with pytest.raises(MaximumUnenforceable):
        admitted(site, flop_max=61 * RATE)
    admitted(site, flop_max=61 * RATE + 1)
    assert site.gate.watch(site.now) == []


def test_what_a_job_can_do_beyond_its_maximum_is_bounded_and_charged(
    site: SimulatedSite,
) -> None:
    least = (site.grace_s + 1) * RATE + 1
    admitted(site, flop_max=least)
    site.wait(seconds=site.silence_s)
    assert site.gate.watch(site.now) == []
    site.wait(seconds=1)  # the gate looks every second
    ((job, stop),) = site.gate.watch(site.now)
    assert stop.kind is StopKind.ALLOWANCE_USED
    site.wait(seconds=site.grace_s)
    over = site.gate.end(job.job_id, site.now)
    assert over.flop_spent == (site.silence_s + 1 + site.grace_s) * RATE
    with site.ledger.reading() as books:
        assert books.odd_jobs() == [over]


def test_every_refusal_has_a_remedy(site: SimulatedSite) -> None:
    def ask(gate: Gate) -> None:
        gate.admit(site.job(flop_max=10**30, time_limit_s=366 * 86_400), site.now)

    with pytest.raises(Refused) as refusal:
        ask(site.gate)
    assert refusal.value.remedy
    assert Account.RESERVED.value not in accounts(site)
    assert SITE in str(refusal.value) or "permit" in str(refusal.value)


def test_slices_just_below_the_threshold_are_found() -> None:
    site = SimulatedSite(grace_s=0, exempt_below_flop=100 * RATE)
    admitted(site, "1", permit_id=None, time_limit_s=85)
    admitted(site, "2", permit_id=None, account="stranger", time_limit_s=85)
    few = Bounds(near_count=1)
    with site.ledger.reading() as books:
        found = check_books(site.gate, books, site.now, few)
        assert check_books(site.gate, books, site.now, Bounds()) == []
    assert {one.about for one in found} == {"labs", "stranger"}
    assert {one.kind for one in found} == {FindingKind.STRUCTURING}

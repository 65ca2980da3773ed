"""At a date and at a loss a run stops, and starts again once its point is passed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from assent.authorisation.docket import Event
from assent.authorisation.permit import advance
from assent.authorisation.terms import OversightDate, OversightLoss
from assent.supervision.admission import PointReached, StopKind
from assent.supervision.gate import PapersMissing, allowance, hear
from assent.supervision.metering import ChainId, Reading, sign_readings
from assent.testing.permits import make_permit
from assent.testing.supervision.gates import SimulatedSite
from assent.testing.supervision.metering import METER, next_reading
from assent.testing.trust import NOW

DUE = ("cyber-offence",)
NOON = NOW + timedelta(hours=2)
PERMIT = make_permit(
    oversight_dates=(OversightDate(at=NOON, evaluations=DUE),),
    oversight_losses=(
        OversightLoss(at_loss=Decimal("2.5"), evaluations=DUE),
        OversightLoss(at_loss=Decimal("1.5"), evaluations=("autonomy",)),
    ),
)


@pytest.fixture
def site() -> SimulatedSite:
    return SimulatedSite(permit=PERMIT)


def admitted(site: SimulatedSite, job_id: str = "c1/1") -> None:
    site.gate.admit(site.job(job_id), site.now)


def chain(site: SimulatedSite, job_id: str = "c1/1") -> ChainId:
    permit = site.permit
    return ChainId(
        run_id=permit.run_id, permit_id=permit.permit_id, job_id=job_id, meter=METER.key
    )


def say(site: SimulatedSite, *losses: str | None, job_id: str = "c1/1") -> None:
    """Have a job's meter tell of a reading of ten seconds for each loss."""
    made: list[Reading] = []
    for loss in losses:
        began = site.now
        site.wait(seconds=10)
        reading = next_reading(
            made[-1] if made else None,
            chain=chain(site, job_id),
            time_from=began,
            time_to=site.now,
        )
        made.append(replace(reading, loss=None if loss is None else Decimal(loss)))
    signed = sign_readings(made, METER)
    hear(site.gate, chain(site, job_id), signed, site.now)


def stopped(site: SimulatedSite, job_id: str = "c1/1") -> str | None:
    _, stop = site.gate.poll(job_id, site.now)
    return None if stop is None else stop.kind.value


def passed(site: SimulatedSite, **mark: str) -> None:
    """Have inspectors pass a point, and the agency renew the lease."""
    event = Event(kind="point_passed", time=site.now, actor="agency.example", body=mark)
    site.case = advance(site.case, site.case.case_id, event)
    site.renew()


def test_the_first_reading_at_or_below_the_loss_stops_the_run(
    site: SimulatedSite,
) -> None:
    admitted(site)
    admitted(site, "c1/2")
    say(site, "2.500000001", "3")
    assert stopped(site) is None
    site.gate.end("c1/1", site.now)
    admitted(site, "c1/3")
    say(site, "2.5", "9", job_id="c1/3")
    assert stopped(site, "c1/3") == StopKind.POINT_REACHED
    # All of the run stands still, whichever job told it.
    assert stopped(site, "c1/2") == StopKind.POINT_REACHED
    for job_id in ("c1/4", "c1/5"):
        with pytest.raises(PointReached, match=r"2\.5 or less"):
            admitted(site, job_id)


def test_what_a_loss_stopped_goes_on_when_it_is_passed_and_stops_at_the_next(
    site: SimulatedSite,
) -> None:
    admitted(site)
    say(site, "2.4")
    site.gate.end("c1/1", site.now)
    passed(site, at_loss="2.5")
    admitted(site, "c1/2")
    assert stopped(site, "c1/2") is None
    say(site, "1.5", job_id="c1/2")
    assert stopped(site, "c1/2") == StopKind.POINT_REACHED


def test_a_loss_far_below_reaches_every_point_that_it_passes(
    site: SimulatedSite,
) -> None:
    admitted(site)
    say(site, "0.1")
    site.gate.end("c1/1", site.now)
    passed(site, at_loss="2.5")
    with pytest.raises(PointReached, match=r"1\.5 or less"):
        admitted(site, "c1/2")
    passed(site, at_loss="1.5")
    admitted(site, "c1/3")
    assert stopped(site, "c1/3") is None


def test_a_gate_that_was_started_again_knows_what_was_reached(
    site: SimulatedSite,
) -> None:
    admitted(site)
    say(site, "2")
    again = site.open()
    with pytest.raises(PointReached):
        again.admit(site.job("c1/2"), site.now)
    with site.ledger.reading() as books:
        told = books.entry("point/permit-2026-0001/2.5")
    assert told is not None
    assert told.evidence is not None


def test_a_meter_that_tells_no_loss_stops_its_run_at_the_end_of_its_silence(
    site: SimulatedSite,
) -> None:
    admitted(site)
    say(site, None, None, None)
    assert stopped(site) is None
    admitted(site, "c1/2")
    say(site, None, None, None, None, job_id="c1/2")
    assert stopped(site, "c1/2") == StopKind.POINT_REACHED
    admitted(site, "c1/3")
    say(site, "9", None, None, None, job_id="c1/3")
    assert stopped(site, "c1/3") is None


def test_no_job_runs_past_a_date(site: SimulatedSite) -> None:
    site.wait(hours=1, minutes=30)
    site.renew()
    admitted(site)
    site.wait(minutes=28)
    assert stopped(site) is None
    site.wait(minutes=1)  # the lease ends at noon, and a checkpoint takes a minute
    assert stopped(site) == StopKind.LEASE_LAPSED
    site.wait(minutes=1)
    with pytest.raises(PapersMissing):
        admitted(site, "c1/2")
    passed(site, at="2026-06-01T14:00:00Z")
    admitted(site, "c1/2")


def test_a_meter_hears_of_the_date_and_the_loss(site: SimulatedSite) -> None:
    admitted(site)
    said = allowance(site.gate, chain(site), site.now)
    assert (said.oversight_at, said.oversight_loss) == (NOON, Decimal("2.5"))
    assert said.evaluations == DUE
    passed(site, at="2026-06-01T14:00:00Z")
    passed(site, at_loss="2.5")
    said = allowance(site.gate, chain(site), site.now)
    assert (said.oversight_at, said.oversight_loss) == (None, Decimal("1.5"))
    assert said.evaluations == ("autonomy",)


def test_a_permit_without_a_loss_asks_for_none() -> None:
    site = SimulatedSite()
    admitted(site)
    say(site, None, None, None, None)
    assert stopped(site) is None

"""What is reserved for overseers is theirs, and they have nothing else."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.supervision.oversight.test_report import inspector

from assent.authorisation.terms import OversightLoss
from assent.supervision.admission import (
    AdmissionRefused,
    AllowanceExceeded,
    ChipsBeyondPermit,
    Hold,
    JobBeyondPermit,
    JobHeld,
    PermitMissing,
    RequestUsed,
    ReserveExceeded,
    ReserveKept,
    StopKind,
    overseers_book,
)
from assent.supervision.gate import PapersMissing
from assent.supervision.ledger import JobState
from assent.supervision.oversight import (
    EvaluationRequest,
    RequestMalformed,
    RequestOfAnother,
    RequestUnsigned,
    RequestUntimely,
    parse_request,
    verify_request,
)
from assent.testing.law import accelerators
from assent.testing.permits import SimulatedAgency, make_caps, make_permit
from assent.testing.states import SeededSigner
from assent.testing.supervision.gates import SITE, SimulatedSite
from assent.testing.trust import NOW
from assent.vocabulary import canonical_bytes
from assent.vocabulary.envelope import Envelope

ONE = "inspector-1"
RATE = accelerators().find("H100 SXM").peak_training().flop_per_s
HOUR = 3_600 * RATE  # of one chip
BOOK = overseers_book("permit-2026-0001")


def site_of(hours: int, share_ppm: int, **changes: Any) -> SimulatedSite:  # noqa: ANN401 - any field
    """Return a site that a permit gives so many hours of one chip, and an inspector."""
    agency = SimulatedAgency()
    agency.form["inspectors"] = [inspector(ONE)]
    permit = make_permit(
        caps=make_caps(flop=hours * HOUR, sites=(SITE,), chips={"H100 SXM": 100}),
        oversight_flop_share_ppm=share_ppm,
        oversight_points=(),
        treaty_digest=agency.treaty_digest,
        **changes,
    )
    return SimulatedSite(agency=agency, permit=permit)


def request_of(at: SimulatedSite, **changes: Any) -> EvaluationRequest:  # noqa: ANN401 - any field
    given = {
        "request_id": "evaluation-1",
        "permit_id": at.permit.permit_id,
        "run_id": at.permit.run_id,
        "site": SITE,
        "inspector": ONE,
        "evaluations": ("cyber-offence",),
        "flop": 10 * HOUR,
        "issued": at.now,
        "expires": at.now + timedelta(hours=6),
    }
    return EvaluationRequest(**{**given, **changes})


@pytest.fixture
def site() -> SimulatedSite:
    """A site of a hundred hours, of which ten are for overseers."""
    return site_of(100, 100_000)


def hand_in(at: SimulatedSite, name: str = ONE, **changes: Any) -> str:  # noqa: ANN401 - any field
    request = request_of(at, **changes)
    signed = request.signed_by(SeededSigner(name))
    at.papers.requests[request.request_id] = signed.encoded
    return request.request_id


def train(site: SimulatedSite, job_id: str, hours: int) -> int:
    job = site.job(job_id, chips={"H100 SXM": 1}, time_limit_s=hours * 3_600)
    return site.gate.admit(job, site.now).flop_reserved


def evaluate(
    site: SimulatedSite, job_id: str, hours: int, request_id: str = "evaluation-1"
) -> int:
    job = site.job(
        job_id,
        chips={"H100 SXM": hours},
        time_limit_s=3_600,
        request_id=request_id,
        account="stranger",  # an inspector's own, say
    )
    return site.gate.admit(job, site.now).flop_reserved


def accounts(site: SimulatedSite, book: str = BOOK) -> dict[str, int]:
    with site.ledger.reading() as books:
        found = books.accounts(book)
    return {account.value: flop // HOUR for account, flop in found.items() if flop}


def test_training_is_refused_what_is_kept_for_overseers(site: SimulatedSite) -> None:
    train(site, "1", 89)
    with pytest.raises(ReserveKept, match="kept for its overseers"):
        train(site, "2", 2)
    with pytest.raises(ReserveKept):
        train(site, "2", 11)
    with pytest.raises(AllowanceExceeded):
        train(site, "2", 12)
    train(site, "2", 1)
    assert accounts(site) == {"granted": -10, "available": 10}


def test_an_inspector_has_the_reserve_when_training_has_used_all_else(
    site: SimulatedSite,
) -> None:
    train(site, "1", 90)
    hand_in(site)
    evaluate(site, "2", 4)
    assert accounts(site) == {"granted": -10, "available": 6, "reserved": 4}
    site.wait(minutes=30)
    site.gate.end("2", site.now)
    assert accounts(site) == {"granted": -10, "available": 8, "spent": 2}
    assert accounts(site, "permit-2026-0001")["reserved"] == 90


def test_overseers_have_nothing_but_the_reserve(site: SimulatedSite) -> None:
    hand_in(site, flop=50 * HOUR)
    with pytest.raises(ReserveExceeded):
        evaluate(site, "1", 11)
    hand_in(site, request_id="evaluation-2", flop=3 * HOUR)
    with pytest.raises(ReserveExceeded):
        evaluate(site, "1", 4, "evaluation-2")
    evaluate(site, "1", 10)


def test_a_request_lets_one_job_start(site: SimulatedSite) -> None:
    hand_in(site)
    evaluate(site, "1", 2)
    evaluate(site, "1", 2)  # a scheduler that asks again hears the same
    site.gate.end("1", site.now)
    with pytest.raises(RequestUsed, match="let job 1 start"):
        evaluate(site, "2", 2)


def test_an_evaluation_needs_no_lease_and_ends_with_its_request(
    site: SimulatedSite,
) -> None:
    site.papers.signed_leases.clear()
    with pytest.raises(PapersMissing):
        train(site, "1", 1)
    hand_in(site, expires=site.now + timedelta(minutes=59))
    with pytest.raises(JobBeyondPermit):
        evaluate(site, "1", 1)
    hand_in(site, expires=site.now + timedelta(hours=1))
    evaluate(site, "1", 1)
    assert site.gate.poll("1", site.now)[1] is None
    site.wait(minutes=59)
    _, stop = site.gate.poll("1", site.now)
    assert stop is not None
    assert stop.kind is StopKind.LEASE_LAPSED


def test_an_evaluation_runs_at_a_loss_where_training_stands_still() -> None:
    point = OversightLoss(at_loss=Decimal("2.5"), evaluations=("cyber-offence",))
    site = site_of(100, 100_000, oversight_losses=(point,))
    hand_in(site)
    evaluate(site, "1", 1)
    assert site.gate.poll("1", site.now)[1] is None


def test_a_pause_order_stops_evaluations_too(site: SimulatedSite) -> None:
    hand_in(site)
    site.holds.append(Hold(order="1", words="All stops."))
    with pytest.raises(JobHeld):
        evaluate(site, "1", 1)


def test_evaluations_count_against_the_chips_of_the_run(site: SimulatedSite) -> None:
    half = site.job("1", chips={"H100 SXM": 95}, time_limit_s=900)
    site.gate.admit(half, site.now)
    hand_in(site)
    with pytest.raises(ChipsBeyondPermit):
        evaluate(site, "2", 6)
    evaluate(site, "2", 5)
    with pytest.raises(ChipsBeyondPermit):
        train(site, "3", 1)


@pytest.mark.parametrize(
    ("name", "changes", "error"),
    [
        ("labs", {}, RequestUnsigned),
        (ONE, {"inspector": "inspector-2"}, RequestUnsigned),
        (ONE, {"run_id": "another"}, RequestOfAnother),
        (ONE, {"permit_id": "permit-2026-0002"}, RequestOfAnother),
        (ONE, {"site": "site-bergen-2"}, RequestOfAnother),
        (ONE, {"issued": NOW + timedelta(minutes=6)}, RequestUntimely),
        (ONE, {"issued": NOW - timedelta(2), "expires": NOW}, RequestUntimely),
    ],
)
def test_a_request_that_does_not_hold_lets_nothing_start(
    site: SimulatedSite, name: str, changes: dict[str, Any], error: type[Exception]
) -> None:
    hand_in(site, name, **changes)
    with pytest.raises(error):
        evaluate(site, "1", 1)
    assert accounts(site) == {}


def test_a_request_that_is_not_there_lets_nothing_start(site: SimulatedSite) -> None:
    with pytest.raises(PapersMissing):
        evaluate(site, "1", 1)
    site.papers.requests["evaluation-1"] = (
        request_of(site, request_id="evaluation-2").signed_by(SeededSigner(ONE)).encoded
    )
    with pytest.raises(PapersMissing, match="holds evaluation-2"):
        evaluate(site, "1", 1)
    job = site.job("1", permit_id=None, request_id="evaluation-1")
    with pytest.raises(PermitMissing):
        site.gate.admit(job, site.now)


@pytest.mark.parametrize(
    "changes",
    [{"evaluations": ()}, {"flop": 0}, {"expires": NOW}, {"inspector": "\n"}],
    ids=str,
)
def test_what_is_no_request_is_refused(
    site: SimulatedSite, changes: dict[str, Any]
) -> None:
    made = request_of(site)
    assert parse_request(canonical_bytes(made.plain)) == made
    with pytest.raises(RequestMalformed):
        parse_request(canonical_bytes(request_of(site, **changes).plain))
    envelope = Envelope(canonical_bytes(made.plain), "application/json")
    with pytest.raises(RequestMalformed):
        verify_request(
            envelope, site.permit, site.agency.trusted.treaty, SITE, site.now
        )


@given(
    cap=st.integers(1, 10**30),
    share=st.integers(0, 1_000_000),
    sites=st.integers(1, 7),
)
def test_the_parts_of_a_permit_add_up_to_its_cap(
    cap: int, share: int, sites: int
) -> None:
    names = tuple(f"site-{number}" for number in range(sites))
    permit = make_permit(
        caps=make_caps(flop=cap, sites=names), oversight_flop_share_ppm=share
    )
    assert permit.flop_training + permit.flop_overseers == cap
    assert permit.flop_overseers * 1_000_000 >= cap * share
    assert (permit.flop_overseers - 1) * 1_000_000 < cap * share or not share
    assert permit.flop_overseers_at_a_site * sites <= permit.flop_overseers


act = st.tuples(
    st.sampled_from(["train", "evaluate", "end"]), st.integers(1, 30), st.integers(0, 9)
)


@given(share=st.integers(0, 500_000), acts=st.lists(act, max_size=25))
def test_neither_training_nor_overseers_ever_have_the_other_part(
    share: int, acts: list[tuple[str, int, int]]
) -> None:
    site = site_of(100, share)
    permit = site.permit
    for number, (what, hours, job) in enumerate(acts):
        with suppress(AdmissionRefused):
            if what == "train":
                train(site, f"train-{number}", hours)
            elif what == "evaluate":
                hand_in(site, request_id=f"evaluation-{number}", flop=90 * HOUR)
                evaluate(site, f"eval-{number}", hours, f"evaluation-{number}")
            else:
                with site.ledger.reading() as books:
                    jobs = books.jobs(JobState.RUNNING)
                if jobs:
                    site.gate.end(jobs[job % len(jobs)].job_id, site.now)
        with site.ledger.reading() as books:
            assert books.balance([permit.permit_id]).flop <= permit.flop_training
            assert books.balance([BOOK]).flop <= permit.flop_overseers_at_a_site
        site.wait(minutes=1)

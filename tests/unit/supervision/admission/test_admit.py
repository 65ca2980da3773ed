"""A job starts only with everything that it needs, and is charged its most."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.authorisation.permit import (
    PermitCase,
    PermitState,
    renew_lease,
    verify_permit,
)
from assent.supervision.admission import (
    Admission,
    AdmissionRefused,
    AllowanceExceeded,
    Balance,
    ChipsBeyondPermit,
    ExemptTerms,
    Hold,
    JobBeyondPermit,
    JobHeld,
    JobMalformed,
    JobRequest,
    Owner,
    Papers,
    PermitMissing,
    PermitOfAnother,
    admit,
    charge_of,
)
from assent.testing.law import accelerators
from assent.testing.permits import SimulatedAgency, make_bundle, make_permit
from assent.testing.states import SeededSigner
from assent.testing.trust import NOW
from assent.vocabulary import FactsMissing, NotFound

PERMIT = make_permit()
SITE = "site-nairobi-1"
VERIFIED = verify_permit(make_bundle(PERMIT), SimulatedAgency().trust.root, NOW)
CASE = PermitCase(
    case_id=PERMIT.permit_id,
    state=PermitState.IN_FORCE,
    permit=PERMIT,
    pending=None,
    entry_index=6,
)
LEASE, _ = renew_lease(CASE, SITE, NOW, SeededSigner("service-lease"))
PAPERS = Papers(permit=VERIFIED, lease=LEASE)
H100 = accelerators().find("H100 SXM")
RATE = H100.peak_training().flop_per_s
DAY_S = 86_400
LABS = Owner(
    owner_id="labs", name="Example Labs", keys=frozenset({SeededSigner("labs").key})
)
EXEMPT = ExemptTerms(flop_below=10**23, rule="an act", on=date(2026, 6, 1))


def job(**changes: Any) -> JobRequest:  # noqa: ANN401 - any field
    given = {
        "job_id": "cluster/4711",
        "site": SITE,
        "account": "labs",
        "permit_id": PERMIT.permit_id,
        "chips": {"H100 SXM": 1_024},
        "time_limit_s": DAY_S,
    }
    return JobRequest(**{**given, **changes})


def ask(asked: JobRequest | None = None, **changes: Any) -> Admission:  # noqa: ANN401 - any argument
    given: dict[str, Any] = {
        "owner": LABS,
        "papers": PAPERS,
        "balance": Balance(),
        "exempt": EXEMPT,
        "holds": (),
        "accelerators": accelerators(),
        "now": NOW,
    }
    return admit(asked or job(), **{**given, **changes})


def exempt(asked: JobRequest, **changes: Any) -> Admission:  # noqa: ANN401 - any argument
    return ask(replace(asked, permit_id=None), papers=None, **changes)


def test_a_job_is_charged_all_that_its_chips_can_do() -> None:
    found = ask()
    assert found.flop_reserved == 1_024 * RATE * DAY_S
    assert dict(found.chips) == {H100.accelerator_id: 1_024}
    assert (found.permit_id, found.lease_id) == (PERMIT.permit_id, LEASE.lease_id)
    assert found.ends_by == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("asked", "charged"), [(10**20, 10**20), (10**30, 1_024 * RATE * DAY_S)]
)
def test_it_can_ask_for_less_and_not_for_more(asked: int, charged: int) -> None:
    assert ask(job(flop_max=asked)).flop_reserved == charged


def test_admits_the_last_flop_and_refuses_one_more() -> None:
    left = 10**23
    spent = LEASE.flop - left
    balance = Balance(flop_spent=spent - 7, flop_reserved=7)
    assert ask(job(flop_max=left), balance=balance).flop_reserved == left
    with pytest.raises(AllowanceExceeded, match=r"1\.00e\+23 FLOP left"):
        ask(job(flop_max=left + 1), balance=balance)


def test_what_is_overdrawn_leaves_nothing() -> None:
    with pytest.raises(AllowanceExceeded, match="has 0 FLOP left"):
        ask(job(flop_max=1), balance=Balance(flop_spent=LEASE.flop + 5))


def test_refuses_one_chip_more_than_the_permit_allows() -> None:
    running = Balance(chips={H100.accelerator_id: 16_384 - 1_024})
    short = job(time_limit_s=60)
    assert ask(short, balance=running)
    with pytest.raises(ChipsBeyondPermit, match="allows 16384"):
        ask(replace(short, chips={"H100 SXM": 1_025}), balance=running)
    with pytest.raises(ChipsBeyondPermit, match="allows 0"):
        ask(replace(short, chips={"A100 80GB": 1}))


def test_the_names_of_one_chip_add_up() -> None:
    twice = charge_of(job(chips={"H100 SXM": 1, H100.name: 2}), accelerators())
    assert dict(twice.chips) == {H100.accelerator_id: 3}


def test_a_job_ends_before_its_permit() -> None:
    last = PERMIT.caps.not_after - NOW
    seconds = int(last.total_seconds())
    small = {"H100 SXM": 1}
    assert ask(job(chips=small, time_limit_s=seconds, flop_max=1))
    with pytest.raises(JobBeyondPermit, match="could run until"):
        ask(job(chips=small, time_limit_s=seconds + 1, flop_max=1))


@pytest.mark.parametrize("asked", [job(), job(permit_id=None)])
def test_what_is_paused_does_not_start(asked: JobRequest) -> None:
    papers = PAPERS if asked.permit_id else None
    with pytest.raises(JobHeld, match="All runs stop"):
        ask(asked, papers=papers, holds=(Hold(order="3", words="All runs stop."),))


@pytest.mark.parametrize(
    ("asked", "owner", "papers"),
    [
        (job(permit_id="permit-2026-0002"), LABS, PAPERS),
        (job(permit_id=None), LABS, PAPERS),
        (job(site="site-bergen-2"), LABS, PAPERS),
        (job(), replace(LABS, keys=frozenset()), PAPERS),
        (job(), replace(LABS, keys=frozenset({SeededSigner("x").key})), PAPERS),
        (job(), LABS, replace(PAPERS, lease=replace(LEASE, permit_id="permit-x"))),
    ],
)
def test_a_swapped_permit_admits_nobody(
    asked: JobRequest, owner: Owner, papers: Papers
) -> None:
    with pytest.raises(PermitOfAnother):
        ask(asked, owner=owner, papers=papers)


def test_below_the_threshold_a_job_needs_no_permit() -> None:
    found = exempt(job(chips={"H100 SXM": 1}, time_limit_s=60))
    assert (found.permit_id, found.book) == (None, "exempt:labs")
    assert found.flop_reserved == RATE * 60


def test_slices_add_up_to_a_permit() -> None:
    small = job(flop_max=10**22)
    for balance, terms in (
        (Balance(flop_spent=9 * 10**22 - 1), EXEMPT),
        (Balance(flop_reserved=9 * 10**22 - 1), EXEMPT),
        (Balance(), replace(EXEMPT, flop_elsewhere=9 * 10**22 - 1)),
    ):
        assert exempt(small, balance=balance, exempt=terms)
        with pytest.raises(PermitMissing, match="an act asks for a permit"):
            exempt(replace(small, flop_max=10**22 + 1), balance=balance, exempt=terms)


def test_a_job_that_names_a_permit_does_not_pass_as_exempt() -> None:
    with pytest.raises(PermitMissing, match="no permit and lease"):
        ask(job(flop_max=1), papers=None)


def test_a_job_without_accelerators_needs_no_permit_at_any_time() -> None:
    over = Balance(flop_spent=10**24)
    assert exempt(job(chips={}), balance=over).flop_reserved == 0


def test_chips_of_which_nothing_is_known_do_not_start() -> None:
    with pytest.raises((NotFound, FactsMissing)):
        exempt(job(chips={"no such chip": 1}))


@pytest.mark.parametrize(
    "changes",
    [
        {"job_id": ""},
        {"job_id": "a\nb"},
        {"account": "x" * 201},
        {"chips": {"H100 SXM": 0}},
        {"chips": {"H100 SXM": 10**9 + 1}},
        {"chips": {f"chip {i}": 1 for i in range(101)}},
        {"time_limit_s": 0},
        {"time_limit_s": 367 * DAY_S},
        {"flop_max": 0},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_a_job_that_no_scheduler_could_run_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(JobMalformed):
        job(**changes)


@given(
    st.lists(
        st.tuples(st.integers(1, 10**25), st.booleans(), st.integers(0, 10**24)),
        max_size=30,
    )
)
def test_no_order_of_jobs_goes_beyond_the_lease(
    jobs: list[tuple[int, bool, int]],
) -> None:
    spent = 0
    reserved: list[int] = []
    for flop_max, ends, refund in jobs:
        try:
            found = ask(
                job(flop_max=flop_max),
                balance=Balance(flop_spent=spent, flop_reserved=sum(reserved)),
            )
        except AdmissionRefused:
            continue
        reserved.append(found.flop_reserved)
        if ends:
            spent += max(reserved.pop(0) - refund, 0)
        assert spent + sum(reserved) <= LEASE.flop <= PERMIT.caps.flop

"""A lease lets jobs run for a day, at one site, while the permit is good."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assent.authorisation.docket import Event
from assent.authorisation.permit import (
    LEASE_TYPE,
    Lease,
    LeaseElsewhere,
    LeaseLapsed,
    LeaseMalformed,
    LeaseNotYetValid,
    LeaseOfAnotherPermit,
    LeaseRefused,
    LeaseTooWide,
    LeaseUnsigned,
    PermitCase,
    PermitState,
    StatusStale,
    StepNotAllowed,
    WrongPaper,
    advance,
    parse_lease,
    renew_lease,
    verify_lease,
    verify_permit,
)
from assent.authorisation.terms import OversightDate, OversightLoss
from assent.testing.permits import SimulatedAgency, make_bundle, make_permit
from assent.testing.states import SeededSigner
from assent.testing.trust import NOW
from assent.vocabulary import (
    AssentError,
    SignatureInvalid,
    canonical_bytes,
    format_instant,
)
from assent.vocabulary.envelope import Envelope

AGENCY = SimulatedAgency()
TREATY = AGENCY.trusted.treaty
PERMIT = make_permit()
SITE = "site-nairobi-1"
SERVICE = SeededSigner("service-lease")
FRESH = verify_permit(make_bundle(PERMIT), AGENCY.trust.root, NOW)
VERIFIED = replace(FRESH, stale_after=NOW + timedelta(days=9))  # as a gate renews it
CASE = PermitCase(
    case_id=PERMIT.permit_id,
    state=PermitState.IN_FORCE,
    permit=PERMIT,
    pending=None,
    entry_index=6,
)
LEASE, SIGNED = renew_lease(CASE, SITE, NOW, SERVICE)
DAY = timedelta(days=1)


def signed(lease: Lease, name: str = "service-lease") -> Envelope:
    envelope = Envelope(canonical_bytes(lease.plain), LEASE_TYPE)
    return envelope.signed_by(SeededSigner(name))


def verify(envelope: Envelope, now: datetime = NOW, site: str = SITE) -> Lease:
    return verify_lease(envelope, VERIFIED, TREATY, now, site)


def test_a_lease_lasts_as_long_as_the_permit_says() -> None:
    assert verify(SIGNED) == LEASE
    assert LEASE.expires == NOW + DAY
    assert LEASE.flop == 10**25 // 2  # of what the first oversight point leaves
    assert verify(SIGNED, NOW + DAY - timedelta(seconds=1)) == LEASE


def test_it_ends_by_itself() -> None:
    with pytest.raises(LeaseLapsed, match="ended 2026-06-02T12:00:00Z"):
        verify(SIGNED, NOW + DAY)


def test_it_holds_no_longer_than_the_permits_own_verification() -> None:
    verify_lease(SIGNED, FRESH, TREATY, FRESH.stale_after, SITE)
    late = FRESH.stale_after + timedelta(seconds=1)
    with pytest.raises(StatusStale, match="was verified to be good until"):
        verify_lease(SIGNED, FRESH, TREATY, late, SITE)


def test_it_never_outlasts_the_permit() -> None:
    last = PERMIT.caps.not_after - timedelta(seconds=9)
    lease, _ = renew_lease(CASE, SITE, last, SERVICE)
    assert lease.expires == PERMIT.caps.not_after


def test_each_renewal_has_the_next_number() -> None:
    body = LEASE.event_body
    event = Event(kind="lease_renewed", time=NOW, actor="agency.example", body=body)
    case = advance(CASE, CASE.case_id, event)
    lease, _ = renew_lease(case, SITE, NOW, SERVICE)
    assert (lease.serial, lease.lease_id) == (2, "lease-2026-0001-2")


def leased(case: PermitCase, site: str, flop: int | None = None) -> PermitCase:
    lease, _ = renew_lease(case, site, NOW, SERVICE, flop)
    body = lease.event_body
    event = Event(kind="lease_renewed", time=NOW, actor="agency.example", body=body)
    return advance(case, case.case_id, event)


def passed(case: PermitCase, at_flop: int) -> PermitCase:
    body = {"at_flop": str(at_flop)}
    event = Event(kind="point_passed", time=NOW, actor="agency.example", body=body)
    return advance(case, case.case_id, event)


def test_sites_share_what_is_unlocked() -> None:
    case = leased(leased(CASE, SITE), "site-bergen-2")
    assert dict(case.allotted) == {SITE: 10**25 // 2, "site-bergen-2": 10**25 // 2}
    assert leased(case, SITE).allotted == case.allotted


def test_a_site_can_have_more_than_the_others_but_nothing_of_theirs() -> None:
    case = leased(CASE, SITE, 8 * 10**24)
    lease, _ = renew_lease(case, "site-bergen-2", NOW, SERVICE)
    assert lease.flop == 2 * 10**24  # an equal share would be more than is left
    with pytest.raises(LeaseRefused, match=r"other sites were allotted 8\.00e\+24"):
        renew_lease(case, "site-bergen-2", NOW, SERVICE, 2 * 10**24 + 1)
    full = leased(CASE, SITE, 10**25)
    with pytest.raises(LeaseRefused, match="0 FLOP are not to be had"):
        renew_lease(full, "site-bergen-2", NOW, SERVICE)


def test_what_was_allotted_once_counts_though_a_later_lease_has_less() -> None:
    case = leased(leased(CASE, SITE, 8 * 10**24), SITE, 10**24)
    assert case.allotted[SITE] == 8 * 10**24
    with pytest.raises(LeaseRefused, match="not to be had"):
        renew_lease(case, "site-bergen-2", NOW, SERVICE, 3 * 10**24)


def test_the_next_stretch_is_unlocked_when_its_point_is_passed() -> None:
    case = leased(CASE, SITE, 10**25)
    with pytest.raises(LeaseRefused, match="not to be had"):
        renew_lease(case, SITE, NOW, SERVICE, 10**25 + 1)
    training = 99 * 4 * 10**23  # a hundredth of the cap is for overseers
    case = leased(passed(case, 10**25), SITE, training)
    assert (case.flop_unlocked, case.next_point) == (training, None)
    with pytest.raises(LeaseRefused, match="not to be had"):
        renew_lease(case, SITE, NOW, SERVICE, training + 1)
    for point in (10**25, 4 * 10**25):  # passed already; none of the permit's
        with pytest.raises(StepNotAllowed, match="not the next oversight point"):
            passed(case, point)


@pytest.mark.parametrize(
    ("case", "site", "now"),
    [
        *[
            (replace(CASE, state=state), SITE, NOW)
            for state in PermitState
            if state is not PermitState.IN_FORCE
        ],
        (CASE, "site-elsewhere", NOW),
        (CASE, SITE, PERMIT.caps.not_before - timedelta(seconds=1)),
        (CASE, SITE, PERMIT.caps.not_after),
    ],
)
def test_there_is_no_lease(case: PermitCase, site: str, now: datetime) -> None:
    with pytest.raises(LeaseRefused, match="There is no lease"):
        renew_lease(case, site, now, SERVICE)


@pytest.mark.parametrize(
    ("envelope", "site", "error"),
    [
        (signed(LEASE, "somebody"), SITE, LeaseUnsigned),
        (Envelope(SIGNED.payload, LEASE_TYPE), SITE, LeaseUnsigned),
        (replace(SIGNED, payload_type="application/x"), SITE, WrongPaper),
        (SIGNED, "site-bergen-2", LeaseElsewhere),
        (signed(replace(LEASE, site="site-x")), "site-x", LeaseElsewhere),
        (
            signed(replace(LEASE, permit_id="permit-2026-0002")),
            SITE,
            LeaseOfAnotherPermit,
        ),
        (
            signed(replace(LEASE, permit_digest="sha256:" + "0" * 64)),
            SITE,
            LeaseOfAnotherPermit,
        ),
        (signed(replace(LEASE, flop=PERMIT.caps.flop + 1)), SITE, LeaseTooWide),
        (signed(replace(LEASE, expires=NOW + 2 * DAY)), SITE, LeaseTooWide),
        (
            signed(replace(LEASE, issued=NOW + timedelta(hours=1))),
            SITE,
            LeaseNotYetValid,
        ),
    ],
)
def test_leases_that_do_not_hold(
    envelope: Envelope, site: str, error: type[AssentError]
) -> None:
    with pytest.raises(error) as refusal:
        verify(envelope, site=site)
    assert type(refusal.value) is error


def test_a_lease_from_before_the_permits_first_day_is_refused() -> None:
    first = PERMIT.caps.not_before
    hour = timedelta(hours=1)
    early = replace(LEASE, issued=first - hour, expires=first + hour)
    with pytest.raises(LeaseTooWide):
        verify(signed(early), first)
    verify(signed(replace(early, issued=first)), first)


def test_an_altered_lease_is_refused() -> None:
    payload = canonical_bytes(replace(LEASE, site="site-bergen-2").plain)
    with pytest.raises(SignatureInvalid):
        verify(replace(SIGNED, payload=payload), site="site-bergen-2")


@pytest.mark.parametrize(
    "fields",
    [
        {"format": "assent-lease/2"},
        {"lease_id": "lease-1"},
        {"serial": 0},
        {"flop": 5},
        {"flop": "0"},
        {"site": ""},
        {"expires": LEASE.plain["issued"]},
        {"issued": None},
        {"more": None},
    ],
)
def test_refuses_what_is_no_lease(fields: dict[str, Any]) -> None:
    with pytest.raises(LeaseMalformed):
        parse_lease(canonical_bytes({**LEASE.plain, **fields}))


@pytest.mark.parametrize("data", [b"", b"[]", b"x" * 5_000, SIGNED.payload + b" "])
def test_refuses_what_is_no_document(data: bytes) -> None:
    with pytest.raises(LeaseMalformed):
        parse_lease(data)


def dated(case: PermitCase) -> PermitCase:
    """Return the case with a date an hour from now, and two losses."""
    permit = replace(
        case.permit,
        oversight_dates=(
            OversightDate(at=NOW + timedelta(hours=1), evaluations=("cyber-offence",)),
        ),
        oversight_losses=(
            OversightLoss(at_loss=Decimal("2.5"), evaluations=("cyber-offence",)),
            OversightLoss(at_loss=Decimal("1.75"), evaluations=("cyber-offence",)),
        ),
    )
    return replace(case, permit=permit)


def after_point(case: PermitCase, **mark: str) -> PermitCase:
    event = Event(kind="point_passed", time=NOW, actor="agency.example", body=mark)
    return advance(case, case.case_id, event)


def test_no_lease_outlasts_a_date_of_oversight() -> None:
    case = dated(CASE)
    lease, _ = renew_lease(case, SITE, NOW, SERVICE)
    assert lease.expires == NOW + timedelta(hours=1)
    with pytest.raises(LeaseRefused, match="is not passed"):
        renew_lease(case, SITE, NOW + timedelta(hours=1), SERVICE)
    passed_it = after_point(case, at=format_instant(NOW + timedelta(hours=1)))
    lease, _ = renew_lease(passed_it, SITE, NOW + timedelta(hours=1), SERVICE)
    assert lease.expires > NOW + timedelta(days=1)


def test_a_lease_says_at_which_loss_the_run_stops() -> None:
    case = dated(CASE)
    lease, envelope = renew_lease(case, SITE, NOW, SERVICE)
    assert lease.loss == Decimal("2.5")
    assert parse_lease(envelope.payload) == lease
    case = after_point(case, at_loss="2.5")
    assert renew_lease(case, SITE, NOW, SERVICE)[0].loss == Decimal("1.75")
    case = after_point(case, at_loss="1.75")
    last, envelope = renew_lease(case, SITE, NOW, SERVICE)
    assert last.loss is None
    assert b"loss" not in envelope.payload  # as leases were before there were such


def test_a_lease_names_no_loss_that_the_permit_does_not() -> None:
    with pytest.raises(LeaseTooWide):
        verify(signed(replace(LEASE, loss=Decimal("2.5"))))


@pytest.mark.parametrize("mark", [{"at": "2027-01-01T00:00:00Z"}, {"at_loss": "1.75"}])
def test_points_are_passed_in_their_order(mark: dict[str, str]) -> None:
    with pytest.raises(StepNotAllowed, match="not the next"):
        after_point(dated(CASE), **mark)

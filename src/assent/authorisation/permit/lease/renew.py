"""Renew a lease: how much of a permit a site may use, and until when.

PermitCase + site + now + signer -> Lease, and the same signed

Sites do not hear of one another, so each has an allotment of its own, and all together
have no more than is unlocked: the permit's cap, or what lies before the next oversight
point. By default a site has an equal share. What a site was once allotted it may have
used, so nothing of it is ever allotted to another. No lease outlasts an oversight date
that was not passed.
"""

from datetime import datetime, timedelta
from typing import NoReturn

from assent.authorisation.permit.case import PermitCase
from assent.authorisation.permit.errors import LeaseRefused
from assent.authorisation.permit.lease.lease import LEASE_TYPE, Lease
from assent.authorisation.permit.life import PermitState
from assent.vocabulary import canonical_bytes, format_count, format_instant
from assent.vocabulary.envelope import Envelope, Signer


def renew_lease(
    case: PermitCase, site: str, now: datetime, signer: Signer, flop: int | None = None
) -> tuple[Lease, Envelope]:
    """Return the next lease of a site, and the same signed.

    Args:
        case: the permit's case, with everything recorded that is `due`.
        site: for which.
        now: from when.
        signer: the treaty's lease service.
        flop: what the run may have used at the site in all; None for an equal share,
            or what the site was allotted before if that is more.

    Raises:
        LeaseRefused: if the permit is not in force now, or not at that site, or so
            much is not to be had.

    """
    permit, caps = case.permit, case.permit.caps
    issued = now.replace(microsecond=0)
    if case.state is not PermitState.IN_FORCE:
        _refuse(case, site, now, f"the permit is {case.state}")
    if site not in caps.sites:
        _refuse(case, site, now, f"the permit is for {', '.join(caps.sites)}")
    if not caps.not_before <= issued < caps.not_after:
        first, last = format_instant(caps.not_before), format_instant(caps.not_after)
        _refuse(case, site, now, f"the permit holds from {first}, before {last}")
    date, loss = case.next_date, case.next_loss
    if date is not None and date.at <= issued:
        _refuse(case, site, now, f"the oversight point {date.where} is not passed")
    number = permit.permit_id.removeprefix("permit-")
    lease = Lease(
        lease_id=f"lease-{number}-{case.next_serial}",
        permit_id=permit.permit_id,
        permit_digest=permit.digest,
        site=site,
        serial=case.next_serial,
        issued=issued,
        expires=min(
            issued + timedelta(seconds=permit.lease_s),
            caps.not_after if date is None else date.at,
        ),
        flop=_allot(case, site, now, flop),
        loss=None if loss is None else loss.at_loss,
    )
    unsigned = Envelope(canonical_bytes(lease.plain), LEASE_TYPE)
    return lease, unsigned.signed_by(signer)


def allotment(case: PermitCase, site: str) -> int:
    """Return what a site may have used in all, if nobody says otherwise.

    That is an equal share of what is unlocked, or what the site was allotted before if
    that is more, and no more than others leave; 0 or less if they leave nothing.
    """
    share = case.flop_unlocked // len(case.permit.caps.sites)
    return min(max(case.allotted.get(site, 0), share), _left(case, site))


def _left(case: PermitCase, site: str) -> int:
    others = sum(flop for name, flop in case.allotted.items() if name != site)
    return case.flop_unlocked - others


def _allot(case: PermitCase, site: str, now: datetime, flop: int | None) -> int:
    left = _left(case, site)
    if flop is None:
        flop = allotment(case, site)
    if not 0 < flop <= left:
        _refuse(
            case,
            site,
            now,
            f"{format_count(max(flop, 0))} FLOP are not to be had: of"
            f" {format_count(case.flop_unlocked)} that are unlocked, other sites were"
            f" allotted {format_count(case.flop_unlocked - left)}",
        )
    return flop


def _refuse(case: PermitCase, site: str, now: datetime, why: str) -> NoReturn:
    raise LeaseRefused(
        f"There is no lease of {case.permit.permit_id} for {site!r:.80} at"
        f" {format_instant(now)}: {why}.",
        remedy="Jobs may not start there; see the permit's case.",
    )

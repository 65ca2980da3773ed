"""Verify a lease at the gate of a site.

signed lease + VerifiedPermit + site + now -> Lease, or the reason why not
"""

from datetime import datetime, timedelta

from assent.authorisation.permit.errors import (
    LeaseElsewhere,
    LeaseLapsed,
    LeaseNotYetValid,
    LeaseOfAnotherPermit,
    LeaseTooWide,
    LeaseUnsigned,
    StatusStale,
    WrongPaper,
)
from assent.authorisation.permit.lease.lease import LEASE_TYPE, Lease, parse_lease
from assent.authorisation.permit.permit import VerifiedPermit
from assent.authorisation.permit.status import CLOCK_SKEW_S
from assent.authorisation.treaty import Service, Treaty
from assent.vocabulary import format_instant
from assent.vocabulary.envelope import Envelope, verify_envelope


def verify_lease(
    envelope: Envelope,
    permit: VerifiedPermit,
    treaty: Treaty,
    now: datetime,
    site: str,
) -> Lease:
    """Return a lease that lets jobs run under a permit, here and now.

    Args:
        envelope: the signed lease.
        permit: verified; good until its `stale_after`.
        treaty: of the agency that granted the permit.
        now: the instant.
        site: where the jobs are to run.

    Raises:
        WrongPaper, LeaseMalformed: if it is no lease.
        LeaseUnsigned, SignatureInvalid: if the treaty's lease service did not sign it.
        LeaseOfAnotherPermit: if it is of another permit, or another version.
        LeaseElsewhere: if it is of another site, or the permit is not for this one.
        LeaseTooWide: if it allows more than the permit.
        LeaseNotYetValid, LeaseLapsed: if it is not its time.
        StatusStale: if the permit was verified too long ago.

    """
    # (1) It is a lease.
    if envelope.payload_type != LEASE_TYPE:
        raise WrongPaper(
            f"This is of type {envelope.payload_type:.120}, and no lease.",
            remedy="Take the lease's own file.",
        )
    lease = parse_lease(envelope.payload)
    # (2) The treaty's lease service signed it, by a key in force now.
    keys = treaty.service_keys(Service.LEASE, now)
    if not verify_envelope(envelope, LEASE_TYPE, keys.values()):
        raise LeaseUnsigned(
            f"No key in force of the lease service of {treaty.agency} signed"
            f" {lease.lease_id}.",
            remedy="Fetch the lease from the agency again.",
        )
    # (3) It is of this version of the permit, for this site, and allows no more.
    _verify_extract(lease, permit, site)
    # (4) It is time, and the permit's own verification still counts.
    _verify_time(lease, permit, now)
    return lease


def _verify_time(lease: Lease, permit: VerifiedPermit, now: datetime) -> None:
    if now < lease.issued - timedelta(seconds=CLOCK_SKEW_S):
        raise LeaseNotYetValid(
            f"{lease.lease_id} begins {format_instant(lease.issued)}; it is"
            f" {format_instant(now)}.",
            remedy="Set this machine's clock.",
        )
    if now >= lease.expires:
        raise LeaseLapsed(
            f"{lease.lease_id} ended {format_instant(lease.expires)}; it is"
            f" {format_instant(now)}.",
            remedy="Stop the jobs; fetch the next lease from the agency.",
        )
    if now > permit.stale_after:
        raise StatusStale(
            f"{lease.permit_id} was verified to be good until"
            f" {format_instant(permit.stale_after)}; it is {format_instant(now)}.",
            remedy="Verify the permit again, with the newest status list.",
        )


def _verify_extract(lease: Lease, verified: VerifiedPermit, site: str) -> None:
    permit, caps = verified.permit, verified.permit.caps
    found = (lease.permit_id, lease.permit_digest)
    if found != (permit.permit_id, verified.digest):
        raise LeaseOfAnotherPermit(
            f"{lease.lease_id} is of {lease.permit_id}, {lease.permit_digest}, and the"
            f" permit is {permit.permit_id}, {verified.digest}.",
            remedy="Fetch the lease of the permit's newest version.",
        )
    if lease.site != site or site not in caps.sites:
        raise LeaseElsewhere(
            f"{lease.lease_id} is for {lease.site}, the permit for"
            f" {', '.join(caps.sites)}; this is {site}.",
            remedy="Jobs run only where the permit and the lease say.",
        )
    longest = timedelta(seconds=permit.lease_s)
    if (
        lease.flop > caps.flop
        or not {lease.loss} <= {None, *(one.at_loss for one in permit.oversight_losses)}
        or lease.expires > min(caps.not_after, lease.issued + longest)
        or lease.issued < caps.not_before
    ):
        raise LeaseTooWide(
            f"{lease.lease_id} is no extract of {permit.permit_id}: its cap or its"
            " dates go beyond the permit's.",
            remedy="Do not rely on it; tell the agency.",
        )

"""A lease: a permit for one site and one day, which ends by itself.

PermitCase + site + now + signer -> signed lease
signed lease + VerifiedPermit + site + now -> Lease, or the reason why not

    {"expires":"2026-06-02T12:00:00Z","flop":"40000000000000000000000000","format":"assent-lease/1","issued":"2026-06-01T12:00:00Z","lease_id":"lease-2026-0001-17","permit_digest":"sha256:…","permit_id":"permit-2026-0001","serial":17,"site":"site-nairobi-1"}

Leases are the dead man's switch. The agency renews them for as long as the permit is
good; if it can not be reached, or no longer exists, they end, and jobs stop without
anybody having to stop them.

A lease does not show what the run has used, nor that other sites do not use it too.
"""

import re
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, NoReturn

from assent.authorisation.permit.case import PermitCase
from assent.authorisation.permit.errors import (
    LeaseElsewhere,
    LeaseLapsed,
    LeaseMalformed,
    LeaseNotYetValid,
    LeaseOfAnotherPermit,
    LeaseRefused,
    LeaseTooWide,
    LeaseUnsigned,
    StatusStale,
    WrongPaper,
)
from assent.authorisation.permit.fields import (
    DIGEST,
    NAME,
    PERMIT_ID,
    count_of,
    instant_of,
    int_of,
    mapping_of,
    text_of,
)
from assent.authorisation.permit.life import PermitState
from assent.authorisation.permit.permit import VerifiedPermit
from assent.authorisation.permit.status import CLOCK_SKEW_S
from assent.authorisation.treaty import Service, Treaty
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    format_instant,
    parse_canonical,
)
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.envelope import Envelope, Signer, verify_envelope

FORMAT = "assent-lease/1"
LEASE_TYPE = "application/vnd.assent.lease+json"
LEASE_BYTES_MAX = 4_000  # nine short fields
_LEASE_ID = re.compile(r"lease-[0-9]{4}-[0-9]{4,9}-[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease, unsigned.

    Attributes:
        lease_id: its identifier.
        permit_id: the permit, and the digest of the version that holds.
        permit_digest: see `permit_id`.
        site: where jobs may run.
        serial: which lease of the permit it is, from 1.
        issued: from when it holds, and before when.
        expires: see `issued`.
        flop: the permit's cap, for all sites and leases together.

    """

    lease_id: str
    permit_id: str
    permit_digest: str
    site: str
    serial: int
    issued: datetime
    expires: datetime
    flop: int

    @property
    def plain(self) -> dict[str, Plain]:
        """The lease as plain values."""
        return {
            "format": FORMAT,
            "lease_id": self.lease_id,
            "permit_id": self.permit_id,
            "permit_digest": self.permit_digest,
            "site": self.site,
            "serial": self.serial,
            "issued": format_instant(self.issued),
            "expires": format_instant(self.expires),
            "flop": str(self.flop),
        }

    @property
    def event_body(self) -> dict[str, Plain]:
        """The body of the case's event `lease_renewed`."""
        return {
            "lease_id": self.lease_id,
            "site": self.site,
            "serial": self.serial,
            "expires": format_instant(self.expires),
        }


_FIELDS = frozenset({"format", *(part.name for part in fields(Lease))})


def renew_lease(
    case: PermitCase, site: str, now: datetime, signer: Signer
) -> tuple[Lease, Envelope]:
    """Return the next lease of a site, and the same signed.

    Args:
        case: the permit's case, with everything recorded that is `due`.
        site: for which.
        now: from when.
        signer: the treaty's lease service.

    Raises:
        LeaseRefused: if the permit is not in force now, or not at that site.

    """
    permit, caps = case.permit, case.permit.caps
    issued = now.replace(microsecond=0)
    if case.state is not PermitState.IN_FORCE:
        why = f"the permit is {case.state}"
    elif site not in caps.sites:
        why = f"the permit is for {', '.join(caps.sites)}"
    elif not caps.not_before <= issued < caps.not_after:
        why = (
            f"the permit holds from {format_instant(caps.not_before)}, before"
            f" {format_instant(caps.not_after)}"
        )
    else:
        number = permit.permit_id.removeprefix("permit-")
        lease = Lease(
            lease_id=f"lease-{number}-{case.next_serial}",
            permit_id=permit.permit_id,
            permit_digest=permit.digest,
            site=site,
            serial=case.next_serial,
            issued=issued,
            expires=min(issued + timedelta(seconds=permit.lease_s), caps.not_after),
            flop=caps.flop,
        )
        unsigned = Envelope(canonical_bytes(lease.plain), LEASE_TYPE)
        return lease, unsigned.signed_by(signer)
    raise LeaseRefused(
        f"There is no lease of {permit.permit_id} for {site!r:.80} at"
        f" {format_instant(now)}: {why}.",
        remedy="Jobs may not start there; see the permit's case.",
    )


def parse_lease(data: bytes) -> Lease:
    """Return the lease whose canonical bytes these are.

    Raises:
        LeaseMalformed: if they are none's.

    """
    if len(data) > LEASE_BYTES_MAX:
        _malformed(f"it is longer than {LEASE_BYTES_MAX:,} bytes")
    try:
        return _lease(parse_canonical(data))
    except LeaseMalformed:
        raise
    except AssentError as error:
        _malformed(error.message.removesuffix("."))


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
        lease.flop != caps.flop
        or lease.expires > min(caps.not_after, lease.issued + longest)
        or lease.issued < caps.not_before
    ):
        raise LeaseTooWide(
            f"{lease.lease_id} is no extract of {permit.permit_id}: its cap or its"
            " dates go beyond the permit's.",
            remedy="Do not rely on it; tell the agency.",
        )


def _lease(value: Any) -> Lease:  # noqa: ANN401 - any plain value
    given = mapping_of(value, "it", _FIELDS)
    if given["format"] != FORMAT:
        _malformed(f"its format is not {FORMAT}")
    lease = Lease(
        lease_id=text_of(given["lease_id"], _LEASE_ID, "lease_id"),
        permit_id=text_of(given["permit_id"], PERMIT_ID, "permit_id"),
        permit_digest=text_of(given["permit_digest"], DIGEST, "permit_digest"),
        site=text_of(given["site"], NAME, "site"),
        serial=int_of(given["serial"], 1, INTEGER_SAFE_MAX, "serial"),
        issued=instant_of(given["issued"], "issued"),
        expires=instant_of(given["expires"], "expires"),
        flop=count_of(given["flop"], "flop", least=1),
    )
    if lease.issued >= lease.expires:
        _malformed("it ends before it begins")
    return lease


def _malformed(why: str) -> NoReturn:
    raise LeaseMalformed(
        f"This is no lease: {why}.", remedy="Fetch the lease from the agency again."
    )

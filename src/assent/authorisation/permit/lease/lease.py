"""A lease: a permit for one site and one day, which ends by itself.

Lease <-> canonical JSON, the payload that the lease service signs

    {"expires":"2026-06-02T12:00:00Z","flop":"20000000000000000000000000","format":"assent-lease/1","issued":"2026-06-01T12:00:00Z","lease_id":"lease-2026-0001-17","permit_digest":"sha256:…","permit_id":"permit-2026-0001","serial":17,"site":"site-nairobi-1"}

Leases are the dead man's switch. The agency renews them for as long as the permit is
good; if it can not be reached, or no longer exists, they end, and jobs stop without
anybody having to stop them.

A lease does not show what the run has used.
"""

import re
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from assent.authorisation.permit.errors import LeaseMalformed
from assent.authorisation.permit.fields import (
    DIGEST,
    NAME,
    PERMIT_ID,
    count_of,
    instant_of,
    int_of,
    mapping_of,
    statement_of,
    text_of,
)
from assent.authorisation.terms import format_loss, parse_loss
from assent.vocabulary import Plain, format_instant
from assent.vocabulary.canonical import INTEGER_SAFE_MAX

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
        flop: what the run may have used at this site in all, from its first step,
            while this lease holds. What the sites were allotted adds up to no more
            than is unlocked.
        loss: the loss of oversight that is not passed: once a reading says as little,
            the run stops; None if there is none.

    """

    lease_id: str
    permit_id: str
    permit_digest: str
    site: str
    serial: int
    issued: datetime
    expires: datetime
    flop: int
    loss: Decimal | None = None

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
            **({} if self.loss is None else {"loss": format_loss(self.loss)}),
        }

    @property
    def event_body(self) -> dict[str, Plain]:
        """The body of the case's event `lease_renewed`."""
        return {
            "lease_id": self.lease_id,
            "site": self.site,
            "serial": self.serial,
            "expires": format_instant(self.expires),
            "flop": str(self.flop),
        }


_FIELDS = frozenset({"format", *(part.name for part in fields(Lease))}) - {"loss"}


def parse_lease(data: bytes) -> Lease:
    """Return the lease whose canonical bytes these are.

    Raises:
        LeaseMalformed: if they are none's.

    """
    return statement_of(data, LEASE_BYTES_MAX, _lease, _malformed)


def _lease(value: Any) -> Lease:  # noqa: ANN401 - any plain value
    has_loss = isinstance(value, dict) and "loss" in value
    given = mapping_of(value, "it", _FIELDS | ({"loss"} if has_loss else set()))
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
        loss=parse_loss(given["loss"]) if has_loss else None,
    )
    if lease.issued >= lease.expires:
        _malformed("it ends before it begins")
    return lease


def _malformed(why: str) -> NoReturn:
    raise LeaseMalformed(
        f"This is no lease: {why}.", remedy="Fetch the lease from the agency again."
    )

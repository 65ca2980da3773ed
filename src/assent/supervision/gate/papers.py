"""The papers that a gate holds: permits, leases and the newest status list.

files + trusted root + now -> Papers of a permit, verified, or the reason why not

A gate works offline: it verifies with what it holds, and asks nobody. What it verified
it remembers, with the very bytes, for as long as it may be relied upon.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from assent.authorisation.permit import (
    Lease,
    Permit,
    PermitExpired,
    PermitRevoked,
    PermitSuspended,
    VerifiedPermit,
    parse_bundle,
    verify_lease,
    verify_permit_under,
)
from assent.authorisation.treaty import Treaty
from assent.authorisation.trust import verify_recognised, verify_trust
from assent.supervision.admission import Papers
from assent.supervision.gate.errors import PapersMissing
from assent.supervision.oversight import EvaluationRequest, verify_request
from assent.vocabulary import AssentError
from assent.vocabulary.envelope import parse_envelope

# What the newest status list says for certain; anything else leaves the lease to lapse.
ENDINGS = (PermitRevoked, PermitSuspended, PermitExpired)


class PaperStore(Protocol):
    """Where a gate's papers are."""

    def permit(self, permit_id: str) -> bytes | None:
        """Return a permit's file."""

    def leases(self, permit_id: str) -> Sequence[bytes]:
        """Return all signed leases of a permit at hand."""

    def status(self) -> bytes | None:
        """Return the newest signed status list."""

    def request(self, request_id: str) -> bytes | None:
        """Return an inspector's signed request for an evaluation job."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A permit that was verified, and the treaty by which its leases are."""

    files: tuple[bytes, bytes | None]
    permit: VerifiedPermit
    treaty: Treaty


@dataclass
class PaperDesk:
    """Verifies papers when a job needs them, and remembers what it verified."""

    store: PaperStore
    root: bytes
    site: str
    _known: dict[str, _Known] = field(init=False, default_factory=dict)
    _lease_ends: dict[str, datetime] = field(init=False, default_factory=dict)

    def papers(self, permit_id: str, now: datetime) -> Papers:
        """Return a permit and its newest lease for this site, both verified for now.

        Raises:
            PapersMissing: if there is no such permit, or no lease that holds.
            PermitRefused, TrustRefused and others: if the permit does not hold.

        """
        known = self._permit(permit_id, now)
        refusals: list[AssentError] = []
        leases: list[Lease] = []
        for data in self.store.leases(permit_id):
            try:
                envelope = parse_envelope(data)
                leases.append(
                    verify_lease(envelope, known.permit, known.treaty, now, self.site)
                )
            except AssentError as error:
                refusals.append(error)
        if not leases:
            why = " ".join(sorted({error.message for error in refusals}))
            raise PapersMissing(
                f"No lease of {permit_id} for {self.site} holds now."
                f" {why or 'There is none.'}",
                remedy="Fetch the newest lease from the agency; until then jobs stop.",
            )
        return Papers(
            permit=known.permit, lease=max(leases, key=lambda lease: lease.serial)
        )

    def lease_end(self, permit_id: str, recorded: datetime, now: datetime) -> datetime:
        """Return when the lease of a permit ends, as far as the papers at hand show.

        What was verified once stands until it ends, though what proves it may be stale
        by then.

        Args:
            permit_id: the permit.
            recorded: what was known before; it stands if no later lease was verified.
            now: the instant, which is the end if the permit has ended.

        """
        try:
            self._lease_ends[permit_id] = self.papers(permit_id, now).lease.expires
        except ENDINGS:
            return now
        except AssentError:
            pass  # what is known stands
        return self._lease_ends.get(permit_id, recorded)

    def request(
        self, permit_id: str, request_id: str, now: datetime
    ) -> tuple[Permit, EvaluationRequest]:
        """Return an inspector's request and its permit, both verified for now.

        No lease is asked for: evaluations are due when training has none.

        Raises:
            PapersMissing: if there is no such permit, or no such request.
            PermitRefused, TrustRefused, RequestRefused and others: if one of them does
                not hold.

        """
        known = self._permit(permit_id, now)
        data = self.store.request(request_id)
        if data is None:
            raise PapersMissing(
                f"The gate holds no request {request_id!r:.80}.",
                remedy="Put it among the gate's papers: `assent gate request`.",
            )
        permit = known.permit.permit
        request = verify_request(
            parse_envelope(data), permit, known.treaty, self.site, now
        )
        if request.request_id != request_id:
            raise PapersMissing(
                f"The file of {request_id!r:.80} holds {request.request_id}.",
                remedy="Give each request's file its own name.",
            )
        return permit, request

    def known(self, permit_id: str) -> Permit | None:
        """Return a permit that was verified before; what it says stays true."""
        known = self._known.get(permit_id)
        return None if known is None else known.permit.permit

    def _permit(self, permit_id: str, now: datetime) -> _Known:
        data = self.store.permit(permit_id)
        if data is None:
            raise PapersMissing(
                f"The gate holds no permit {permit_id!r:.80}.",
                remedy="Put the permit's file among the gate's papers.",
            )
        files = data, self.store.status()
        known = self._known.get(permit_id)
        if known and known.files == files and now <= known.permit.stale_after:
            return known
        known = _verify(files, self.root, now)
        if known.permit.permit.permit_id != permit_id:
            raise PapersMissing(
                f"The file of {permit_id!r:.80} holds {known.permit.permit.permit_id}.",
                remedy="Give each permit's file its own name.",
            )
        self._known[permit_id] = known
        return known


def _verify(files: tuple[bytes, bytes | None], root: bytes, now: datetime) -> _Known:
    data, status = files
    found = parse_bundle(data)
    trusted = verify_trust(root, found.trust, now)
    if (foreign := found.foreign) is not None:
        trusted = verify_recognised(trusted, foreign.root, foreign.trust, now)
    newest = found.status if status is None else status
    permit = verify_permit_under(trusted, found.envelope, found.proof, newest, now)
    return _Known(files, permit, trusted.treaty)

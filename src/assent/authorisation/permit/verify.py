"""Verify a permit offline: the recipe of docs/spec/permit.md, step by step.

permit's file + trusted root + now -> VerifiedPermit, or the reason why not

A gate that has verified the treaty already calls `verify_permit_under` for each permit.
What follows from a verified permit, and what does not, is said by its `words`.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from assent.authorisation.permit.bundle import parse_bundle
from assent.authorisation.permit.errors import (
    AgencyUnknown,
    CapBeyondMatter,
    CapBeyondRecognition,
    DecidedTooLate,
    PermitExpired,
    PermitNotYetValid,
    PermitRevoked,
    PermitSuperseded,
    PermitSuspended,
    StatusInvalid,
    StatusMissing,
    TreatyDiffers,
    WrongPaper,
)
from assent.authorisation.permit.logged import verify_logged
from assent.authorisation.permit.parse import parse_permit
from assent.authorisation.permit.permit import PERMIT_TYPE, Permit, VerifiedPermit
from assent.authorisation.permit.signers import (
    flop_max,
    verify_signers,
)
from assent.authorisation.permit.status import (
    Status,
    VerifiedStatusList,
    verify_status_list,
)
from assent.authorisation.treaty import Service, Treaty
from assent.authorisation.trust import (
    SeenVersions,
    TrustedTreaty,
    verify_recognised,
    verify_trust,
)
from assent.vocabulary import format_instant
from assent.vocabulary.envelope import Envelope

ENTRY_KIND = "permit"  # of the entry in the public log
PAPER_ROLE = "permit"  # of the signed permit among the entry's documents
# An approval is good for no decision but its own vote's: a paper that was refused must
# not be put in force by approvals that come later. A decision is logged within hours;
# two weeks are for a log or witnesses that are down, over the longest holidays.
LOGGING_MAX = timedelta(days=14)
_REFUSALS = {
    Status.INVALID: (PermitRevoked, "is revoked, over or used up"),
    Status.SUSPENDED: (PermitSuspended, "is suspended"),
    Status.SUPERSEDED: (PermitSuperseded, "was replaced by a later version"),
}


def verify_permit(
    bundle: bytes,
    root: bytes,
    now: datetime,
    *,
    status: bytes | None = None,
    seen: SeenVersions | None = None,
) -> VerifiedPermit:
    """Return the permit in a file, if it lets its developer train now.

    Args:
        bundle: the file.
        root: the trusted root, from a channel that is trusted already.
        now: the instant.
        status: a newer signed status list than the file's.
        seen: the versions of trust metadata below which nothing is accepted.

    Raises:
        PermitMalformed: (1) if it is no permit's file.
        TrustMalformed, TrustRefused, TreatyInvalid: (2) if the file does not lead from
            the root to a treaty, or from there to the agency that granted the permit.
        PermitRefused, StatusMalformed and others: as `verify_permit_under`.

    """
    # (1) The file is a permit's. Nothing in it is believed yet.
    found = parse_bundle(bundle)
    # (2) The root leads to the treaty as it stands, or to one that it recognises.
    trusted = verify_trust(root, found.trust, now, seen)
    if (foreign := found.foreign) is not None:
        other = verify_recognised(trusted, foreign.root, foreign.trust, now)
        trusted = replace(other, expires=min(trusted.expires, other.expires))
    newest = found.status if status is None else status
    return verify_permit_under(trusted, found.envelope, found.proof, newest, now)


def verify_permit_under(
    trusted: TrustedTreaty,
    envelope: Envelope,
    proof: bytes,
    status: bytes | VerifiedStatusList | None,
    now: datetime,
) -> VerifiedPermit:
    """Return a permit that holds under a treaty that was verified already.

    Args:
        trusted: from `verify_trust` or `verify_recognised`.
        envelope: the signed permit.
        proof: that the public log holds it.
        status: the newest signed status list, or one that was verified before.
        now: the instant.

    Raises:
        PermitRefused, PermitMalformed, StatusMalformed: by (3) to (9), each its own.
        LogRefused, ProofMalformed, SignatureInvalid, MatterUnknown: by (5) and (6).

    """
    treaty = trusted.treaty
    # (3) It is a permit, in the one spelling.
    permit = _permit_in(envelope)
    # (4) It is of the agency that the root speaks for, or that it recognises.
    _verify_agency(permit, trusted, now)
    # (5) The public log holds exactly these signed bytes.
    about = (ENTRY_KIND, permit.permit_id, PAPER_ROLE)
    logged = verify_logged(envelope, proof, treaty.log_policy, about)
    # (6) Enough members had signed by then, and it was not long after the vote.
    signers = _verify_decided(permit, envelope, treaty, logged.witnessed)
    # (7) They may grant so much.
    _verify_cap(permit, treaty)
    # (8) It is time.
    _verify_dates(permit, now)
    # (9) It still holds.
    listed = _verify_status(permit, treaty, status, now)
    return VerifiedPermit(
        permit=permit,
        digest=permit.digest,
        signers=signers,
        witnessed=logged.witnessed,
        witnesses=logged.witnesses,
        entry_index=logged.entry_index,
        treaty_version=treaty.version,
        is_recognised=trusted.recognition is not None,
        status_time=listed.issued,
        stale_after=_stale_after(trusted, permit, listed),
    )


def _permit_in(envelope: Envelope) -> Permit:
    if envelope.payload_type != PERMIT_TYPE:
        raise WrongPaper(
            f"This is a statement of type {envelope.payload_type:.120}, and no permit.",
            remedy="Take the permit's own file.",
        )
    return parse_permit(envelope.payload)


def _stale_after(
    trusted: TrustedTreaty, permit: Permit, listed: VerifiedStatusList
) -> datetime:
    """Return when the first of the things ends that the permit rests on."""
    recognition = trusted.recognition
    recognised_until = None if recognition is None else recognition.until
    return min(
        listed.stale_after(permit.max_staleness_s),
        permit.caps.not_after,
        trusted.expires,
        recognised_until or trusted.expires,
    )


def _verify_agency(permit: Permit, trusted: TrustedTreaty, now: datetime) -> None:
    treaty, recognition = trusted.treaty, trusted.recognition
    if permit.agency != treaty.agency:
        raise AgencyUnknown(
            f"{permit.permit_id} is of {permit.agency}; the trusted root speaks for"
            f" {treaty.agency}.",
            remedy="Give that agency's root, or a file that carries its trust metadata"
            " if your treaty recognises it.",
        )
    if recognition is not None and not recognition.holds(now):
        raise AgencyUnknown(
            f"Permits of {permit.agency} are not recognised at {format_instant(now)}.",
            remedy="Apply to your own agency.",
        )
    is_same = permit.treaty_digest == treaty.digest
    if permit.treaty_version > treaty.version or (
        permit.treaty_version == treaty.version and not is_same
    ):
        raise TreatyDiffers(
            f"{permit.permit_id} was decided under version {permit.treaty_version} of"
            f" the treaty, {permit.treaty_digest}; what is trusted is version"
            f" {treaty.version}, {treaty.digest}.",
            remedy="Fetch the newest trust metadata.",
        )
    most = None if recognition is None else recognition.flop_max
    if most is not None and permit.caps.flop > most:
        raise CapBeyondRecognition(
            f"{permit.permit_id} permits {permit.caps.flop:,} FLOP; permits"
            f" of {permit.agency} are recognised up to {most:,}.",
            remedy="Apply to your own agency.",
        )


def _verify_decided(
    permit: Permit, envelope: Envelope, treaty: Treaty, witnessed: datetime
) -> tuple[str, ...]:
    if witnessed > permit.decide_by + LOGGING_MAX:
        raise DecidedTooLate(
            f"The vote on {permit.permit_id} was to end by"
            f" {format_instant(permit.decide_by)}; the log holds the permit only since"
            f" {format_instant(witnessed)}.",
            remedy="Do not rely on it; ask the agency for the record of the decision.",
        )
    return verify_signers(envelope, treaty, permit.matter, permit.excluded, witnessed)


def _verify_cap(permit: Permit, treaty: Treaty) -> None:
    most = flop_max(treaty, permit.matter)
    if most is not None and permit.caps.flop > most:
        raise CapBeyondMatter(
            f"{permit.permit_id} permits {permit.caps.flop:,} FLOP; as a"
            f" matter of {permit.matter} at most {most:,} may be granted.",
            remedy="Larger runs need the procedure that the treaty has for them.",
        )


def _verify_dates(permit: Permit, now: datetime) -> None:
    caps = permit.caps
    if now < caps.not_before:
        raise PermitNotYetValid(
            f"{permit.permit_id} holds from {format_instant(caps.not_before)}; it is"
            f" {format_instant(now)}.",
            remedy="Wait until then.",
        )
    if now >= caps.not_after:
        raise PermitExpired(
            f"{permit.permit_id} held before {format_instant(caps.not_after)}; it is"
            f" {format_instant(now)}.",
            remedy="Stop training; apply to vary the permit, or for another.",
        )


def _verify_status(
    permit: Permit,
    treaty: Treaty,
    status: bytes | VerifiedStatusList | None,
    now: datetime,
) -> VerifiedStatusList:
    uri, staleness_s = permit.status_uri, permit.max_staleness_s
    if status is None:
        raise StatusMissing(
            f"No status list came with {permit.permit_id}.",
            remedy=f"Fetch {uri} and give it along.",
        )
    if isinstance(status, bytes):
        keys = treaty.service_keys(Service.STATUS, now)
        status = verify_status_list(status, uri, keys, now, staleness_s)
    elif status.uri != uri:
        raise StatusInvalid(
            f"This is the status list {status.uri:.200}; the permit's is {uri}.",
            remedy=f"Fetch {uri}.",
        )
    else:
        status.require_fresh(now, staleness_s)
    found = status.status_at(permit.status_index)
    if found is not Status.VALID:
        refusal, words = _REFUSALS[found]
        raise refusal(
            f"{permit.permit_id}, version {permit.version}, {words}: so says the status"
            f" list of {format_instant(status.issued)}.",
            remedy="Stop training; the public log holds what was decided, and why.",
        )
    return status

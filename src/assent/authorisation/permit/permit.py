"""A permit: what a developer may train, under which caps, seen by whom.

Permit <-> canonical JSON, the payload that a quorum of members signs

    {"agency":"agency.example","application_digest":"sha256:…","caps":{"chips":{"H100 SXM":"1024"},"flop":"40000000000000000000000000","not_after":"2027-03-01T00:00:00Z","not_before":"2026-03-01T00:00:00Z","sites":["site-nairobi-1"],"weights":"405000000000"},"case_id":"application-2026-0001","conditions":[{"id":"rl-share","limit":{"at_most":"4000000000000000000000000","quantity":"flop_reinforcement_learning"},"text":"…"}],"decide_by":"2026-02-20T23:59:59Z","decision_id":"decision-2026-0001","developer":{"key":"…","name":"Example Labs"},"evaluations_due":[…],"excluded":["NOR"],"format":"assent-permit/1","lease_s":86400,"matter":"permit","max_staleness_s":86400,"oversight":{"flop_share_ppm":10000,"points":[{"at_flop":"…","evaluations":["cyber-offence"]}]},"permit_id":"permit-2026-0001","rulebook":{"hash":"sha256:…","title":"…"},"run_id":"…","status":{"index":17,"uri":"https://agency.example/status/1"},"supersedes":null,"treaty":{"digest":"sha256:…","version":3},"version":1}

Counts are decimal strings, for 64 bits do not hold them. Only `verify` makes a
`VerifiedPermit`.
"""  # noqa: E501 - the literal is the format

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assent.authorisation.review.deciding import Paper
from assent.authorisation.terms import (
    Caps,
    Developer,
    OversightDate,
    OversightLoss,
    OversightPoint,
)
from assent.authorisation.treaty import Matter
from assent.vocabulary import Plain, digest, format_count, format_instant

FORMAT = "assent-permit/1"
PERMIT_TYPE = "application/vnd.assent.permit+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A proviso that a machine checks: the quantity may not exceed `at_most`."""

    quantity: str
    at_most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A proviso, in words, and as a limit where it is one."""

    id: str
    text: str
    limit: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A permit, unsigned.

    Attributes:
        permit_id: its identifier; all versions of a permit share it.
        version: 1, and one more with each variation.
        supersedes: the digest of the version before; None for the first.
        agency: who grants it.
        matter: by which procedure of the treaty.
        case_id: the application, and the digest of the version that was decided on.
        application_digest: see `case_id`.
        decision_id: the decision.
        decide_by: the last instant of the vote.
        treaty_version: the treaty under which it was decided, and its digest.
        treaty_digest: see `treaty_version`.
        rulebook_title: whose thresholds made it necessary, and the rulebook's hash.
        rulebook_hash: see `rulebook_title`.
        run_id: the run, as the declaration calls it.
        developer: who may train.
        caps: how much at most.
        oversight_flop_share_ppm: of the run's compute, reserved for overseers, in
            parts per million.
        oversight_points: where it stops for evaluations, ascending.
        oversight_dates: when it stops for evaluations, ascending.
        oversight_losses: at which reported loss it does, descending.
        evaluations_due: which must be filed before the model leaves the run.
        conditions: provisos.
        excluded: members who stood aside: their signatures do not count.
        status_uri: the status list, and this permit's index in it.
        status_index: see `status_uri`.
        max_staleness_s: how old a status list may be, in seconds.
        lease_s: how long a lease lasts, in seconds.

    """

    permit_id: str
    version: int = 1
    supersedes: str | None = None
    agency: str
    matter: Matter
    case_id: str
    application_digest: str
    decision_id: str
    decide_by: datetime
    treaty_version: int
    treaty_digest: str
    rulebook_title: str
    rulebook_hash: str
    run_id: str
    developer: Developer
    caps: Caps
    oversight_flop_share_ppm: int
    oversight_points: tuple[OversightPoint, ...] = ()
    oversight_dates: tuple[OversightDate, ...] = ()
    oversight_losses: tuple[OversightLoss, ...] = ()
    evaluations_due: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    excluded: frozenset[str] = field(default_factory=frozenset)
    status_uri: str
    status_index: int
    max_staleness_s: int
    lease_s: int

    @property
    def plain(self) -> dict[str, Plain]:
        """The permit as plain values."""
        return {
            "format": FORMAT,
            "permit_id": self.permit_id,
            "version": self.version,
            "supersedes": self.supersedes,
            "agency": self.agency,
            "matter": self.matter.value,
            "case_id": self.case_id,
            "application_digest": self.application_digest,
            "decision_id": self.decision_id,
            "decide_by": format_instant(self.decide_by),
            "treaty": {"version": self.treaty_version, "digest": self.treaty_digest},
            "rulebook": {"title": self.rulebook_title, "hash": self.rulebook_hash},
            "run_id": self.run_id,
            "developer": self.developer.plain,
            "caps": self.caps.plain,
            "oversight": {
                "flop_share_ppm": self.oversight_flop_share_ppm,
                "points": [point.plain for point in self.oversight_points],
                **_if_any("dates", self.oversight_dates),
                **_if_any("losses", self.oversight_losses),
            },
            "evaluations_due": self.evaluations_due,
            "conditions": [_condition(made) for made in self.conditions],
            "excluded": sorted(self.excluded),
            "status": {"uri": self.status_uri, "index": self.status_index},
            "max_staleness_s": self.max_staleness_s,
            "lease_s": self.lease_s,
        }

    @property
    def flop_overseers(self) -> int:
        """What is reserved for overseers, rounded up: nothing of it is for training."""
        return -(-self.caps.flop * self.oversight_flop_share_ppm // 1_000_000)

    @property
    def flop_training(self) -> int:
        """What the developer's own jobs may use in all."""
        return self.caps.flop - self.flop_overseers

    @property
    def flop_overseers_at_a_site(self) -> int:
        """The equal share of each site in what is reserved for overseers."""
        return self.flop_overseers // len(self.caps.sites)

    @property
    def paper(self) -> Paper:
        """The permit as the paper of a proposal."""
        return Paper(PERMIT_TYPE, self.plain)

    @property
    def digest(self) -> str:
        """The digest of the payload, which leases and later versions name."""
        return digest(self.plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedPermit:
    """A permit that lets its developer train now.

    Attributes:
        permit: what it says.
        digest: of its payload, which leases name.
        signers: the members who signed.
        witnessed: when a quorum of witnesses had seen it in the public log; if the
            treaty asks for none, when the log's own entry says.
        witnesses: those who had; none if the treaty asks for none.
        entry_index: where the log holds it.
        treaty_version: of the treaty that was trusted.
        is_recognised: whether another agency granted it, and the trusted treaty
            recognises its permits.
        status_time: when the status list was drawn up.
        stale_after: the last instant at which this can be relied upon; then verify
            again, with a newer status list.

    """

    permit: Permit
    digest: str
    signers: tuple[str, ...]
    witnessed: datetime
    witnesses: tuple[str, ...]
    entry_index: int
    treaty_version: int
    is_recognised: bool
    status_time: datetime
    stale_after: datetime

    @property
    def words(self) -> tuple[str, ...]:
        """What was shown and what was not, a sentence or two to a line."""
        permit, caps = self.permit, self.permit.caps
        seen_by = (
            f"seen there by {', '.join(self.witnesses)}"
            if self.witnesses
            else "seen there by no witness: the time is the log's own word"
        )
        chips = ", ".join(f"{count} {kind}" for kind, count in caps.chips.items())
        first, last = format_instant(caps.not_before), format_instant(caps.not_after)
        return (
            f"{permit.permit_id}, version {permit.version}, of {permit.agency}.",
            f"Developer: {permit.developer.name}. Run: {permit.run_id}.",
            (
                f"At most {format_count(caps.flop)} FLOP, {format_count(caps.weights)}"
                f" weights, {chips}."
            ),
            f"At {', '.join(caps.sites)}, from {first}, before {last}.",
            (
                f"Signed by {', '.join(self.signers)}: enough for a matter of"
                f" {permit.matter}, by version {self.treaty_version} of the treaty."
            ),
            (
                f"Entry {self.entry_index} of the public log, {seen_by}"
                f" ({format_instant(self.witnessed)})."
            ),
            f"Neither suspended nor revoked at {format_instant(self.status_time)}.",
            f"Verify again after {format_instant(self.stale_after)}.",
            (
                "Not shown: what the run has used so far, whether its conditions are"
                " met, and that whoever shows the file is the developer."
            ),
            "Not shown: what was decided after the status list was drawn up.",
        )


def _if_any(
    name: str, points: Sequence[OversightDate | OversightLoss]
) -> dict[str, Plain]:
    """Return a field that is left out when it is empty, as in permits before it."""
    return {name: [point.plain for point in points]} if points else {}


def _condition(made: Condition) -> dict[str, Plain]:
    limit = made.limit
    return {
        "id": made.id,
        "text": made.text,
        "limit": None
        if limit is None
        else {"quantity": limit.quantity, "at_most": str(limit.at_most)},
    }

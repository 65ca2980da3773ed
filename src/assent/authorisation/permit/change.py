"""A change of a permit: to suspend, reinstate or revoke it, signed like the permit.

PermitChange <-> canonical JSON;  signed change + Treaty + instant -> VerifiedChange

    {"action":"suspend","agency":"agency.example","decision_id":"decision-2026-0007","excluded":[],"format":"assent-permit-change/1","lapses":"2026-05-01T00:00:00Z","matter":"emergency-suspension","permit_digest":"sha256:…","permit_id":"permit-2026-0001","permit_version":1,"reason":"…"}

To vary a permit is no change of this kind: its paper is the whole next version, so that
whoever reads the permit in force needs no other paper. That a permit has expired or is
used up needs no vote.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NoReturn

from assent.authorisation.docket import Event
from assent.authorisation.permit.errors import (
    ChangeMalformed,
    ChangeRefused,
    StepNotAllowed,
    WrongPaper,
)
from assent.authorisation.permit.fields import (
    AGENCY,
    DECISION_ID,
    DIGEST,
    MEMBER,
    PERMIT_ID,
    TEXT,
    instant_of,
    int_of,
    mapping_of,
    text_of,
    texts_of,
)
from assent.authorisation.permit.signers import verify_signers
from assent.authorisation.review.deciding import DecisionRecord, Paper
from assent.authorisation.treaty import Matter, Treaty
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    format_instant,
    parse_canonical,
)
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.envelope import Envelope, EnvelopeSignature

FORMAT = "assent-permit-change/1"
CHANGE_TYPE = "application/vnd.assent.permit-change+json"
CHANGE_BYTES_MAX = 100_000  # a reason of 4,000 characters takes 16,000
_FIELDS = frozenset(
    {
        "action",
        "agency",
        "decision_id",
        "excluded",
        "format",
        "lapses",
        "matter",
        "permit_digest",
        "permit_id",
        "permit_version",
        "reason",
    }
)


class Action(StrEnum):
    """What a change does."""

    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"


MATTERS = {
    Action.SUSPEND: frozenset({Matter.SUSPENSION, Matter.EMERGENCY_SUSPENSION}),
    Action.REINSTATE: frozenset({Matter.REINSTATEMENT}),
    Action.REVOKE: frozenset({Matter.REVOCATION}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitChange:
    """A change, unsigned.

    Attributes:
        agency: whose permit it is.
        permit_id: the permit, and which version of it, and that version's digest.
        permit_version: see `permit_id`.
        permit_digest: see `permit_id`.
        action: what is done.
        reason: why, in words for the public.
        decision_id: the decision.
        matter: by which procedure of the treaty.
        lapses: when the measure ends by itself; None if it does not.
        excluded: members who stood aside: their signatures do not count.

    """

    agency: str
    permit_id: str
    permit_version: int
    permit_digest: str
    action: Action
    reason: str
    decision_id: str
    matter: Matter
    lapses: datetime | None = None
    excluded: frozenset[str] = field(default_factory=frozenset)

    @property
    def plain(self) -> dict[str, Plain]:
        """The change as plain values."""
        return {
            "format": FORMAT,
            "agency": self.agency,
            "permit_id": self.permit_id,
            "permit_version": self.permit_version,
            "permit_digest": self.permit_digest,
            "action": self.action.value,
            "reason": self.reason,
            "decision_id": self.decision_id,
            "matter": self.matter.value,
            "lapses": None if self.lapses is None else format_instant(self.lapses),
            "excluded": sorted(self.excluded),
        }

    @property
    def paper(self) -> Paper:
        """The change as the paper of a proposal."""
        return Paper(CHANGE_TYPE, self.plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedChange:
    """A change that takes effect, and who signed it."""

    change: PermitChange
    signers: tuple[str, ...]


def parse_change(data: bytes) -> PermitChange:
    """Return the change whose canonical bytes these are.

    Raises:
        ChangeMalformed: if they are none's.

    """
    if len(data) > CHANGE_BYTES_MAX:
        _malformed(f"it is longer than {CHANGE_BYTES_MAX:,} bytes")
    try:
        change = _change(parse_canonical(data))
    except (AssentError, ValueError) as error:
        _malformed(str(error).removesuffix("."))
    if canonical_bytes(change.plain) != data:
        _malformed("a list is not in order")
    return change


def verify_change(
    envelope: Envelope, treaty: Treaty, witnessed: datetime
) -> VerifiedChange:
    """Return a change of a permit, if the treaty's members made it.

    Args:
        envelope: the signed change.
        treaty: the agency's.
        witnessed: when witnesses had seen it in the public log.

    Raises:
        WrongPaper: if it is a signed statement of another type.
        ChangeMalformed: if it is no change.
        ChangeRefused: if the treaty knows no such measure, or of another agency.
        SignatureInvalid, SignerRecused, PermitQuorumNotMet, MatterUnknown: see
            `verify_signers`.

    """
    if envelope.payload_type != CHANGE_TYPE:
        raise WrongPaper(
            f"This is a statement of type {envelope.payload_type:.120}, and no change"
            " of a permit.",
            remedy="Take the file that the agency gave for this purpose.",
        )
    change = parse_change(envelope.payload)
    if change.agency != treaty.agency:
        raise ChangeRefused(
            f"The change is by {change.agency}; the treaty is of {treaty.agency}.",
            remedy="Only the agency that granted a permit changes it.",
        )
    check_measure(change, treaty, witnessed)
    signers = verify_signers(
        envelope, treaty, change.matter, change.excluded, witnessed
    )
    return VerifiedChange(change=change, signers=signers)


def check_measure(change: PermitChange, treaty: Treaty, at: datetime) -> None:
    """Hold a change against the procedure that it names.

    Raises:
        ChangeRefused: if the matter does not allow the action, or the measure does
            not end when such measures do.
        MatterUnknown: if the treaty lets nobody decide the matter.

    """
    days = treaty.procedure(change.matter).lapses_after_days
    if change.matter not in MATTERS[change.action]:
        why = f"nobody can {change.action} a permit as a matter of {change.matter}"
    elif days is None and change.lapses is not None:
        why = f"a matter of {change.matter} does not end by itself"
    elif days is not None and (
        change.lapses is None or change.lapses > at + timedelta(days=days)
    ):
        why = f"a matter of {change.matter} ends after {days} days, and this does not"
    else:
        return
    raise ChangeRefused(
        f"The change of {change.permit_id} has no effect: {why}.",
        remedy="Propose it again by the procedure that the treaty gives for it.",
    )


def decision_body(record: DecisionRecord) -> dict[str, Plain]:
    """Return the body of an event that a granted decision brings about.

    `permit_decided`, `varied`, `suspended`, `reinstated` and `revoked` have this body.
    """
    paper = record.signed_paper
    return {
        "decision_id": record.proposal.decision_id,
        "record_digest": record.digest,
        "payload": record.proposal.paper.payload,
        "signatures": [
            {"key_id": line.key_id, "signature": line.signature.hex()}
            for line in paper.signatures
        ],
    }


def signed_paper(event: Event, payload_type: str) -> Envelope:
    """Return the signed paper that such an event holds.

    Raises:
        StepNotAllowed: if it holds none.

    """
    try:
        body: Any = event.body
        lines = [
            EnvelopeSignature(line["key_id"], bytes.fromhex(line["signature"]))
            for line in body["signatures"]
        ]
        payload = canonical_bytes(body["payload"])
    except (KeyError, TypeError, ValueError, AssentError):
        raise StepNotAllowed(
            f"The event {event.kind} holds no signed paper.",
            remedy="Read the case again.",
        ) from None
    return Envelope(payload, payload_type).with_signatures(lines)


def _change(value: Any) -> PermitChange:  # noqa: ANN401 - any plain value
    fields = mapping_of(value, "it", _FIELDS)
    if fields["format"] != FORMAT:
        _malformed(f"its format is not {FORMAT}")
    lapses = fields["lapses"]
    return PermitChange(
        agency=text_of(fields["agency"], AGENCY, "agency"),
        permit_id=text_of(fields["permit_id"], PERMIT_ID, "permit_id"),
        permit_version=int_of(
            fields["permit_version"], 1, INTEGER_SAFE_MAX, "permit_version"
        ),
        permit_digest=text_of(fields["permit_digest"], DIGEST, "permit_digest"),
        action=Action(fields["action"]),
        reason=text_of(fields["reason"], TEXT, "reason"),
        decision_id=text_of(fields["decision_id"], DECISION_ID, "decision_id"),
        matter=Matter(fields["matter"]),
        lapses=None if lapses is None else instant_of(lapses, "lapses"),
        excluded=frozenset(texts_of(fields["excluded"], MEMBER, "excluded")),
    )


def _malformed(why: str) -> NoReturn:
    raise ChangeMalformed(
        f"This is no change of a permit: {why}.",
        remedy="Take the agency's file as it is.",
    )

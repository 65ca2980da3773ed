"""A member's vote on a proposal: a signed statement that anybody can count.

Proposal + choice + signer -> CastVote;  CastVote + Proposal + Treaty -> Vote, verified

    {"agency":"agency.example","choice":"approve","decision_digest":"sha256:…","decision_id":"decision-2026-0001","format":"assent-vote/1","matter":"permit","member":"KEN","reason":"…","time":"2026-04-02T10:00:00Z"}

An approval comes with the member's signature of the paper. Without it the vote would
be counted and the permit would lack a signature, so it is refused.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from assent.authorisation.review.deciding.errors import (
    VoteMalformed,
    VoteOnAnotherDecision,
    VoterNotEligible,
    VoterRecused,
    VoteTooLate,
    VoteUnsigned,
)
from assent.authorisation.review.deciding.paper import VOTE_TYPE
from assent.authorisation.review.deciding.proposal import Proposal
from assent.authorisation.treaty import Treaty
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    format_instant,
    parse_canonical,
    parse_instant,
)
from assent.vocabulary.envelope import (
    Envelope,
    EnvelopeSignature,
    Signer,
    parse_envelope,
    verify_envelope,
)

FORMAT = "assent-vote/1"
REASON_LENGTH_MAX = 4_000
VOTE_BYTES_MAX = 100_000  # the longest reason, escaped and in base64, takes 32,000
_FIELDS = frozenset(
    {
        "agency",
        "choice",
        "decision_digest",
        "decision_id",
        "format",
        "matter",
        "member",
        "reason",
        "time",
    }
)


class Choice(StrEnum):
    """What a member says."""

    APPROVE = "approve"
    REJECT = "reject"
    ABSTAIN = "abstain"
    RECUSE = "recuse"  # stands aside: counts neither way, and says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What a verified vote says. `key_id` is of the key that signed it."""

    member: str
    choice: Choice
    reason: str
    time: datetime
    key_id: str
    paper_signature: EnvelopeSignature | None


@dataclass(frozen=True, slots=True)
class CastVote:
    """A vote as it is sent: the signed statement, and the paper's signature."""

    envelope: Envelope
    paper_signature: EnvelopeSignature | None

    @property
    def plain(self) -> dict[str, Plain]:
        """The vote as plain values, as records and events hold it."""
        line = self.paper_signature
        return {
            "vote": self.envelope.encoded.decode(),
            "paper_signature": None
            if line is None
            else {"key_id": line.key_id, "signature": line.signature.hex()},
        }

    @property
    def encoded(self) -> bytes:
        """The canonical bytes of `plain`, as a file holds them."""
        return canonical_bytes(self.plain)


def cast_vote(  # noqa: PLR0913 - a vote is all of these
    proposal: Proposal,
    *,
    member: str,
    choice: Choice,
    reason: str,
    time: datetime,
    signer: Signer,
) -> CastVote:
    """Return a signed vote; an approval signs the paper too."""
    said: dict[str, Plain] = {
        "format": FORMAT,
        "agency": proposal.agency,
        "decision_id": proposal.decision_id,
        "decision_digest": proposal.digest,
        "matter": proposal.matter.value,
        "member": member,
        "choice": choice.value,
        "reason": reason,
        "time": format_instant(time),
    }
    envelope = Envelope(canonical_bytes(said), VOTE_TYPE).signed_by(signer)
    if choice is not Choice.APPROVE:
        return CastVote(envelope, None)
    (line,) = proposal.paper.unsigned.signed_by(signer).signatures
    return CastVote(envelope, line)


def parse_vote(data: bytes) -> CastVote:
    """Return the vote that a file holds, believed in nothing yet.

    Raises:
        VoteMalformed: if it is none.

    """
    if len(data) > VOTE_BYTES_MAX:
        raise _malformed(f"it has more than {VOTE_BYTES_MAX:,} bytes")
    try:
        return vote_of(parse_canonical(data))
    except AssentError as error:
        raise _malformed(error.message) from None


def vote_of(value: Any) -> CastVote:  # noqa: ANN401 - any plain value
    """Return the vote that plain values describe, believed in nothing yet.

    Raises:
        VoteMalformed: if they describe none.

    """
    try:
        given = value["paper_signature"]
        line = given and EnvelopeSignature(
            given["key_id"], bytes.fromhex(given["signature"])
        )
        vote = CastVote(parse_envelope(value["vote"].encode()), line)
        is_same = canonical_bytes(vote.plain) == canonical_bytes(value)
    except (AssentError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _malformed(f"a field is not what it must be ({error})") from None
    if not is_same:
        raise _malformed("it has further fields")
    return vote


def verify_vote(
    vote: CastVote, proposal: Proposal, treaty: Treaty, received: datetime
) -> Vote:
    """Return what a vote says, if it counts.

    Args:
        vote: as it was sent.
        proposal: the one that is being voted on.
        treaty: in force when the vote is counted; its keys are the ones that speak.
        received: when the agency received the vote.

    Raises:
        VoteMalformed: if the statement is none, or an approval lacks the paper's
            signature.
        VoteOnAnotherDecision: if it names another proposal.
        VoterNotEligible: if the treaty gives that member no vote on this.
        VoterRecused: if the proposal excludes the member.
        VoteTooLate: if the vote is not open at that time.
        VoteUnsigned: if no key in force of that member signed it.
        SignatureInvalid: if one of them is said to have, and has not.

    """
    said = _statement(vote.envelope.payload)
    member = said["member"]
    # (1) It is about these words and no others.
    if (said["decision_digest"], said["decision_id"], said["agency"]) != (
        proposal.digest,
        proposal.decision_id,
        proposal.agency,
    ) or said["matter"] != proposal.matter.value:
        raise VoteOnAnotherDecision(
            f"The vote of {member} is on {said['decision_id']} with the digest"
            f" {said['decision_digest']:.80}, not on {proposal.decision_id} with"
            f" {proposal.digest}.",
            remedy="Read this proposal, and vote on it.",
        )
    # (2) It is from somebody who has a vote, and is not excluded.
    choice = _check_voter(member, said, proposal, treaty, received)
    # (3) It is in time.
    if not proposal.opens <= received <= proposal.closes:
        raise VoteTooLate(
            f"The vote of {member} came at {format_instant(received)}; the vote is"
            f" open from {format_instant(proposal.opens)} to"
            f" {format_instant(proposal.closes)}.",
            remedy="What was not approved in time is refused; apply again.",
        )
    # (4) One of the member's own keys, in force now, signed it, and the paper.
    keys = {
        key_id: key
        for key_id, (name, key) in treaty.member_keys(received).items()
        if name == member
    }
    signed = verify_envelope(vote.envelope, VOTE_TYPE, keys.values())
    if not signed:
        raise VoteUnsigned(
            f"No key of {member} that is in force signed this vote.",
            remedy="Sign with the key that the treaty names now.",
        )
    line = vote.paper_signature
    if choice is Choice.APPROVE:
        paper = proposal.paper.unsigned
        if line is None or line.key_id not in keys:
            raise _malformed(f"the approval of {member} comes without the signed paper")
        verify_envelope(
            paper.with_signatures([line]), paper.payload_type, keys.values()
        )
    elif line is not None:
        raise _malformed(f"{member} does not approve, and yet signs the paper")
    return Vote(
        member=member,
        choice=choice,
        reason=said["reason"],
        time=parse_instant(said["time"]),
        key_id=min(signed),
        paper_signature=line,
    )


def _check_voter(
    member: str,
    said: dict[str, Any],
    proposal: Proposal,
    treaty: Treaty,
    received: datetime,
) -> Choice:
    if member not in treaty.eligible(proposal.matter, received):
        raise VoterNotEligible(
            f"{member} has no vote on {proposal.matter} under {treaty.title}.",
            remedy="Only members of the organs that decide the matter vote, while"
            " their party is bound and made no reservation.",
        )
    if member in proposal.excluded:
        raise VoterRecused(
            f"{member} stands aside in {proposal.decision_id}:"
            f" {proposal.excluded[member]}.",
            remedy="Its vote cannot count, whatever it says.",
        )
    return Choice(said["choice"])


def _statement(payload: bytes) -> dict[str, Any]:
    try:
        said = parse_canonical(payload)
        if not isinstance(said, dict) or said.keys() != _FIELDS:
            raise _malformed("a field is missing, or there is one too many")
        if said["format"] != FORMAT or not all(
            isinstance(text, str) for text in said.values()
        ):
            raise _malformed(f"it is not in the format {FORMAT}")
        Choice(said["choice"])
        parse_instant(said["time"])
    except (AssentError, ValueError) as error:
        if isinstance(error, VoteMalformed):
            raise
        raise _malformed("a field is not what it must be") from None
    if len(said["reason"]) > REASON_LENGTH_MAX:
        raise _malformed(f"its reason is longer than {REASON_LENGTH_MAX:,} characters")
    return said


def _malformed(why: str) -> VoteMalformed:
    return VoteMalformed(
        f"This is no vote: {why}.", remedy="Vote with `assent vote cast`."
    )

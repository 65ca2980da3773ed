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
)
from assent.authorisation.review.deciding.paper import VOTE_TYPE
from assent.authorisation.review.deciding.proposal import Proposal
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    format_instant,
    parse_canonical,
)
from assent.vocabulary.envelope import (
    Envelope,
    EnvelopeSignature,
    Signer,
    parse_envelope,
)

FORMAT = "assent-vote/1"
REASON_LENGTH_MAX = 4_000
VOTE_BYTES_MAX = 100_000  # the longest reason, escaped and in base64, takes 32,000
_FIELDS = frozenset({"vote", "paper_signature"})


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
    """Return a signed vote; an approval signs the paper too.

    Raises:
        VoteMalformed: if the reason is longer than REASON_LENGTH_MAX.

    """
    if len(reason) > REASON_LENGTH_MAX:
        raise malformed(f"its reason is longer than {REASON_LENGTH_MAX:,} characters")
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
        raise malformed(f"it has more than {VOTE_BYTES_MAX:,} bytes")
    try:
        value = parse_canonical(data)
    except AssentError as error:
        raise malformed(error.message) from None
    return vote_of(value)


def vote_of(value: Any) -> CastVote:  # noqa: ANN401 - any plain value
    """Return the vote that plain values describe, believed in nothing yet.

    Raises:
        VoteMalformed: if they describe none.

    """
    if not isinstance(value, dict) or value.keys() != _FIELDS:
        raise malformed("a field is missing, or there is one too many")
    try:
        given = value["paper_signature"]
        line = given and EnvelopeSignature(
            given["key_id"], bytes.fromhex(given["signature"])
        )
        vote = CastVote(parse_envelope(value["vote"].encode()), line)
        is_same = canonical_bytes(vote.plain) == canonical_bytes(value)
    except (AssentError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise malformed(f"a field is not what it must be ({error})") from None
    if not is_same:
        raise malformed("it has further fields")
    return vote


def malformed(why: str) -> VoteMalformed:
    """Return the error that something is no vote."""
    return VoteMalformed(
        f"This is no vote: {why.removesuffix('.')}.",
        remedy="Vote with `assent vote cast`.",
    )

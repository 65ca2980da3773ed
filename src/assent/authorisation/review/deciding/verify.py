"""Verify a vote: whose it is, on what, in time, and signed by a key in force.

CastVote + Proposal + Treaty + when it came -> Vote, or why it does not count
"""

from datetime import datetime
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
from assent.authorisation.review.deciding.vote import (
    FORMAT,
    REASON_LENGTH_MAX,
    CastVote,
    Choice,
    Vote,
    malformed,
)
from assent.authorisation.treaty import Treaty
from assent.vocabulary import (
    AssentError,
    format_instant,
    parse_canonical,
    parse_instant,
)
from assent.vocabulary.envelope import PublicKey, verify_envelope

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
    _check_subject(said, proposal)
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
    key_id = _check_signatures(
        vote, member, choice, proposal, _keys_of(member, treaty, received)
    )
    return Vote(
        member=member,
        choice=choice,
        reason=said["reason"],
        time=parse_instant(said["time"]),
        key_id=key_id,
        paper_signature=vote.paper_signature,
    )


def _check_subject(said: dict[str, Any], proposal: Proposal) -> None:
    if (said["decision_digest"], said["decision_id"], said["agency"]) != (
        proposal.digest,
        proposal.decision_id,
        proposal.agency,
    ) or said["matter"] != proposal.matter.value:
        raise VoteOnAnotherDecision(
            f"The vote of {said['member']} is on {said['decision_id']} with the digest"
            f" {said['decision_digest']:.80}, not on {proposal.decision_id} with"
            f" {proposal.digest}.",
            remedy="Read this proposal, and vote on it.",
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


def _keys_of(member: str, treaty: Treaty, at: datetime) -> dict[str, PublicKey]:
    return {
        key_id: key
        for key_id, (name, key) in treaty.member_keys(at).items()
        if name == member
    }


def _check_signatures(
    vote: CastVote,
    member: str,
    choice: Choice,
    proposal: Proposal,
    keys: dict[str, PublicKey],
) -> str:
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
            raise malformed(f"the approval of {member} comes without the signed paper")
        verify_envelope(
            paper.with_signatures([line]), paper.payload_type, keys.values()
        )
    elif line is not None:
        raise malformed(f"{member} does not approve, and yet signs the paper")
    return min(signed)


def _statement(payload: bytes) -> dict[str, Any]:
    try:
        said = parse_canonical(payload)
        if not isinstance(said, dict) or said.keys() != _FIELDS:
            raise malformed("a field is missing, or there is one too many")
        if said["format"] != FORMAT or not all(
            isinstance(text, str) for text in said.values()
        ):
            raise malformed(f"it is not in the format {FORMAT}")
        Choice(said["choice"])
        parse_instant(said["time"])
    except (AssentError, ValueError) as error:
        if isinstance(error, VoteMalformed):
            raise
        raise malformed("a field is not what it must be") from None
    if len(said["reason"]) > REASON_LENGTH_MAX:
        raise malformed(f"its reason is longer than {REASON_LENGTH_MAX:,} characters")
    return said

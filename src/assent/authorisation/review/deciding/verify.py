"""Verify a vote: whose it is, on what, in time, and signed by a key in force.

CastVote + Proposal + Treaty + when it came -> Vote, or why it does not count
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
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
from assent.vocabulary.envelope import (
    Envelope,
    EnvelopeSignature,
    PublicKey,
    verify_envelope,
)

SKEW = timedelta(minutes=5)  # by which a member's clock and the agency's may differ
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
    vote: CastVote,
    proposal: Proposal,
    treaty: Treaty,
    received: datetime,
    counted: datetime | None = None,
) -> Vote:
    """Return what a vote says, if it counts.

    Args:
        vote: as it was sent.
        proposal: the one that is being voted on.
        treaty: in force when the vote is counted; its keys are the ones that speak.
        received: when the agency received the vote.
        counted: when it is counted, at which it has to count as well; None for then.

    Raises:
        VoteMalformed: if the statement is none, an approval lacks the paper's
            signature, or it says that it was signed after it came.
        VoteOnAnotherDecision: if it names another proposal.
        VoterNotEligible: if the treaty gives that member no vote on this.
        VoterRecused: if the proposal excludes the member.
        VoteTooLate: if the vote is not open at that time, or was not when the member
            says that it signed.
        VoteUnsigned: if no key in force of that member signed it.
        SignatureInvalid: if one of them is said to have, and has not.

    """
    said, choice = _said(vote, proposal, treaty, received, counted)
    member = said["member"]
    # (4) One of the member's own keys, in force at each instant, signed it, and the
    #     paper.
    keys = [_keys_of(member, treaty, at) for at in _instants(received, counted)]
    key_id = _check_signatures(vote, member, choice, proposal, keys)
    return _vote(vote, said, choice, key_id)


def read_standing_vote(
    vote: CastVote,
    proposal: Proposal,
    treaty: Treaty,
    received: datetime,
    counted: datetime,
) -> Vote:
    """Return what a vote says that was verified when it was received.

    No signature is verified again: only whether the member may still vote, and its key
    is still in force. It tells how a vote goes on; a decision rests on `verify_vote`.

    Raises:
        VoteRefused, VoteMalformed: as `verify_vote`.

    """
    said, choice = _said(vote, proposal, treaty, received, counted)
    member = said["member"]
    keys = [_keys_of(member, treaty, at) for at in (received, counted)]
    lines = [line.key_id for line in vote.envelope.signatures]
    in_force = [key_id for key_id in lines if all(key_id in some for some in keys)]
    if not in_force:
        raise _unsigned(member)
    _check_paper_line(vote, member, choice, keys)
    return _vote(vote, said, choice, min(in_force))


def _said(
    vote: CastVote,
    proposal: Proposal,
    treaty: Treaty,
    received: datetime,
    counted: datetime | None,
) -> tuple[dict[str, Any], Choice]:
    said = _statement(vote.envelope.payload)
    # (1) It is about these words and no others.
    _check_subject(said, proposal)
    for at in _instants(received, counted):
        # (2) It is from somebody who has a vote, and is not excluded.
        _check_voter(said["member"], proposal, treaty, at)
        # (3) It is in time.
        if not proposal.opens <= at <= proposal.closes:
            raise VoteTooLate(
                f"The vote of {said['member']} came at {format_instant(at)}; the vote"
                f" is open from {format_instant(proposal.opens)} to"
                f" {format_instant(proposal.closes)}.",
                remedy="What was not approved in time is refused; apply again.",
            )
    _check_signed(said, proposal, received)
    return said, Choice(said["choice"])


def _check_signed(said: dict[str, Any], proposal: Proposal, received: datetime) -> None:
    """Hold the time under the member's signature against the agency's word.

    When a vote came is for the agency to write down; a vote that says that it was
    signed after the deadline cannot be written down as one that came before.
    """
    signed = parse_instant(said["time"])
    if not proposal.opens - SKEW <= signed <= proposal.closes:
        raise VoteTooLate(
            f"The vote of {said['member']} says that it was signed at"
            f" {format_instant(signed)}; the vote is open from"
            f" {format_instant(proposal.opens)} to {format_instant(proposal.closes)}.",
            remedy="Set the clock, and sign again while the vote is open.",
        )
    if signed > received + SKEW:
        raise malformed(
            f"it says that it was signed at {format_instant(signed)}, and it came at"
            f" {format_instant(received)}"
        )


def _instants(received: datetime, counted: datetime | None) -> tuple[datetime, ...]:
    return (received,) if counted in {None, received} else (received, counted)


def _vote(vote: CastVote, said: dict[str, Any], choice: Choice, key_id: str) -> Vote:
    return Vote(
        member=said["member"],
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


def _check_voter(member: str, proposal: Proposal, treaty: Treaty, at: datetime) -> None:
    if member not in treaty.eligible(proposal.matter, at):
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


def _keys_of(member: str, treaty: Treaty, at: datetime) -> dict[str, PublicKey]:
    dated = treaty.members[member].keys
    return {one.key.key_id: one.key for one in dated if one.is_in_force(at)}


def _check_signatures(
    vote: CastVote,
    member: str,
    choice: Choice,
    proposal: Proposal,
    keys: Sequence[Mapping[str, PublicKey]],
) -> str:
    # By all keys at once, and each signature once, whether one instant counts or two.
    known = {key_id: key for some in keys for key_id, key in some.items()}
    by = frozenset(known.values())
    signed = _signers(vote.envelope, VOTE_TYPE, by)
    if not all(signed & some.keys() for some in keys):
        raise _unsigned(member)
    line = _check_paper_line(vote, member, choice, keys)
    if line is not None:
        paper = proposal.paper.unsigned
        _signers(paper.with_signatures([line]), paper.payload_type, by)
    return min(signed & keys[0].keys())


@lru_cache(maxsize=512)
def _signers(
    envelope: Envelope, payload_type: str, keys: frozenset[PublicKey]
) -> frozenset[str]:
    """Return whose signatures an envelope bears, as `verify_envelope`.

    A vote is verified when it comes and again when it decides: whoever asks the same
    of the same bytes gets the same answer. An error is never remembered.
    """
    return verify_envelope(envelope, payload_type, keys)


def _check_paper_line(
    vote: CastVote,
    member: str,
    choice: Choice,
    keys: Sequence[Mapping[str, PublicKey]],
) -> EnvelopeSignature | None:
    line = vote.paper_signature
    if choice is Choice.APPROVE:
        if line is None or not all(line.key_id in some for some in keys):
            raise malformed(f"the approval of {member} comes without the signed paper")
    elif line is not None:
        raise malformed(f"{member} does not approve, and yet signs the paper")
    return line


def _unsigned(member: str) -> VoteUnsigned:
    return VoteUnsigned(
        f"No key of {member} that is in force signed this vote.",
        remedy="Sign with the key that the treaty names now.",
    )


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

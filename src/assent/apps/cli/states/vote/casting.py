"""`assent vote show` and `cast`: read what is decided, and vote on it.

proposal + key (+ root and metadata) -> words, a question, a signed vote

The proposal is read once: what is shown is what is signed.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assent.adapters.agency import ServiceSigner
from assent.adapters.files import read_bytes
from assent.adapters.keys.held_keys import SEED_BYTES, read_public
from assent.apps.cli.output.speaking import show, tell
from assent.apps.cli.output.writing import verify_new
from assent.apps.cli.permit.output import write
from assent.apps.cli.states.key.screen import confirm_and_unlock
from assent.apps.cli.states.vote.trust import trusted_if_given, verify_is_of
from assent.apps.cli.states.vote.words import describe_proposal, verify_reason
from assent.authorisation.review.deciding import (
    Choice,
    Proposal,
    VoteUnsigned,
    cast_vote,
    parse_proposal,
    verify_vote,
)
from assent.authorisation.review.deciding.proposal import PROPOSAL_BYTES_MAX
from assent.authorisation.treaty import Treaty
from assent.vocabulary import from_posix
from assent.wiring.log import now_s

_UNCHECKED = (
    "NOT CHECKED: without --root and --trust nobody knows whether this is a proposal"
    " of your treaty, nor whether the vote would count."
)
_MEANING = {
    Choice.APPROVE: "With it you sign what takes effect, word for word.",
    Choice.REJECT: "You sign the vote alone.",
    Choice.ABSTAIN: "You sign the vote alone; it counts neither way.",
    Choice.RECUSE: "You stand aside; it counts neither way.",
}


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """A vote as it was typed: on what, by whom, which, why, and where it goes."""

    proposal: Path
    member: str
    choice: str
    reason: str
    key: Path
    out: Path


def show_proposal(file: Path, root: Path | None, trust: Path | None) -> None:
    """Show what a proposal decides; with a root, that it is of the reader's treaty."""
    proposal, treaty = _read(file, root, trust, _now())
    show(*describe_proposal(proposal, treaty))
    if treaty is None:
        tell(_UNCHECKED)


def cast(
    ballot: Ballot,
    root: Path | None,
    trust: Path | None,
    passphrase_file: Path | None,
    *,
    yes: bool,
) -> None:
    """Show what is decided, ask, sign the vote, and write it.

    Raises:
        VoteRefused, VoteMalformed: if the vote would not count.
        NotConfirmed: if the key's holder does not say yes.
        AssentError: of another kind, if a file is not what it must be.

    """
    verify_reason(ballot.reason)
    verify_new(ballot.out)
    proposal, treaty = _read(ballot.proposal, root, trust, _now())
    choice = Choice(ballot.choice)
    words = [
        *describe_proposal(proposal, treaty),
        f"YOUR VOTE: {choice.value.upper()}, as {ballot.member}",
        f"because: {ballot.reason}",
        _MEANING[choice],
        _UNCHECKED if treaty is None else "Checked: this vote will count.",
    ]
    if treaty is not None:
        _verify_will_count(ballot, proposal, treaty, _now())
    signer = confirm_and_unlock(words, ballot.key, passphrase_file, yes=yes)
    time = _now()
    vote = cast_vote(
        proposal,
        member=ballot.member,
        choice=choice,
        reason=ballot.reason,
        time=time,
        signer=signer,
    )
    if treaty is not None:
        verify_vote(vote, proposal, treaty, time)
    write(ballot.out, vote.encoded)
    tell("Send it to the agency, and keep a copy: it proves what you voted.")


def _read(
    file: Path, root: Path | None, trust: Path | None, now: datetime
) -> tuple[Proposal, Treaty | None]:
    proposal = parse_proposal(read_bytes(file, PROPOSAL_BYTES_MAX))
    trusted = trusted_if_given(root, trust, now)
    if trusted is None:
        return proposal, None
    verify_is_of(proposal, trusted.treaty)
    return proposal, trusted.treaty


def _verify_will_count(
    ballot: Ballot, proposal: Proposal, treaty: Treaty, now: datetime
) -> None:
    """Refuse, before the passphrase is asked for, a vote that would not count."""
    about = read_public(ballot.key)
    holder = treaty.member_keys(now).get(about.key_id or "")
    if holder is None or holder[0] != ballot.member:
        whose = "no member" if holder is None else holder[0]
        raise VoteUnsigned(
            f"The key in {ballot.key} is in force for {whose}, not for"
            f" {ballot.member}.",
            remedy="Sign with the key that the treaty names now.",
        )
    # The same vote by a key that nobody holds: if it lacks nothing but the member's
    # signature, the member's own will count.
    rehearsed = cast_vote(
        proposal,
        member=ballot.member,
        choice=Choice(ballot.choice),
        reason=ballot.reason,
        time=now,
        signer=ServiceSigner(secrets.token_bytes(SEED_BYTES)),
    )
    try:
        verify_vote(rehearsed, proposal, treaty, now)
    except VoteUnsigned:
        return


def _now() -> datetime:
    return from_posix(now_s())

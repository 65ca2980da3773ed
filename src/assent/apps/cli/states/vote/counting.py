"""`assent vote count`: anybody counts a decision again, offline.

record + root + metadata -> the votes, each verified, and what they come to
"""

from pathlib import Path

from assent.adapters.files import read_bytes
from assent.apps.cli.output.speaking import show
from assent.apps.cli.states.vote.trust import trusted_by
from assent.authorisation.review.deciding import (
    Proposal,
    Tally,
    count_votes,
    verify_record,
    verify_vote,
)
from assent.authorisation.review.deciding.record import RECORD_BYTES_MAX
from assent.vocabulary import format_instant, from_posix
from assent.wiring.log import now_s


def count(record: Path, root: Path, trust: Path) -> None:
    """Count a decision again, and show what it comes to.

    Raises:
        RecordInvalid: if it is no record, or comes out otherwise.
        VoteRefused, VoteMalformed, SignatureInvalid: if a vote in it does not count.
        AssentError: of another kind, if the root leads to no treaty.

    """
    data = read_bytes(record, RECORD_BYTES_MAX)
    treaty = trusted_by(root, trust, from_posix(now_s())).treaty
    made = verify_record(data, treaty)
    proposal = made.proposal
    tally = count_votes(proposal, made.votes, treaty, made.decided)
    show(f"{proposal.decision_id} of {proposal.agency}: {proposal.title}")
    for given in made.votes:
        said = verify_vote(given.vote, proposal, treaty, given.received)
        show(
            f"  {said.member}: {said.choice}, received"
            f" {format_instant(given.received)}, because: {said.reason}"
        )
    show(
        *tally_lines(tally, proposal),
        f"COUNTED AGAIN: {made.outcome}, {format_instant(made.decided)}:"
        f" {tally.reason}",
        *(
            [f"The agency's own words for it: {made.reason}"]
            if made.reason != tally.reason
            else []
        ),
        f"Hold this digest against the public log: {made.digest}",
        f"Counted by version {treaty.version} of the treaty; the proposal was drawn up"
        f" under version {proposal.treaty_version}.",
        "Not shown: that no vote was held back. A member whose vote is missing has its"
        " own copy. When votes were received, and when it was decided, is the agency's"
        " word; that they were signed in time is the members'.",
    )


def tally_lines(tally: Tally, proposal: Proposal) -> list[str]:
    """Return who did what, one line for each."""
    counted = {
        "approve": tally.approve,
        "reject": tally.reject,
        "abstain": tally.abstain,
        "have not voted": tally.pending,
    }
    own = sorted(tally.absent - proposal.excluded.keys())
    return [
        *(
            f"{words} ({len(names)}): {', '.join(sorted(names)) or 'none'}"
            for words, names in counted.items()
        ),
        *(
            f"stands aside: {member}, {why}"
            for member, why in proposal.excluded.items()
        ),
        *(f"stands aside by its own vote: {member}" for member in own),
    ]

"""`assent vote record`, `status`, `proposal`, `export`: the agency's side of a vote.

agency's folder + case + votes -> where the vote stands; the files that members need
"""

from datetime import datetime
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.apps.cli.output.naming import naming
from assent.apps.cli.output.speaking import show
from assent.apps.cli.permit.output import write
from assent.apps.cli.states.vote.counting import tally_lines
from assent.apps.cli.states.vote.words import verify_reason
from assent.authorisation.review import Ballot, ballot_of
from assent.authorisation.review.deciding import (
    CastVote,
    DecisionRecord,
    count_votes,
    parse_vote,
    voided,
)
from assent.authorisation.review.deciding.vote import VOTE_BYTES_MAX
from assent.authorisation.secretariat import Office, record_vote, withdraw_vote
from assent.vocabulary import NotAllowed, format_instant, parse_canonical
from assent.wiring.agency import open_agency
from assent.wiring.agency.open import now


def record(agency: Path, case_id: str, files: list[Path], actor: str) -> None:
    """Record votes in the order given, until one of them settles the matter.

    Raises:
        VoteMalformed: if a file holds no vote; then none was recorded.
        InputError: likewise, if one gives no reason that can be read.
        VoteRefused, VoteNotOpen: if one does not count; those before it are recorded.

    """
    votes = [(file, _read(file)) for file in files]
    time = now()
    with open_agency(agency, at=time) as opened:
        for place, (file, vote) in enumerate(votes):
            show(f"{file} …")
            counted = record_vote(opened.office, case_id, vote, actor, time)
            show("  recorded")
            if counted.record is not None:
                show(
                    *(
                        f"{late}  not recorded: the decision is made"
                        for late, _ in votes[place + 1 :]
                    )
                )
                break
        _show_status(opened.office, case_id, time)


def _read(file: Path) -> CastVote:
    with naming(file):
        vote = parse_vote(read_bytes(file, VOTE_BYTES_MAX))
        said = parse_canonical(vote.envelope.payload)
        if isinstance(said, dict) and isinstance(said.get("reason"), str):
            verify_reason(said["reason"])  # all else is refused when it is counted
    return vote


def withdraw(agency: Path, case_id: str, reason: str, actor: str) -> None:
    """Take back what is put to the vote.

    Raises:
        VoteNotOpen: if nothing is.

    """
    with open_agency(agency, at=now()) as opened:
        withdrawn = withdraw_vote(opened.office, case_id, reason, actor, now())
    show(f"{withdrawn} is no longer put to the vote in {case_id}")


def status(agency: Path, case_id: str) -> None:
    """Show who voted what, what is still lacking, and until when."""
    time = now()
    with open_agency(agency, at=time) as opened:
        _show_status(opened.office, case_id, time)


def export_proposal(agency: Path, case_id: str, out: Path) -> None:
    """Write the proposal that is voted on.

    Raises:
        VoteNotOpen: if there is none.

    """
    with open_agency(agency, at=now()) as opened:
        proposal = ballot_of(opened.office.read(case_id)).open_proposal
    write(out, proposal.encoded)


def export_record(agency: Path, case_id: str, out: Path) -> None:
    """Write the record of the last decision, as the public log names it.

    Raises:
        NotAllowed: if nothing was decided by vote.

    """
    with open_agency(agency, at=now()) as opened:
        made = ballot_of(opened.office.read(case_id)).last_record
        if made is None:
            raise NotAllowed(
                f"Nothing was decided by vote in {case_id}.",
                remedy="Wait for the votes; see `assent vote status`.",
            )
        data = opened.office.records.get(made.digest)
    write(out, data)


def _show_status(office: Office, case_id: str, time: datetime) -> None:
    ballot = ballot_of(office.read(case_id))
    if ballot.proposal is None and (made := ballot.last_record) is not None:
        _show_decided(made)
    else:
        _show_open(ballot, office, time)


def _show_open(ballot: Ballot, office: Office, time: datetime) -> None:
    proposal, votes = ballot.open_proposal, list(ballot.votes.values())
    gone = voided(votes, proposal, office.treaty, time)
    left = [vote for vote in votes if vote not in gone]
    void = [name for name, vote in ballot.votes.items() if vote in gone]
    tally = count_votes(proposal, left, office.treaty, time)
    show(
        f"{proposal.decision_id}: {proposal.title}",
        f"open until {format_instant(proposal.closes)}",
        *tally_lines(tally, proposal),
        *(f"counts no more, its key or standing has changed: {name}" for name in void),
        f"{tally.outcome}: {tally.reason}",
    )


def _show_decided(made: DecisionRecord) -> None:
    said = [parse_canonical(given.vote.envelope.payload) for given in made.votes]
    show(
        f"{made.proposal.decision_id}: {made.proposal.title}",
        *(f"  {vote['member']}: {vote['choice']}" for vote in said),
        f"DECIDED {format_instant(made.decided)}: {made.outcome}, {made.reason}",
        f"record {made.digest}",
    )

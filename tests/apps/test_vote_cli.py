"""`assent vote` as members, the agency and anybody who counts again use it."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.voting_agency import MEMBERS, Rehearsed, rehearsed, run

from assent.adapters.keys.held_keys import unlock
from assent.apps.cli.exit_codes import exit_code
from assent.apps.cli.permit.measure_app import measure
from assent.apps.cli.states.vote.app import vote
from assent.apps.cli.states.vote.words import describe_proposal
from assent.authorisation.permit import CHANGE_TYPE, PERMIT_TYPE, PaperDiffers
from assent.authorisation.review.deciding import (
    Choice,
    Paper,
    Proposal,
    cast_vote,
    parse_proposal,
)
from assent.vocabulary import (
    Plain,
    canonical_bytes,
    digest,
    format_instant,
    parse_canonical,
)
from assent.wiring.agency import now

REASON = "The review found nothing."


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rehearsed, str]:
    """An agency with one case put to the vote, for tests that only read."""
    made = rehearsed(tmp_path_factory.mktemp("vote") / "agency")
    return made, made.propose()


@pytest.fixture
def agency(proposed: tuple[Rehearsed, str], tmp_path: Path) -> Rehearsed:
    """A copy of it, for tests that write."""
    return proposed[0].copied(tmp_path / "agency")


@pytest.fixture
def case_id(proposed: tuple[Rehearsed, str]) -> str:
    return proposed[1]


def exported(agency: Rehearsed, case_id: str) -> Path:
    out = agency.folder / f"{case_id}.proposal"
    out.unlink(missing_ok=True)  # nothing is written over it
    run(vote, "proposal", agency.folder, case_id, "--out", out)
    return out


def cast(
    agency: Rehearsed,
    proposal: Path,
    member: str,
    *,
    error: str = "",
    **given: object,
) -> Path:
    """Cast a vote, with other options where given; return its file."""
    out = proposal.with_name(f"{proposal.stem}-{member}.vote")
    out.unlink(missing_ok=True)
    try_to_cast(agency, proposal, member, out=out, error=error, **given)
    assert out.exists() is not bool(error)
    return out


def try_to_cast(
    agency: Rehearsed, proposal: Path, member: str, *, error: str, **given: object
) -> str:
    """Cast a vote; return what was said."""
    options = {
        "as": member,
        "key": agency.key(member),
        "choice": "approve",
        "reason": REASON,
        "root": agency.root,
        "trust": agency.trust,
        "passphrase-file": agency.passphrase_file,
        "out": agency.folder / "refused.vote",
        **given,
    }
    named = [
        part
        for name, value in options.items()
        if value is not None
        for part in (f"--{name}", value)
    ]
    return run(vote, "cast", proposal, *named, "--yes", error=error)


def approve(agency: Rehearsed, case_id: str, *members: str) -> str:
    """Have members vote on the command line; return what recording them printed."""
    proposal = exported(agency, case_id)
    votes = [cast(agency, proposal, member) for member in members]
    return run(vote, "record", agency.folder, case_id, *votes)


def test_a_proposal_is_shown_with_all_that_it_decides(
    agency: Rehearsed, case_id: str
) -> None:
    path = exported(agency, case_id)
    proposal = parse_proposal(path.read_bytes())
    shown = run(vote, "show", path, "--root", agency.root, "--trust", agency.trust)
    for words in (
        "GRANT A PERMIT",
        "at most 6,000,000,000,000,000 FLOP (6.00e+15)",
        "at most 10,000,000 weights",
        "8 chips of h100_sxm",
        "at the site site-nairobi-1",
        "developer: Example Labs, by the key",
        "stops at 1,500,000,000,000,000 FLOP",
        "proviso: ",
        "nobody stands aside",
        "needed of Council: 3 of these 5: AUS, BRA, CAN, DEU, FRA",
        "then silence is refusal",
        proposal.digest,
    ):
        assert words in shown
    assert "NOT CHECKED" not in shown
    assert "NOT CHECKED" in run(vote, "show", path)


def test_three_of_five_votes_grant_and_anybody_counts_them_again(
    agency: Rehearsed, case_id: str
) -> None:
    recorded = approve(agency, case_id, "AUS", "BRA")
    assert "approve (2): AUS, BRA" in recorded
    assert "have not voted (3): CAN, DEU, FRA" in recorded
    assert "2 of the 3 it needs" in recorded
    assert "open until " in run(vote, "status", agency.folder, case_id)
    run(vote, "export", agency.folder, case_id, "--out", "x", error="NotAllowed")

    proposal = exported(agency, case_id)
    late = [cast(agency, proposal, member) for member in ("CAN", "DEU")]
    decided = run(vote, "record", agency.folder, case_id, *late, "--as", "Ada")
    assert "granted, every organ's quorum approved" in decided
    assert f"{late[1]}  not recorded: the decision is made" in decided
    assert "granted" in run(vote, "status", agency.folder, case_id)
    with agency.at_work() as played:
        actors = {one.event.actor for one in played.office.read(case_id)}
    assert "Ada" in actors

    record = agency.folder / "record.json"
    run(vote, "export", agency.folder, case_id, "--out", record)
    believing = ("--root", agency.root, "--trust", agency.trust)
    counted = run(vote, "count", record, *believing)
    assert "COUNTED AGAIN: granted" in counted
    assert counted.count(f"because: {REASON}") == 3
    assert digest(parse_canonical(record.read_bytes())) in counted
    assert "no vote was held back" in counted


def test_a_record_with_another_outcome_or_without_a_vote_is_refused(
    agency: Rehearsed, case_id: str
) -> None:
    approve(agency, case_id, "AUS", "BRA", "CAN")
    path = agency.folder / "record.json"
    run(vote, "export", agency.folder, case_id, "--out", path)
    record = parse_canonical(path.read_bytes())
    believing = ("--root", agency.root, "--trust", agency.trust)
    for changes in (
        {"outcome": "refused"},
        {"votes": record["votes"][:2]},
    ):
        path.write_bytes(canonical_bytes({**record, **changes}))
        run(vote, "count", path, *believing, error="RecordInvalid")
    path.write_bytes(canonical_bytes({**record, "reason": "nobody asked"}))
    counted = run(vote, "count", path, *believing)
    assert f": {record['reason']}\n" in counted
    assert "The agency's own words for it: nobody asked" in counted
    assert "the agency's word" in counted
    votes = [{**record["votes"][0], "paper_signature": None}, *record["votes"][1:]]
    path.write_bytes(canonical_bytes({**record, "votes": votes}))
    run(vote, "count", path, *believing, error="VoteMalformed")


def test_a_vote_on_another_proposal_is_not_recorded(
    agency: Rehearsed, case_id: str
) -> None:
    other = agency.propose()
    cast_elsewhere = cast(agency, exported(agency, other), "AUS")
    said = run(
        vote,
        "record",
        agency.folder,
        case_id,
        cast_elsewhere,
        error="VoteOnAnotherDecision",
    )
    assert "recorded" not in said
    assert "approve (0)" in run(vote, "status", agency.folder, case_id)


def test_a_proposal_that_was_withdrawn_takes_no_vote(
    agency: Rehearsed, case_id: str
) -> None:
    sent = cast(agency, exported(agency, case_id), "AUS")
    withdraw = (agency.folder, case_id, "--as", "officer-1", "--reason")
    run(vote, "withdraw", *withdraw, " ", error="NotAllowed")
    assert "decision-2026-0001" in run(vote, "withdraw", *withdraw, "AUS has shares")
    run(vote, "record", agency.folder, case_id, sent, error="VoteNotOpen")
    run(vote, "withdraw", *withdraw, "again", error="VoteNotOpen")


def test_a_vote_counts_once(agency: Rehearsed, case_id: str) -> None:
    approve(agency, case_id, "AUS")
    again = cast(agency, exported(agency, case_id), "AUS")
    run(vote, "record", agency.folder, case_id, again, error="VotedTwice")


def test_if_one_file_is_no_vote_none_is_recorded(
    agency: Rehearsed, case_id: str
) -> None:
    proposal = exported(agency, case_id)
    whole = cast(agency, proposal, "AUS")
    assert isinstance(whole, Path)
    cut = agency.folder / "cut.vote"
    cut.write_bytes(whole.read_bytes()[:-9])
    run(vote, "record", agency.folder, case_id, whole, cut, error="VoteMalformed")
    assert "approve (0)" in run(vote, "status", agency.folder, case_id)


def test_nobody_votes_by_anothers_key_or_without_a_vote(
    agency: Rehearsed, case_id: str
) -> None:
    proposal = exported(agency, case_id)
    by_another = agency.key("BRA")
    said = try_to_cast(agency, proposal, "AUS", key=by_another, error="VoteUnsigned")
    assert "in force for BRA, not for AUS" in said
    by_nobody = agency.folder / "states" / "AUS.root.key"
    cast(agency, proposal, "AUS", key=by_nobody, error="VoteUnsigned")
    cast(agency, proposal, "expert-1", error="VoterNotEligible")


def test_who_stands_aside_is_told_before_signing(
    agency: Rehearsed, case_id: str
) -> None:
    permit_id = granted(agency, case_id)
    path = agency.folder / "measure.proposal"
    said = run(
        measure,
        "propose",
        agency.folder,
        permit_id,
        *("--matter", "suspension", "--reason", "It was attacked.", "--as", "Ada"),
        *("--exclude", "AUS=owns shares\x1b[2J", "--out", path),
    )
    believing = ("--root", agency.root, "--trust", agency.trust)
    shown = run(vote, "show", path, *believing)
    assert "AUS stands aside" in shown
    assert "owns shares<U+001B>[2J" in shown
    assert "\x1b" not in shown + said
    said = try_to_cast(agency, path, "AUS", error="VoterRecused")
    assert "owns shares" in said


def granted(agency: Rehearsed, case_id: str) -> str:
    agency.decide(case_id, *MEMBERS[:3])
    return agency.permits[0]


def test_a_member_can_reject_abstain_and_stand_aside(
    agency: Rehearsed, case_id: str
) -> None:
    proposal = exported(agency, case_id)
    choices = {"AUS": "reject", "BRA": "abstain", "CAN": "recuse"}
    votes = [
        cast(agency, proposal, member, choice=choice)
        for member, choice in choices.items()
    ]
    recorded = run(vote, "record", agency.folder, case_id, *votes)
    assert "refused, a quorum is out of reach" in recorded
    for member, choice in choices.items():
        assert f"{member}: {choice}" in recorded


def test_without_a_root_the_screen_says_that_nothing_was_checked(
    agency: Rehearsed, case_id: str
) -> None:
    proposal = exported(agency, case_id)
    out = agency.folder / "unchecked.vote"
    said = try_to_cast(
        agency, proposal, "AUS", root=None, trust=None, out=out, error=""
    )
    assert "NOT CHECKED" in said
    assert out.exists()
    said = try_to_cast(agency, proposal, "AUS", trust=None, error="InputError")
    assert "--root and --trust" in said


def test_the_screen_shows_the_whole_proposal(agency: Rehearsed, case_id: str) -> None:
    proposal = exported(agency, case_id)
    shown = run(
        vote,
        "cast",
        proposal,
        *("--as", "AUS", "--key", agency.key("AUS"), "--choice", "approve"),
        *("--reason", "fine", "--out", agency.folder / "v", "--yes"),
        *("--passphrase-file", agency.passphrase_file),
    )
    assert "NOT CHECKED" in shown
    assert "YOUR VOTE: APPROVE, as AUS" in shown
    assert "at most 6,000,000,000,000,000 FLOP" in shown
    assert "because: fine" in shown


@pytest.mark.parametrize("reason", ["", "  ", "fine\x1b]0;x\x07", "a\u202eb", "a\nb"])
def test_a_reason_is_one_line_in_which_nothing_hides(
    agency: Rehearsed, case_id: str, reason: str
) -> None:
    proposal = exported(agency, case_id)
    cast(agency, proposal, "AUS", reason=reason, error="InputError")
    signer = unlock(agency.key("AUS"), agency.passphrase_file.read_text().strip())
    made = cast_vote(
        parse_proposal(proposal.read_bytes()),
        member="AUS",
        choice=Choice.REJECT,
        reason=reason,
        time=now(),
        signer=signer,
    )
    file = agency.folder / "made.vote"
    file.write_bytes(made.encoded)
    run(vote, "record", agency.folder, case_id, file, error="InputError")


def test_nobody_is_asked_where_nobody_sits(agency: Rehearsed, case_id: str) -> None:
    out = agency.folder / "v"
    given = ("--as", "AUS", "--key", agency.key("AUS"), "--choice", "approve")
    more = ("--reason", REASON, "--out", out)
    proposal = exported(agency, case_id)
    run(vote, "cast", proposal, *given, *more, error="NotConfirmed")
    assert not out.exists()


def test_a_proposal_of_another_agency_or_an_unknown_treaty_is_refused(
    agency: Rehearsed, case_id: str, tmp_path: Path
) -> None:
    proposal = exported(agency, case_id)
    other = rehearsed(tmp_path / "other")
    believing = ("--root", other.root, "--trust", other.trust)
    run(vote, "show", proposal, *believing, error="ProposalElsewhere")
    mixed = ("--root", other.root, "--trust", agency.trust)
    run(vote, "show", proposal, *mixed, error="MetadataUnsigned")


def changed(proposal: Proposal, **payload: Plain) -> Proposal:
    """Return a proposal whose paper has other fields than it had."""
    paper = proposal.paper
    return replace(
        proposal, paper=Paper(paper.payload_type, {**paper.payload, **payload})
    )


def test_a_paper_that_says_something_else_than_its_proposal_is_not_shown(
    agency: Rehearsed, case_id: str
) -> None:
    proposal = parse_proposal(exported(agency, case_id).read_bytes())
    assert describe_proposal(proposal, None)
    for payload in (
        {"agency": "other.example"},
        {"decision_id": "decision-2026-9999"},
        {"matter": "horizon-exception"},
        {"case_id": "application-2026-9999"},
        {"excluded": ["AUS"]},
        {"treaty": {"version": 1, "digest": f"sha256:{'0' * 64}"}},
    ):
        with pytest.raises(PaperDiffers) as refused:
            describe_proposal(changed(proposal, **payload), None)
        assert exit_code(refused.value) == 10
    unknown = replace(proposal, paper=Paper("application/x", proposal.paper.payload))
    with pytest.raises(PaperDiffers):
        describe_proposal(unknown, None)
    swapped = Paper(CHANGE_TYPE, proposal.paper.payload)
    forged = agency.folder / "forged.proposal"
    forged.write_bytes(replace(proposal, paper=swapped).encoded)
    run(vote, "show", forged, error="ChangeMalformed")
    assert proposal.paper.payload_type == PERMIT_TYPE


def test_a_title_cannot_take_the_place_of_what_is_signed(
    agency: Rehearsed, case_id: str
) -> None:
    proposal = parse_proposal(exported(agency, case_id).read_bytes())
    title = "SUSPEND A PERMIT\n\x1b[1A\x1b[2Knothing"
    path = agency.folder / "titled.proposal"
    path.write_bytes(replace(proposal, title=title).encoded)
    shown = run(vote, "show", path)
    first, second, *_ = shown.splitlines()
    assert first == "GRANT A PERMIT"
    assert second.startswith("the agency calls it: SUSPEND A PERMIT<U+000A><U+001B>")
    assert "\x1b" not in shown


def test_a_vote_after_its_deadline_is_not_signed(
    agency: Rehearsed, case_id: str
) -> None:
    proposal = parse_proposal(exported(agency, case_id).read_bytes())
    past = now() - timedelta(days=2)
    path = agency.folder / "past.proposal"
    closes = past + timedelta(days=1)
    payload = {**proposal.paper.payload, "decide_by": format_instant(closes)}
    paper = Paper(proposal.paper.payload_type, payload)
    ended = replace(proposal, opens=past, closes=closes, paper=paper)
    path.write_bytes(ended.encoded)
    cast(agency, path, "AUS", error="VoteTooLate")


def test_files_that_are_no_proposals_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for data in (b"", b"\xff", b"[" * 100_000, json.dumps({"a": 1}).encode()):
        file.write_bytes(data)
        run(vote, "show", file, error="ProposalMalformed")
    run(vote, "show", tmp_path / "none", error="NotFound")


def test_where_nothing_is_put_to_the_vote_there_is_nothing_to_export(
    agency: Rehearsed, case_id: str
) -> None:
    agency.decide(case_id, *MEMBERS[:3])
    out = ("--out", agency.folder / "p")
    run(vote, "proposal", agency.folder, case_id, *out, error="VoteNotOpen")
    unknown = "application-2026-9999"
    run(vote, "proposal", agency.folder, unknown, *out, error="NotFound")
    run(vote, "status", agency.folder, unknown, error="NotFound")

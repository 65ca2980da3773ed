"""One vote: what counts, and each reason why one does not."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.deciding.ballots import (
    ABSTAIN,
    APPROVE,
    CLOSES,
    NOON,
    OPENS,
    RECUSE,
    REJECT,
    ballot,
    proposal,
)

from assent.authorisation.review.deciding import (
    VOTE_TYPE,
    CastVote,
    Choice,
    Paper,
    ProposalMalformed,
    VoteMalformed,
    VoteOnAnotherDecision,
    VoterNotEligible,
    VoterRecused,
    VoteTooLate,
    VoteUnsigned,
    cast_vote,
    parse_vote,
    verify_vote,
    vote_of,
)
from assent.authorisation.review.deciding.verify import SKEW
from assent.authorisation.treaty import Matter
from assent.testing.states import SeededSigner, SimulatedTreaty, key_form
from assent.vocabulary import AssentError, SignatureInvalid, canonical_bytes
from assent.vocabulary.envelope import Envelope, EnvelopeSignature

TREATY = SimulatedTreaty().treaty
ASKED = proposal()
VOTE = ballot(ASKED, "AUS").vote
SECOND = timedelta(seconds=1)


def _stated(**fields: Any) -> CastVote:  # noqa: ANN401 - any field
    """Return a rejection whose statement says something else."""
    said = json.loads(ballot(ASKED, "AUS", REJECT).vote.envelope.payload)
    payload = canonical_bytes({**said, **fields})
    return CastVote(Envelope(payload, VOTE_TYPE).signed_by(SeededSigner("AUS")), None)


@pytest.mark.parametrize("choice", Choice)
def test_a_signed_vote_counts_and_survives_being_written(choice: Choice) -> None:
    cast = ballot(ASKED, "AUS", choice).vote
    assert parse_vote(cast.encoded) == cast
    vote = verify_vote(cast, ASKED, TREATY, NOON)
    assert (vote.member, vote.choice, vote.reason) == ("AUS", choice, "I read it.")
    assert vote.key_id == SeededSigner("AUS").key.key_id
    assert (vote.paper_signature is not None) == (choice is APPROVE)


@pytest.mark.parametrize(
    "other",
    [
        proposal(decision_id="decision-2026-0002"),
        proposal(provisos=("Not at night.",)),
        proposal(paper=Paper(ASKED.paper.payload_type, {"flop": 10**26})),
        proposal(paper=Paper("application/vnd.assent.order+json", {"flop": 10**25})),
        proposal(matter=Matter.VARIATION),
        proposal(agency="other.example"),
        proposal(closes=CLOSES + timedelta(days=1)),
        proposal(excluded={"BRA": "owns shares"}),
    ],
)
def test_a_vote_replayed_on_another_decision_is_refused(other: Any) -> None:  # noqa: ANN401 - a proposal
    with pytest.raises(VoteOnAnotherDecision, match="not on"):
        verify_vote(VOTE, other, TREATY, NOON)


@pytest.mark.parametrize(
    "fields",
    [
        {"matter": "revocation"},
        {"decision_id": "decision-2026-0009"},
        {"agency": "other.example"},
        {"decision_digest": "sha256:" + "0" * 64},
    ],
)
def test_a_vote_must_say_itself_what_it_is_on(fields: dict[str, str]) -> None:
    with pytest.raises(VoteOnAnotherDecision):
        verify_vote(_stated(**fields), ASKED, TREATY, NOON)


@pytest.mark.parametrize("member", ["expert-1", "director-general", "ZZZ", ""])
def test_who_has_no_vote_on_the_matter_is_refused(member: str) -> None:
    with pytest.raises(VoterNotEligible, match="has no vote on permit"):
        verify_vote(ballot(ASKED, member).vote, ASKED, TREATY, NOON)


def test_whom_the_proposal_excludes_is_refused() -> None:
    asked = proposal(excluded={"AUS": "owns shares of the developer"})
    with pytest.raises(VoterRecused, match="owns shares"):
        verify_vote(ballot(asked, "AUS").vote, asked, TREATY, NOON)


@pytest.mark.parametrize("received", [OPENS - SECOND, CLOSES + SECOND])
def test_a_vote_out_of_time_is_refused(received: Any) -> None:  # noqa: ANN401 - an instant
    with pytest.raises(VoteTooLate, match="is open from"):
        verify_vote(VOTE, ASKED, TREATY, received)


@pytest.mark.parametrize("received", [OPENS, CLOSES])
def test_the_first_and_the_last_second_count(received: Any) -> None:  # noqa: ANN401 - an instant
    vote = ballot(ASKED, "AUS", received=received).vote
    assert verify_vote(vote, ASKED, TREATY, received).choice is APPROVE


def test_a_vote_is_signed_while_the_vote_is_open_and_before_it_came() -> None:
    def signed(at: datetime) -> CastVote:
        return ballot(ASKED, "AUS", received=at).vote

    early, late = OPENS - SKEW, NOON + SKEW  # by clocks that differ
    assert verify_vote(signed(early), ASKED, TREATY, OPENS).time == early
    assert verify_vote(signed(late), ASKED, TREATY, NOON).time == late
    with pytest.raises(VoteTooLate, match="says that it was signed"):
        verify_vote(signed(early - SECOND), ASKED, TREATY, OPENS)
    with pytest.raises(VoteTooLate, match="says that it was signed"):
        verify_vote(signed(CLOSES + SECOND), ASKED, TREATY, CLOSES)
    with pytest.raises(VoteMalformed, match="and it came at"):
        verify_vote(signed(late + SECOND), ASKED, TREATY, NOON)


@pytest.mark.parametrize("signer", ["BRA", "stranger", "service-status"])
def test_a_vote_signed_by_somebody_else_is_refused(signer: str) -> None:
    with pytest.raises(VoteUnsigned, match="No key of AUS"):
        verify_vote(ballot(ASKED, "AUS", signer=signer).vote, ASKED, TREATY, NOON)


def test_a_vote_that_nobody_signed_is_refused() -> None:
    bare = replace(VOTE, envelope=replace(VOTE.envelope, signatures=()))
    with pytest.raises(VoteUnsigned):
        verify_vote(bare, ASKED, TREATY, NOON)


def test_a_key_that_is_not_in_force_is_no_key() -> None:
    made = SimulatedTreaty()
    made.form["members"][0]["keys"] = [
        key_form("AUS", until="2026-04-02T12:00:00Z"),
        key_form("AUS-2", since="2026-04-02T12:00:00Z"),
    ]
    old, new = ballot(ASKED, "AUS").vote, ballot(ASKED, "AUS", signer="AUS-2").vote
    assert verify_vote(old, ASKED, made.treaty, NOON - SECOND)
    assert verify_vote(new, ASKED, made.treaty, NOON)
    with pytest.raises(VoteUnsigned):
        verify_vote(old, ASKED, made.treaty, NOON)
    with pytest.raises(VoteUnsigned):
        verify_vote(new, ASKED, made.treaty, NOON - SECOND)


def test_a_changed_statement_is_refused() -> None:
    payload = VOTE.envelope.payload.replace(b"I read it.", b"I heard it")
    changed = replace(VOTE, envelope=replace(VOTE.envelope, payload=payload))
    with pytest.raises(SignatureInvalid):
        verify_vote(changed, ASKED, TREATY, NOON)


def test_a_statement_of_another_type_is_no_vote() -> None:
    envelope = Envelope(VOTE.envelope.payload, "application/vnd.assent.note+json")
    signed = replace(VOTE, envelope=envelope.signed_by(SeededSigner("AUS")))
    with pytest.raises(SignatureInvalid, match="is of type"):
        verify_vote(signed, ASKED, TREATY, NOON)


def test_an_approval_comes_with_the_signed_paper_and_nothing_else_does() -> None:
    with pytest.raises(VoteMalformed, match="without the signed paper"):
        verify_vote(replace(VOTE, paper_signature=None), ASKED, TREATY, NOON)
    by_another = ballot(ASKED, "BRA").vote.paper_signature
    with pytest.raises(VoteMalformed, match="without the signed paper"):
        verify_vote(replace(VOTE, paper_signature=by_another), ASKED, TREATY, NOON)
    for choice in (REJECT, ABSTAIN, RECUSE):
        cast = ballot(ASKED, "AUS", choice).vote
        with pytest.raises(VoteMalformed, match="yet signs the paper"):
            verify_vote(
                replace(cast, paper_signature=VOTE.paper_signature),
                ASKED,
                TREATY,
                NOON,
            )


def test_an_approval_of_another_paper_is_refused() -> None:
    other = proposal(paper=Paper(ASKED.paper.payload_type, {"flop": 1}))
    line = ballot(other, "AUS").vote.paper_signature
    with pytest.raises(SignatureInvalid):
        verify_vote(replace(VOTE, paper_signature=line), ASKED, TREATY, NOON)
    key_id = SeededSigner("AUS").key.key_id
    with pytest.raises(SignatureInvalid, match="64 bytes"):
        verify_vote(
            replace(VOTE, paper_signature=EnvelopeSignature(key_id, b"")),
            ASKED,
            TREATY,
            NOON,
        )


def test_no_vote_hides_in_a_paper() -> None:
    # Whoever approved such a paper would have signed a vote on something else.
    with pytest.raises(ProposalMalformed, match="not a paper"):
        Paper(VOTE_TYPE, json.loads(VOTE.envelope.payload))


@pytest.mark.parametrize(
    "fields",
    [
        {"choice": "perhaps"},
        {"choice": ""},
        {"time": "yesterday"},
        {"format": "assent-vote/2"},
        {"reason": "x" * 4_001},
        {"reason": None},
        {"member": ["AUS"]},
        {"further": "field"},
    ],
)
def test_a_statement_out_of_form_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(VoteMalformed):
        verify_vote(_stated(**fields), ASKED, TREATY, NOON)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b"null", b'{"a": 1}', b"\xff"])
def test_a_payload_that_is_no_statement_is_refused(payload: bytes) -> None:
    signed = Envelope(payload, VOTE_TYPE).signed_by(SeededSigner("AUS"))
    with pytest.raises(VoteMalformed):
        verify_vote(CastVote(signed, None), ASKED, TREATY, NOON)


@given(st.data())
def test_any_change_to_a_vote_s_file_is_refused(data: st.DataObject) -> None:
    encoded = bytearray(VOTE.encoded)
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(AssentError):
        verify_vote(parse_vote(bytes(encoded)), ASKED, TREATY, NOON)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["vote", "paper_signature", "key_id", "signature"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(values)
def test_values_of_any_kind_are_refused_by_our_errors(value: object) -> None:
    with pytest.raises(VoteMalformed):
        vote_of(value)
    with pytest.raises(VoteMalformed):
        vote_of({**VOTE.plain, "paper_signature": value or 0})


@pytest.mark.parametrize("data", [b"", b"[", b"x" * 100_001, b"[" * 90_000])
def test_files_that_hold_no_vote_are_refused(data: bytes) -> None:
    with pytest.raises(VoteMalformed):
        parse_vote(data)


def _with_reason(reason: str) -> CastVote:
    return cast_vote(
        ASKED,
        member="AUS",
        choice=REJECT,
        reason=reason,
        time=NOON,
        signer=SeededSigner("AUS"),
    )


def test_the_longest_reason_fits_into_a_vote_s_file() -> None:
    cast = _with_reason("\x01" * 4_000)
    assert verify_vote(parse_vote(cast.encoded), ASKED, TREATY, NOON).choice is REJECT
    with pytest.raises(VoteMalformed, match="longer than 4,000"):
        _with_reason("x" * 4_001)


@pytest.mark.parametrize(
    "change",
    [
        {"key_id": []},
        {"key_id": {}},
        {"key_id": None},
        {"key_id": "a"},
        {"signature": "00" * 10_000},
        {"signature": None},
        {"signature": []},
    ],
)
def test_a_paper_signature_of_any_shape_is_no_vote_or_one_that_is_refused(
    change: dict[str, Any],
) -> None:
    plain = json.loads(VOTE.encoded)
    plain["paper_signature"] |= change
    with pytest.raises(VoteMalformed):
        parse_vote(canonical_bytes(plain))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_anything_in_the_place_of_a_part_of_a_vote_is_no_vote(
    part: Any,  # noqa: ANN401 - anything
) -> None:
    for name in ("vote", "paper_signature"):
        if name == "paper_signature" and part is None:
            continue
        with pytest.raises(VoteMalformed):
            vote_of({**json.loads(VOTE.encoded), name: part})
    with pytest.raises(VoteMalformed):
        vote_of(part)

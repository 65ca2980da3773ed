"""Records of decisions: anybody counts again, and nothing else is believed."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.authorisation.deciding.ballots import (
    CLOSES,
    LATER,
    NOON,
    OPENS,
    PAPER,
    RECUSE,
    REJECT,
    ballot,
    proposal,
)

from assent.authorisation.review.deciding import (
    CastVote,
    DecisionRecord,
    Outcome,
    ReceivedVote,
    RecordInvalid,
    VotedTwice,
    VoteOnAnotherDecision,
    VoterRecused,
    VoteTooLate,
    VoteUnsigned,
    close_vote,
    count_votes,
    settle_vote,
    verify_record,
    voided,
)
from assent.testing.states import SeededSigner, SimulatedTreaty, key_form
from assent.vocabulary import AssentError, SignatureInvalid, canonical_bytes
from assent.vocabulary.envelope import EnvelopeSignature, verify_envelope

TREATY = SimulatedTreaty().treaty
ASKED = proposal()
VOTES = [ballot(ASKED, name) for name in ("AUS", "BRA", "CAN")]
HOUR = timedelta(hours=1)


def closed(votes: list[ReceivedVote], **fields: Any) -> DecisionRecord:  # noqa: ANN401 - fields of a proposal
    record = close_vote(proposal(**fields), votes, TREATY, NOON)
    assert record is not None
    return record


RECORD = closed(VOTES)
PLAIN: dict[str, Any] = json.loads(RECORD.encoded)


def test_three_of_five_grant_and_the_paper_is_signed_by_them() -> None:
    assert (RECORD.outcome, RECORD.decided) == (Outcome.GRANTED, NOON)
    assert verify_record(RECORD.encoded, TREATY) == RECORD
    keys = [SeededSigner(name).key for name in ("AUS", "BRA", "CAN", "DEU")]
    signers = verify_envelope(RECORD.signed_paper, PAPER.payload_type, keys)
    assert signers == {key.key_id for key in keys[:3]}


def test_a_vote_stays_open_until_it_is_decided() -> None:
    assert close_vote(ASKED, VOTES[:2], TREATY, NOON) is None
    late = close_vote(ASKED, VOTES[:2], TREATY, LATER)
    assert late is not None
    assert late.outcome is Outcome.REFUSED
    assert verify_record(late.encoded, TREATY) == late


def test_rejections_refuse_early_and_sign_nothing() -> None:
    votes = [ballot(ASKED, name, REJECT) for name in ("AUS", "BRA", "CAN")]
    record = closed(votes)
    assert record.outcome is Outcome.REFUSED
    assert not record.signed_paper.signatures
    assert verify_record(record.encoded, TREATY) == record


def test_standing_aside_breaks_a_quorum() -> None:
    aside = [ballot(ASKED, name, RECUSE) for name in ("AUS", "BRA", "CAN")]
    record = closed(aside)
    assert record.outcome is Outcome.REFUSED
    assert "out of reach" in record.reason


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"outcome": "refused"}, "its votes say granted"),
        ({"reason": 1}, "cannot be read"),
        ({"reason": "be\x1bcause"}, "cannot be read"),
        ({"reason": "be\u202ecause"}, "cannot be read"),
        ({"reason": "x" * 100_001}, "cannot be read"),
        ({"votes": PLAIN["votes"][:2], "outcome": "open"}, "not decided yet"),
        ({"votes": [], "outcome": "refused"}, "not decided yet"),
        ({"decided": "2026-04-02T11:59:59Z"}, "after it was decided"),
        ({"further": 1}, "further fields"),
        ({"format": "assent-decision/2"}, "further fields"),
        ({"outcome": "perhaps"}, "cannot be read"),
        ({"decided": None}, "cannot be read"),
        ({"votes": None}, "cannot be read"),
        ({"votes": {}}, "further fields|not decided"),
        ({"votes": [None]}, "cannot be read"),
        ({"votes": [{}]}, "cannot be read"),
        ({"proposal": {}}, "cannot be read"),
    ],
)
def test_a_record_that_says_something_else_is_refused(
    change: dict[str, Any], why: str
) -> None:
    with pytest.raises(RecordInvalid, match=why):
        verify_record(canonical_bytes({**PLAIN, **change}), TREATY)


def test_an_open_vote_is_no_decision() -> None:
    count = count_votes(ASKED, VOTES[:2], TREATY, NOON)
    pretended = DecisionRecord(
        proposal=ASKED,
        votes=tuple(VOTES[:2]),
        outcome=count.outcome,
        reason=count.reason,
        decided=NOON,
    )
    with pytest.raises(RecordInvalid, match="not decided yet"):
        verify_record(pretended.encoded, TREATY)


def test_a_record_of_another_agency_is_refused() -> None:
    asked = proposal(agency="other.example")
    votes = [ballot(asked, name) for name in ("AUS", "BRA", "CAN")]
    record = closed(votes, agency="other.example")
    with pytest.raises(RecordInvalid, match=r"other\.example"):
        verify_record(record.encoded, TREATY)


def test_the_same_vote_twice_and_a_vote_from_elsewhere_are_refused() -> None:
    doubled = {**PLAIN, "votes": [*PLAIN["votes"], PLAIN["votes"][0]]}
    with pytest.raises(VotedTwice):
        verify_record(canonical_bytes(doubled), TREATY)
    other = closed(
        [ballot(proposal(title="Another"), n) for n in ("AUS", "BRA", "CAN")],
        title="Another",
    )
    replayed = {**PLAIN, "votes": json.loads(other.encoded)["votes"]}
    with pytest.raises(VoteOnAnotherDecision):
        verify_record(canonical_bytes(replayed), TREATY)


def test_the_vote_of_an_excluded_member_condemns_a_record() -> None:
    asked = proposal(excluded={"CAN": "owns shares"})
    votes = [ballot(asked, name) for name in ("AUS", "BRA", "CAN")]
    with pytest.raises(VoterRecused):
        close_vote(asked, votes, TREATY, NOON)


@given(st.data())
def test_no_bit_of_a_record_can_be_changed(data: st.DataObject) -> None:
    encoded = bytearray(RECORD.encoded)
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        changed = verify_record(bytes(encoded), TREATY)
    except AssentError:
        return
    # When it was decided, and when votes came, is the agency's word: see the docstring.
    assert changed.proposal == RECORD.proposal
    assert [v.vote for v in changed.votes] == [v.vote for v in RECORD.votes]
    assert changed.outcome is RECORD.outcome


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(PLAIN)), values)
def test_values_of_any_kind_are_refused_by_our_errors(name: str, value: Any) -> None:  # noqa: ANN401 - any plain value
    if name == "reason" and isinstance(value, str):
        return  # its words are the agency's
    with pytest.raises(AssentError):
        verify_record(canonical_bytes({**PLAIN, name: value}), TREATY)


def test_a_refusal_is_counted_again_alike_when_an_organ_is_called_otherwise() -> None:
    refused = close_vote(ASKED, VOTES[:2], TREATY, LATER)
    assert refused is not None
    renamed = SimulatedTreaty()
    for organ in renamed.form["organs"]:
        organ["title"] = f"The {organ['title']} as it is called now"
    assert verify_record(refused.encoded, renamed.treaty) == refused
    for fewer in renamed.form["organs"]:
        fewer["approve"] = fewer["approve"].replace("group q 3", "group q 2")
    with pytest.raises(RecordInvalid, match="its votes say granted"):
        verify_record(refused.encoded, renamed.treaty)


def test_no_agency_writes_down_as_in_time_what_was_signed_too_late() -> None:
    late = [
        ReceivedVote(ballot(ASKED, name, received=CLOSES + HOUR).vote, OPENS)
        for name in ("AUS", "BRA", "CAN")
    ]
    backdated = DecisionRecord(
        proposal=ASKED,
        votes=tuple(late),
        outcome=Outcome.GRANTED,
        reason="every organ's quorum approved",
        decided=OPENS,
    )
    with pytest.raises(VoteTooLate, match="says that it was signed"):
        verify_record(backdated.encoded, TREATY)


@pytest.mark.parametrize("depth", [700, 900, 950, 970, 990, 20_000])
def test_a_deep_record_is_refused_by_our_error(depth: int) -> None:
    payload = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
    data = RECORD.encoded.replace(canonical_bytes(PAPER.payload), payload)
    with pytest.raises(AssentError):
        verify_record(data, TREATY)


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"x" * 20_000_001])
def test_bytes_that_are_no_record_are_refused(data: bytes) -> None:
    with pytest.raises(RecordInvalid):
        verify_record(data, TREATY)


def _rotating() -> SimulatedTreaty:
    """Return a treaty in which AUS withdraws its key for another while votes come."""
    made = SimulatedTreaty()
    made.form["members"][0]["keys"] = [
        key_form("AUS", until="2026-04-03T00:00:00Z"),
        key_form("AUS-2", since="2026-04-03T00:00:00Z"),
    ]
    return made


def test_a_vote_by_a_key_that_is_withdrawn_meanwhile_is_void() -> None:
    treaty = _rotating().treaty
    day_after = NOON + timedelta(days=1)
    assert voided(VOTES, ASKED, treaty, NOON) == []
    assert voided(VOTES, ASKED, treaty, day_after) == [VOTES[0]]
    with pytest.raises(VoteUnsigned):
        close_vote(ASKED, VOTES, treaty, day_after)
    again = ballot(ASKED, "AUS", signer="AUS-2", received=day_after)
    record = close_vote(ASKED, [again, *VOTES[1:]], treaty, day_after)
    assert record is not None
    assert record.outcome is Outcome.GRANTED
    assert verify_record(record.encoded, treaty) == record


def test_votes_are_settled_as_they_are_counted() -> None:
    for end in range(4):
        gone, record = settle_vote(ASKED, VOTES[:end], TREATY, NOON)
        assert gone == []
        assert record == close_vote(ASKED, VOTES[:end], TREATY, NOON)


def test_a_vote_whose_key_was_withdrawn_settles_nothing() -> None:
    treaty, day_after = _rotating().treaty, NOON + timedelta(days=1)
    assert settle_vote(ASKED, VOTES, treaty, day_after) == ([], None)
    four = [*VOTES, ballot(ASKED, "DEU", received=day_after)]
    gone, record = settle_vote(ASKED, four, treaty, day_after)
    assert gone == VOTES[:1]
    assert record == close_vote(ASKED, four[1:], treaty, day_after)


def test_no_signature_that_is_false_decides() -> None:
    line = VOTES[0].vote.envelope.signatures[0]
    false = EnvelopeSignature(line.key_id, bytes(64))
    forged = CastVote(
        VOTES[0].vote.envelope.with_signatures([false]), VOTES[0].vote.paper_signature
    )
    votes = [ReceivedVote(forged, VOTES[0].received), *VOTES[1:]]
    assert settle_vote(ASKED, votes, TREATY, NOON) == (votes[:1], None)


def test_a_key_that_is_withdrawn_after_the_deadline_voids_nothing() -> None:
    made = SimulatedTreaty()
    made.form["members"][0]["keys"] = [key_form("AUS", until="2026-04-21T00:00:00Z")]
    assert voided(VOTES, ASKED, made.treaty, LATER + HOUR) == []
    record = close_vote(ASKED, VOTES, made.treaty, LATER + HOUR)
    assert record is not None
    assert record.outcome is Outcome.GRANTED


def test_the_vote_of_a_party_that_leaves_while_it_is_open_is_void() -> None:
    made = SimulatedTreaty()
    made.form["parties"][0]["withdrawn"] = "2026-04-03"
    assert voided(VOTES, ASKED, made.treaty, CLOSES) == [VOTES[0]]
    assert voided(VOTES, ASKED, made.treaty, NOON) == []


def test_a_forged_signature_among_good_ones_is_not_passed_over() -> None:
    forged = json.loads(RECORD.encoded)
    line = forged["votes"][0]["paper_signature"]
    line["signature"] = "00" * 64
    with pytest.raises(SignatureInvalid):
        verify_record(canonical_bytes(forged), TREATY)


def test_nothing_is_decided_before_the_vote_opens() -> None:
    early = OPENS - HOUR
    assert close_vote(ASKED, [], TREATY, early) is None
    votes = [ballot(ASKED, name, received=early) for name in ("AUS", "BRA", "CAN")]
    assert voided(votes, ASKED, TREATY, NOON) == votes

"""Whoever has no right to train has no permit that is believed.

Each attack ends in an error of its own. The honest permit beside it is believed, so no
refusal here is for a reason that the test did not mean.
"""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from assent.authorisation.permit import (
    LOGGING_MAX,
    CapBeyondMatter,
    DecidedTooLate,
    PermitMalformed,
    PermitNotLogged,
    PermitQuorumNotMet,
    SignerRecused,
    TreatyDiffers,
    VerifiedPermit,
    WrongPaper,
    parse_bundle,
    verify_permit,
)
from assent.authorisation.treaty import Matter, MatterUnknown
from assent.authorisation.trust import (
    MetadataExpired,
    MetadataUnsigned,
    RootExpired,
    RootRolledBack,
    RootUnsigned,
    verify_trust,
)
from assent.testing.permits import (
    LOGGED,
    WITNESSED,
    SimulatedAgency,
    make_caps,
    make_permit,
    permit_entry,
)
from assent.testing.small_log import witness_key
from assent.testing.states import BOARD, STATES, SeededSigner, key_form
from assent.testing.trust import NOW, SimulatedTrust
from assent.translog.errors import LogRefused, ProofInvalid, QuorumNotMet
from assent.vocabulary import (
    AssentError,
    SignatureInvalid,
    canonical_bytes,
    format_instant,
)
from assent.vocabulary.envelope import Envelope

AGENCY = SimulatedAgency()
TRUST = AGENCY.trust
PERMIT = make_permit()
SIGNED = AGENCY.sign(PERMIT)
PROOF = AGENCY.prove(SIGNED)
BUNDLE = AGENCY.bundle(SIGNED)
DAY = timedelta(days=1)


def verify(
    envelope: Envelope = SIGNED,
    agency: SimulatedAgency = AGENCY,
    **parts: Any,  # noqa: ANN401 - of a bundle
) -> VerifiedPermit:
    return verify_permit(
        agency.bundle(envelope, **parts).encoded, agency.trust.root, NOW
    )


def refuses(error: type[AssentError], act: Callable[[], object]) -> AssentError:
    with pytest.raises(error) as refusal:
        act()
    assert type(refusal.value) is error
    assert refusal.value.remedy
    return refusal.value


def agency_whose(change: Callable[[Any], None]) -> SimulatedAgency:
    """Return an agency whose treaty is in its second version, with a change."""
    agency = SimulatedAgency()
    agency.form["version"] = 2
    change(agency.form)
    return agency


def member(form: Any, name: str) -> Any:  # noqa: ANN401 - plain values
    return next(found for found in form["members"] if found["name"] == name)


def test_the_honest_permit_is_believed() -> None:
    found = verify()
    assert found.permit == PERMIT
    assert found.signers == tuple(sorted(STATES[:6]))
    assert found.entry_index == 6
    assert found.stale_after == NOW - timedelta(hours=1) + DAY
    assert any("Not shown" in line for line in found.words)
    assert parse_bundle(BUNDLE.encoded) == BUNDLE


def test_it_was_witnessed_when_enough_had_cosigned_and_not_when_all_had() -> None:
    found = verify()
    assert found.witnessed == WITNESSED + timedelta(seconds=40)  # all five are asked
    agency = SimulatedAgency()
    agency.form["log_policy"] = agency.form["log_policy"].replace(
        "group all-of-them 5", "group all-of-them 3"
    )
    permit = make_permit(treaty_digest=agency.treaty_digest)
    found = verify(agency.sign(permit), agency)
    assert found.witnessed == WITNESSED + timedelta(seconds=20)
    assert found.witnesses == ("w0", "w1", "w2")


def test_without_witnesses_the_time_is_the_logs_word_and_the_words_say_so() -> None:
    agency = SimulatedAgency(witnesses=())
    found = verify(agency.sign(make_permit(treaty_digest=agency.treaty_digest)), agency)
    assert (found.witnessed, found.witnesses) == (LOGGED, ())
    assert any("the log's own word" in line for line in found.words)


def test_it_is_no_permit_if_the_log_got_it_long_after_the_vote() -> None:
    quorum = WITNESSED + timedelta(seconds=40)
    last = make_permit(decide_by=quorum - LOGGING_MAX)
    assert verify(AGENCY.sign(last)).witnessed == quorum
    late = make_permit(decide_by=quorum - LOGGING_MAX - timedelta(seconds=1))
    error = refuses(DecidedTooLate, lambda: verify(AGENCY.sign(late)))
    assert "only since 2026-05-22T" in error.message


# Signatures


def test_one_signature_short() -> None:
    envelope = AGENCY.sign(PERMIT, STATES[:5])
    error = refuses(PermitQuorumNotMet, lambda: verify(envelope))
    assert "has 5 of the 6" in error.message


def test_the_signature_of_a_state_that_stands_aside() -> None:
    permit = make_permit(excluded=frozenset({STATES[6]}))
    verify(AGENCY.sign(permit))
    envelope = AGENCY.sign(permit, STATES[:7])
    error = refuses(SignerRecused, lambda: verify(envelope))
    assert STATES[6] in error.message


def test_a_signature_replayed_from_another_permit() -> None:
    other = AGENCY.sign(make_permit(permit_id="permit-2026-0002"))
    envelope = AGENCY.sign(PERMIT, STATES[:5]).with_signatures([other.signatures[0]])
    refuses(SignatureInvalid, lambda: verify(envelope))


def test_an_altered_cap() -> None:
    altered = make_permit(caps=make_caps(flop=9 * 10**25))
    envelope = replace(SIGNED, payload=canonical_bytes(altered.plain))
    refuses(SignatureInvalid, lambda: verify(envelope))
    refuses(PermitNotLogged, lambda: verify(envelope, proof=PROOF))


def test_keys_of_nobody() -> None:
    strangers = AGENCY.sign(PERMIT, [f"stranger-{number}" for number in range(6)])
    refuses(PermitQuorumNotMet, lambda: verify(strangers))
    experts = AGENCY.sign(PERMIT, BOARD)  # members, but of another organ
    refuses(PermitQuorumNotMet, lambda: verify(experts))
    services = AGENCY.sign(PERMIT, [*STATES[:5], "service-status"])
    refuses(PermitQuorumNotMet, lambda: verify(services))


def test_a_key_that_was_retired_before_signs_nothing_new() -> None:
    def retire(form: Any) -> None:  # noqa: ANN401 - plain values
        until = format_instant(WITNESSED - DAY)
        member(form, STATES[0])["keys"] = [
            key_form(STATES[0], until=until),
            key_form("new-key", since=until),
        ]

    agency = agency_whose(retire)
    refuses(PermitQuorumNotMet, lambda: verify(agency=agency))
    verify(agency.sign(PERMIT, ["new-key", *STATES[1:6]]), agency)


def test_a_key_that_is_replaced_later_leaves_the_permit_good() -> None:
    def rotate(form: Any) -> None:  # noqa: ANN401 - plain values
        until = format_instant(WITNESSED + DAY)
        member(form, STATES[0])["keys"] = [
            key_form(STATES[0], until=until),
            key_form("new-key", since=until),
        ]

    agency = agency_whose(rotate)
    verify(agency=agency)
    backdated = agency.sign(make_permit(permit_id="permit-2026-0009"))
    proof = agency.prove(
        backdated, subject="permit-2026-0009", witnessed=WITNESSED + 2 * DAY
    )
    refuses(PermitQuorumNotMet, lambda: verify(backdated, agency, proof=proof))


def test_a_party_that_had_withdrawn() -> None:
    def withdraw(form: Any) -> None:  # noqa: ANN401 - plain values
        form["parties"][0]["withdrawn"] = LOGGED.date().isoformat()

    refuses(PermitQuorumNotMet, lambda: verify(agency=agency_whose(withdraw)))


# What may be granted


def test_more_than_ordinary_permits_may_grant() -> None:
    for matter, extra in (
        (Matter.PERMIT, {}),
        (Matter.APPEAL, {}),
        (Matter.VARIATION, {"version": 2, "supersedes": PERMIT.digest}),
    ):
        permit = make_permit(matter=matter, caps=make_caps(flop=10**26 + 1), **extra)
        envelope = AGENCY.sign(permit, [*STATES[:6], "judge-1", "judge-2"])
        refuses(CapBeyondMatter, lambda: verify(envelope))  # noqa: B023 - called here


def test_the_exception_takes_the_board_and_every_state() -> None:
    permit = make_permit(matter=Matter.HORIZON_EXCEPTION, caps=make_caps(flop=10**27))
    verify(AGENCY.sign(permit, [*STATES[:9], *BOARD[:4]]))
    without_one = AGENCY.sign(permit, [*STATES[:8], *BOARD[:4]])
    refuses(PermitQuorumNotMet, lambda: verify(without_one))
    few_experts = AGENCY.sign(permit, [*STATES[:9], *BOARD[:3]])
    refuses(PermitQuorumNotMet, lambda: verify(few_experts))


def test_what_nobody_may_decide() -> None:
    def forbid(form: Any) -> None:  # noqa: ANN401 - plain values
        del form["matters"]["permit"]

    refuses(MatterUnknown, lambda: verify(agency=agency_whose(forbid)))


def test_another_treaty_than_the_one_it_was_decided_under() -> None:
    later = AGENCY.sign(make_permit(treaty_version=2))
    refuses(TreatyDiffers, lambda: verify(later))
    other = AGENCY.sign(make_permit(treaty_digest=f"sha256:{'0' * 64}"))
    refuses(TreatyDiffers, lambda: verify(other))


# Types


def test_another_papers_type() -> None:
    vote = "application/vnd.assent.vote+json"
    swapped = replace(SIGNED, payload_type=vote)
    refuses(WrongPaper, lambda: verify(swapped))
    paper = Envelope(SIGNED.payload, vote)
    for name in STATES[:6]:
        paper = paper.signed_by(SeededSigner(name))
    passed_off = replace(paper, payload_type=SIGNED.payload_type)
    refuses(SignatureInvalid, lambda: verify(passed_off))


def test_what_is_no_permit() -> None:
    payload = SIGNED.payload.replace(b'"version":1}', b'"version":1,"x":1}')
    refuses(PermitMalformed, lambda: verify(replace(SIGNED, payload=payload)))


# The log


def test_a_permit_that_is_not_in_the_log() -> None:
    entry = permit_entry(SIGNED).encoded
    other = AGENCY.prove(SIGNED, entry=b"nothing of the kind")
    refuses(PermitNotLogged, lambda: verify(proof=other))
    swapped = PROOF.replace(
        _extra(entry), _extra(entry.replace(b"26-0001", b"26-0002"))
    )
    refuses(ProofInvalid, lambda: verify(proof=swapped))


def test_the_proof_of_another_entry() -> None:
    other = AGENCY.sign(make_permit(permit_id="permit-2026-0002"))
    proof = AGENCY.prove(other, subject="permit-2026-0002")
    refuses(PermitNotLogged, lambda: verify(proof=proof))
    refuses(PermitNotLogged, lambda: verify(proof=AGENCY.prove(other)))
    refuses(PermitNotLogged, lambda: verify(proof=AGENCY.prove(SIGNED, kind="refusal")))


def test_other_signatures_than_those_in_the_log() -> None:
    refuses(
        PermitNotLogged, lambda: verify(AGENCY.sign(PERMIT, STATES[1:7]), proof=PROOF)
    )


def test_a_proof_that_too_few_witnesses_cosigned() -> None:
    for few in (AGENCY.witnesses[:4], ()):
        proof = AGENCY.prove(SIGNED, witnesses=few)
        refuses(QuorumNotMet, lambda: verify(proof=proof))  # noqa: B023 - called here
    strangers = tuple(witness_key(f"x{i}.example", 90 + i) for i in range(5))
    proof = AGENCY.prove(SIGNED, witnesses=strangers)
    refuses(QuorumNotMet, lambda: verify(proof=proof))


def test_the_proof_of_another_log() -> None:
    other = SimulatedAgency()
    text = PROOF.replace(b"log.example/translog", b"log.evil/translog")
    with pytest.raises(LogRefused):
        verify(agency=other, proof=text)


# The root


def at(now: datetime, root: bytes = TRUST.root, **parts: Any) -> VerifiedPermit:  # noqa: ANN401 - of a bundle
    return verify_permit(AGENCY.bundle(SIGNED, **parts).encoded, root, now)


def test_an_expired_root() -> None:
    refuses(RootExpired, lambda: at(NOW + timedelta(days=366)))
    refuses(MetadataExpired, lambda: at(NOW + timedelta(days=30)))


def test_a_root_that_was_rolled_back() -> None:
    trust = AGENCY.trust
    before = trust.metadata
    trust.rotate()
    seen = verify_trust(trust.root, trust.metadata, NOW).versions
    bundle = replace(BUNDLE, trust=before).encoded
    refuses(RootRolledBack, lambda: verify_permit(bundle, trust.root, NOW, seen=seen))


def test_the_root_of_somebody_else() -> None:
    other = SimulatedTrust(form=AGENCY.form, online="somebody")
    refuses(MetadataUnsigned, lambda: at(NOW, other.root))
    own = SimulatedTrust(form=AGENCY.form, states=("X1", "X2", "X3"))
    refuses(MetadataUnsigned, lambda: at(NOW, trust=own))
    own.rotate(states=("Y1", "Y2", "Y3"))
    refuses(RootUnsigned, lambda: at(NOW, trust=own))


def _extra(entry: bytes) -> bytes:
    return base64.b64encode(entry)

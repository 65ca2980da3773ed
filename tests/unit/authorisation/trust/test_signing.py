"""What key holders sign: described in words, signed apart, joined again."""

from datetime import timedelta

import pytest

from assent.authorisation.trust import (
    RootUnsigned,
    TrustMalformed,
    describe_metadata,
    join_signatures,
    make_root,
    next_root,
    sign_metadata,
    verify_trust,
)
from assent.testing.states import SeededSigner
from assent.testing.trust import NOW, SimulatedTrust, key_quorum, signed

YEAR = timedelta(days=365)


def test_states_sign_copies_apart_and_the_signatures_are_joined() -> None:
    trust = SimulatedTrust()
    unsigned = make_root(trust.quorums, NOW + YEAR)
    copies = [signed(unsigned, [name]) for name in trust.names("root")]
    with pytest.raises(RootUnsigned):
        verify_trust(copies[0], trust.metadata, NOW)
    joined = join_signatures(unsigned, copies)
    assert joined == signed(unsigned, trust.names("root"))
    assert verify_trust(joined, trust.metadata, NOW)


def test_signatures_on_something_else_are_not_joined() -> None:
    trust = SimulatedTrust()
    other = signed(make_root(trust.quorums, NOW + 2 * YEAR), ["root-AUS"])
    with pytest.raises(TrustMalformed, match="not the same"):
        join_signatures(trust.root, [other])


def test_signing_twice_leaves_one_signature() -> None:
    trust = SimulatedTrust()
    again = sign_metadata(trust.root, SeededSigner("root-AUS"))
    assert again == trust.root


def test_the_first_root_is_described_key_by_key() -> None:
    trust = SimulatedTrust()
    lines = describe_metadata(trust.root)
    assert lines[:3] == [
        "This is root metadata, version 1.",
        "It is in force until 2027-06-01T12:00:00Z.",
        "There is no former root: check each key with its holder.",
    ]
    assert "For the root itself, 3 of 5 keys must sign." in lines
    for name in ("root-AUS", "treaty-FRA", "agency-online"):
        assert f"    {SeededSigner(name).key.text}" in lines
    assert lines[-1] == "Of its own root keys, 3 signed so far; 3 are needed."


def test_a_change_of_keys_is_described_as_a_change() -> None:
    trust = SimulatedTrust()
    trust.states, trust.needed = ("AUS", "BRA", "CAN", "DEU", "NOR"), 2
    root = next_root(trust.root, trust.quorums, NOW + YEAR)
    lines = describe_metadata(signed(root, ["root-AUS", "root-NOR"]), trust.root)
    assert lines[2:7] == [
        "It follows on version 1.",
        "For the root itself, 2 of 5 keys must sign.",
        "    so far it took 3 of 5",
        f"    added:   {SeededSigner('root-NOR').key.text}",
        f"    removed: {SeededSigner('root-FRA').key.text}",
    ]
    assert lines[-3:] == [
        "    nothing changes",
        "Of the former root keys, 1 signed so far; 3 are needed.",
        "Of its own root keys, 2 signed so far; 2 are needed.",
    ]


def test_a_root_that_does_not_follow_is_called_wrong() -> None:
    trust = SimulatedTrust()
    lines = describe_metadata(make_root(trust.quorums, NOW + YEAR, 3), trust.root)
    assert "WRONG: it does not follow on version 1, which you trust." in lines


def test_targets_are_described_by_the_treatys_digest() -> None:
    trust = SimulatedTrust()
    treaty = verify_trust(trust.root, trust.metadata, NOW).treaty
    lines = describe_metadata(trust.targets, trust.root)
    assert f"    {treaty.digest}" in lines
    assert lines[-1] == "Of the keys of the root, 3 signed so far; 3 are needed."
    assert "version 1, " in describe_metadata(trust.timestamp)[2]


def test_a_forged_signature_is_not_described_away() -> None:
    trust = SimulatedTrust()
    other = signed(make_root(trust.quorums, NOW + 2 * YEAR), trust.names("root"))
    sig = other.split(b'"sig":"')[1][:128]
    forged = trust.root.replace(trust.root.split(b'"sig":"')[1][:128], sig)
    with pytest.raises(RootUnsigned):
        describe_metadata(forged)


def test_a_quorum_must_be_one() -> None:
    for threshold in (0, 3, -1):
        with pytest.raises(TrustMalformed):
            key_quorum(["a", "b"], threshold)

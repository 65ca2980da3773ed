"""Verification of proofs, offline: what is believed, and what is not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from proofbundle.tlogproof import format_tlog_proof, verify_tlog_proof

from assent.translog.errors import (
    CosignatureInvalid,
    ProofInvalid,
    ProofMalformed,
    QuorumNotMet,
    TreeHeadUnsigned,
    WrongOrigin,
)
from assent.translog.formats.cosignature import cosign
from assent.translog.formats.keys import KeyKind, SigningKey, make_signing_key
from assent.translog.formats.policy import Log, Policy, parse_policy
from assent.translog.formats.proof import TlogProof
from assent.translog.formats.signed_head import sign_tree_head
from assent.translog.formats.tree_head import TreeHead
from assent.translog.merkle import (
    Edge,
    FullTile,
    leaf_hash,
    node_hash,
    prove_inclusion,
)
from assent.translog.merkle.edge import TILE_HEIGHT, node_in_tile
from assent.translog.verify import verify_proof
from assent.vocabulary import AssentError, SignatureInvalid

ORIGIN = "agency.example/log"
NOW_S = 1_780_000_000


def _key(name: str, kind: KeyKind, seed: int) -> SigningKey:
    return make_signing_key(name, kind, bytes([seed] * 32))


LOG = _key(ORIGIN, KeyKind.ED25519, 1)
WITNESSES = [
    _key("ken.example", KeyKind.ED25519_COSIGNATURE, 2),
    _key("nor.example", KeyKind.ML_DSA_44_COSIGNATURE, 3),
    _key("ury.example", KeyKind.ED25519_COSIGNATURE, 4),
]
NAMES = ["KEN", "NOR", "URY"]


def _policy(quorum: str = "group g 2 KEN NOR URY\nquorum g\n") -> Policy:
    rows = [f"log {LOG.verifier.text}\n"]
    for name, key in zip(NAMES, WITNESSES, strict=True):
        rows.append(f"witness {name} {key.verifier.text}\n")
    return parse_policy("".join([*rows, quorum]).encode())


POLICY = _policy()


def _prove(
    entries: list[bytes],
    index: int,
    *,
    witnesses: list[SigningKey] = WITNESSES,
    extra: bytes | None = None,
) -> TlogProof:
    """Return a proof as a log makes it, in a tree of any size."""
    edge = Edge()
    full: dict[tuple[int, int], FullTile] = {}
    for tile in edge.append([leaf_hash(entry) for entry in entries]):
        full[tile.level, tile.index] = tile

    def read_node(level: int, position: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        index, offset = divmod(position, 1 << (TILE_HEIGHT - height))
        if (tile_level, index) in full:
            return node_in_tile(full[tile_level, index].nodes, height, offset)
        return edge.node(level, position)

    head = TreeHead(ORIGIN, len(entries), edge.root())
    lines = [cosign(head, key, NOW_S + at) for at, key in enumerate(witnesses)]
    return TlogProof(
        index=index,
        hashes=tuple(prove_inclusion(index, len(entries), read_node)),
        signed=sign_tree_head(head, [LOG], NOW_S).with_signatures(*lines),
        extra=entries[index] if extra is None else extra,
    )


ENTRIES = [f"entry {number}".encode() for number in range(11)]
PROOF = _prove(ENTRIES, 6)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 11, 255, 256, 257, 600])
def test_every_entry_of_a_log_is_verified(size: int) -> None:
    entries = [f"entry {number}".encode() for number in range(size)]
    for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
        verified = verify_proof(_prove(entries, index).encoded, POLICY)
        assert verified.entry == entries[index]
        assert (verified.index, verified.head.size) == (index, size)


def test_what_is_verified_says_who_vouches_and_when() -> None:
    verified = verify_proof(PROOF.encoded, POLICY, origin=ORIGIN)
    assert verified.head == PROOF.signed.head
    assert verified.log == Log(LOG.verifier)
    assert verified.cosigners == {"KEN": NOW_S, "NOR": NOW_S + 1, "URY": NOW_S + 2}


def test_an_entry_given_along_is_verified_with_or_without_the_carried_one() -> None:
    without = replace(PROOF, extra=b"")
    for proof in (PROOF, without):
        verified = verify_proof(proof.encoded, POLICY, entry=ENTRIES[6])
        assert verified.entry == ENTRIES[6]


def test_a_proof_of_nothing_is_refused() -> None:
    with pytest.raises(ProofInvalid, match="does not carry"):
        verify_proof(replace(PROOF, extra=b"").encoded, POLICY)


def test_an_empty_entry_is_an_entry_if_it_is_given() -> None:
    entries = [b"", b"other"]
    proof = _prove(entries, 0).encoded
    assert verify_proof(proof, POLICY, entry=b"").entry == b""
    with pytest.raises(ProofInvalid):
        verify_proof(proof, POLICY, entry=b"other")


def test_an_entry_that_is_given_counts_and_the_carried_one_does_not() -> None:
    with pytest.raises(ProofInvalid, match="another root"):
        verify_proof(PROOF.encoded, POLICY, entry=ENTRIES[5])
    elsewhere = replace(PROOF, extra=b"what another application carries")
    assert verify_proof(elsewhere.encoded, POLICY, entry=ENTRIES[6]).index == 6


def test_the_carried_entry_is_not_believed_unless_it_is_in_the_tree() -> None:
    forged = replace(PROOF, extra=b"permit for anything")
    with pytest.raises(ProofInvalid, match="another root"):
        verify_proof(forged.encoded, POLICY)
    with pytest.raises(ProofInvalid, match="another root"):
        verify_proof(forged.encoded, POLICY, entry=b"permit for anything")


def test_a_node_of_the_tree_is_not_passed_off_as_an_entry() -> None:
    left, right = leaf_hash(ENTRIES[6]), leaf_hash(ENTRIES[7])
    lie = replace(PROOF, index=3, hashes=PROOF.hashes[1:], extra=b"\x01" + left + right)
    assert node_hash(left, right) != leaf_hash(b"\x01" + left + right)
    with pytest.raises(ProofInvalid):
        verify_proof(lie.encoded, POLICY)


@pytest.mark.parametrize("index", [0, 5, 7, 10, 11, 2**63 - 1])
def test_another_index_is_refused(index: int) -> None:
    with pytest.raises(ProofInvalid):
        verify_proof(replace(PROOF, index=index).encoded, POLICY)


@pytest.mark.parametrize(
    "hashes",
    [
        (),
        PROOF.hashes[:-1],
        PROOF.hashes[1:],
        (*PROOF.hashes, bytes(32)),
        PROOF.hashes[::-1],
    ],
    ids=["none", "last missing", "first missing", "one more", "reversed"],
)
def test_other_hashes_are_refused(hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(ProofInvalid):
        verify_proof(replace(PROOF, hashes=hashes).encoded, POLICY)


def test_a_proof_under_an_older_head_is_not_one_under_a_newer() -> None:
    newer = _prove([*ENTRIES, b"more"], 6)
    with pytest.raises(ProofInvalid):
        verify_proof(replace(PROOF, signed=newer.signed).encoded, POLICY)


def test_too_few_witnesses_are_refused() -> None:
    proof = _prove(ENTRIES, 6, witnesses=WITNESSES[:1])
    with pytest.raises(QuorumNotMet, match="'NOR', 'URY'"):
        verify_proof(proof.encoded, POLICY)
    assert verify_proof(proof.encoded, _policy("quorum none\n")).cosigners == {
        "KEN": NOW_S
    }


def test_a_cosignature_of_another_head_is_refused() -> None:
    stolen = _prove(ENTRIES[:-1], 6).signed.note.signatures[-1]
    proof = _prove(ENTRIES, 6, witnesses=WITNESSES[:2])
    signed = proof.signed.with_signatures(stolen)
    with pytest.raises(CosignatureInvalid):
        verify_proof(replace(proof, signed=signed).encoded, POLICY)


def test_a_head_that_the_log_did_not_sign_is_refused() -> None:
    note = PROOF.signed.note
    unsigned = replace(PROOF.signed, note=replace(note, signatures=note.signatures[1:]))
    with pytest.raises(TreeHeadUnsigned):
        verify_proof(replace(PROOF, signed=unsigned).encoded, POLICY)


def test_a_head_that_was_changed_after_signing_is_refused() -> None:
    edge = Edge()
    edge.append([leaf_hash(b"forged")])
    head = TreeHead(ORIGIN, 1, edge.root())
    forged = replace(
        PROOF.signed, head=head, note=replace(PROOF.signed.note, text=head.text)
    )
    proof = TlogProof(index=0, hashes=(), signed=forged, extra=b"forged")
    with pytest.raises(SignatureInvalid):
        verify_proof(proof.encoded, POLICY)


def test_a_log_of_another_policy_is_refused() -> None:
    others = replace(POLICY, logs=())
    with pytest.raises(WrongOrigin):
        verify_proof(PROOF.encoded, others)
    with pytest.raises(WrongOrigin):
        verify_proof(PROOF.encoded, POLICY, origin="other.example/log")


def test_another_implementation_agrees() -> None:
    keys = [witness.verifier.text for witness in WITNESSES]
    for entry, is_there in ((ENTRIES[6], True), (ENTRIES[5], False)):
        answer = verify_tlog_proof(
            PROOF.encoded.decode(),
            entry,
            LOG.verifier.text,
            keys,
            threshold=3,
            expected_origin=ORIGIN,
        )
        assert answer["ok"] is is_there
    assert (answer["log_ok"], answer["witnesses_ok"]) == (True, True)


def test_another_implementations_proof_is_verified() -> None:
    text = format_tlog_proof(
        PROOF.index, PROOF.hashes, PROOF.signed.encoded.decode(), PROOF.extra
    )
    assert verify_proof(text.encode(), POLICY).entry == ENTRIES[6]


def test_what_is_no_proof_is_refused_as_such() -> None:
    with pytest.raises(ProofMalformed):
        verify_proof(PROOF.signed.encoded, POLICY)


@given(
    st.integers(1, 40).flatmap(
        lambda size: st.tuples(st.just(size), st.integers(0, size - 1))
    )
)
def test_the_proof_of_one_entry_proves_no_other(place: tuple[int, int]) -> None:
    size, index = place
    entries = [number.to_bytes(2, "big") for number in range(size)]
    proof = _prove(entries, index, witnesses=[], extra=b"").encoded
    policy = _policy("quorum none\n")
    for number, entry in enumerate(entries):
        if number == index:
            assert verify_proof(proof, policy, entry=entry).entry == entry
        else:
            with pytest.raises(ProofInvalid):
                verify_proof(proof, policy, entry=entry)


@pytest.mark.parametrize("carries", [True, False])
@given(place=st.integers(0), bit=st.integers(0, 7))
def test_a_proof_with_one_bit_flipped_is_refused_or_means_the_same(
    carries: bool,  # noqa: FBT001 - a parameter of the test
    place: int,
    bit: int,
) -> None:
    proof = PROOF if carries else replace(PROOF, extra=b"")
    data = bytearray(proof.encoded)
    data[place % len(data)] ^= 1 << bit
    try:
        verified = verify_proof(bytes(data), POLICY, entry=ENTRIES[6])
    except AssentError:
        return
    assert (verified.entry, verified.index) == (ENTRIES[6], 6)
    assert verified.head == PROOF.signed.head
    assert len(verified.cosigners) >= 2


def test_no_byte_before_the_signatures_can_be_another() -> None:
    proof = _prove(ENTRIES[:2], 0, witnesses=[])
    policy = _policy("quorum none\n")
    data = proof.encoded
    end = data.index("\n\n—".encode())
    verify_proof(data, policy)
    for place in range(end):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            with pytest.raises(AssentError):
                verify_proof(bytes(changed), policy)

"""What a witness decides, and in which order it looks."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.testing.small_log import TIME_S, SmallLog, log_key, witness_key
from assent.testing.witnesses import MemoryWitness, ask, node_reader
from assent.translog.errors import (
    ClockBehind,
    CosignatureInvalid,
    CosignatureMalformed,
)
from assent.translog.formats import witness_exchange
from assent.translog.formats.cosignature import (
    cosign,
    cosign_subtree,
    verify_cosignature,
    verify_subtree_cosignature,
)
from assent.translog.formats.keys import (
    KeyKind,
    SigningKey,
    VerifierKey,
    make_signing_key,
    parse_verifier_key,
)
from assent.translog.formats.note import SIGNATURES_MAX, Note, SignatureLine
from assent.translog.formats.signed_head import SignedTreeHead, sign_tree_head
from assent.translog.formats.tree_head import TreeHead
from assent.translog.formats.witness_exchange import (
    CosignRequest,
    SubtreeRequest,
    parse_cosign_request,
    parse_subtree_request,
)
from assent.translog.merkle import (
    prove_subtree_consistency,
    range_hash,
)
from assent.translog.split_view import Evidence, verify_evidence
from assent.translog.witness import (
    Cosign,
    CosignSubtree,
    Doubt,
    Reason,
    Refusal,
    decide_cosign,
    decide_subtree,
    refuse_malformed,
)
from assent.translog.witness.cosign_head import CLOCK_BEHIND_S_MAX
from assent.vocabulary import InputError

LOG = SmallLog([f"entry {i}".encode() for i in range(14)])
LOG_KEYS = (LOG.key.verifier,)
ED25519 = witness_key("witness.example/w1")
ML_DSA = make_signing_key(
    "witness.example/w1", KeyKind.ML_DSA_44_COSIGNATURE, bytes([3] * 32)
)

ML_DSA_LOG = make_signing_key(LOG.key.name, KeyKind.ML_DSA_44_COSIGNATURE, bytes(32))


def _refusal(
    request: CosignRequest,
    held: SignedTreeHead | None,
    log_keys: Sequence[VerifierKey] = LOG_KEYS,
) -> Refusal:
    decision = decide_cosign(request, log_keys, held)
    assert isinstance(decision, Refusal)
    return decision


def _with_lines(signed: SignedTreeHead, *lines: SignatureLine) -> SignedTreeHead:
    return SignedTreeHead(signed.head, Note(signed.note.text, lines))


def _forged(line: SignatureLine) -> SignatureLine:
    return SignatureLine(line.name, line.key_id, bytes(len(line.signature)))


def test_cosigns_the_example_in_the_docstring_of_the_exchange() -> None:
    text, _ = literals(witness_exchange)
    request = parse_cosign_request(text.encode())
    key = parse_verifier_key(
        "example.com/log+09fadd6c+AZsfhHkc/HZjBFhU04netcqVRJ2HXydqg4QLBgqznPxx"
    )
    held = TreeHead(
        "example.com/log",
        8,
        bytes.fromhex(
            "b69732ce5c914162ca9accfaf4e95d3f9874d68805437088aaff184a4db96773"
        ),
    )
    decision = decide_cosign(request, [key], SignedTreeHead(held, Note(held.text, ())))
    assert isinstance(decision, Cosign)


@given(st.integers(0, 14), st.integers(0, 14))
def test_cosigns_every_extension(one: int, other: int) -> None:
    old_size, size = sorted((one, other))
    held = LOG.signed(old_size) if old_size else None

    decision = decide_cosign(ask(LOG, old_size, size), LOG_KEYS, held)

    assert isinstance(decision, Cosign)
    assert decision.signed == LOG.signed(size)


def test_cosigns_by_every_key_at_the_given_time() -> None:
    decision = decide_cosign(ask(LOG, 0), LOG_KEYS, None)
    assert isinstance(decision, Cosign)

    lines = decision.lines([ED25519, ML_DSA], TIME_S)

    for key, line in zip((ED25519, ML_DSA), lines, strict=True):
        assert verify_cosignature(LOG.signed().head, key.verifier, line) == TIME_S


def test_cosigns_the_same_head_again() -> None:
    held = LOG.signed(5)
    assert decide_cosign(ask(LOG, 5, 5), LOG_KEYS, held) == Cosign(held, held)


def test_cosigns_the_empty_tree_and_goes_on_from_it() -> None:
    empty = LOG.signed(0)
    assert decide_cosign(ask(LOG, 0, 0), LOG_KEYS, None) == Cosign(empty, None)
    assert decide_cosign(ask(LOG, 0, 0), LOG_KEYS, empty) == Cosign(empty, empty)
    assert decide_cosign(ask(LOG, 0, 9), LOG_KEYS, empty) == (
        Cosign(LOG.signed(9), empty)
    )


def test_keeps_no_signature_that_it_did_not_verify() -> None:
    other, copied = log_key(seed=9), log_key("elsewhere.example/log")
    signed = LOG.signed(5)
    lines = sign_tree_head(signed.head, [other, copied, ED25519], 1).note.signatures
    crowded = signed.with_signatures(*lines)

    decision = decide_cosign(CosignRequest(0, (), crowded), LOG_KEYS, None)

    assert decision == Cosign(signed, None)


def test_takes_any_of_the_keys_of_a_log_and_keeps_a_line_of_each() -> None:
    second = log_key(seed=8)
    keys = (*LOG_KEYS, second.verifier, log_key(seed=7).verifier)
    signed = sign_tree_head(LOG.signed(5).head, [second, LOG.key, second], 1)

    decision = decide_cosign(CosignRequest(0, (), signed), keys, None)

    assert isinstance(decision, Cosign)
    assert [line.key_id for line in decision.signed.note.signatures] == [
        LOG.key.verifier.key_id,
        second.verifier.key_id,
    ]


def test_takes_a_log_that_signs_by_ml_dsa_44() -> None:
    signed = sign_tree_head(LOG.signed(5).head, [ML_DSA_LOG], 1)

    decision = decide_cosign(CosignRequest(0, (), signed), [ML_DSA_LOG.verifier], None)

    assert decision == Cosign(signed, None)


def test_cosigns_no_extension_line_that_only_ml_dsa_44_would_vouch_for() -> None:
    head = replace(LOG.signed(5).head, extensions=("a stranger's line",))
    line = sign_tree_head(LOG.signed(5).head, [ML_DSA_LOG], 1).note.signatures[0]
    keys = (*LOG_KEYS, ML_DSA_LOG.verifier)
    added = SignedTreeHead(head, Note(head.text, (line,)))

    refusal = _refusal(CosignRequest(0, (), added), None, keys)

    assert (refusal.reason, refusal.reason.status) == (Reason.NOT_SIGNED, 403)
    assert "Ed25519" in refusal.remedy
    signed = sign_tree_head(head, [LOG.key, ML_DSA_LOG], 1)
    assert decide_cosign(CosignRequest(0, (), signed), keys, None) == (
        Cosign(signed, None)
    )


def test_a_head_sent_again_with_fewer_signatures_loses_none() -> None:
    keys = (*LOG_KEYS, ML_DSA_LOG.verifier)
    both = sign_tree_head(LOG.signed(5).head, [LOG.key, ML_DSA_LOG], 1)
    own = cosign(both.head, ED25519, TIME_S)

    decision = decide_cosign(ask(LOG, 5, 5), keys, both.with_signatures(own))

    assert isinstance(decision, Cosign)
    assert set(decision.signed.note.signatures) == set(both.note.signatures)
    # Neither is a signature carried to another text, where it is not valid.
    head = replace(both.head, extensions=("another line",))
    other = sign_tree_head(head, [ML_DSA_LOG, LOG.key], 2)
    decision = decide_cosign(CosignRequest(5, (), LOG.signed(5)), keys, other)
    assert isinstance(decision, Cosign)
    assert decision.signed == LOG.signed(5)


@pytest.mark.parametrize(
    ("time_s", "told_s"),
    [
        (TIME_S - CLOCK_BEHIND_S_MAX, TIME_S),
        (TIME_S - 1, TIME_S),
        (TIME_S, TIME_S),
        (TIME_S + 1, TIME_S + 1),
    ],
)
def test_the_times_it_tells_never_go_back(time_s: int, told_s: int) -> None:
    held = LOG.signed(5).with_signatures(
        cosign(LOG.signed(5).head, ED25519, TIME_S - 9),
        cosign(LOG.signed(5).head, ML_DSA, TIME_S),
    )
    decision = decide_cosign(ask(LOG, 5, 9), LOG_KEYS, held)
    assert isinstance(decision, Cosign)

    lines = decision.lines([ED25519, ML_DSA], time_s)

    for key, line in zip((ED25519, ML_DSA), lines, strict=True):
        assert verify_cosignature(LOG.signed(9).head, key.verifier, line) == told_s


def test_cosigns_nothing_by_a_clock_that_is_far_behind() -> None:
    held = LOG.signed(5)
    held = held.with_signatures(cosign(held.head, ED25519, TIME_S))
    decision = decide_cosign(ask(LOG, 5, 9), LOG_KEYS, held)
    assert isinstance(decision, Cosign)
    with pytest.raises(ClockBehind):
        decision.lines([ED25519], TIME_S - CLOCK_BEHIND_S_MAX - 1)


def test_goes_on_from_no_head_that_its_keys_did_not_cosign() -> None:
    held = LOG.signed(5)
    held = held.with_signatures(_forged(cosign(held.head, ED25519, TIME_S)))
    decision = decide_cosign(ask(LOG, 5, 9), LOG_KEYS, held)
    assert isinstance(decision, Cosign)
    with pytest.raises((CosignatureInvalid, CosignatureMalformed)):
        decision.lines([ED25519], TIME_S)


def test_keeps_nothing_that_could_not_be_read_again() -> None:
    keys = [log_key(seed=seed) for seed in range(1, SIGNATURES_MAX + 1)]
    crowded = sign_tree_head(LOG.signed(5).head, keys, 1)
    witness = MemoryWitness((ED25519,), tuple(key.verifier for key in keys))

    refusal = witness.answer(CosignRequest(0, (), crowded), TIME_S)

    assert isinstance(refusal, Refusal)
    assert refusal.reason.status == 400
    assert witness.held == {}


def test_refuses_a_log_that_it_does_not_follow() -> None:
    refusal = _refusal(ask(LOG, 0), None, log_keys=())
    assert (refusal.reason, refusal.reason.status) == (Reason.LOG_UNKNOWN, 404)


def test_refuses_a_head_that_no_trusted_key_signed() -> None:
    signed = SmallLog(LOG.entries, log_key(seed=9)).signed()
    refusal = _refusal(CosignRequest(0, (), signed), None)
    assert (refusal.reason, refusal.reason.status) == (Reason.NOT_SIGNED, 403)


def test_refuses_a_head_whose_cosignature_alone_is_valid() -> None:
    signed = _with_lines(LOG.signed(), cosign(LOG.signed().head, ED25519, TIME_S))
    assert _refusal(CosignRequest(0, (), signed), None).reason is Reason.NOT_SIGNED


@pytest.mark.parametrize("is_first", [True, False])
def test_refuses_a_forged_line_of_a_trusted_key_beside_a_valid_one(
    is_first: bool,  # noqa: FBT001 - both orders
) -> None:
    signed = LOG.signed()
    (valid,) = signed.note.signatures
    lines = [_forged(valid), valid] if is_first else [valid, _forged(valid)]

    refusal = _refusal(CosignRequest(0, (), _with_lines(signed, *lines)), None)

    assert (refusal.reason, refusal.reason.status) == (Reason.NOT_SIGNED, 403)


def test_refuses_the_signature_of_another_head() -> None:
    signed = _with_lines(LOG.signed(5), *LOG.signed(6).note.signatures)
    assert _refusal(CosignRequest(0, (), signed), None).reason is Reason.NOT_SIGNED


def test_refuses_an_old_size_above_the_size() -> None:
    refusal = _refusal(CosignRequest(6, (), LOG.signed(5)), LOG.signed(5))
    assert refusal.reason is Reason.OLD_SIZE_ABOVE_SIZE
    assert (refusal.reason.status, refusal.size_held) == (400, None)


@pytest.mark.parametrize(("old_size", "held"), [(0, 5), (4, 5), (6, 5), (3, 0)])
def test_tells_the_size_that_it_holds(old_size: int, held: int) -> None:
    refusal = _refusal(ask(LOG, old_size), LOG.signed(held) if held else None)
    assert (refusal.reason.status, refusal.size_held) == (409, held)


def test_tells_the_size_even_of_a_replayed_old_head() -> None:
    refusal = _refusal(ask(LOG, 0, 4), LOG.signed(9))
    assert (refusal.reason.status, refusal.size_held, refusal.kept) == (409, 9, None)


def test_refuses_the_empty_tree_with_a_root_and_keeps_it() -> None:
    head = TreeHead(LOG.key.name, 0, LOG.signed().head.root)
    signed = sign_tree_head(head, [LOG.key], 1)
    request = CosignRequest(0, (), signed)

    refusal = _refusal(request, None)

    assert refusal.reason is Reason.EMPTY_TREE_WITH_ROOT
    assert refusal.reason.status == 422
    assert refusal.kept == Doubt(request, None)
    assert _refusal(request, LOG.signed(3)).kept == Doubt(request, LOG.signed(3))


@pytest.mark.parametrize("size", [0, 5])
@pytest.mark.parametrize("is_held", [True, False])
def test_refuses_a_proof_from_the_empty_tree(
    size: int,
    is_held: bool,  # noqa: FBT001 - both ways to hold nothing
) -> None:
    request = CosignRequest(0, (bytes(32),), LOG.signed(size))
    refusal = _refusal(request, LOG.signed(0) if is_held else None)
    assert refusal.reason is Reason.PROOF_FROM_NOTHING
    assert refusal.reason.status == 422


@given(st.integers(1, 13), st.data())
def test_refuses_a_proof_that_was_bent(old_size: int, data: st.DataObject) -> None:
    honest = ask(LOG, old_size, 14)
    proof = list(honest.proof)
    index = data.draw(st.integers(0, len(proof) - 1))
    bend = data.draw(st.sampled_from(["flip", "drop", "double", "swap"]))
    if bend == "flip":
        proof[index] = bytes(b ^ 1 for b in proof[index])
    elif bend == "drop":
        del proof[index]
    elif bend == "double":
        proof.insert(index, proof[index])
    else:
        proof.reverse()
        if tuple(proof) == honest.proof:
            return
    request = CosignRequest(old_size, tuple(proof), honest.signed)
    held = LOG.signed(old_size)

    refusal = _refusal(request, held)

    assert (refusal.reason, refusal.reason.status) == (Reason.PROOF_FAILS, 422)
    assert refusal.kept == Doubt(request, held)


def test_refuses_a_proof_for_the_head_that_it_holds_and_doubts_nothing() -> None:
    refusal = _refusal(CosignRequest(5, (bytes(32),), LOG.signed(5)), LOG.signed(5))
    assert refusal.reason is Reason.PROOF_FAILS
    assert refusal.kept is None


def test_refuses_a_rewritten_history_even_with_its_own_honest_proof() -> None:
    fork = LOG.fork(4, [b"other"] * 10)
    refusal = _refusal(ask(fork, 9), LOG.signed(9))
    assert refusal.reason is Reason.PROOF_FAILS
    assert isinstance(refusal.kept, Doubt)


@pytest.mark.parametrize("old_size", [9, 0, 3])
def test_a_fork_is_evidence_that_anybody_can_verify(old_size: int) -> None:
    fork = LOG.fork(4, [b"other"] * 5)

    refusal = _refusal(CosignRequest(old_size, (), fork.signed()), LOG.signed(9))

    # A stale old size changes the answer, not what is kept.
    expected = Reason.OTHER_ROOT if old_size == 9 else Reason.OLD_SIZE_NOT_HELD
    assert refusal.reason is expected
    assert isinstance(refusal.kept, Evidence)
    facts = verify_evidence(refusal.kept.encoded, LOG_KEYS)
    assert {facts.smaller.head.root, facts.larger.head.root} == {
        fork.signed().head.root,
        LOG.signed(9).head.root,
    }


def test_a_fork_at_the_size_that_is_held_is_unprocessable() -> None:
    fork = LOG.fork(4, [b"other"] * 5)
    refusal = _refusal(CosignRequest(9, (), fork.signed()), LOG.signed(9))
    assert refusal.reason.status == 422


def test_looks_in_the_order_of_the_specification() -> None:
    # Each request is wrong in every later way too.
    fork = LOG.fork(0, [b"other"] * 5)
    forged = _with_lines(fork.signed(), _forged(fork.signed().note.signatures[0]))
    proof = (bytes(32),)
    held = LOG.signed(5)
    reasons = [
        _refusal(CosignRequest(6, proof, forged), held, ()).reason,
        _refusal(CosignRequest(6, proof, forged), held).reason,
        _refusal(CosignRequest(6, proof, fork.signed()), held).reason,
        _refusal(CosignRequest(4, proof, fork.signed()), held).reason,
        _refusal(CosignRequest(5, proof, fork.signed()), held).reason,
    ]
    assert reasons == [
        Reason.LOG_UNKNOWN,
        Reason.NOT_SIGNED,
        Reason.OLD_SIZE_ABOVE_SIZE,
        Reason.OLD_SIZE_NOT_HELD,
        Reason.OTHER_ROOT,
    ]


def test_malformed_is_a_bad_request() -> None:
    refusal = refuse_malformed(InputError("What.", remedy="How."))
    assert (refusal.reason.status, refusal.message, refusal.remedy) == (
        400,
        "What.",
        "How.",
    )


def test_every_reason_has_a_status_of_the_specification() -> None:
    assert {reason.status for reason in Reason} == {400, 403, 404, 409, 422}


def _subtree_request(
    start: int, end: int, size: int, *signers: SigningKey
) -> SubtreeRequest:
    head = LOG.signed(size).head
    lines = tuple(cosign(head, key, TIME_S) for key in signers)
    return SubtreeRequest(
        start=start,
        end=end,
        subtree_hash=range_hash(start, end, node_reader(LOG)),
        proof=tuple(prove_subtree_consistency(start, end, size, node_reader(LOG))),
        signed=SignedTreeHead(head, Note(head.text, lines)),
    )


def _bent(request: SubtreeRequest, **changes: object) -> SubtreeRequest:
    fields = {name: getattr(request, name) for name in SubtreeRequest.__slots__}
    return SubtreeRequest(**(fields | changes))


def _subtree_refusal(
    request: SubtreeRequest,
    log_keys: Sequence[VerifierKey] = LOG_KEYS,
    keys: Sequence[SigningKey] = (ED25519, ML_DSA),
) -> Reason:
    decision = decide_subtree(request, log_keys, keys)
    assert isinstance(decision, Refusal)
    return decision.reason


SUBTREES = [
    (start, end, size)
    for size in (1, 5, 8, 13, 14)
    for start, end in [(0, 1), (0, 5), (4, 8), (8, 13), (8, 12), (12, 14), (0, 14)]
    if end <= size
]


@pytest.mark.parametrize(("start", "end", "size"), SUBTREES)
def test_cosigns_every_subtree_of_a_head_it_cosigned(
    start: int, end: int, size: int
) -> None:
    request = _subtree_request(start, end, size, ML_DSA)

    decision = decide_subtree(request, LOG_KEYS, [ED25519, ML_DSA])

    assert isinstance(decision, CosignSubtree)
    (line,) = decision.lines()
    verify_subtree_cosignature(
        LOG.key.name, start, end, request.subtree_hash, ML_DSA.verifier, line
    )


def test_cosigns_the_subtree_in_the_docstring_of_the_exchange() -> None:
    _, text = literals(witness_exchange)
    request = parse_subtree_request(text.encode())
    key = make_signing_key(
        "witness.example/w1",
        KeyKind.ED25519_COSIGNATURE,
        sha256(b"witness").digest(),
    )

    decision = decide_subtree(request, LOG_KEYS, [key, ML_DSA])

    assert decision == CosignSubtree(request, (ML_DSA,))


def test_cosigns_a_subtree_by_the_key_that_cosigned_the_head() -> None:
    second = make_signing_key(
        "witness.example/w2", KeyKind.ML_DSA_44_COSIGNATURE, bytes([4] * 32)
    )
    by_second = decide_subtree(
        _subtree_request(8, 13, 14, second), LOG_KEYS, [ML_DSA, second]
    )
    assert isinstance(by_second, CosignSubtree)
    assert by_second.keys == (second,)


def test_cosigns_a_subtree_of_a_head_that_its_other_key_cosigned() -> None:
    decision = decide_subtree(
        _subtree_request(8, 13, 14, ED25519), LOG_KEYS, [ED25519, ML_DSA]
    )
    assert isinstance(decision, CosignSubtree)
    assert decision.keys == (ML_DSA,)


def test_offers_no_subtrees_without_a_key_that_can() -> None:
    request = _subtree_request(8, 13, 14, ED25519)
    assert _subtree_refusal(request, keys=[ED25519]) is Reason.SUBTREES_NOT_OFFERED


@pytest.mark.parametrize(
    ("start", "end"), [(1, 3), (8, 8), (0, 0), (9, 8), (8, 15), (4, 9), (16, 17)]
)
def test_refuses_what_is_no_subtree(start: int, end: int) -> None:
    request = _bent(_subtree_request(8, 13, 14, ML_DSA), start=start, end=end)
    assert _subtree_refusal(request) is Reason.NO_SUBTREE
    assert Reason.NO_SUBTREE.status == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"subtree_hash": bytes(32)},
        {"proof": ()},
        {"proof": (bytes(32),) * 4},
        {"start": 0, "end": 8},
        {"end": 12},
    ],
)
def test_refuses_a_subtree_that_is_not_shown(changes: dict[str, object]) -> None:
    request = _bent(_subtree_request(8, 13, 14, ML_DSA), **changes)
    assert _subtree_refusal(request) is Reason.PROOF_FAILS


def test_refuses_a_subtree_of_a_log_that_it_does_not_follow() -> None:
    request = _subtree_request(8, 13, 14, ML_DSA)
    assert _subtree_refusal(request, log_keys=()) is Reason.LOG_UNKNOWN


def test_refuses_a_subtree_of_a_head_it_did_not_cosign() -> None:
    stranger = witness_key("witness.example/w1", seed=9)
    assert _subtree_refusal(_subtree_request(8, 13, 14, stranger)) is (
        Reason.NOT_COSIGNED
    )
    signed_by_log = _bent(_subtree_request(8, 13, 14), signed=LOG.signed())
    assert _subtree_refusal(signed_by_log) is Reason.NOT_COSIGNED


def test_refuses_a_forged_cosignature_of_its_own() -> None:
    honest = _subtree_request(8, 13, 14, ED25519, ML_DSA)
    first, second = honest.signed.note.signatures
    signed = _with_lines(honest.signed, _forged(first), second)
    assert _subtree_refusal(_bent(honest, signed=signed)) is Reason.NOT_COSIGNED


def test_takes_no_cosignature_of_a_subtree_for_that_of_a_head() -> None:
    honest = _subtree_request(0, 8, 14)
    head = honest.signed.head
    line = cosign_subtree(head.origin, 0, head.size, head.root, ML_DSA)
    signed = SignedTreeHead(head, Note(head.text, (line,)))
    assert _subtree_refusal(_bent(honest, signed=signed)) is Reason.NOT_COSIGNED


def test_looks_at_a_subtree_in_the_order_of_the_specification() -> None:
    bad = _bent(_subtree_request(8, 13, 14), proof=())
    reasons = [
        _subtree_refusal(_bent(bad, start=1), ()),
        _subtree_refusal(bad, ()),
        _subtree_refusal(_subtree_request(8, 13, 14), ()),
        _subtree_refusal(_subtree_request(8, 13, 14)),
    ]
    assert reasons == [
        Reason.NO_SUBTREE,
        Reason.PROOF_FAILS,
        Reason.LOG_UNKNOWN,
        Reason.NOT_COSIGNED,
    ]

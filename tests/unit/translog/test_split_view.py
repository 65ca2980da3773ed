"""Evidence of a split view: it convinces anybody with the key, and nobody wrongly."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.testing.log_files import MemoryFiles
from assent.testing.small_log import SmallLog, log_key, witness_key
from assent.translog.errors import (
    EvidenceInvalid,
    EvidenceMalformed,
    HeadRolledBack,
    SplitView,
)
from assent.translog.formats.encoding import encode_base64
from assent.translog.formats.keys import parse_verifier_key
from assent.translog.formats.note import NOTE_BYTES_MAX, Note, SignatureLine
from assent.translog.formats.signed_head import SignedTreeHead, sign_tree_head
from assent.translog.merkle import EMPTY_ROOT, prove_consistency
from assent.translog.reading import VerifiedTiles
from assent.translog.split_view import (
    EVIDENCE_BYTES_MAX,
    evidence,
    parse_evidence,
    verify_evidence,
    verify_same_root,
    verify_start,
    verify_successor,
)
from assent.vocabulary import Plain, canonical_bytes

KEY = log_key().verifier
ENTRIES = [f"entry {i}".encode() for i in range(400)]


def evidence_of(log: SmallLog, size: int, other: SmallLog, other_size: int) -> bytes:
    """Return the evidence that a reader of the larger tree gets."""
    files = MemoryFiles()
    larger = other.publish(files, other_size)
    with pytest.raises(SplitView) as caught:
        verify_successor(log.signed(size), larger, files)
    assert caught.value.evidence is not None
    return caught.value.evidence


def a_split() -> bytes:
    log = SmallLog(ENTRIES[:6])
    return evidence_of(log, 6, log.fork(2, ENTRIES[10:20]), 9)


def tampered(data: bytes, **fields: Plain) -> bytes:
    return canonical_bytes({**json.loads(data), **fields})


@given(st.data())
def test_any_two_heads_that_contradict_make_evidence(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    larger = data.draw(st.integers(size, 320))
    common = data.draw(st.integers(0, size - 1))
    log = SmallLog(ENTRIES)
    made = evidence_of(log, size, log.fork(common, [b"x"] * 320), larger)
    facts = verify_evidence(made, [KEY])
    assert (facts.smaller.head.size, facts.larger.head.size) == (size, larger)
    assert facts.smaller.head.root != facts.root_in_larger
    assert parse_evidence(made).encoded == made


@given(st.data())
def test_an_honest_log_is_never_accused(data: st.DataObject) -> None:
    larger = data.draw(st.integers(0, 400))
    size = data.draw(st.integers(0, larger))
    log, files = SmallLog(ENTRIES), MemoryFiles()
    signed = log.publish(files, larger)
    assert verify_successor(log.signed(size), signed, files).head == signed.head


def test_tells_which_keys_signed_and_which_witnesses_saw_which_history() -> None:
    ken, nor, ury = (witness_key(f"{n}.example/w", i + 2) for i, n in enumerate("knu"))
    log = SmallLog(ENTRIES[:6], witnesses=(ken, nor))
    other = replace(log.fork(2, ENTRIES[10:20]), witnesses=(nor, ury))
    made = evidence_of(log, 6, other, 9)
    keys = [key.verifier for key in (ken, nor, ury)]
    facts = verify_evidence(made, [KEY], keys)
    assert facts.keys_of_smaller == facts.keys_of_larger == (KEY,)
    assert list(facts.cosigners_of_smaller) == keys[:2]
    assert list(facts.cosigners_of_larger) == keys[1:]
    assert facts.cosigners_of_both == [nor.verifier]


def test_a_forged_cosignature_does_not_void_the_evidence() -> None:
    witness = witness_key("witness.example/w")
    log, files = SmallLog(ENTRIES[:6]), MemoryFiles()
    larger = log.fork(2, ENTRIES[10:20]).publish(files, 9)
    key_id = witness.verifier.key_id
    lines = [SignatureLine(witness.name, key_id, bytes(n)) for n in (72, 3)]
    with pytest.raises(SplitView) as caught:
        verify_successor(log.signed().with_signatures(*lines), larger, files)
    facts = verify_evidence(caught.value.evidence or b"", [KEY], [witness.verifier])
    assert facts.cosigners_of_smaller == {}


def test_evidence_is_refused_by_who_trusts_another_key() -> None:
    with pytest.raises(EvidenceInvalid, match="No trusted key"):
        verify_evidence(a_split(), [log_key(seed=9).verifier])
    with pytest.raises(EvidenceInvalid, match="No trusted key"):
        verify_evidence(a_split(), [log_key("another.example/log").verifier])


def test_another_log_cannot_sign_evidence_against_this_one() -> None:
    log, enemy = SmallLog(ENTRIES[:5]), log_key("enemy.example/log", seed=9)
    heads = [log.signed().head, log.fork(0, [b"x"] * 5).signed().head]
    one, other = (sign_tree_head(head, [enemy], 1) for head in heads)
    made = evidence.Evidence(one, other, other.head.root, ())
    with pytest.raises(EvidenceInvalid, match="No trusted key"):
        verify_evidence(made.encoded, [KEY, enemy.verifier])


@pytest.mark.parametrize("field", ["smaller", "larger"])
def test_a_head_whose_signature_was_changed_proves_nothing(field: str) -> None:
    data = a_split()
    note = json.loads(data)[field]
    head, _, signature = note.rpartition(" ")
    wrong = "A" if signature[20] != "A" else "B"
    changed = f"{head} {signature[:20]}{wrong}{signature[21:]}"
    with pytest.raises(EvidenceInvalid, match="signature"):
        verify_evidence(tampered(data, **{field: changed}), [KEY])


@pytest.mark.parametrize("field", ["smaller", "larger"])
def test_a_head_of_another_size_than_was_signed_proves_nothing(field: str) -> None:
    data = a_split()
    note = json.loads(data)[field]
    changed = re.sub(r"\n(\d+)\n", lambda m: f"\n{int(m[1]) + 1}\n", note)
    with pytest.raises(EvidenceInvalid):
        verify_evidence(tampered(data, **{field: changed}), [KEY])


def test_every_wrong_hash_in_the_proof_is_found() -> None:
    data = a_split()
    proof = json.loads(data)["proof"]
    assert len(proof) > 2
    for index in range(len(proof)):
        wrong = [*proof]
        wrong[index] = encode_base64(bytes(32))
        with pytest.raises(EvidenceInvalid):
            verify_evidence(tampered(data, proof=wrong), [KEY])
    for other in (proof[:-1], [*proof, proof[-1]], []):
        with pytest.raises(EvidenceInvalid):
            verify_evidence(tampered(data, proof=other), [KEY])


def test_another_root_in_the_larger_tree_is_found() -> None:
    wrong = encode_base64(bytes(32))
    with pytest.raises(EvidenceInvalid):
        verify_evidence(tampered(a_split(), root_in_larger=wrong), [KEY])


def test_two_heads_of_one_history_are_no_split() -> None:
    log, files = SmallLog(ENTRIES), MemoryFiles()
    larger = log.publish(files, 9)
    tiles = VerifiedTiles(files, larger.head)
    honest = evidence.Evidence(
        log.signed(6),
        larger,
        tiles.root_at(6),
        tuple(prove_consistency(6, 9, tiles.node)),
    )
    with pytest.raises(EvidenceInvalid, match="is the start of"):
        verify_evidence(honest.encoded, [KEY])
    same = evidence.Evidence(larger, larger, larger.head.root, ())
    with pytest.raises(EvidenceInvalid, match="is the start of"):
        verify_evidence(same.encoded, [KEY])


def test_heads_of_two_logs_are_no_split() -> None:
    ours, theirs = SmallLog(ENTRIES[:6]), SmallLog(ENTRIES[6:], log_key("b.example/b"))
    one, other = ours.signed(3), theirs.signed(3)
    made = evidence.Evidence(one, other, other.head.root, ())
    keys = [KEY, theirs.key.verifier]
    with pytest.raises(EvidenceInvalid, match="not of"):
        verify_evidence(made.encoded, keys)


def test_heads_in_the_wrong_order_are_no_split() -> None:
    proven = parse_evidence(a_split())
    turned = replace(proven, smaller=proven.larger, larger=proven.smaller)
    with pytest.raises(EvidenceInvalid):
        verify_evidence(turned.encoded, [KEY])


def test_the_empty_tree_contradicts_nothing() -> None:
    log = SmallLog(ENTRIES)
    made = evidence.Evidence(log.signed(0), log.signed(5), bytes(32), ())
    with pytest.raises(EvidenceInvalid):
        verify_evidence(made.encoded, [KEY])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b" " + b'{"format":"assent-split-view/1"}',
        b"{" + b" " * EVIDENCE_BYTES_MAX,
    ],
    ids=["empty", "no fields", "no text", "deep", "few fields", "long"],
)
def test_what_is_no_evidence_is_refused_as_such(data: bytes) -> None:
    with pytest.raises(EvidenceMalformed):
        parse_evidence(data)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "assent-split-view/2"),
        ("smaller", 3),
        ("smaller", "log.example/translog\n6\n"),
        ("larger", None),
        ("proof", "none"),
        ("proof", [3]),
        ("proof", ["AAAA"]),
        ("proof", [encode_base64(bytes(32))] * 65),
        ("root_in_larger", "not base64"),
        ("more", "than there may be"),
    ],
)
def test_a_field_of_the_wrong_kind_is_refused(field: str, value: Plain) -> None:
    with pytest.raises(EvidenceMalformed):
        parse_evidence(tampered(a_split(), **{field: value}))


def test_no_notes_that_a_log_signs_make_evidence_too_long_to_read() -> None:
    line = SignatureLine("x", bytes(4), bytes(1))
    padding = NOTE_BYTES_MAX - len(Note("\n", (line,)).encoded)
    head = SmallLog(ENTRIES).signed(3).head
    worst = SignedTreeHead(head, Note('"' * padding + "\n", (line,)))
    assert len(worst.encoded) == NOTE_BYTES_MAX
    made = evidence.Evidence(worst, worst, bytes(32), (bytes(32),) * 64)
    # All but the letters of the signature lines are written as two bytes.
    plain = 2 * (len(line.text.encode()) - 1)
    assert len(made.encoded) == EVIDENCE_BYTES_MAX - plain


def test_evidence_of_heads_padded_with_quotes_is_believed() -> None:
    padding = tuple(
        SignatureLine('"' * 255, bytes([i] * 4), bytes(6200)) for i in range(60)
    )
    head = SmallLog(ENTRIES).signed(3).head
    heads = [replace(head, root=bytes([i] * 32)) for i in (0, 1)]
    long = [replace(h, extensions=('"' * 3900,)) for h in heads]
    one, other = (
        sign_tree_head(h, [log_key()], 1).with_signatures(*padding) for h in long
    )
    assert NOTE_BYTES_MAX - 20_000 < len(one.encoded) <= NOTE_BYTES_MAX
    made = evidence.Evidence(one, other, other.head.root, ())
    assert verify_evidence(made.encoded, [KEY]).smaller == one


def test_a_second_spelling_is_refused() -> None:
    data = a_split()
    parse_evidence(data)
    with pytest.raises(EvidenceMalformed, match="one encoding"):
        parse_evidence(data + b"\n")


@pytest.mark.fuzz
@given(st.data())
def test_no_change_of_a_byte_makes_other_evidence(data: st.DataObject) -> None:
    whole = bytearray(a_split())
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255).filter(lambda b: b != whole[place]))
    with pytest.raises((EvidenceInvalid, EvidenceMalformed)):
        verify_evidence(bytes(whole), [KEY])


def test_the_example_in_the_documentation_is_evidence() -> None:
    text = evidence.__doc__ or ""
    literal = re.search(r"^    (\{.*\})$", text, re.MULTILINE)
    key = re.search(r"^(\S+\+\S+\+\S+), for example", text, re.MULTILINE)
    assert literal
    assert key
    facts = verify_evidence(literal[1].encode(), [parse_verifier_key(key[1])])
    assert (facts.smaller.head.size, facts.larger.head.size) == (2, 3)


def test_a_smaller_head_of_the_same_history_is_a_rollback_without_a_split() -> None:
    log, files = SmallLog(ENTRIES), MemoryFiles()
    seen = log.publish(files, 300)
    with pytest.raises(HeadRolledBack, match="may be an old copy") as caught:
        verify_successor(seen, log.signed(200), files)
    assert caught.value.notes == (seen.encoded, log.signed(200).encoded)
    with pytest.raises(HeadRolledBack, match="may be an old copy"):
        verify_successor(seen, log.signed(0), files)


def test_a_smaller_head_that_contradicts_is_a_split() -> None:
    log, files = SmallLog(ENTRIES), MemoryFiles()
    seen = log.publish(files, 300)
    smaller = log.fork(100, [b"x"] * 100).signed()
    with pytest.raises(SplitView) as caught:
        verify_successor(seen, smaller, files)
    facts = verify_evidence(caught.value.evidence or b"", [KEY])
    assert facts.smaller.head == smaller.head
    assert facts.larger.head == seen.head


def test_a_smaller_head_is_no_split_where_the_tiles_to_show_it_are_gone() -> None:
    log, files = SmallLog(ENTRIES), MemoryFiles()
    seen = log.signed(300)
    smaller = log.fork(100, [b"x"] * 100).publish(files)
    with pytest.raises(HeadRolledBack, match="cannot be told") as caught:
        verify_successor(seen, smaller, files)
    assert caught.value.notes == (seen.encoded, smaller.encoded)


def test_two_heads_of_one_size_are_a_split_without_any_tiles() -> None:
    seen, other = (SmallLog(ENTRIES).fork(9, [word]).signed() for word in (b"a", b"b"))
    with pytest.raises(SplitView) as caught:
        verify_successor(seen, other, MemoryFiles())
    verify_evidence(caught.value.evidence or b"", [KEY])


def test_what_was_kept_shows_a_split_that_the_log_hides() -> None:
    log, files, kept = SmallLog(ENTRIES), MemoryFiles(), MemoryFiles()
    seen = log.publish(kept, 300)
    smaller = log.fork(100, [b"x"] * 100).publish(files)
    with pytest.raises(SplitView):
        verify_successor(seen, smaller, files, seen_files=kept)


def test_the_parts_agree_with_the_whole() -> None:
    log, files = SmallLog(ENTRIES), MemoryFiles()
    signed = log.publish(files, 9)
    verify_same_root(signed, log.signed(9))
    verify_start(log.signed(4), signed, VerifiedTiles(files, signed.head))
    assert VerifiedTiles(files, signed.head).root_at(0) == EMPTY_ROOT


def test_only_the_text_that_was_signed_counts() -> None:
    signed = SmallLog(ENTRIES).signed(3)
    other = SmallLog(ENTRIES).fork(0, [b"x"] * 3).signed()
    forged = SignedTreeHead(other.head, Note(other.head.text, signed.note.signatures))
    made = evidence.Evidence(signed, forged, forged.head.root, ())
    with pytest.raises(EvidenceInvalid, match="signature"):
        verify_evidence(made.encoded, [KEY])

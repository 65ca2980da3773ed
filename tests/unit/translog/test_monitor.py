"""Following a log: every entry once, every contradiction found, every lie refused."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.testing.log_files import MemoryFiles
from assent.testing.small_log import TIME_S, SmallLog, log_key, witness_key
from assent.translog.entry import Entry
from assent.translog.errors import (
    CosignatureStale,
    HeadRolledBack,
    HeadWithheld,
    QuorumNotMet,
    SplitView,
    StateDamaged,
    TileDamaged,
    TileMalformed,
    TreeHeadUnsigned,
    WrongOrigin,
)
from assent.translog.formats.cosignature import cosign
from assent.translog.formats.encoding import encode_base64
from assent.translog.formats.note import NOTE_BYTES_MAX, Note, SignatureLine
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.signed_head import SignedTreeHead, verify_tree_head
from assent.translog.formats.tiles import TREE_HEAD_PATH, encode_bundle
from assent.translog.monitor import (
    Batch,
    LoggedEntry,
    MonitorState,
    Outcome,
    OwedHead,
    Selection,
    WitnessView,
    check_witness_views,
    follow,
    logged_entries,
    parse_state,
    remember,
    state,
    tree_head_path,
    verify_freshness,
    verify_patience,
    witnessed_s,
)
from assent.translog.monitor.owed import OWED_MAX
from assent.translog.split_view import verify_evidence
from assent.vocabulary import InputError, NotFound, Plain, canonical_bytes, parse_json

ENTRIES = [f"entry {i}".encode() for i in range(1200)]
LOG = SmallLog(ENTRIES)
W1, W2 = witness_key("ken.example/w", 2), witness_key("nor.example/w", 3)
COSIGNED = SmallLog(ENTRIES, witnesses=(W1, W2))


def look(
    kept: MonitorState | None, files: MemoryFiles, log: SmallLog = LOG
) -> list[Batch]:
    return list(follow(kept, files, log.policy))


def seen_until(size: int, log: SmallLog = LOG) -> MonitorState:
    files = MemoryFiles()
    log.publish(files, size)
    return look(None, files, log)[-1].state


@given(st.lists(st.integers(0, 700), min_size=1, max_size=5))
def test_reads_every_entry_exactly_once_however_the_log_grows(steps: list[int]) -> None:
    files, kept = MemoryFiles(), None
    read: list[bytes] = []
    for size in sorted(steps):
        LOG.publish(files, size)
        for batch in look(kept, files):
            assert batch.start == len(read)
            read.extend(batch.entries)
            kept = parse_state(batch.state.encoded)
        assert kept
        assert kept.is_complete
        assert read == ENTRIES[:size]


@given(st.integers(1, 1200), st.integers(0, 6))
def test_goes_on_after_a_kill_from_the_state_of_any_batch(size: int, at: int) -> None:
    files = MemoryFiles()
    LOG.publish(files, size)
    batches = look(None, files)
    stopped = batches[min(at, len(batches) - 1)].state
    LOG.publish(files)
    rest = look(parse_state(stopped.encoded), files)
    assert [e for batch in rest for e in batch.entries] == ENTRIES[stopped.size :]


def test_verifies_the_tree_head_before_it_reads_entries() -> None:
    files = MemoryFiles()
    LOG.publish(files, 600)
    first = next(follow(None, files, LOG.policy))
    assert (first.start, first.entries, first.state.size) == (0, (), 0)
    assert not any("entries" in path for path in files.paths_read)


def test_holds_one_bundle_at_a_time() -> None:
    files = MemoryFiles()
    LOG.publish(files, 1200)
    for count, batch in enumerate(follow(None, files, LOG.policy)):
        assert len(batch.entries) <= 256
        assert len([p for p in files.paths_read if "entries" in p]) == count


def test_finds_nothing_new_in_what_it_read() -> None:
    files = MemoryFiles()
    LOG.publish(files, 600)
    (only,) = look(seen_until(600), files)
    assert (only.start, only.entries) == (600, ())


def test_keeps_the_newest_cosignatures_of_a_head_it_knows() -> None:
    files = MemoryFiles()
    kept = seen_until(5)
    signed = COSIGNED.publish(files, 5)
    assert look(kept, files)[-1].state.signed == signed


@pytest.mark.parametrize("common", [0, 99, 299])
@pytest.mark.parametrize("size", [300, 301, 512, 900])
def test_a_fork_is_a_split_view_with_evidence(common: int, size: int) -> None:
    files = MemoryFiles()
    LOG.fork(common, [b"x"] * 900).publish(files, size)
    with pytest.raises(SplitView) as caught:
        look(seen_until(300), files)
    facts = verify_evidence(caught.value.evidence or b"", [LOG.key.verifier])
    assert facts.smaller.head == LOG.signed(300).head
    assert facts.larger.head.size == size


def test_a_fork_after_what_was_seen_is_none() -> None:
    files = MemoryFiles()
    LOG.fork(300, [b"x"]).publish(files)
    assert look(seen_until(300), files)[-1].entries == (b"x",)


def test_a_fork_is_found_though_the_entries_seen_were_not_all_read() -> None:
    files = MemoryFiles()
    LOG.publish(files, 600)
    kept = look(None, files)[1].state
    assert (kept.size, kept.signed.head.size) == (256, 600)
    LOG.fork(300, [b"x"] * 600).publish(files, 800)
    with pytest.raises(SplitView):
        look(kept, files)


def test_a_smaller_head_is_a_rollback() -> None:
    files = MemoryFiles()
    LOG.publish(files, 300)
    LOG.publish(files, 299)
    with pytest.raises(HeadRolledBack, match=r"299 entries; one of 300"):
        look(seen_until(300), files)


def test_a_smaller_head_of_another_history_is_a_split_view() -> None:
    files = MemoryFiles()
    LOG.publish(files, 300)
    files.write(TREE_HEAD_PATH, LOG.fork(9, [b"x"] * 99).signed().encoded)
    with pytest.raises(SplitView) as caught:
        look(seen_until(300), files)
    verify_evidence(caught.value.evidence or b"", [LOG.key.verifier])


def test_a_bundle_that_is_damaged_accuses_nobody() -> None:
    files = MemoryFiles()
    LOG.publish(files, 600)
    path = "tile/entries/001"
    entries = [*ENTRIES[256:511], b"another"]
    files.contents[path] = encode_bundle(entries)
    with pytest.raises(TileDamaged, match=path):
        look(seen_until(300), files)
    files.contents[path] = encode_bundle(entries)[:-1]
    with pytest.raises(TileMalformed):
        look(seen_until(300), files)


def test_yields_what_is_sound_before_the_damage() -> None:
    files = MemoryFiles()
    LOG.publish(files, 600)
    files.contents["tile/entries/001"] = encode_bundle([b""] * 256)
    batches = follow(None, files, LOG.policy)
    read = [next(batches), next(batches)]
    assert [len(batch.entries) for batch in read] == [0, 256]
    with pytest.raises(TileDamaged):
        next(batches)
    LOG.publish(files, 600)
    assert look(read[-1].state, files)[1].start == 256


def test_a_head_that_another_key_signed_is_refused() -> None:
    files = MemoryFiles()
    replace(LOG, key=log_key(seed=9)).publish(files, 3)
    with pytest.raises(TreeHeadUnsigned):
        look(None, files)


def test_another_log_at_the_address_is_refused() -> None:
    files = MemoryFiles()
    other = replace(LOG, key=log_key("other.example/log", seed=9))
    other.publish(files, 3)
    with pytest.raises(WrongOrigin):
        look(None, files)
    keys = [LOG.key.verifier.text, other.key.verifier.text]
    both = parse_policy(
        b"".join(b"log %s\n" % k.encode() for k in keys) + b"quorum none\n"
    )
    with pytest.raises(WrongOrigin):
        list(follow(seen_until(3), files, both))
    with pytest.raises(WrongOrigin):
        list(follow(None, files, both, origin=LOG.key.name))
    with pytest.raises(WrongOrigin):
        list(follow(seen_until(3), files, both, origin=other.key.name))


def test_a_head_without_its_quorum_is_refused() -> None:
    files = MemoryFiles()
    replace(COSIGNED, witnesses=(W1,)).publish(files, 3)
    with pytest.raises(QuorumNotMet):
        look(None, files, COSIGNED)


def test_says_so_where_there_is_no_log() -> None:
    with pytest.raises(NotFound):
        look(None, MemoryFiles())


# What was kept


def tampered(kept: MonitorState, **fields: Plain) -> bytes:
    return canonical_bytes({**json.loads(kept.encoded), **fields})


@given(st.integers(0, 1200))
def test_a_state_is_read_as_it_was_written(size: int) -> None:
    kept = seen_until(size)
    assert parse_state(kept.encoded) == kept


@pytest.mark.fuzz
@given(st.data())
def test_no_change_of_a_byte_in_a_state_goes_unnoticed(data: st.DataObject) -> None:
    files = MemoryFiles()
    LOG.publish(files, 600)
    kept = look(None, files)[data.draw(st.integers(0, 3))].state
    whole = bytearray(kept.encoded)
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255).filter(lambda b: b != whole[place]))
    with pytest.raises((StateDamaged, WrongOrigin)):
        look(parse_state(bytes(whole)), files)


def test_a_state_of_another_head_is_found() -> None:
    other = LOG.fork(10, [b"x"] * 290).signed()
    with pytest.raises(StateDamaged, match="root of its tree head"):
        parse_state(tampered(seen_until(300), head=other.encoded.decode()))


def test_a_head_in_the_state_that_the_log_did_not_sign_is_no_evidence() -> None:
    forger = replace(LOG, key=log_key(seed=9)).fork(0, [b"x"] * 300)
    files = MemoryFiles()
    LOG.publish(files, 600)
    with pytest.raises(StateDamaged, match="No trusted key"):
        look(seen_until(300, forger), files)


def test_entries_in_the_state_that_are_none_of_the_log_are_no_evidence() -> None:
    files = MemoryFiles()
    signed = LOG.publish(files, 600)
    other = seen_until(256, LOG.fork(0, [b"x"] * 256))
    wrong = MonitorState(signed, other.size, other.tiles)
    with pytest.raises(StateDamaged, match="are not"):
        look(parse_state(wrong.encoded), files)


def test_a_state_of_more_entries_than_its_head_has_is_refused() -> None:
    kept = seen_until(6)
    wrong = MonitorState(LOG.signed(5), kept.size, kept.tiles)
    with pytest.raises(StateDamaged, match="more entries"):
        parse_state(wrong.encoded)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "assent-monitor-state/2"),
        ("owed", None),
        ("owed", [{}]),
        ("owed", [{"head": "5", "since_s": "5", "witness": "w"}]),
        ("owed", [{"head": LOG.signed(9).encoded.decode(), "since_s": "-5"}]),
        ("size", "7"),
        ("size", 5),
        ("size", "05"),
        ("size", "-1"),
        ("tiles", []),
        ("tiles", [[encode_base64(bytes(32))] * 5]),
        ("tiles", [["x"] * 5]),
        ("tiles", 5),
        ("head", "5"),
        ("more", "than there may be"),
    ],
)
def test_a_state_with_a_wrong_field_is_refused(field: str, value: Plain) -> None:
    with pytest.raises(StateDamaged):
        parse_state(tampered(seen_until(5), **{field: value}))


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"[" * 99_999, b" " * 2**21])
def test_what_is_no_state_is_refused(data: bytes) -> None:
    with pytest.raises(StateDamaged):
        parse_state(data)


def test_the_state_in_the_documentation_is_one() -> None:
    literal = re.search(r"^    (\{.*\})$", state.__doc__ or "", re.MULTILINE)
    assert literal
    kept = parse_state(literal[1].encode())
    assert (kept.size, kept.signed.head.size) == (2, 3)


# What witnesses hold


def held_by(signed: bytes) -> MemoryFiles:
    files = MemoryFiles()
    files.write(tree_head_path(LOG.key.name), signed)
    return files


def outcomes(
    witness: MemoryFiles, files: MemoryFiles, size: int = 300
) -> list[Outcome]:
    views = check_witness_views(
        COSIGNED.signed(size), files, COSIGNED.policy, {"w1": witness}
    )
    assert [view.name for view in views] == ["w1"]
    return [view.outcome for view in views]


@pytest.mark.parametrize("size", [1, 256, 299, 300])
def test_a_witness_of_the_same_history_agrees(size: int) -> None:
    files = MemoryFiles()
    COSIGNED.publish(files, 300)
    views = check_witness_views(
        COSIGNED.signed(300),
        files,
        COSIGNED.policy,
        {"w0": held_by(COSIGNED.signed(size).encoded)},
    )
    assert [(v.outcome, v.size, v.time_s) for v in views] == [
        (Outcome.AGREES, size, TIME_S)
    ]


@pytest.mark.parametrize("size", [301, 600])
def test_tiles_beyond_the_head_that_is_shown_do_not_clear_the_log(size: int) -> None:
    files = MemoryFiles()
    COSIGNED.publish(files, 600)
    COSIGNED.publish(files, 301)
    COSIGNED.publish(files, 300)
    assert outcomes(held_by(COSIGNED.signed(size).encoded), files) == [Outcome.AHEAD]


def test_a_witness_beyond_the_public_files_is_ahead() -> None:
    files = MemoryFiles()
    COSIGNED.publish(files, 300)
    assert outcomes(held_by(COSIGNED.signed(310).encoded), files) == [Outcome.AHEAD]
    other = COSIGNED.fork(9, [b"x"] * 500).signed()
    assert outcomes(held_by(other.encoded), files) == [Outcome.AHEAD]


@pytest.mark.parametrize("size", [100, 300])
@pytest.mark.parametrize("log", [COSIGNED, LOG], ids=["cosigned", "signed alone"])
def test_a_witness_of_another_history_shows_a_split_view(
    size: int, log: SmallLog
) -> None:
    files = MemoryFiles()
    COSIGNED.publish(files, 300)
    other = log.fork(9, [b"x"] * (size - 9)).signed()
    with pytest.raises(SplitView) as caught:
        outcomes(held_by(other.encoded), files)
    facts = verify_evidence(caught.value.evidence or b"", [LOG.key.verifier])
    assert other.head in {facts.smaller.head, facts.larger.head}


def test_a_witness_of_a_larger_history_that_is_public_shows_a_split_view() -> None:
    files = MemoryFiles()
    COSIGNED.publish(files, 300)
    # Both faces lie in one folder, as a log serves them that looks who is asking.
    other = COSIGNED.fork(256, [b"x"] * 100)
    files.contents |= {k: v for k, v in other.tiles(356).items() if ".p/" in k}
    with pytest.raises(SplitView) as caught:
        outcomes(held_by(other.signed().encoded), files)
    facts = verify_evidence(caught.value.evidence or b"", [LOG.key.verifier])
    assert facts.larger.head.size == 356


@pytest.mark.parametrize(
    ("signed", "outcome"),
    [
        (b"nonsense", Outcome.UNBELIEVABLE),
        (LOG.signed(5).encoded, Outcome.UNBELIEVABLE),
        (replace(LOG, key=log_key(seed=9)).signed(5).encoded, Outcome.UNBELIEVABLE),
        (
            replace(LOG, key=log_key("b.example/b")).signed(5).encoded,
            Outcome.UNBELIEVABLE,
        ),
        (b"x" * 10**6, Outcome.UNAVAILABLE),
    ],
    ids=["nonsense", "not cosigned", "another key", "another log", "too large"],
)
def test_a_witness_that_shows_nothing_to_believe_is_told_of(
    signed: bytes, outcome: Outcome
) -> None:
    files = MemoryFiles()
    COSIGNED.publish(files, 300)
    assert outcomes(held_by(signed), files) == [outcome]


def test_a_witness_that_never_cosigned_is_told_of() -> None:
    files = MemoryFiles()
    COSIGNED.publish(files, 300)
    assert outcomes(MemoryFiles(), files) == [Outcome.NEVER_COSIGNED]


# What the log owes


def owing(log: SmallLog, size: int, *, kept: int = 300) -> MonitorState:
    """Return the state of who saw `kept` entries while a witness held `log`."""
    files = MemoryFiles()
    COSIGNED.publish(files, kept)
    state = look(None, files, COSIGNED)[-1].state
    views = check_witness_views(
        state.signed, files, COSIGNED.policy, {"w0": held_by(log.signed(size).encoded)}
    )
    owed = remember((), views, [COSIGNED.key.verifier], TIME_S)
    return parse_state(replace(state, owed=owed).encoded)


BRANCH = COSIGNED.fork(300, [b"x"] * 300)


def test_the_log_owes_what_an_honest_witness_holds_beyond_it() -> None:
    (owed,) = owing(BRANCH, 400).owed
    assert (owed.witness, owed.since_s) == (W1.name, TIME_S)
    assert owed.signed.head == BRANCH.signed(400).head


def test_a_log_that_shows_a_branch_to_its_victim_alone_is_convicted_later() -> None:
    files = MemoryFiles()
    COSIGNED.publish(files, 399)
    kept = look(owing(BRANCH, 400), files, COSIGNED)[-1].state
    assert len(kept.owed) == 1
    COSIGNED.publish(files, 500)
    with pytest.raises(SplitView) as caught:
        look(kept, files, COSIGNED)
    facts = verify_evidence(
        caught.value.evidence or b"", [LOG.key.verifier], [W1.verifier]
    )
    assert facts.smaller.head == BRANCH.signed(400).head
    assert facts.cosigners_of_smaller == {W1.verifier: TIME_S}


@pytest.mark.parametrize("size", [400, 500])
def test_a_log_that_catches_up_owes_nothing(size: int) -> None:
    files = MemoryFiles()
    COSIGNED.publish(files, size)
    assert look(owing(COSIGNED, 400), files, COSIGNED)[-1].state.owed == ()


def test_patience_with_a_log_that_stands_still_ends() -> None:
    owed = owing(COSIGNED, 400).owed
    verify_patience(owed, 300, now_s=TIME_S + 3599, patience_s=3600)
    with pytest.raises(HeadWithheld, match="still shows 300") as caught:
        verify_patience(owed, 300, now_s=TIME_S + 3600, patience_s=3600)
    (note,) = caught.value.notes
    key = LOG.key.verifier
    shown = verify_tree_head(note, origin=key.name, log_keys=[key])
    assert shown.head == COSIGNED.signed(400).head


@pytest.mark.parametrize("patience_s", [0, float("nan"), -1])
def test_no_patience_is_an_alarm_at_once(patience_s: float) -> None:
    owed = owing(COSIGNED, 400).owed
    with pytest.raises(HeadWithheld):
        verify_patience(owed, 300, now_s=TIME_S, patience_s=patience_s)


def view_of(signed: bytes, name: str = "w0") -> list[WitnessView]:
    files = MemoryFiles()
    shown = COSIGNED.publish(files, 300)
    readers = {name: held_by(signed)}
    return check_witness_views(shown, files, COSIGNED.policy, readers)


def test_newer_heads_of_a_witness_do_not_put_the_alarm_off() -> None:
    owed, keys = owing(COSIGNED, 400).owed, [LOG.key.verifier]
    views = view_of(COSIGNED.signed(500).encoded)
    assert remember(owed, views, keys, TIME_S + 60) == owed
    # One witness's tree head does not stand for what another holds.
    more = remember(owed, view_of(BRANCH.signed(500).encoded, "w1"), keys, TIME_S + 60)
    assert [o.witness for o in more] == [W1.name, W2.name]
    assert remember(more, [], keys, TIME_S - 60)[0].since_s == TIME_S - 60


def test_what_is_owed_stays_readable_however_its_note_is_padded() -> None:
    padding = [SignatureLine('"' * 255, bytes(4), bytes(5000))] * 60
    note = COSIGNED.signed(400).note
    padded = Note(note.text, (*padding, *note.signatures))
    (owed,) = remember((), view_of(padded.encoded), [LOG.key.verifier], TIME_S)
    assert {line.name for line in owed.signed.note.signatures} == {
        LOG.key.name,
        W1.name,
    }


def test_the_largest_state_can_be_read_again() -> None:
    # As long as what a log, its witnesses and whoever pads its notes can make it.
    lines = tuple(
        SignatureLine('"' * 255, bytes([i] * 4), bytes(2428)) for i in range(64)
    )
    heads = [
        replace(LOG.signed(3).head, extensions=('"' * 3900, str(i)))
        for i in range(OWED_MAX)
    ]
    owed = [
        OwedHead('"' * 255, TIME_S, SignedTreeHead(head, Note(head.text, lines)))
        for head in heads
    ]
    padding = [replace(n, signature=bytes(6200)) for n in lines[:60]]
    signed = LOG.signed(255).with_signatures(*padding)
    assert NOTE_BYTES_MAX - 20_000 < len(signed.encoded) <= NOTE_BYTES_MAX
    kept = replace(seen_until(255), signed=signed, owed=tuple(owed))
    assert parse_state(kept.encoded) == kept


def test_a_head_that_the_log_did_not_sign_is_owed_by_nobody() -> None:
    forged = replace(COSIGNED, key=log_key(seed=9)).signed(400)
    kept = seen_until(300, COSIGNED)
    wrong = replace(kept, owed=(OwedHead(W1.name, TIME_S, forged),))
    files = MemoryFiles()
    COSIGNED.publish(files, 500)
    with pytest.raises(StateDamaged, match="No trusted key"):
        look(parse_state(wrong.encoded), files, COSIGNED)


# How old cosignatures are


@pytest.mark.parametrize(
    ("quorum", "expected_s"), [("all", 100), ("1", 200), ("2", 150)]
)
def test_the_time_is_that_of_the_newest_quorum(quorum: str, expected_s: int) -> None:
    keys = [witness_key(f"{n}.example/w", n) for n in (2, 3, 4)]
    head = LOG.signed(3).head
    lines = [cosign(head, k, t) for k, t in zip(keys, (100, 200, 150), strict=True)]
    signed = LOG.signed(3).with_signatures(*lines)
    text = replace(LOG, witnesses=tuple(keys)).policy.encoded.decode()
    policy = parse_policy(re.sub(r" 3 w0", f" {quorum} w0", text).encode())
    assert witnessed_s(signed, policy) == expected_s
    assert witnessed_s(signed, LOG.policy) is None


def test_cosignatures_of_another_year_are_stale() -> None:
    verify_freshness(TIME_S, now_s=TIME_S + 60, age_max_s=60)
    verify_freshness(TIME_S, now_s=TIME_S - 300, age_max_s=60)
    for now_s, age_max_s in ((61, 60), (-301, 60), (0, float("nan"))):
        with pytest.raises(CosignatureStale):
            verify_freshness(TIME_S, now_s=TIME_S + now_s, age_max_s=age_max_s)


# Which entries


@pytest.mark.parametrize(
    "values",
    [
        {"kinds": frozenset({"permit", "Permits"})},
        {"parties": frozenset({"kenya"})},
        {"developers": frozenset({"two\nlines"})},
    ],
)
def test_a_filter_that_never_matches_is_refused(
    values: dict[str, frozenset[str]],
) -> None:
    with pytest.raises(InputError, match="No entry can be picked"):
        Selection(**values)


def official(kind: str, party: str | None, developer: str | None) -> bytes:
    return Entry(
        kind=kind,
        subject="permit-1",
        time=datetime(2026, 3, 1, tzinfo=UTC),
        party=party,
        developer=developer,
    ).encoded


MIXED = [
    official("permit", "KEN", "Example Labs"),
    official("refusal", "NOR", "Example Labs"),
    official("permit", None, None),
    b"\x00 foreign",
]


def mixed() -> list[LoggedEntry]:
    files, log = MemoryFiles(), SmallLog(MIXED)
    log.publish(files)
    return [e for b in follow(None, files, log.policy) for e in logged_entries(b)]


def test_tells_official_entries_from_foreign_ones() -> None:
    found = mixed()
    assert [logged.index for logged in found] == [0, 1, 2, 3]
    assert [logged.official is None for logged in found] == [False] * 3 + [True]
    assert [logged.data for logged in found] == MIXED


@pytest.mark.parametrize(
    ("selection", "indices"),
    [
        (Selection(), [0, 1, 2, 3]),
        (Selection(kinds=frozenset({"permit"})), [0, 2]),
        (Selection(parties=frozenset({"NOR", "KEN"})), [0, 1]),
        (Selection(developers=frozenset({"Example Labs"})), [0, 1]),
        (Selection(kinds=frozenset({"permit"}), parties=frozenset({"KEN"})), [0]),
        (Selection(kinds=frozenset({"permit"}), parties=frozenset({"NOR"})), []),
    ],
)
def test_shows_the_entries_that_were_asked_for(
    selection: Selection, indices: list[int]
) -> None:
    assert [e.index for e in mixed() if selection.picks(e)] == indices


def test_tells_of_an_entry_in_json() -> None:
    told = [parse_json(logged.encoded.decode()).value for logged in mixed()]
    assert told[0]["official"]["party"] == "KEN"
    assert told[3]["official"] is None
    assert (told[3]["index"], told[3]["data"]) == (3, encode_base64(MIXED[3]))

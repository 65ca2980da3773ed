"""What is public is whole, signed and cosigned, wherever a publisher was stopped."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from tests.own_log import KEY, POLICY, OwnLog, contents, entries

from assent.testing.log_files import MemoryFiles
from assent.testing.log_store import MemoryLogStore, MemoryTransaction
from assent.testing.small_log import ORIGIN, TIME_S, SmallLog, log_key
from assent.testing.witnesses import MemoryWitnesses
from assent.translog.errors import (
    HeadRolledBack,
    LogDamaged,
    LogMisbehaved,
    QuorumNotMet,
    SplitView,
    StoreUnavailable,
    TreeHeadUnsigned,
    WrongOrigin,
)
from assent.translog.formats.keys import KeyKind, make_signing_key
from assent.translog.formats.note import SIGNATURES_MAX, Note, SignatureLine
from assent.translog.formats.policy import parse_policy, verify_tree_head_by_policy
from assent.translog.formats.signed_head import SignedTreeHead, parse_signed_head
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.translog.keeping.fsck import check_remote
from assent.translog.keeping.history import History
from assent.translog.keeping.prove import Prover
from assent.translog.keeping.sequence import Sequencer
from assent.translog.ports import Collected, HeldHead


def _public(log: OwnLog) -> SignedTreeHead:
    assert isinstance(log.files, MemoryFiles)
    return parse_signed_head(log.files.contents[TREE_HEAD_PATH])


def _paths(log: OwnLog) -> set[str]:
    return set(log.files.paths()) - {TREE_HEAD_PATH}


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 700])
def test_all_entries_are_public_and_cosigned(size: int) -> None:
    log = OwnLog()
    assert log.publish(size) == size
    verified = verify_tree_head_by_policy(_public(log), POLICY, origin=ORIGIN)
    assert verified.signed.head == SmallLog(entries(0, size)).signed().head
    assert len(verified.cosigners) == 2
    assert _paths(log) == SmallLog(entries(0, size)).tiles(size).keys()
    assert check_remote(log.files, POLICY) == []
    assert log.check() == []


def test_partial_tiles_stay_until_the_full_one_is_there() -> None:
    log = OwnLog()
    for size in (3, 200, 256, 300):
        log.publish(size)
        if size == 200:
            assert {"tile/0/000.p/3", "tile/entries/000.p/3"} <= _paths(log)
    assert _paths(log) == {
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    }


def test_without_new_entries_nothing_is_asked_or_written() -> None:
    log = OwnLog()
    log.publish(300)
    assert isinstance(log.files, MemoryFiles)
    log.files.paths_written.clear()
    for witness in log.witnesses:
        witness.is_silent = True
    assert log.publish() == 300
    assert log.files.paths_written == []


def test_a_refreshed_tree_head_tells_a_later_time() -> None:
    log = OwnLog()
    log.publish(300)
    log.time_s += 600
    log.publish(refresh=True)
    verified = verify_tree_head_by_policy(_public(log), POLICY)
    assert set(verified.cosigners.values()) == {TIME_S + 602}
    assert log.published() == _public(log)


def test_without_a_quorum_nothing_is_published_and_no_entry_is_lost() -> None:
    log = OwnLog()
    log.publish(10)
    before = _public(log)
    log.witnesses[0].is_silent = log.witnesses[1].is_silent = True
    with pytest.raises(QuorumNotMet) as caught:
        log.publish(20)
    assert "w0.example/witness" in str(caught.value)
    assert (_public(log), log.published()) == (before, before)
    assert check_remote(log.files, POLICY) == []
    log.witnesses[0].is_silent = False
    assert log.publish() == 20
    assert log.check() == []


def test_a_refresh_without_a_quorum_takes_nothing_back() -> None:
    log = OwnLog()
    log.publish(10)
    before = _public(log)
    for witness in log.witnesses:
        witness.is_silent = True
    with pytest.raises(QuorumNotMet):
        log.publish(refresh=True)
    assert (_public(log), log.published()) == (before, before)
    assert log.publish() == 10
    assert log.check() == []


class OtherWitnesses(MemoryWitnesses):
    """The log's witnesses, and what others say before them."""

    def __init__(
        self,
        log: OwnLog,
        lines: Sequence[SignatureLine] = (),
        held: Sequence[HeldHead] = (),
    ) -> None:
        """Add these lines and tree heads."""
        super().__init__(log.witnesses, lambda: TIME_S)
        self._more_lines, self._more_held = lines, held

    def held(self, origin: str) -> list[HeldHead]:
        """Return what all of them show."""
        return [*self._more_held, *super().held(origin)]

    def collect(
        self,
        signed: SignedTreeHead,
        prove: Callable[[int], list[bytes]],
        is_enough: Callable[[Sequence[SignatureLine]], bool],
    ) -> Collected:
        """Return the cosignatures, behind the lines that nobody asked for."""
        collected = super().collect(signed, prove, is_enough)
        return Collected((*self._more_lines, *collected.lines))


def test_more_cosignatures_than_a_note_holds_leave_a_readable_note() -> None:
    lines = [SignatureLine(f"x{n}", b"%04d" % n, b"s") for n in range(100)]
    log = OwnLog()
    log.append(3)
    publisher = replace(log.publisher, witnesses=OtherWitnesses(log, lines))
    publisher.publish(TIME_S)
    assert len(_public(log).note.signatures) == SIGNATURES_MAX
    assert log.check() == []


def test_a_log_does_not_publish_what_its_own_policy_rejects() -> None:
    other = make_signing_key(ORIGIN, KeyKind.ED25519, b"o" * 32)
    text = POLICY.encoded.decode().replace(KEY.verifier.text, other.verifier.text)
    log = OwnLog(policy=parse_policy(text.encode()))
    with pytest.raises(TreeHeadUnsigned):
        log.publish(3)
    assert log.published() is None
    assert TREE_HEAD_PATH not in set(log.files.paths())


class PowerCut(Exception):
    """The machine stopped."""


class Fuse:
    """Blows at the n-th effect on the world."""

    def __init__(self, effects: int | None = None) -> None:
        """Let so many effects through; None for all."""
        self.effects_left = effects

    def burn(self) -> None:
        """Stop the machine if it is time.

        Raises:
            PowerCut: then.

        """
        if self.effects_left == 0:
            raise PowerCut
        if self.effects_left is not None:
            self.effects_left -= 1


class FusedStore(MemoryLogStore):
    """A database whose machine may stop before or after a commit."""

    def __init__(self, fuse: Fuse) -> None:
        """Stop when the fuse blows."""
        super().__init__()
        self._fuse = fuse

    @contextmanager
    def writing(self) -> Iterator[MemoryTransaction]:
        """Return a transaction; it is rolled back if the machine stops before."""
        with super().writing() as transaction:
            yield transaction
            self._fuse.burn()
        self._fuse.burn()


class FusedFiles(MemoryFiles):
    """Files whose machine may stop before or after each write or removal."""

    def __init__(self, fuse: Fuse) -> None:
        """Stop when the fuse blows."""
        super().__init__()
        self._fuse = fuse

    def write(self, path: str, data: bytes) -> None:
        """Put a file in place whole, or not at all."""
        self._fuse.burn()
        super().write(path, data)
        self._fuse.burn()

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._fuse.burn()
        super().remove(path)
        self._fuse.burn()


def _stopped_after(effects: int, sizes: tuple[int, int]) -> OwnLog | None:
    """Return a log stopped while publishing the second size; None if it was not."""
    fuse = Fuse()
    log = OwnLog(store=FusedStore(fuse), files=FusedFiles(fuse))
    log.publish(sizes[0])
    log.append(sizes[1])
    fuse.effects_left = effects
    try:
        log.publish()
    except PowerCut:
        fuse.effects_left = None
        return log
    return None


@pytest.mark.parametrize("sizes", [(0, 3), (3, 5), (250, 300), (256, 257), (3, 600)])
def test_a_publisher_stopped_anywhere_leaves_a_whole_log_and_goes_on(
    sizes: tuple[int, int],
) -> None:
    effects = 0
    while (log := _stopped_after(effects, sizes)) is not None:
        assert _public(log).head.size in sizes
        assert check_remote(log.files, POLICY) == []
        assert {defect.severity.value for defect in log.check()} <= {"harmless"}
        assert log.publish() == sizes[1]
        assert check_remote(log.files, POLICY) == []
        log.repair()
        assert log.check() == []
        assert log.publish(sizes[1] + 300) == sizes[1] + 300
        effects += 1
    assert effects >= 8  # two commits, two files and more, before and after each


def test_a_head_that_was_cosigned_before_a_crash_is_published_without_asking() -> None:
    log = OwnLog()
    log.publish(10)
    before = _public(log)
    log.publish(20)
    log.files.write(TREE_HEAD_PATH, before.encoded)  # as if the last step never came
    for witness in log.witnesses:
        witness.is_silent = True
    assert log.publish() == 20
    assert _public(log) == log.published()


@pytest.mark.parametrize("damage", [b"", b"torn", b"\xff" * 200])
def test_a_torn_tree_head_is_replaced_and_all_tiles_with_it(damage: bytes) -> None:
    log = OwnLog()
    log.publish(300)
    before = _public(log)
    log.files.remove("tile/0/000")
    log.files.write(TREE_HEAD_PATH, damage)
    assert log.publish() == 300
    assert _public(log) == before
    assert check_remote(log.files, POLICY) == []


def test_a_wiped_public_folder_is_written_again() -> None:
    log = OwnLog()
    log.publish(300)
    before = contents(log.files)
    log.files = MemoryFiles()
    assert log.publish() == 300
    assert contents(log.files) == before


def _rolled_back(log: OwnLog, size: int) -> OwnLog:
    """Return the log with a database as it was, and the same folder and witnesses."""
    older = OwnLog()
    older.publish(size)
    older.files, older.witnesses = log.files, log.witnesses
    return older


def test_a_database_behind_the_public_tree_head_is_refused() -> None:
    log = OwnLog()
    log.publish(300)
    before = _public(log)
    older = _rolled_back(log, 200)
    for size in (200, 250, 299):
        with pytest.raises(LogDamaged):
            older.publish(size)
        assert _public(log) == before


@pytest.mark.parametrize("size", [300, 400])
def test_a_database_that_caught_up_with_all_that_is_public_goes_on(size: int) -> None:
    log = OwnLog()
    log.publish(300)
    older = _rolled_back(log, 200)
    assert older.publish(size) == size
    older.repair()
    assert older.check() == []


OTHER = [b"other %d" % number for number in range(200)]


def _other_history() -> OwnLog:
    """Return a log of the same name and key with other entries."""
    log = OwnLog()
    Sequencer(log.store).append(OTHER)
    return log


def test_a_database_with_another_history_is_refused() -> None:
    log, other = OwnLog(), _other_history()
    log.publish(100)
    before = _public(log)
    other.publish()
    other.files = log.files
    with pytest.raises(LogDamaged):
        other.publish()
    assert _public(log) == before


def test_a_database_behind_what_it_signed_is_refused() -> None:
    log = OwnLog()
    log.append(10)
    with log.store.writing() as transaction:
        signed = SmallLog(entries(0, 20)).signed()
        transaction.add_head(signed, is_published=False)
    with pytest.raises(LogDamaged):
        log.publisher.check()
    with pytest.raises(LogDamaged):
        log.publish()
    assert _paths(log) == set()


@pytest.mark.parametrize("size", [10, 15])
def test_entries_that_contradict_what_was_signed_are_refused(size: int) -> None:
    log = OwnLog()
    log.append(size)
    with log.store.writing() as transaction:
        signed = SmallLog(OTHER[:10]).signed()
        transaction.add_head(signed, is_published=False)
    with pytest.raises(LogDamaged):
        log.publish()
    assert _paths(log) == set()


def _notes_held(log: OwnLog) -> list[bytes]:
    return [held.encoded for w in log.witnesses for held in w.held.values()]


def _check_refused(log: OwnLog, error: type[LogMisbehaved]) -> None:
    """Check that publishing is refused before anything is signed, shown or stored."""
    before = _notes_held(log)
    with log.store.reading() as transaction:
        signed = transaction.heads(-1, 100)
    with pytest.raises(error) as raised:
        log.publish()
    assert "witness" in raised.value.message
    with log.store.reading() as transaction:
        assert transaction.heads(-1, 100) == signed
    assert _notes_held(log) == before
    assert set(log.files.paths()) == set()


def test_a_restored_backup_signs_nothing_that_its_witnesses_contradict() -> None:
    log = OwnLog()
    log.publish(300)
    for size in (201, 250, 299):
        older = _rolled_back(log, 200)
        older.files = MemoryFiles()  # the folder is of the same backup, or gone
        Sequencer(older.store).append(OTHER[: size - 200])
        _check_refused(older, HeadRolledBack)


@pytest.mark.parametrize("size", [300, 301, 400])
def test_a_restored_backup_that_went_on_otherwise_signs_no_second_history(
    size: int,
) -> None:
    log = OwnLog()
    log.publish(300)
    older = _rolled_back(log, 200)
    older.files = MemoryFiles()
    Sequencer(older.store).append(OTHER[: size - 200])
    _check_refused(older, SplitView)


def test_one_witness_that_remembers_is_enough() -> None:
    log = OwnLog()
    log.publish(200)
    log.witnesses[0].is_silent = True
    log.publish(300)
    older = _rolled_back(log, 200)
    older.files = MemoryFiles()
    older.append(250)
    log.witnesses[0].is_silent, log.witnesses[1].is_silent = False, True
    _check_refused(older, HeadRolledBack)


def test_a_forked_database_is_betrayed_by_the_witnesses() -> None:
    log = OwnLog()
    log.publish(100)
    forked = _other_history()
    forked.witnesses = log.witnesses
    _check_refused(forked, SplitView)


def test_a_lying_witness_can_not_stop_a_log() -> None:
    log = OwnLog()
    forged = [
        SmallLog(OTHER, log_key(ORIGIN, seed=77)).signed(size) for size in (5, 10, 200)
    ]
    elsewhere = SmallLog(OTHER, log_key("other.example/log")).signed()
    bare = SignedTreeHead(elsewhere.head, Note(elsewhere.note.text, ()))
    notes = [b"", b"garbage", *(s.encoded for s in [*forged, elsewhere, bare])]
    held = [HeldHead("liar", note) for note in notes]
    log.append(10)
    publisher = replace(log.publisher, witnesses=OtherWitnesses(log, held=held))
    assert publisher.publish(TIME_S).head.size == 10


def test_what_another_publisher_of_the_database_did_meanwhile_is_no_alarm() -> None:
    log = OwnLog()
    log.publish(10)
    history = History(ORIGIN, (KEY.verifier,), Prover(log.store))
    assert history.prover.root(10) == _public(log).head.root  # as far as it has read
    log.publish(300)
    history.verify_held(MemoryWitnesses(log.witnesses, lambda: TIME_S))


@pytest.mark.parametrize("size", [5, 300, 400])
def test_a_tree_head_that_the_log_did_not_sign_does_not_stop_publishing(
    size: int,
) -> None:
    log = OwnLog()
    log.publish(300)
    before = contents(log.files)
    forged = SmallLog(entries(9, 9 + size), log_key(ORIGIN, seed=77)).signed()
    log.files.write(TREE_HEAD_PATH, forged.encoded)
    log.publisher.check()
    assert log.publish() == 300
    assert contents(log.files) == before


def test_a_log_is_checked_before_its_first_append_without_its_witnesses() -> None:
    log = OwnLog()
    log.publisher.check()
    log.publish(300)
    for witness in log.witnesses:
        witness.is_silent = True
    log.append(310)
    log.publisher.check()
    older = _rolled_back(log, 200)
    with pytest.raises(LogDamaged):
        older.publisher.check()
    older.append(300)
    older.publisher.check()
    other = _other_history()
    other.append(310)
    other.files = log.files
    with pytest.raises(LogDamaged):
        other.publisher.check()


def test_the_folder_of_another_log_is_left_alone() -> None:
    log = OwnLog()
    key = make_signing_key("other.example/log", KeyKind.ED25519, b"o" * 32)
    SmallLog(entries(0, 3), key).publish(log.files)
    before = contents(log.files)
    with pytest.raises(WrongOrigin):
        log.publish(10)
    assert contents(log.files) == before


def test_a_full_disk_leaves_the_old_tree_head_in_force() -> None:
    log = OwnLog()
    log.publish(10)
    assert isinstance(log.files, MemoryFiles)
    for writes in range(3):
        log.append(300 + writes)
        log.files.writes_left = writes
        with pytest.raises(StoreUnavailable):
            log.publish()
        assert _public(log).head.size == 10
        assert check_remote(log.files, POLICY) == []
    log.files.writes_left = None
    assert log.publish() == 302
    assert {defect.severity.value for defect in log.check()} <= {"harmless"}


def test_a_publisher_that_is_stopped_again_and_again_gets_further_each_time() -> None:
    log = OwnLog()
    log.append(5000)
    assert isinstance(log.files, MemoryFiles)
    stops = 0
    while log.published() is None:
        log.files.writes_left = 4
        with suppress(StoreUnavailable):
            log.publish()
        stops += 1
    assert 9 <= stops <= 12  # 42 files, four at a time
    assert check_remote(log.files, POLICY) == []


def test_two_publishers_into_one_folder_take_turns() -> None:
    log = OwnLog()
    failures: list[BaseException] = []

    def publish(start: int) -> None:
        try:
            for size in range(start, 600, 40):
                log.publish(size)
        except BaseException as error:  # noqa: BLE001 - the main thread reports it
            failures.append(error)

    threads = [threading.Thread(target=publish, args=(n,)) for n in (10, 20, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    log.publish(600)
    log.repair()
    assert log.check() == []


def test_publishers_into_two_folders_share_a_database() -> None:
    log = OwnLog()
    other = OwnLog(store=log.store)
    other.witnesses = log.witnesses
    for size in range(10, 400, 70):
        log.publish(size)
        assert other.publish(size) == size
        assert other.publish(size + 30) == size + 30
    assert log.publish() == other.publish()
    assert check_remote(log.files, POLICY) == check_remote(other.files, POLICY) == []
    for each in (log, other):
        each.repair()  # partial tiles of tree heads that the other published
        assert each.check() == []


def test_progress_is_told() -> None:
    log = OwnLog()
    told: list[int] = []
    log.append(600)
    log.publisher.publish(TIME_S, progress=told.append)
    assert told == list(range(1, 8))

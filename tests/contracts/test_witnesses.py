"""What a log may expect of its witnesses: in memory, and over HTTP with real ones."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from tests.witness_process import WitnessProcess

from assent.adapters.translog.witness_client import HttpWitnesses
from assent.apps.witness import trust_log
from assent.testing.small_log import SmallLog, log_key
from assent.testing.witnesses import MemoryWitness, MemoryWitnesses, prover
from assent.translog.errors import HeadRolledBack, SplitView
from assent.translog.formats.keys import KeyKind, VerifierKey, make_signing_key
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.signed_head import cosigners_of, verify_tree_head
from assent.translog.ports import Collected, Witnesses
from assent.translog.split_view import verify_evidence

pytestmark = pytest.mark.enable_socket

NAMES = ["one.example/witness", "two.example/witness", "three.example/witness"]
KINDS = [
    KeyKind.ED25519_COSIGNATURE,
    KeyKind.ML_DSA_44_COSIGNATURE,
    KeyKind.ML_DSA_44_COSIGNATURE,
]
_origins = count()


def _now() -> int:
    return int(time.time())


@dataclass
class World:
    """Three witnesses of which some are silent, and what else a test needs."""

    log: SmallLog
    witnesses: Callable[[SmallLog, frozenset[int]], Witnesses]
    keys: list[VerifierKey]

    def collect(
        self,
        log: SmallLog,
        size: int | None = None,
        *,
        enough: int = len(NAMES),
        silent: frozenset[int] = frozenset(),
    ) -> Collected:
        """Ask as a log does that has just been started."""
        signed = log.signed(size)
        return self.witnesses(log, silent).collect(
            signed,
            prover(log, size),
            lambda lines: len({(line.name, line.key_id) for line in lines}) >= enough,
        )

    def who(self, log: SmallLog, size: int | None, collected: Collected) -> set[str]:
        """Return whose cosignatures verify; one that does not raises."""
        signed = log.signed(size).with_signatures(*collected.lines)
        found = cosigners_of(signed, self.keys)
        assert all(abs(time_s - _now()) < 60 for time_s in found.values())
        assert len(found) == len(collected.lines)
        return {key.name for key in found}


@pytest.fixture(scope="module")
def processes(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[WitnessProcess]]:
    """Run three witnesses; one of them knows Ed25519 alone."""
    made = []
    for seed, (name, kind) in enumerate(zip(NAMES, KINDS, strict=True)):
        folder = tmp_path_factory.mktemp("witness")
        made.append(WitnessProcess.made(folder, name, (kind,), seed))
    for process in made:
        process.start_soon()
    try:
        yield [process.wait_until_bound() for process in made]
    finally:
        for process in made:
            process.kill()


@pytest.fixture(params=["memory", "http"])
def world(request: pytest.FixtureRequest) -> World:
    key = log_key(f"log-{next(_origins)}.example/translog")
    log = SmallLog([f"entry {i}".encode() for i in range(14)], key)
    if request.param == "memory":
        return _memory_world(log)
    return _http_world(log, request.getfixturevalue("processes"))


def _memory_world(log: SmallLog) -> World:
    keys = [
        make_signing_key(name, kind, bytes([seed] * 32))
        for seed, (name, kind) in enumerate(zip(NAMES, KINDS, strict=True))
    ]
    held = [MemoryWitness((key,), (log.key.verifier,)) for key in keys]

    def witnesses(_: SmallLog, silent: frozenset[int]) -> Witnesses:
        for index, witness in enumerate(held):
            witness.is_silent = index in silent
        return MemoryWitnesses(held, _now)

    return World(log, witnesses, [key.verifier for key in keys])


def _http_world(log: SmallLog, processes: list[WitnessProcess]) -> World:
    for process in processes:
        trust_log(process.folder, log.key.verifier.text)

    def witnesses(log: SmallLog, silent: frozenset[int]) -> Witnesses:
        lines = [f"log {log.key.verifier.text}"]
        for index, process in enumerate(processes):
            # Nothing listens on the first ports.
            url = f"http://127.0.0.1:{index + 1}" if index in silent else process.url
            lines.append(f"witness w{index} {process.keys[0].text} {url}/")
        policy = parse_policy("\n".join([*lines, "quorum none\n"]).encode())
        return HttpWitnesses(policy, now=_now)

    return World(log, witnesses, [process.keys[0] for process in processes])


def test_all_cosign_a_new_head(world: World) -> None:
    collected = world.collect(world.log)

    assert world.who(world.log, None, collected) == set(NAMES)
    assert collected.failures == ()


def test_they_follow_the_log_as_it_grows(world: World) -> None:
    for size in (0, 1, 5, 5, 8, 13, 14):
        collected = world.collect(world.log, size)
        assert world.who(world.log, size, collected) == set(NAMES)


def test_one_asker_follows_without_being_told(world: World) -> None:
    witnesses = world.witnesses(world.log, frozenset())
    for size in (3, 9, 14):
        collected = witnesses.collect(
            world.log.signed(size),
            prover(world.log, size),
            lambda lines: len(lines) >= len(NAMES),
        )
        assert world.who(world.log, size, collected) == set(NAMES)


def test_asks_no_longer_than_is_needed(world: World) -> None:
    collected = world.collect(world.log, enough=1)
    assert len(world.who(world.log, None, collected)) >= 1


def test_asks_nobody_if_nobody_is_needed(world: World) -> None:
    assert world.collect(world.log, enough=0) == Collected(())


def test_a_silent_witness_is_left_out_and_named(world: World) -> None:
    collected = world.collect(world.log, silent=frozenset({1}))

    assert world.who(world.log, None, collected) == {NAMES[0], NAMES[2]}
    assert len(collected.failures) == 1


def test_if_all_are_silent_nothing_is_collected(world: World) -> None:
    collected = world.collect(world.log, silent=frozenset({0, 1, 2}))
    assert collected.lines == ()
    assert len(collected.failures) == 3


def test_a_witness_that_missed_some_heads_catches_up(world: World) -> None:
    world.collect(world.log, 5)
    world.collect(world.log, 9, silent=frozenset({2}))

    collected = world.collect(world.log, 14)

    assert world.who(world.log, 14, collected) == set(NAMES)


def test_nobody_cosigns_for_a_log_that_is_not_followed(world: World) -> None:
    stranger = SmallLog(world.log.entries, log_key("stranger.example/log"))

    collected = world.collect(stranger)

    assert collected.lines == ()
    assert len(collected.failures) == 3


def test_nobody_cosigns_what_another_key_signed(world: World) -> None:
    thief = SmallLog(world.log.entries, log_key(world.log.key.name, seed=99))
    assert world.collect(thief).lines == ()


def test_a_head_that_was_rolled_back_is_an_alarm(world: World) -> None:
    world.collect(world.log, 9)
    with pytest.raises(HeadRolledBack, match=r"of 9\b"):
        world.collect(world.log, 5)


def test_a_second_head_of_one_size_is_an_alarm_with_evidence(world: World) -> None:
    world.collect(world.log, 9)
    fork = world.log.fork(4, [b"other"] * 5)

    with pytest.raises(SplitView) as raised:
        world.collect(fork)

    assert raised.value.evidence is not None
    facts = verify_evidence(raised.value.evidence, [world.log.key.verifier])
    assert {facts.smaller.head.root, facts.larger.head.root} == {
        fork.signed().head.root,
        world.log.signed(9).head.root,
    }


@pytest.mark.parametrize("old_size", [4, 7, 8, 9])
def test_a_rewritten_history_is_an_alarm(world: World, old_size: int) -> None:
    world.collect(world.log, old_size)
    fork = world.log.fork(3, [b"other"] * 9)
    with pytest.raises(SplitView):
        world.collect(fork)


def test_an_alarm_does_not_end_the_honest_history(world: World) -> None:
    world.collect(world.log, 9)
    with pytest.raises(SplitView):
        world.collect(world.log.fork(4, [b"other"] * 5))

    collected = world.collect(world.log)

    assert world.who(world.log, None, collected) == set(NAMES)


def _held(witnesses: Witnesses, log: SmallLog) -> list[int]:
    notes = [held.note for held in witnesses.held(log.key.name)]
    keys = [log.key.verifier]
    return sorted(
        verify_tree_head(note, origin=log.key.name, log_keys=keys).head.size
        for note in notes
    )


def test_they_show_the_newest_head_that_they_hold(world: World) -> None:
    assert _held(world.witnesses(world.log, frozenset()), world.log) == []
    world.collect(world.log, 5)
    world.collect(world.log, 9, silent=frozenset({2}))
    for silent, sizes in ((set(), [5, 9, 9]), ({0}, [5, 9]), ({0, 1, 2}, [])):
        witnesses = world.witnesses(world.log, frozenset(silent))
        assert _held(witnesses, world.log) == sizes

"""Proofs from a database are those of the definition, also while the log grows."""

import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.own_log import POLICY, OwnLog, entries
from tests.rfc6962 import DefinedTree

from assent.testing.log_store import MemoryLogStore
from assent.testing.small_log import ORIGIN, TIME_S
from assent.translog.errors import ProofInvalid
from assent.translog.formats.proof import parse_proof
from assent.translog.keeping.prove import Prover
from assent.translog.keeping.sequence import Sequencer
from assent.translog.merkle import (
    EMPTY_ROOT,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from assent.translog.verify import verify_proof

SIZE = 700  # two full tiles and a part of one
LEAVES = [leaf_hash(entry) for entry in entries(0, SIZE)]
TREE = DefinedTree(LEAVES)
sizes = st.integers(0, SIZE)


@pytest.fixture(scope="module")
def prover() -> Prover:
    store = MemoryLogStore()
    Sequencer(store).append(entries(0, SIZE))
    return Prover(store)


@given(sizes)
def test_the_root_at_every_size_is_the_defined_one(prover: Prover, size: int) -> None:
    assert prover.root(size) == TREE.mth(0, size)


@given(st.data())
def test_every_entry_is_proved_under_every_later_size(
    prover: Prover, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, SIZE))
    index = data.draw(st.integers(0, size - 1))
    proof = prover.inclusion(index, size)
    assert proof == TREE.path(index, 0, size)
    verify_inclusion(index, size, LEAVES[index], proof, TREE.mth(0, size))


@given(st.data())
def test_every_size_is_proved_to_continue_every_smaller(
    prover: Prover, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, SIZE))
    old_size = data.draw(st.integers(1, size))
    proof = prover.consistency(old_size, size)
    assert proof == TREE.proof(0, old_size, (0, size))
    roots = TREE.mth(0, old_size), TREE.mth(0, size)
    verify_consistency(old_size, size, *roots, proof)


def test_the_empty_tree_needs_no_proof(prover: Prover) -> None:
    assert prover.root(0) == EMPTY_ROOT
    assert prover.consistency(0, SIZE) == []


def test_what_the_log_has_not_reached_is_not_proved(prover: Prover) -> None:
    with pytest.raises(ProofInvalid):
        prover.root(SIZE + 1)
    with pytest.raises(ProofInvalid):
        prover.inclusion(SIZE, SIZE)
    with pytest.raises(ProofInvalid):
        prover.inclusion(-1, SIZE)
    with pytest.raises(ProofInvalid):
        prover.inclusion(0, SIZE + 1)
    with pytest.raises(ProofInvalid):
        prover.consistency(SIZE, SIZE - 1)
    with pytest.raises(ProofInvalid):
        prover.consistency(1, SIZE + 1)


def test_a_proof_is_verified_offline_by_the_policy_alone() -> None:
    log = OwnLog()
    log.publish(300)
    log.append(310)
    prover = Prover(log.store)
    for index in (0, 255, 256, 299):
        proof = prover.proof(index)
        assert parse_proof(proof.encoded) == proof
        verified = verify_proof(proof.encoded, POLICY, origin=ORIGIN)
        assert verified.index == index
        assert verified.entry == b"entry %d" % index
        assert verified.head.size == 300
        assert set(verified.cosigners.values()) == {TIME_S + 1}


def test_what_is_not_published_has_no_proof() -> None:
    log = OwnLog()
    log.append(5)
    with pytest.raises(ProofInvalid) as caught:
        Prover(log.store).proof(0)
    assert "Publish" in caught.value.remedy
    log.publish()
    log.append(7)
    Prover(log.store).proof(4)
    for index in (5, 7, -1):
        with pytest.raises(ProofInvalid):
            Prover(log.store).proof(index)


@pytest.fixture
def _threads_that_take_turns_often() -> Iterator[None]:
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual_s)


@pytest.mark.usefixtures("_threads_that_take_turns_often")
def test_one_prover_serves_many_threads_while_the_log_grows() -> None:
    store, stop = MemoryLogStore(), threading.Event()
    sequencer, prover = Sequencer(store), Prover(store)
    sequencer.append(entries(0, 1))
    wrong: list[BaseException] = []

    def prove() -> None:
        try:
            while not stop.is_set():
                size = prover.size()
                assert prover.root(size) == TREE.mth(0, size)
                proof = prover.inclusion(size - 1, size)
                verify_inclusion(
                    size - 1, size, LEAVES[size - 1], proof, TREE.mth(0, size)
                )
        except BaseException as error:  # noqa: BLE001 - the main thread reports it
            wrong.append(error)

    threads = [threading.Thread(target=prove) for _ in range(4)]
    for thread in threads:
        thread.start()
    for start in range(1, SIZE, 3):
        sequencer.append(entries(start, min(start + 3, SIZE)))
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []

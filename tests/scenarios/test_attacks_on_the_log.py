"""Whoever attacks a log's reader is caught, each attack with an error of its own."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from assent.testing.log_files import MemoryFiles
from assent.testing.small_log import ORIGIN, TIME_S, SmallLog, log_key, witness_key
from assent.translog.entry import parse_entry
from assent.translog.errors import (
    CosignatureInvalid,
    CosignatureMalformed,
    EntryInvalid,
    EntryTooLarge,
    EvidenceInvalid,
    EvidenceMalformed,
    ExchangeMalformed,
    HeadRolledBack,
    KeyMalformed,
    LogUnreachable,
    NoteMalformed,
    PolicyMalformed,
    ProofInvalid,
    ProofMalformed,
    QuorumNotMet,
    SplitView,
    StateDamaged,
    TileDamaged,
    TileMalformed,
    TreeHeadMalformed,
    TreeHeadUnsigned,
    WrongOrigin,
)
from assent.translog.formats.cosignature import cosign
from assent.translog.formats.keys import parse_verifier_key
from assent.translog.formats.note import NOTE_BYTES_MAX, parse_note
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.proof import PROOF_BYTES_MAX, TlogProof, parse_proof
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.translog.formats.tree_head import parse_tree_head
from assent.translog.formats.witness_exchange import parse_cosign_request
from assent.translog.keeping.sequence import check_entry
from assent.translog.merkle import Edge, leaf_hash, prove_inclusion
from assent.translog.monitor import MonitorState, follow, parse_state
from assent.translog.split_view import parse_evidence, verify_evidence
from assent.translog.verify import verify_proof
from assent.vocabulary import AssentError, SignatureInvalid

WITNESS = witness_key("witness.example")
ENTRIES = [b"entry %d" % number for number in range(300)]
LOG = SmallLog(ENTRIES, witnesses=(WITNESS,))
YOUNG = SmallLog(ENTRIES[:100], witnesses=(WITNESS,))
FORK = LOG.fork(280, [b"other %d" % number for number in range(30)])


def _served(log: SmallLog, size: int | None = None) -> MemoryFiles:
    files = MemoryFiles()
    log.publish(files, size)
    return files


def _seen(log: SmallLog = LOG) -> MonitorState:
    *_, last = follow(None, _served(log), log.policy)
    return last.state


def _look(files: MemoryFiles, state: MonitorState | None = None) -> None:
    for _ in follow(state, files, LOG.policy):
        pass


def _with_head(signed: SignedTreeHead | bytes) -> MemoryFiles:
    files = _served(LOG)
    data = signed if isinstance(signed, bytes) else signed.encoded
    files.contents[TREE_HEAD_PATH] = data
    return files


def _with_tile(path: str, change: Callable[[bytes], bytes]) -> MemoryFiles:
    files = _served(LOG)
    files.contents[path] = change(files.contents[path])
    return files


def _proof(index: int) -> TlogProof:
    edge = Edge()
    (tile,) = edge.append(map(leaf_hash, ENTRIES[:256]))[:1]
    small = SmallLog(ENTRIES[:255], witnesses=(WITNESS,))
    edge = Edge()
    edge.append(map(leaf_hash, small.entries))
    assert tile.level == 0
    hashes = prove_inclusion(index, 255, edge.node)
    return TlogProof(
        index=index, hashes=tuple(hashes), signed=small.signed(), extra=ENTRIES[index]
    )


def _flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


_ALONE = replace(LOG, witnesses=())
_SMALLER = LOG.signed(200)
_STRANGER = SmallLog(ENTRIES, key=log_key(seed=9), witnesses=(WITNESS,))
_OTHER_LOG = SmallLog(
    ENTRIES, key=log_key("other.example/translog"), witnesses=(WITNESS,)
)
_REPLAYED = _ALONE.signed().with_signatures(cosign(_SMALLER.head, WITNESS, TIME_S))
_FORGED = SignedTreeHead(
    LOG.signed().head,
    replace(LOG.signed().note, signatures=_SMALLER.note.signatures),
)
_CUT = _ALONE.signed().with_signatures(
    replace(cosign(LOG.signed().head, WITNESS, TIME_S), signature=b"cut")
)


def _evidence() -> bytes:
    with pytest.raises(SplitView) as caught:
        _look(_served(FORK), _seen())
    assert caught.value.evidence is not None
    return caught.value.evidence


ATTACKS: dict[str, tuple[Callable[[], object], type[AssentError]]] = {
    "another history, larger": (lambda: _look(_served(FORK), _seen()), SplitView),
    "another history, as large": (
        lambda: _look(_served(LOG.fork(299, [b"other"])), _seen()),
        SplitView,
    ),
    "an older tree head": (lambda: _look(_served(LOG, 200), _seen()), HeadRolledBack),
    "a cosignature of another head": (
        lambda: _look(_with_head(_REPLAYED)),
        CosignatureInvalid,
    ),
    "a cosignature cut short": (lambda: _look(_with_head(_CUT)), CosignatureMalformed),
    "no cosignature": (lambda: _look(_with_head(_ALONE.signed())), QuorumNotMet),
    "the signature of another head": (
        lambda: _look(_with_head(_FORGED)),
        SignatureInvalid,
    ),
    "a stranger's key": (lambda: _look(_served(_STRANGER)), TreeHeadUnsigned),
    "another log": (lambda: _look(_served(_OTHER_LOG)), WrongOrigin),
    "a tile cut short": (
        lambda: _look(_with_tile("tile/0/000", lambda tile: tile[:-1]), _seen(YOUNG)),
        TileMalformed,
    ),
    "a tile with one bit flipped": (
        lambda: _look(_with_tile("tile/0/000", _flip), _seen(YOUNG)),
        TileDamaged,
    ),
    "an entry with one bit flipped": (
        lambda: _look(_with_tile("tile/entries/000", _flip)),
        TileDamaged,
    ),
    "a bundle cut short": (
        lambda: _look(_with_tile("tile/entries/001.p/44", lambda b: b[:-1])),
        TileMalformed,
    ),
    "an endless tile": (
        lambda: _look(_with_tile("tile/0/000", lambda _: bytes(10**6)), _seen(YOUNG)),
        LogUnreachable,
    ),
    "an endless tree head": (
        lambda: parse_note(b"x" * (NOTE_BYTES_MAX + 1)),
        NoteMalformed,
    ),
    "a head that is no note": (lambda: _look(_with_head(b"0\n1\n")), NoteMalformed),
    "a head of words": (lambda: parse_tree_head("a\nb\nc\n"), TreeHeadMalformed),
    "a proof of another entry": (
        lambda: verify_proof(replace(_proof(7), index=8).encoded, LOG.policy),
        ProofInvalid,
    ),
    "an endless proof": (
        lambda: parse_proof(b"x" * (PROOF_BYTES_MAX + 1)),
        ProofMalformed,
    ),
    "a policy of words": (lambda: parse_policy(b"trust me\n"), PolicyMalformed),
    "a key of words": (lambda: parse_verifier_key("trust+me+now"), KeyMalformed),
    "a request of words": (
        lambda: parse_cosign_request(b"cosign this\n"),
        ExchangeMalformed,
    ),
    "an endless entry": (lambda: check_entry(bytes(65_536)), EntryTooLarge),
    "an entry of words": (lambda: parse_entry(b"permitted"), EntryInvalid),
    "evidence of words": (lambda: parse_evidence(b"they lie"), EvidenceMalformed),
    "evidence against another log": (
        lambda: verify_evidence(_evidence(), [log_key(seed=9).verifier]),
        EvidenceInvalid,
    ),
    "a state that was changed": (
        lambda: parse_state(_seen().encoded.replace(b"300", b"301")),
        StateDamaged,
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_caught_with_an_error_of_its_own(attack: str) -> None:
    attempt, expected = ATTACKS[attack]
    with pytest.raises(expected) as caught:
        attempt()
    assert type(caught.value) is expected
    assert caught.value.remedy


def test_without_an_attack_nothing_is_caught() -> None:
    _look(_served(LOG))
    _look(_served(LOG), _seen(YOUNG))
    verified = verify_proof(_proof(7).encoded, LOG.policy)
    assert (verified.entry, verified.head.origin) == (ENTRIES[7], ORIGIN)
    facts = verify_evidence(_evidence(), [LOG.key.verifier], [WITNESS.verifier])
    assert facts.cosigners_of_both == [WITNESS.verifier]

"""The witness's HTTP interface, called without a socket: every status, and no other."""

import io
import logging
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.adapters.translog.witness_store import Decision, WitnessStore
from assent.adapters.translog.witness_store.refused import (
    DOUBT_BYTES_MAX,
    REFUSED_BYTES_MAX,
    REFUSED_MAX,
)
from assent.adapters.translog.witness_store.store import LOG_KEYS_MAX
from assent.apps.witness import (
    OpenWitness,
    create_witness,
    export_refusals,
    followed_logs,
    kept_refusals,
    make_app,
    open_witness,
    trust_log,
    trust_logs,
    untrust_log,
)
from assent.testing.small_log import TIME_S, SmallLog, log_key, witness_key
from assent.testing.witnesses import ask, node_reader
from assent.translog.errors import KeyMalformed, LogDamaged, StoreUnavailable
from assent.translog.formats.cosignature import verify_subtree_cosignature
from assent.translog.formats.encoding import encode_base64
from assent.translog.formats.keys import KeyKind, VerifierKey, make_signing_key
from assent.translog.formats.note import Note, SignatureLine
from assent.translog.formats.signed_head import (
    SignedTreeHead,
    cosigners_of,
    parse_signed_head,
    sign_tree_head,
    verify_tree_head,
)
from assent.translog.formats.tree_head import TreeHead
from assent.translog.formats.witness_exchange import (
    REQUEST_BYTES_MAX,
    CosignRequest,
    SubtreeRequest,
    encode_answer,
    parse_answer,
)
from assent.translog.merkle import prove_subtree_consistency, range_hash
from assent.translog.split_view import Evidence, verify_evidence
from assent.translog.witness import Doubt
from assent.vocabulary import InputError, NotFound

NAME = "state.example/witness"
LOG = SmallLog([f"entry {i}".encode() for i in range(14)])
HEAD_PATH = f"/{sha256(LOG.key.name.encode()).hexdigest()}/checkpoint"
ED25519, ML_DSA = KeyKind.ED25519_COSIGNATURE, KeyKind.ML_DSA_44_COSIGNATURE


@dataclass(frozen=True, kw_only=True)
class Response:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Asked:
    """A witness in a folder, and its application."""

    folder: Path
    witness: OpenWitness
    keys: tuple[VerifierKey, ...]

    def send(
        self, method: str, path: str, body: bytes = b"", **environ: str
    ) -> Response:
        """Send a request to the application."""
        found: list[Any] = []

        def start_response(*arguments: object) -> Callable[[bytes], object]:
            found.extend(arguments)
            return found.append

        whole = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        chunks = make_app(self.witness)(whole | environ, start_response)
        status, headers = found
        return Response(
            status=int(status.split()[0]), headers=dict(headers), body=b"".join(chunks)
        )

    def post(self, request: CosignRequest | SubtreeRequest | bytes) -> Response:
        """Ask for a cosignature."""
        body = request if isinstance(request, bytes) else request.encoded
        subtree = isinstance(request, SubtreeRequest)
        return self.send(
            "POST", "/sign-subtree" if subtree else "/add-checkpoint", body
        )

    @property
    def size_held(self) -> int | None:
        """Return the size of the head it holds."""
        held = self.witness.store.held(LOG.key.name)
        return held.head.size if held else None


@contextmanager
def _witness(folder: Path, *kinds: KeyKind) -> Iterator[Asked]:
    keys = create_witness(folder, NAME, kinds or (ED25519, ML_DSA), seed_source=bytes)
    trust_log(folder, LOG.key.verifier.text)
    witness = open_witness(folder, now=lambda: TIME_S)
    try:
        yield Asked(folder, witness, keys)
    finally:
        witness.store.close()


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with _witness(tmp_path / "witness") as asked:
        yield asked


@pytest.fixture(scope="module")
def asked_at_5(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with _witness(tmp_path_factory.mktemp("witness") / "witness") as asked:
        assert asked.post(ask(LOG, 0, 5)).status == 200
        yield asked


def _forged(signed: SignedTreeHead) -> SignedTreeHead:
    (line,) = signed.note.signatures
    other = SignatureLine(line.name, line.key_id, bytes(64))
    return SignedTreeHead(signed.head, Note(signed.note.text, (other,)))


def test_cosigns_by_all_its_keys_and_serves_what_it_cosigned(asked: Asked) -> None:
    response = asked.post(ask(LOG, 0, 9))

    assert response.status == 200
    lines = parse_answer(response.body)
    assert cosigners_of(LOG.signed(9).with_signatures(*lines), asked.keys) == (
        dict.fromkeys(asked.keys, TIME_S)
    )
    served = asked.send("GET", HEAD_PATH)
    assert served.status == 200
    assert served.headers["Content-Type"].startswith("text/plain")
    signed = verify_tree_head(
        served.body, origin=LOG.key.name, log_keys=[LOG.key.verifier]
    )
    assert signed.note.signatures == (*LOG.signed(9).note.signatures, *lines)


def test_follows_a_log_through_every_size(asked: Asked) -> None:
    sizes = [0, 1, 2, 5, 5, 8, 14]
    for old_size, size in zip([0, *sizes], sizes, strict=False):
        assert asked.post(ask(LOG, old_size, size)).status == 200
        assert asked.size_held == size


def test_serves_no_signature_that_it_did_not_verify(asked: Asked) -> None:
    signed = LOG.signed(5)
    crowd = [log_key(f"crowd-{i}.example/log") for i in range(63)]
    crowded = signed.with_signatures(
        *sign_tree_head(signed.head, crowd, 1).note.signatures
    )
    assert len(crowded.note.signatures) == 64

    assert asked.post(CosignRequest(0, (), crowded)).status == 200

    served = parse_signed_head(asked.send("GET", HEAD_PATH).body)
    assert {line.name for line in served.note.signatures} == {LOG.key.name, NAME}


def test_tells_the_size_that_it_holds_and_nothing_else(asked: Asked) -> None:
    asked.post(ask(LOG, 0, 9))
    for old_size in (0, 3, 10):
        response = asked.post(ask(LOG, old_size))
        assert response.status == 409
        assert response.body == b"9\n"
        assert response.headers["Content-Type"] == "text/x.tlog.size"
        assert response.headers["Content-Length"] == "2"


def test_tells_zero_before_the_first_head(asked: Asked) -> None:
    response = asked.post(ask(LOG, 3))
    assert (response.status, response.body) == (409, b"0\n")


EMPTY_WITH_ROOT = TreeHead(LOG.key.name, 0, LOG.signed().head.root)
REFUSED: dict[str, tuple[int, bytes]] = {
    "empty body": (400, b""),
    "no request": (400, b"GET me out\n"),
    "no note": (400, b"old 0\n\n"),
    "not UTF-8": (400, b"old 0\n\n\xff\n\n\xff\n"),
    "size spelt twice": (400, ask(LOG, 5).encoded.replace(b"old 5", b"old 05")),
    "64 hashes": (
        400,
        b"old 5\n"
        + (encode_base64(bytes(32)).encode() + b"\n") * 64
        + b"\n"
        + LOG.signed().encoded,
    ),
    "longest body": (400, b"x" * REQUEST_BYTES_MAX),
    "old size above size": (400, CosignRequest(9, (), LOG.signed(5)).encoded),
    "no signature": (
        403,
        ask(SmallLog(LOG.entries, log_key(seed=9)), 5).encoded,
    ),
    "forged signature": (
        403,
        replace(ask(LOG, 5), signed=_forged(LOG.signed())).encoded,
    ),
    "unknown log": (
        404,
        ask(SmallLog(LOG.entries, log_key("other.example/log")), 5).encoded,
    ),
    "replayed old head": (409, ask(LOG, 0, 3).encoded),
    "old size not held": (409, ask(LOG, 4).encoded),
    "proof cut": (422, CosignRequest(5, (), LOG.signed()).encoded),
    "proof forged": (422, CosignRequest(5, (bytes(32),) * 4, LOG.signed()).encoded),
    "proof too long": (
        422,
        CosignRequest(5, (*ask(LOG, 5).proof, bytes(32)), LOG.signed()).encoded,
    ),
    "other root": (
        422,
        CosignRequest(5, (), LOG.fork(4, [b"other"]).signed()).encoded,
    ),
    "other history": (422, ask(LOG.fork(4, [b"other"] * 9), 5).encoded),
    "subtree sent here": (400, b"subtree 0 1\n" + ask(LOG, 5).encoded),
    "too large": (413, b"x" * (REQUEST_BYTES_MAX + 1)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_each_refusal_has_its_status_and_changes_nothing(
    asked_at_5: Asked, name: str
) -> None:
    status, body = REFUSED[name]
    before = asked_at_5.send("GET", HEAD_PATH)

    response = asked_at_5.post(body)

    assert response.status == status
    if status != 409:
        message, remedy = response.body.decode().splitlines()
        assert message.endswith(".")
        assert remedy.endswith(".")
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert asked_at_5.send("GET", HEAD_PATH) == before


@pytest.mark.parametrize(
    ("old_size", "proof", "head"),
    [
        (0, (), EMPTY_WITH_ROOT),
        (0, (bytes(32),), LOG.signed(0).head),
        (0, (bytes(32),), LOG.signed(5).head),
    ],
    ids=["wrong root", "proof to nothing", "proof from nothing"],
)
def test_refuses_at_size_zero_what_cannot_be(
    asked: Asked, old_size: int, proof: tuple[bytes, ...], head: TreeHead
) -> None:
    signed = sign_tree_head(head, [LOG.key], TIME_S)
    assert asked.post(CosignRequest(old_size, proof, signed)).status == 422
    assert asked.size_held is None


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/add-checkpoint", "POST"),
        ("HEAD", "/add-checkpoint", "POST"),
        ("PUT", "/sign-subtree", "POST"),
        ("POST", HEAD_PATH, "GET"),
        ("HEAD", HEAD_PATH, "GET"),
        ("DELETE", HEAD_PATH, "GET"),
    ],
)
def test_takes_one_method_at_each_path(
    asked: Asked, method: str, path: str, allowed: str
) -> None:
    response = asked.send(method, path, ask(LOG, 0).encoded)
    assert (response.status, response.headers["Allow"]) == (405, allowed)
    assert bool(response.body) == (method != "HEAD")
    assert asked.size_held is None


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/add-checkpoint/",
        "//add-checkpoint",
        "/ADD-CHECKPOINT",
        HEAD_PATH.replace(HEAD_PATH[1:65], HEAD_PATH[1:65].upper()),
        HEAD_PATH + "/",
        HEAD_PATH + "\n",
        "/checkpoint",
        "/../witness.db",
        f"/{'0' * 64}/checkpoint",
    ],
)
def test_has_nothing_elsewhere(asked_at_5: Asked, path: str) -> None:
    assert asked_at_5.send("GET", path).status == 404
    assert asked_at_5.send("POST", path).status in {404, 405}


def test_serves_nothing_of_a_log_it_follows_but_never_cosigned(asked: Asked) -> None:
    assert asked.send("GET", HEAD_PATH).status == 404


@pytest.mark.parametrize("length", ["", "x", "-1", "0"])
def test_a_request_without_its_length_is_empty(asked: Asked, length: str) -> None:
    body = ask(LOG, 0).encoded
    response = asked.send("POST", "/add-checkpoint", body, CONTENT_LENGTH=length)
    assert response.status == 400


def _subtree(asked: Asked, start: int, end: int, size: int) -> SubtreeRequest:
    reader = node_reader(LOG)
    return SubtreeRequest(
        start=start,
        end=end,
        subtree_hash=range_hash(start, end, reader),
        proof=tuple(prove_subtree_consistency(start, end, size, reader)),
        signed=parse_signed_head(asked.send("GET", HEAD_PATH).body),
    )


def test_cosigns_a_subtree_of_what_it_cosigned(asked: Asked) -> None:
    asked.post(ask(LOG, 0, 14))
    request = _subtree(asked, 8, 13, 14)

    response = asked.post(request)

    assert response.status == 200
    (line,) = parse_answer(response.body)
    verify_subtree_cosignature(
        LOG.key.name, 8, 13, request.subtree_hash, asked.keys[1], line
    )


def test_each_refusal_of_a_subtree_has_its_status(asked: Asked) -> None:
    asked.post(ask(LOG, 0, 14))
    good = _subtree(asked, 8, 13, 14)
    assert [
        asked.post(request).status
        for request in (
            replace(good, start=7),
            replace(good, end=15),
            replace(good, proof=good.proof[:-1]),
            replace(good, subtree_hash=bytes(32)),
            replace(good, signed=LOG.signed()),
        )
    ] == [400, 400, 422, 422, 403]
    unknown = TreeHead("other.example/log", 14, good.signed.head.root)
    signed = SignedTreeHead(unknown, Note(unknown.text, good.signed.note.signatures))
    assert asked.post(replace(good, signed=signed)).status == 404
    assert asked.send("POST", "/sign-subtree", b"subtree 0 1\n").status == 400


def test_a_witness_without_ml_dsa_offers_no_subtrees(tmp_path: Path) -> None:
    with _witness(tmp_path / "witness", ED25519) as asked:
        asked.post(ask(LOG, 0, 14))
        assert asked.post(_subtree(asked, 8, 13, 14)).status == 404


def test_a_fork_is_refused_kept_and_told_loudly(
    asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    asked.post(ask(LOG, 0, 9))
    fork = LOG.fork(4, [b"other"] * 5)

    assert asked.post(CosignRequest(9, (), fork.signed())).status == 422
    assert asked.post(CosignRequest(9, (), fork.signed())).status == 422
    stale = CosignRequest(0, (), LOG.fork(4, [b"third"] * 5).signed())
    assert asked.post(stale).status == 409

    first, second = kept_refusals(asked.folder)
    assert isinstance(first.content, Evidence)
    assert isinstance(second.content, Evidence)
    assert first.seen_s == TIME_S
    for number in (1, 2):
        data = (asked.folder / f"{number}.split-view").read_bytes()
        facts = verify_evidence(data, [LOG.key.verifier], asked.keys)
        assert facts.smaller.head == LOG.signed(9).head
        assert set(facts.cosigners_of_smaller) == set(asked.keys)
    alarms = [r for r in caplog.records if r.levelno == logging.CRITICAL]
    assert len(alarms) == 3
    assert str(asked.folder / "1.split-view") in alarms[0].getMessage()
    assert "kept already" in alarms[1].getMessage()
    # The history that it cosigned goes on.
    assert asked.post(ask(LOG, 9)).status == 200


def test_a_proof_that_fails_is_kept_as_a_doubt(
    asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    asked.post(ask(LOG, 0, 5))
    request = CosignRequest(5, (bytes(32),), LOG.signed())

    assert asked.post(request).status == 422

    (kept,) = kept_refusals(asked.folder)
    assert isinstance(kept.content, Doubt)
    assert kept.content.request == request
    assert kept.content.held is not None
    assert kept.content.held.head == LOG.signed(5).head
    assert [r.levelno for r in caplog.records] == [logging.WARNING]


def test_a_stranger_cannot_raise_the_alarm_about_an_honest_log(
    asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    asked.post(ask(LOG, 0, 5))
    spoilt = (bytes(32),)
    for size in (5, 9, 14):
        request = CosignRequest(5, spoilt, LOG.signed(size))
        assert asked.post(request).status == 422
    assert len(kept_refusals(asked.folder)) == 2
    assert {r.levelno for r in caplog.records} == {logging.WARNING}

    # The log itself dissolves the doubts.
    assert asked.post(ask(LOG, 5, 9)).status == 200
    (kept,) = kept_refusals(asked.folder)
    assert isinstance(kept.content, Doubt)
    assert kept.content.request.signed == LOG.signed(14)


def _doubt(size: int, line_bytes: int = 100) -> Doubt:
    head = TreeHead(LOG.key.name, size, bytes(32))
    line = SignatureLine(LOG.key.name, bytes(4), bytes(line_bytes))
    return Doubt(
        CosignRequest(0, (), SignedTreeHead(head, Note(head.text, (line,)))), None
    )


@pytest.mark.parametrize("line_bytes", [100, 16_000, 2 * DOUBT_BYTES_MAX])
def test_what_strangers_send_cannot_fill_the_disk(
    asked: Asked, line_bytes: int
) -> None:
    with asked.witness.store.deciding(LOG.key.name) as decision:
        for size in range(REFUSED_MAX + 3):
            decision.keep_refused(_doubt(size, line_bytes), TIME_S)
        more = _doubt(REFUSED_MAX + 3, line_bytes)
        assert decision.keep_refused(more, TIME_S) is None
    kept = kept_refusals(asked.folder)
    assert len(kept) <= REFUSED_MAX
    kept_bytes = [len(data) for one in kept for data in one.files.values()]
    assert sum(kept_bytes) <= REFUSED_BYTES_MAX
    assert max(kept_bytes, default=0) <= DOUBT_BYTES_MAX
    # Evidence has a limit of its own, which only the log's key can reach.
    asked.post(ask(LOG, 0, 9))
    asked.post(CosignRequest(9, (), LOG.fork(4, [b"other"] * 5).signed()))
    assert isinstance(kept_refusals(asked.folder)[-1].content, Evidence)


class _Overtaken(WitnessStore):
    """A store in which something else happens before a decision is kept."""

    def __init__(self, path: Path, overtake: Callable[[], object]) -> None:
        super().__init__(path)
        self._overtake = overtake

    @contextmanager
    def deciding(self, origin: str) -> Iterator[Decision]:
        self._overtake()
        with super().deciding(origin) as decision:
            yield decision


def _overtaken(asked: Asked, by: CosignRequest) -> Asked:
    store = _Overtaken(
        asked.witness.store.path, lambda: asked.witness.cosign_head(by.encoded)
    )
    return Asked(asked.folder, replace(asked.witness, store=store), asked.keys)


def test_the_race_of_the_specification_cannot_roll_back(asked: Asked) -> None:
    asked.post(ask(LOG, 0, 3))
    slow = _overtaken(asked, by=ask(LOG, 3, 14))

    response = slow.post(ask(LOG, 3, 9))

    assert (response.status, response.body) == (409, b"14\n")
    assert asked.size_held == 14


def test_a_fork_that_overtakes_is_found_in_time(asked: Asked) -> None:
    asked.post(ask(LOG, 0, 3))
    fork = LOG.fork(3, [b"other"] * 6)
    slow = _overtaken(asked, by=ask(fork, 3))

    response = slow.post(ask(LOG, 3, 9))

    assert (response.status, response.body) == (409, b"9\n")
    (kept,) = kept_refusals(asked.folder)
    assert isinstance(kept.content, Evidence)


def test_two_requests_for_the_same_head_are_both_granted(asked: Asked) -> None:
    asked.post(ask(LOG, 0, 9))
    slow = _overtaken(asked, by=ask(LOG, 9, 9))
    assert slow.post(ask(LOG, 9, 9)).status == 200


def test_cosigns_nothing_that_it_cannot_keep(
    asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite3.connect(asked.witness.store.path) as connection:
        connection.execute("DROP TABLE head")
    connection.close()

    response = asked.post(ask(LOG, 0))

    assert response.status == 503
    assert str(asked.folder) not in response.body.decode()
    assert str(asked.folder) in caplog.text


def test_cosigns_nothing_while_its_clock_is_before_1970(asked: Asked) -> None:
    asked = Asked(asked.folder, replace(asked.witness, now=lambda: 0), asked.keys)
    assert asked.post(ask(LOG, 0)).status == 503
    assert asked.size_held is None


def test_cosigns_nothing_while_its_clock_is_far_behind(asked: Asked) -> None:
    asked.post(ask(LOG, 0, 5))
    behind = replace(asked.witness, now=lambda: TIME_S - 301)
    slow = Asked(asked.folder, behind, asked.keys)
    assert slow.post(ask(LOG, 5, 9)).status == 503
    assert asked.size_held == 5


def _trust_many(store: WitnessStore) -> None:
    for number in range(100):
        key = log_key(f"{number}.example/{'x' * 200}").verifier
        store.trust([(key.name, key)])


def test_a_full_disk_is_no_damage_and_a_missing_table_is(asked: Asked) -> None:
    store = asked.witness.store
    connection = store._connection()  # noqa: SLF001 - a setting of it
    connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreUnavailable):
        _trust_many(store)
    connection.execute("DROP TABLE log_key")
    with pytest.raises(LogDamaged):
        store.log_keys(LOG.key.name)


def test_a_memory_that_vanishes_is_never_made_anew(asked: Asked) -> None:
    store = WitnessStore(asked.folder / "witness.db")
    asked.witness.store.close()
    for path in asked.folder.glob("witness.db*"):
        path.unlink()
    with pytest.raises(StoreUnavailable):
        store.held(LOG.key.name)
    assert not list(asked.folder.glob("witness.db*"))


def test_a_damaged_database_is_said_to_be(asked: Asked) -> None:
    asked.post(ask(LOG, 0))
    with sqlite3.connect(asked.witness.store.path) as connection:
        connection.execute("DROP TRIGGER head_only_grows")
        connection.execute("UPDATE head SET note = x'00'")
    connection.close()
    with pytest.raises(LogDamaged):
        asked.witness.store.held(LOG.key.name)
    assert asked.post(ask(LOG, 5)).status == 503


def test_the_database_refuses_to_forget(asked: Asked) -> None:
    asked.post(ask(LOG, 0, 9))
    asked.post(CosignRequest(9, (), LOG.fork(4, [b"other"] * 5).signed()))
    store = asked.witness.store
    for smaller in (LOG.signed(8), LOG.fork(4, [b"other"] * 5).signed()):
        with (
            pytest.raises(LogDamaged, match="only grows"),
            store.deciding(LOG.key.name) as decision,
        ):
            decision.keep(smaller)
    with sqlite3.connect(store.path) as connection:
        for change in (
            "DELETE FROM head",
            "UPDATE head SET origin = 'x'",
            "DELETE FROM refused",
            "UPDATE refused SET seen_s = 0",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(change)
    connection.close()
    assert asked.size_held == 9
    assert len(kept_refusals(asked.folder)) == 1


def test_a_decision_waits_for_the_disk(asked: Asked) -> None:
    # A killed process cannot show it: only a power cut loses what is not flushed.
    connection = asked.witness.store._connection()  # noqa: SLF001 - a setting of it
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_an_error_in_a_decision_keeps_nothing(asked: Asked) -> None:
    def fail() -> None:
        with asked.witness.store.deciding(LOG.key.name) as decision:
            decision.keep(LOG.signed(9))
            raise StoreUnavailable("No.", remedy="None.")

    with pytest.raises(StoreUnavailable):
        fail()
    assert asked.size_held is None


_BODIES = [
    ask(LOG, 5, 9).encoded,
    ask(LOG, 0, 9).encoded,
    CosignRequest(5, (), LOG.fork(4, [b"other"]).signed()).encoded,
]


@pytest.mark.fuzz
@given(
    st.one_of(
        st.binary(max_size=2000),
        st.tuples(
            st.sampled_from(_BODIES),
            st.integers(0, 700),
            st.integers(0, 100),
            st.binary(max_size=100),
        ).map(lambda t: t[0][: t[1]] + t[3] + t[0][t[1] + t[2] :]),
        st.tuples(
            st.sampled_from(_BODIES), st.text(max_size=50), st.text(max_size=50)
        ).map(
            lambda t: t[0].replace(
                b"\n\n", f"\n{t[1]}\n\n{t[2]}".encode(errors="replace"), 1
            )
        ),
    ),
    st.sampled_from(["/add-checkpoint", "/sign-subtree"]),
)
def test_whatever_is_sent_is_refused_and_changes_nothing(
    asked_at_5: Asked, body: bytes, path: str
) -> None:
    if body == _BODIES[0]:
        return
    response = asked_at_5.send("POST", path, body)
    assert response.status in {400, 403, 404, 409, 422}
    assert asked_at_5.size_held == 5


@given(
    st.text(max_size=100),
    st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS", ""]),
)
def test_whatever_path_is_asked_there_is_an_answer(
    asked_at_5: Asked, path: str, method: str
) -> None:
    assert asked_at_5.send(method, path).status in {400, 404, 405}


def test_makes_a_folder_whose_keys_only_the_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "states" / "witness"
    keys = create_witness(folder, NAME, seed_source=lambda size: bytes([7] * size))

    assert [key.kind for key in keys] == [ED25519, ML_DSA]
    assert stat.S_IMODE((folder / "keys").stat().st_mode) == 0o600
    assert (folder / "verifier-keys").read_text() == "".join(
        f"{key.text}\n" for key in keys
    )
    assert open_witness(folder, now=lambda: 1).keys[0].verifier == keys[0]


def test_draws_a_seed_for_each_key(tmp_path: Path) -> None:
    drawn = []

    def seed_source(size: int) -> bytes:
        drawn.append(size)
        return bytes([len(drawn)] * size)

    keys = create_witness(tmp_path / "w", NAME, seed_source=seed_source)

    assert drawn == [32, 32]
    assert keys[0].public_key == (
        make_signing_key(NAME, ED25519, bytes([1] * 32)).verifier.public_key
    )


@pytest.mark.parametrize(
    "lost", [(), ("witness.db",), ("keys",), ("witness.db", "keys")]
)
def test_makes_no_witness_where_one_is_or_what_is_left_of_it(
    tmp_path: Path, lost: tuple[str, ...]
) -> None:
    create_witness(tmp_path, NAME, seed_source=bytes)
    for name in lost:
        (tmp_path / name).unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    with pytest.raises(InputError, match="already") as raised:
        create_witness(tmp_path, "other.example/w", seed_source=bytes)

    assert "new folder" in raised.value.remedy
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_keys_that_lost_their_memory_never_sign_again(asked: Asked) -> None:
    asked.post(ask(LOG, 0, 9))
    for path in asked.folder.glob("witness.db*"):
        path.unlink()
    with pytest.raises(InputError):
        create_witness(asked.folder, NAME, seed_source=bytes)
    with pytest.raises(NotFound) as raised:
        open_witness(asked.folder, now=lambda: TIME_S)
    assert "new folder, with new keys" in raised.value.remedy


def test_a_witness_that_could_not_be_made_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "witness"

    def take_the_keys(size: int) -> bytes:
        # Somebody else's, which came after the seeds were drawn.
        folder.mkdir(exist_ok=True)
        (folder / "keys").symlink_to(tmp_path / "nowhere")
        return bytes(size)

    with pytest.raises(InputError):
        create_witness(folder, NAME, [ED25519], seed_source=take_the_keys)

    assert [path.name for path in folder.iterdir()] == ["keys"]


@pytest.mark.parametrize("other", ["fresh", "foreign"])
def test_opens_no_memory_but_that_of_its_own_keys(asked: Asked, other: str) -> None:
    asked.witness.store.close()
    for path in asked.folder.glob("witness.db*"):
        path.unlink()
    key = witness_key("other.example/witness").verifier
    keys = [key] if other == "foreign" else []
    WitnessStore.make(asked.folder / "witness.db", keys).close()
    with pytest.raises(LogDamaged, match="not the memory"):
        open_witness(asked.folder, now=lambda: TIME_S)


@pytest.mark.parametrize("kinds", [(), (KeyKind.ED25519,), (ED25519, KeyKind.ED25519)])
def test_makes_no_witness_with_keys_for_something_else(
    tmp_path: Path, kinds: tuple[KeyKind, ...]
) -> None:
    with pytest.raises(KeyMalformed):
        create_witness(tmp_path, NAME, kinds, seed_source=bytes)
    assert not list(tmp_path.iterdir())


def test_refuses_keys_that_others_can_read(asked: Asked) -> None:
    (asked.folder / "keys").chmod(0o640)
    with pytest.raises(InputError, match="Others can read"):
        open_witness(asked.folder, now=lambda: 1)


def test_refuses_to_go_on_without_its_memory(asked: Asked) -> None:
    for path in asked.folder.glob("witness.db*"):
        path.unlink()
    with pytest.raises(NotFound, match="database"):
        open_witness(asked.folder, now=lambda: 1)


def test_refuses_the_keys_of_a_log(asked: Asked) -> None:
    (asked.folder / "keys").write_text(LOG.key.secret_text() + "\n")
    with pytest.raises(KeyMalformed):
        open_witness(asked.folder, now=lambda: 1)


@pytest.mark.parametrize(
    "vkey",
    ["", "x", "x+y+z", witness_key("w.example/w").verifier.text, LOG.key.secret_text()],
)
def test_follows_nothing_that_is_no_log(asked: Asked, vkey: str) -> None:
    with pytest.raises(KeyMalformed) as raised:
        trust_log(asked.folder, vkey)
    assert encode_base64(LOG.key.seed)[:20] not in str(raised.value)


def test_follows_a_log_by_a_second_key_and_by_another_name(asked: Asked) -> None:
    second = log_key(seed=8)
    signed = sign_tree_head(LOG.signed(5).head, [second], TIME_S)
    assert asked.post(CosignRequest(0, (), signed)).status == 403

    assert trust_log(asked.folder, second.verifier.text + "\n") == LOG.key.name
    assert asked.post(CosignRequest(0, (), signed)).status == 200

    head = TreeHead("a tree head's first line", 3, LOG.signed(3).head.root)
    named = CosignRequest(0, (), sign_tree_head(head, [second], TIME_S))
    assert asked.post(named).status == 404
    trust_log(asked.folder, second.verifier.text, origin=head.origin)
    assert asked.post(named).status == 200


@pytest.mark.parametrize("origin", ["", "two\nlines", "a\0b", "x" * 256])
def test_follows_no_origin_that_cannot_be(asked: Asked, origin: str) -> None:
    with pytest.raises(InputError, match="origin"):
        trust_log(asked.folder, LOG.key.verifier.text, origin=origin)


def test_trusts_all_keys_or_none(asked: Asked) -> None:
    good, other = log_key("one.example/log"), log_key("two.example/log")
    with pytest.raises(KeyMalformed):
        trust_logs(asked.folder, [good.verifier.text, "x+y+z"])
    crowd = [log_key(seed=seed).verifier.text for seed in range(LOG_KEYS_MAX + 1)]
    with pytest.raises(InputError, match="more than 16 keys"):
        trust_logs(asked.folder, [good.verifier.text, *crowd])
    assert [log.origin for log in followed_logs(asked.folder)] == [LOG.key.name]

    both = [good.verifier.text, other.verifier.text]
    assert trust_logs(asked.folder, both) == [good.name, other.name]


def test_lists_whom_it_follows_and_what_it_holds(asked: Asked) -> None:
    (log,) = followed_logs(asked.folder)
    assert (log.keys, log.held, log.cosigned_s) == ((LOG.key.verifier,), None, None)

    asked.post(ask(LOG, 0, 9))

    (log,) = followed_logs(asked.folder)
    assert log.held is not None
    assert (log.held.head, log.cosigned_s) == (LOG.signed(9).head, TIME_S)


def test_a_log_that_is_not_trusted_any_more_cannot_start_again(asked: Asked) -> None:
    asked.post(ask(LOG, 0, 9))

    untrust_log(asked.folder, LOG.key.name)

    assert asked.post(ask(LOG, 9)).status == 404
    (log,) = followed_logs(asked.folder)
    assert log.keys == ()
    with pytest.raises(NotFound, match="does not follow"):
        untrust_log(asked.folder, LOG.key.name)
    trust_log(asked.folder, LOG.key.verifier.text)
    assert asked.post(ask(LOG, 0, 5)).body == b"9\n"
    assert asked.post(ask(LOG, 9)).status == 200


def test_exports_what_it_kept_of_refusals(asked: Asked, tmp_path: Path) -> None:
    asked.post(ask(LOG, 0, 9))
    asked.post(CosignRequest(9, (), LOG.fork(4, [b"other"] * 5).signed()))
    doubted = CosignRequest(9, (), LOG.signed())
    asked.post(doubted)

    written = export_refusals(asked.folder, tmp_path / "kept")

    evidence, request, held = written
    assert verify_evidence(evidence.read_bytes(), [LOG.key.verifier])
    assert request.read_bytes() == doubted.encoded
    assert held.read_bytes() == asked.send("GET", HEAD_PATH).body
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        export_refusals(asked.folder, tmp_path / "file")


def test_logs_and_representations_show_no_secret(
    asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for _, body in REFUSED.values():
            asked.post(body)
        asked.post(ask(LOG, 0))
        asked.send("GET", HEAD_PATH)
    shown = caplog.text + repr(asked.witness)
    secrets = (asked.folder / "keys").read_text().split("+")
    assert caplog.records
    assert encode_answer(LOG.signed().note.signatures) not in caplog.text.encode()
    assert not any(secret.strip() in shown for secret in secrets if len(secret) > 40)

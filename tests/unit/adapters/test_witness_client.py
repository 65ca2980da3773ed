"""Witnesses that are slow, dead, lying or endless cost a log nothing."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assent.adapters.translog.witness_client import HttpWitnesses
from assent.testing.small_log import TIME_S, SmallLog, log_key
from assent.testing.witnesses import MemoryWitness, prover
from assent.translog.errors import HeadRolledBack, PolicyMalformed, SplitView
from assent.translog.formats.cosignature import cosign
from assent.translog.formats.keys import KeyKind, SigningKey, make_signing_key
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.witness_exchange import (
    encode_answer,
    encode_size,
    parse_cosign_request,
)
from assent.translog.ports import Collected
from assent.translog.witness import Refusal

pytestmark = pytest.mark.enable_socket

LOG = SmallLog([f"entry {i}".encode() for i in range(14)])
WAIT_S = 5.0
HONEST = make_signing_key(
    "honest.example/w", KeyKind.ED25519_COSIGNATURE, bytes([11] * 32)
)
STRANGE = make_signing_key(
    "strange.example/w", KeyKind.ML_DSA_44_COSIGNATURE, bytes([12] * 32)
)

Behave = Callable[[BaseHTTPRequestHandler, bytes], object]


@contextmanager
def _serving(behave: Behave) -> Iterator[str]:
    """Serve requests as told; an answer is what `behave` writes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            behave(self, body)

        def do_GET(self) -> None:
            behave(self, b"")

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass  # a client that hung up

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _send(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str
) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _honest(time_s: int = TIME_S, key: SigningKey = HONEST) -> Behave:
    """Return the behaviour of a real witness."""
    witness = MemoryWitness((key,), (LOG.key.verifier,))

    def behave(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        answer = witness.answer(parse_cosign_request(body), time_s)
        if not isinstance(answer, Refusal):
            _send(handler, 200, encode_answer(answer))
        elif answer.size_held is not None:
            _send(handler, 409, encode_size(answer.size_held))
        else:
            _send(handler, answer.reason.status, answer.message.encode())

    return behave


def _always(status: int, body: bytes) -> Behave:
    return lambda handler, _: _send(handler, status, body)


def _lines(*lines: SignatureLine) -> Behave:
    return _always(200, encode_answer(lines))


def _client(
    *urls: tuple[str, SigningKey], wait_s: float = WAIT_S, quorum: str = "none"
) -> HttpWitnesses:
    rows = [f"log {LOG.key.verifier.text}"]
    rows += [
        f"witness {key.name.split('.')[0]} {key.verifier.text} {url}"
        for url, key in urls
    ]
    if quorum == "all":
        rows.append("group all all honest strange")
    policy = parse_policy("\n".join([*rows, f"quorum {quorum}\n"]).encode())
    return HttpWitnesses(policy, now=lambda: TIME_S, wait_s=wait_s)


def _collect(client: HttpWitnesses, size: int = 14, enough: int = 9) -> Collected:
    return client.collect(
        LOG.signed(size), prover(LOG, size), lambda lines: len(lines) >= enough
    )


def _beside(behave: Behave, *, wait_s: float = WAIT_S) -> str:
    """Return why a stranger gives nothing, while an honest witness beside it does."""
    with _serving(_honest()) as honest, _serving(behave) as strange:
        client = _client((strange, STRANGE), (honest, HONEST), wait_s=wait_s)
        started_s = time.monotonic()
        collected = _collect(client)
        assert time.monotonic() - started_s < wait_s + 1
    assert [line.name for line in collected.lines] == [HONEST.name]
    (failure,) = collected.failures
    assert failure.startswith("strange: ")
    assert failure.isprintable()
    assert len(failure) < 400
    return failure


def _shows(size: int | None, note: bytes) -> Behave:
    """Return a witness that refuses because of the head that it then shows."""

    def behave(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        if handler.command == "GET":
            origin_hash = sha256(LOG.key.name.encode()).hexdigest()
            is_right = handler.path == f"/{origin_hash}/checkpoint"
            _send(handler, 200 if is_right else 404, note)
        elif size is None:
            _send(handler, 422, b"No.\n")
        else:
            _send(handler, 409, encode_size(size))

    return behave


def test_takes_the_cosignatures_of_honest_witnesses() -> None:
    with (
        _serving(_honest()) as one,
        _serving(_honest(key=STRANGE)) as other,
    ):
        collected = _collect(_client((one, HONEST), (other + "/", STRANGE)))
    assert {line.name for line in collected.lines} == {HONEST.name, STRANGE.name}
    assert collected.failures == ()


def test_does_not_wait_for_those_it_does_not_need() -> None:
    release = threading.Event()
    with (
        _serving(_honest()) as honest,
        _serving(lambda *_: release.wait(WAIT_S)) as slow,
    ):
        started_s = time.monotonic()
        collected = _collect(_client((slow, STRANGE), (honest, HONEST)), enough=1)
        assert time.monotonic() - started_s < WAIT_S / 2
        release.set()
    assert [line.name for line in collected.lines] == [HONEST.name]


def test_a_silent_witness_costs_the_wait_and_no_more() -> None:
    release = threading.Event()

    def behave(_: BaseHTTPRequestHandler, __: bytes) -> None:
        release.wait(5)

    try:
        failure = _beside(behave, wait_s=1.0)
    finally:
        release.set()
    assert "in time" in failure or "within" in failure


def test_a_witness_that_drips_its_headers_costs_the_wait_and_no_more() -> None:
    def behave(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for index in range(100):
            handler.wfile.write(b"X-%d: y\r\n" % index)
            handler.wfile.flush()
            time.sleep(0.05)

    _beside(behave, wait_s=1.0)


def test_a_witness_that_drips_its_answer_costs_the_wait_and_no_more() -> None:
    def behave(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _i in range(100):
            handler.wfile.write(b"\n")
            handler.wfile.flush()
            time.sleep(0.05)

    _beside(behave, wait_s=1.0)


def test_an_endless_answer_is_cut() -> None:
    def behave(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"\xe2\x80\x94 " * 10_000)

    assert "more than" in _beside(behave)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"\n"),
        (200, b"garbage\n"),
        (200, b"\xff" * 100),
        (200, b"14\n"),
        (204, b""),
        (302, b""),
        (400, b"No.\n"),
        (403, b"\x1b[2J\r\n\x00" + "\N{RIGHT-TO-LEFT OVERRIDE}".encode() * 99),
        (404, b"x" * 10_000_000),
        (500, b"<html>"),
        (409, b"14\n"),
        (409, b"no size"),
        (409, b"9223372036854775807\n"),
        (422, b"No.\n"),
    ],
    ids=str,
)
def test_an_answer_that_is_none_is_a_failure(status: int, body: bytes) -> None:
    _beside(_always(status, body))


@pytest.mark.parametrize(
    "written", [b"", b"\x00" * 1000, b"HTTP/1.1 999999999 X\r\n\r\n"], ids=len
)
def test_an_answer_that_is_no_http_is_a_failure(written: bytes) -> None:
    _beside(lambda handler, _: handler.wfile.write(written))


def test_a_redirect_is_not_followed_with_a_request() -> None:
    with _serving(_honest(key=STRANGE)) as elsewhere:

        def behave(handler: BaseHTTPRequestHandler, _: bytes) -> None:
            _send(handler, 307, b"", Location=f"{elsewhere}/add-checkpoint")

        assert "307" in _beside(behave)


def _cosigned(size: int = 14, key: SigningKey = STRANGE, at_s: int = TIME_S) -> Behave:
    return _lines(cosign(LOG.signed(size).head, key, at_s))


def test_a_forged_cosignature_is_a_failure() -> None:
    valid = cosign(LOG.signed().head, STRANGE, TIME_S)
    forged = SignatureLine(
        valid.name,
        valid.key_id,
        valid.signature[:-1] + bytes([valid.signature[-1] ^ 1]),
    )
    for lines in ([forged], [valid, forged], [forged, valid]):
        assert "forged" in _beside(_lines(*lines))


def test_a_cosignature_of_another_head_is_a_failure() -> None:
    assert "is not of tree head 14" in _beside(_cosigned(size=13))


def test_a_cosignature_by_an_unknown_key_is_ignored() -> None:
    stranger = make_signing_key(
        STRANGE.name, KeyKind.ML_DSA_44_COSIGNATURE, bytes([13] * 32)
    )
    assert "without a cosignature by its key" in _beside(_cosigned(key=stranger))
    # Nor does anybody speak for another witness.
    assert "without a cosignature by its key" in _beside(_cosigned(key=HONEST))


@pytest.mark.parametrize("away_s", [-301, 301, -TIME_S + 1, 10**17])
def test_a_cosignature_from_another_time_is_a_failure(away_s: int) -> None:
    assert "clock" in _beside(_cosigned(at_s=TIME_S + away_s))


@pytest.mark.parametrize("away_s", [-300, 0, 300])
def test_clocks_may_differ_a_little(away_s: int) -> None:
    with _serving(_cosigned(at_s=TIME_S + away_s)) as url:
        collected = _collect(_client((url, STRANGE)))
    assert len(collected.lines) == 1


def test_of_several_cosignatures_by_one_key_the_newest_is_taken() -> None:
    head = LOG.signed().head
    lines = [cosign(head, STRANGE, TIME_S + away_s) for away_s in (-5, 7, 0)]
    with _serving(_lines(*lines)) as url:
        assert _collect(_client((url, STRANGE))).lines == (lines[1],)


def test_a_witness_that_tells_other_sizes_for_ever_is_given_up() -> None:
    asked = []

    def behave(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        asked.append(1)
        _send(handler, 409, encode_size(1 + len(asked) % 13))

    assert "again and again" in _beside(behave)
    assert len(asked) == 4


def test_a_witness_cannot_stop_a_log_by_its_bare_word() -> None:
    forged = SmallLog(LOG.entries * 2, log_key(LOG.key.name, seed=77)).signed()
    other = SmallLog(LOG.entries * 2, log_key("other.example/log")).signed()
    for size in (28, None):
        for note in (b"", b"garbage", forged.encoded, other.encoded):
            assert "because of a tree head that it holds" in _beside(_shows(size, note))


def test_a_witness_that_refuses_for_no_reason_is_a_failure() -> None:
    for size in (5, 14, 0):
        assert "fits" in _beside(_shows(None, LOG.signed(size).encoded))


def test_a_larger_head_that_the_log_signed_is_an_alarm() -> None:
    with (
        _serving(_shows(14, LOG.signed(14).encoded)) as url,
        pytest.raises(HeadRolledBack) as raised,
    ):
        _collect(_client((url, STRANGE)), size=9)
    assert url in raised.value.message


def test_another_head_that_the_log_signed_is_an_alarm() -> None:
    fork = LOG.fork(4, [b"other"] * 10)
    for size in (14, 9, 8):
        shown = _shows(None, fork.signed(size).encoded)
        with _serving(shown) as url, pytest.raises(SplitView):
            _collect(_client((url, STRANGE)))


def test_an_older_version_of_the_protocol_tells_a_split_view_by_409() -> None:
    fork = LOG.fork(4, [b"other"] * 10).signed().encoded

    def behave(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        is_get = handler.command == "GET"
        _send(handler, 200 if is_get else 409, fork if is_get else b"other root")

    with _serving(behave) as url, pytest.raises(SplitView):
        _collect(_client((url, STRANGE)))


def test_a_witness_that_dawdles_holds_one_thread() -> None:
    release = threading.Event()
    with _serving(_honest()) as fast, _serving(lambda *_: release.wait(5)) as slow:
        client = _client((slow, STRANGE), (fast, HONEST))
        failures = [_collect(client, enough=1).failures for _ in range(5)]
        names = [thread.name for thread in threading.enumerate()]
        release.set()
    assert names.count("ask strange") == 1
    assert failures[1:] == [("strange: it is still busy with an earlier question",)] * 4


def test_what_a_slow_witness_told_is_used_the_next_time() -> None:
    honest = _honest(key=STRANGE)
    with _serving(honest) as url:
        _collect(_client((url, STRANGE)), size=5)
    sizes_asked: list[int] = []

    def behave(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        sizes_asked.append(parse_cosign_request(body).old_size)
        time.sleep(0.3)
        honest(handler, body)

    with _serving(_honest()) as fast, _serving(behave) as slow:
        client = _client((slow, STRANGE), (fast, HONEST))
        _collect(client, enough=1)
        collected = _collect(client)
        while "busy" in str(collected.failures):
            time.sleep(0.05)
            collected = _collect(client)
    assert sizes_asked == [0, 5]
    assert len(collected.lines) == 2


def test_witnesses_at_one_address_are_asked_once() -> None:
    asked = []
    head = LOG.signed().head

    def behave(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        asked.append(1)
        lines = [cosign(head, key, TIME_S) for key in (HONEST, STRANGE)]
        _send(handler, 200, encode_answer(lines))

    with _serving(behave) as url:
        collected = _collect(_client((url, HONEST), (url + "/", STRANGE)))
    assert len(collected.lines) == 2
    assert len(asked) == 1


def test_proofs_are_made_by_the_thread_that_asks() -> None:
    honest = _honest()
    with _serving(honest) as url:
        _collect(_client((url, HONEST)), size=5)
    threads = set()

    def prove(old_size: int) -> list[bytes]:
        threads.add(threading.current_thread())
        return prover(LOG)(old_size)

    def is_enough(lines: Sequence[SignatureLine]) -> bool:
        return len(lines) == 1

    with _serving(honest) as url:
        _client((url, HONEST)).collect(LOG.signed(), prove, is_enough)
    assert threads == {threading.current_thread()}


@pytest.mark.parametrize(
    "url", ["witness.example", "ftp://w.example", "http://", "http://a:b@w.example"]
)
def test_a_policy_whose_witness_cannot_be_asked_is_refused(url: str) -> None:
    with pytest.raises(PolicyMalformed, match="cannot be asked"):
        _client((url, STRANGE))


def test_a_witness_without_a_url_is_named() -> None:
    assert _collect(_client(("", STRANGE))).failures == ("strange: it has no URL",)


def _head_of(size: int) -> Behave:
    return _shows(None, LOG.signed(size).encoded)


def _held(client: HttpWitnesses) -> dict[str, bytes]:
    return {held.witness: held.note for held in client.held(LOG.key.name)}


def test_what_witnesses_hold_is_shown_as_it_came() -> None:
    with _serving(_head_of(9)) as one, _serving(_always(200, b"lies")) as other:
        held = _held(_client((one, HONEST), (other, STRANGE)))
    assert held == {"honest": LOG.signed(9).encoded, "strange": b"lies"}


@pytest.mark.parametrize("status", [204, 302, 404, 500])
def test_who_shows_no_tree_head_is_left_out(status: int) -> None:
    with _serving(_head_of(9)) as one, _serving(_always(status, b"x")) as other:
        assert _held(_client((one, HONEST), (other, STRANGE))).keys() == {"honest"}


@pytest.mark.parametrize(
    ("quorum", "least_s", "most_s"), [("none", 0, 2), ("honest", 0, 2), ("all", 2, 4)]
)
def test_heads_are_waited_for_longer_only_without_a_quorum(
    quorum: str, least_s: float, most_s: float
) -> None:
    release = threading.Event()
    with (
        _serving(_head_of(9)) as one,
        _serving(lambda *_: release.wait(WAIT_S)) as slow,
    ):
        client = _client((one, HONEST), (slow, STRANGE), quorum=quorum, wait_s=2.5)
        started_s = time.monotonic()
        assert _held(client).keys() == {"honest"}
        assert least_s < time.monotonic() - started_s < most_s
        release.set()


def test_who_is_slow_to_show_its_head_can_cosign() -> None:
    release, honest = threading.Event(), _honest(key=STRANGE)

    def behave(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if handler.command == "GET":
            release.wait(WAIT_S)
        else:
            honest(handler, body)

    with _serving(behave) as slow:
        client = _client((slow, STRANGE), wait_s=1.5, quorum="strange")
        assert _held(client) == {}
        assert len(_collect(client).lines) == 1
        release.set()


def test_what_a_witness_shows_is_the_first_guess_of_what_it_holds() -> None:
    honest, held = _honest(), LOG.signed(9).encoded
    with _serving(honest) as url:
        _collect(_client((url, HONEST)), size=9)
    sizes_asked: list[int] = []

    def behave(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if handler.command == "GET":
            _send(handler, 200, held)
        else:
            sizes_asked.append(parse_cosign_request(body).old_size)
            honest(handler, body)

    with _serving(behave) as url:
        client = _client((url, HONEST))
        assert _held(client).keys() == {"honest"}
        assert len(_collect(client).lines) == 1
    assert sizes_asked == [9]

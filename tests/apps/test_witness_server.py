"""A witness in a process of its own: what survives a kill, and what a race can do."""

import socket
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
import urllib3
from tests.witness_process import WitnessProcess

from assent.apps.witness import kept_refusals, serve, trust_log
from assent.testing.small_log import SmallLog, log_key
from assent.testing.witnesses import ask
from assent.translog.formats.keys import KeyKind
from assent.translog.formats.signed_head import cosigners_of, parse_signed_head
from assent.translog.formats.witness_exchange import (
    REQUEST_BYTES_MAX,
    CosignRequest,
    parse_answer,
    parse_size,
)
from assent.translog.split_view import verify_evidence
from assent.vocabulary import InputError

pytestmark = pytest.mark.enable_socket

NAME = "state.example/witness"
LOG = SmallLog([f"entry {i}".encode() for i in range(60)])
HEAD_PATH = f"{sha256(LOG.key.name.encode()).hexdigest()}/checkpoint"
TIMEOUT = urllib3.Timeout(10)


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[WitnessProcess]:
    """Run a witness that follows the log."""
    witness = WitnessProcess.made(tmp_path / "witness", NAME)
    trust_log(witness.folder, LOG.key.verifier.text)
    witness.start()
    yield witness
    witness.kill()


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=TIMEOUT) as http:
        yield http


def _post(
    http: urllib3.PoolManager, witness: WitnessProcess, request: CosignRequest
) -> urllib3.BaseHTTPResponse:
    return http.request("POST", f"{witness.url}/add-checkpoint", body=request.encoded)


def _served_size(http: urllib3.PoolManager, witness: WitnessProcess) -> int:
    response = http.request("GET", f"{witness.url}/{HEAD_PATH}")
    assert response.status == 200
    return parse_signed_head(response.data).head.size


def test_cosigns_over_one_connection(witness: WitnessProcess) -> None:
    with urllib3.connection_from_url(
        witness.url, retries=False, timeout=TIMEOUT
    ) as pool:
        for old_size, size in pairwise([0, 1, 7, 7, 30]):
            response = pool.request(
                "POST", "/add-checkpoint", body=ask(LOG, old_size, size).encoded
            )
            assert response.status == 200
            lines = parse_answer(response.data)
            signed = LOG.signed(size).with_signatures(*lines)
            assert set(cosigners_of(signed, witness.keys)) == set(witness.keys)
        assert pool.request("POST", "/add-checkpoint", body=b"x").status == 400
        assert pool.request("GET", f"/{HEAD_PATH}").status == 200
        assert pool.request("HEAD", f"/{HEAD_PATH}").status == 405
        assert pool.request("GET", "/nothing").status == 404
        assert pool.num_connections == 1


def test_what_it_answered_survives_being_killed(
    witness: WitnessProcess, http: urllib3.PoolManager
) -> None:
    for old_size, size in pairwise([0, 4, 5, 33]):
        assert _post(http, witness, ask(LOG, old_size, size)).status == 200
        witness.kill()
        witness.start()
        assert _served_size(http, witness) == size
        # Neither a replayed head nor a rollback to it is taken.
        response = _post(http, witness, ask(LOG, old_size, max(old_size, 1)))
        assert response.status == 409
        assert parse_size(response.data) == size
        assert response.headers["Content-Type"] == "text/x.tlog.size"


def test_whatever_it_answered_before_a_kill_amid_requests_is_kept(
    witness: WitnessProcess, http: urllib3.PoolManager
) -> None:
    answered = 0
    for round_ in range(3):
        killer = threading.Timer(0.05 + 0.04 * round_, witness.kill)
        killer.start()
        try:
            while answered < 60:
                response = _post(http, witness, ask(LOG, answered, answered + 1))
                assert response.status == 200
                answered += 1
        except urllib3.exceptions.HTTPError:
            pass
        killer.join()
        witness.start()
        held = _served_size(http, witness) if answered else answered
        # One more may have been kept whose answer was never seen.
        assert held in {answered, answered + 1}
        answered = held


def test_a_fork_is_refused_and_its_evidence_survives(
    witness: WitnessProcess, http: urllib3.PoolManager
) -> None:
    fork = LOG.fork(4, [b"other"] * 5)
    assert _post(http, witness, ask(LOG, 0, 9)).status == 200

    assert _post(http, witness, CosignRequest(9, (), fork.signed())).status == 422
    witness.kill()
    witness.start()
    assert _post(http, witness, ask(fork, 9)).status == 422

    (kept,) = kept_refusals(witness.folder)
    data = (witness.folder / f"{kept.number}.split-view").read_bytes()
    assert verify_evidence(data, [LOG.key.verifier]).smaller.head.size == 9
    assert witness.diagnostics.count("SPLIT VIEW") == 2
    assert _served_size(http, witness) == 9


def test_follows_a_log_that_is_trusted_while_it_runs(
    witness: WitnessProcess, http: urllib3.PoolManager
) -> None:
    other = SmallLog(LOG.entries, log_key("other.example/log"))
    assert _post(http, witness, ask(other, 0)).status == 404
    trust_log(witness.folder, other.key.verifier.text)
    assert _post(http, witness, ask(other, 0)).status == 200


def _race(
    askers: list[Callable[[CosignRequest], tuple[int, int]]], sizes: range
) -> list[tuple[int, int]]:
    """Ask for heads from many threads at once; return the steps that were granted."""
    granted: list[tuple[int, int]] = []
    start = threading.Barrier(len(askers))

    def run(index: int, post: Callable[[CosignRequest], tuple[int, int]]) -> None:
        old_size = 0
        start.wait()
        for size in sizes[index :: len(askers)]:
            while old_size <= size:
                status, told = post(ask(LOG, old_size, size))
                if status == 200:
                    granted.append((old_size, size))
                    old_size = size
                    break
                assert status == 409
                old_size = told

    threads = [threading.Thread(target=run, args=item) for item in enumerate(askers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return granted


def _assert_one_history(granted: list[tuple[int, int]]) -> None:
    """Check that each step starts where the one before it ended."""
    steps = sorted(set(granted))
    assert len(steps) == len(granted)
    assert steps[0][0] == 0
    assert all(before[1] == after[0] for before, after in pairwise(steps))
    assert steps[-1][1] == 60


def _asker(url: str) -> Callable[[CosignRequest], tuple[int, int]]:
    pool = urllib3.connection_from_url(url, retries=False, timeout=TIMEOUT)

    def post(request: CosignRequest) -> tuple[int, int]:
        response = pool.request("POST", "/add-checkpoint", body=request.encoded)
        is_size = response.status == 409
        return response.status, parse_size(response.data) if is_size else 0

    return post


def test_requests_that_race_are_granted_one_after_the_other(
    witness: WitnessProcess, http: urllib3.PoolManager
) -> None:
    granted = _race([_asker(witness.url) for _ in range(6)], range(1, 61))
    _assert_one_history(granted)
    assert _served_size(http, witness) == 60


def test_two_processes_on_one_folder_keep_one_history(
    witness: WitnessProcess, http: urllib3.PoolManager
) -> None:
    second = WitnessProcess(witness.folder, witness.keys).start()
    try:
        urls = [witness.url, second.url] * 3
        _assert_one_history(_race([_asker(url) for url in urls], range(1, 61)))
        assert _served_size(http, second) == 60
    finally:
        second.kill()


def _raw(witness: WitnessProcess, data: bytes) -> bytes:
    """Return the first line that comes back, or nothing if the connection is cut."""
    host, port = witness.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").readline()
        except ConnectionError:
            return b""


def _request(headers: bytes, body: bytes = b"", *, line: bytes = b"") -> bytes:
    first = line or b"POST /add-checkpoint HTTP/1.1"
    return first + b"\r\nHost: w\r\n" + headers + b"\r\n" + body


def test_what_is_too_large_or_no_http_is_refused(
    witness: WitnessProcess, http: urllib3.PoolManager
) -> None:
    chunks = b"fffff\r\n" + b"x" * 0xFFFFF + b"\r\n0\r\n\r\n"
    answers = {
        data: _raw(witness, data).split(b" ", 2)[1:2]
        for data in (
            _request(b"Content-Length: 1000000\r\n"),
            _request(b"Transfer-Encoding: chunked\r\n", chunks),
            _request(b"X: " + b"y" * 20_000 + b"\r\n"),
            _request(b"Content-Length: -1\r\n"),
            _request(b"Content-Length: 1\r\nContent-Length: 2\r\n"),
            _request(b"Content-Length: 0\r\nTransfer-Encoding: gzip\r\n"),
            _request(b"", line=b"\x00\xff nonsense"),
            _request(b"", line=b"POST  HTTP/1.1"),
        )
    }
    statuses = [code[0] if code else b"" for code in answers.values()]
    assert statuses[:3] == [b"413", b"413", b"431"]
    assert all(status[:1] == b"4" or status == b"501" for status in statuses), statuses
    large = b"x" * (REQUEST_BYTES_MAX + 1)
    url = f"{witness.url}/add-checkpoint"
    assert http.request("POST", url, body=large).status == 413
    assert http.request("POST", url, body=large[:-1]).status == 400
    chunked = [ask(LOG, 0, 3).encoded]
    assert http.request("POST", url, body=iter(chunked), chunked=True).status == 200


def test_listens_on_this_machine_alone_and_tells_nothing_of_itself(
    witness: WitnessProcess, http: urllib3.PoolManager
) -> None:
    assert witness.url.startswith("http://127.0.0.1:")
    response = http.request("GET", f"{witness.url}/")
    assert "Server" not in response.headers


def test_listens_on_ipv6_and_stops_when_it_is_interrupted(
    witness: WitnessProcess,
) -> None:
    bound: list[str] = []

    def interrupt(url: str) -> None:
        bound.append(url)
        raise KeyboardInterrupt

    serve(witness.folder, "::1", 0, now=lambda: 1, on_bound=interrupt)

    assert bound[0].startswith("http://[::1]:")


def test_an_address_that_cannot_be_listened_on_is_refused(
    witness: WitnessProcess,
) -> None:
    port = int(witness.url.rpartition(":")[2])
    for host, taken in (
        ("127.0.0.1", port),
        ("127.0.0.1", 2**20),
        ("127.0.0.1", -1),
        ("192.0.2.1", 0),
        ("x" * 100, 0),
    ):
        with pytest.raises(InputError, match="cannot be listened on"):
            serve(witness.folder, host, taken, now=lambda: 1, on_bound=print)


def test_diagnostics_show_no_secret(
    witness: WitnessProcess, http: urllib3.PoolManager
) -> None:
    _post(http, witness, ask(LOG, 0, 3))
    _post(http, witness, CosignRequest(3, (bytes(32),), LOG.signed()))
    shown = witness.diagnostics
    secrets = (witness.folder / "keys").read_text().split("+")
    assert "cosigned" in shown
    assert "doubt" in shown
    assert not any(secret.strip() in shown for secret in secrets if len(secret) > 40)


def test_a_witness_may_know_ed25519_alone(tmp_path: Path) -> None:
    kinds = (KeyKind.ED25519_COSIGNATURE,)
    witness = WitnessProcess.made(tmp_path / "witness", NAME, kinds)
    trust_log(witness.folder, LOG.key.verifier.text)
    witness.start()
    try:
        with urllib3.PoolManager(retries=False, timeout=TIMEOUT) as http:
            response = _post(http, witness, ask(LOG, 0, 3))
    finally:
        witness.kill()
    assert len(parse_answer(response.data)) == 1

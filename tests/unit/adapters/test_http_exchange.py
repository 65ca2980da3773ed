"""Strangers on the network cost a reader no more than it allows them."""

import gzip
import itertools
import logging
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from socket import socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID
from tests.log_servers import Talk, answer, path_of, saying, talking

from assent.adapters.http.exchange import (
    ATTEMPTS_MAX,
    REDIRECTS_MAX,
    Answer,
    HttpExchange,
    NoAnswer,
    _moved,
)
from assent.adapters.http.forwarding import Forwarder
from assent.adapters.http.log_reader import HttpReader
from assent.translog.errors import ForwardingFailed, LogUnreachable
from assent.translog.monitor import LoggedEntry
from assent.vocabulary import NotFound

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

LIMIT = 10_000
BOMB = gzip.compress(bytes(8_000_000))  # under 8 KiB, so it is unpacked


def get(talk: Talk, *, patience_s: float = 5, bytes_max: int = LIMIT) -> Answer:
    with talking(talk) as url:
        exchange = HttpExchange(patience_s=patience_s, pause_s=0.01)
        return exchange.get(f"{url}/a", bytes_max=bytes_max)


@contextmanager
def lasting_at_most(limit_s: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < limit_s


def test_returns_what_is_there() -> None:
    assert get(saying(answer(b"hello"))) == Answer(200, b"hello")


def test_takes_gzip_apart() -> None:
    body = gzip.compress(b"hello" * 1000, mtime=0)
    packed = answer(body, "Content-Encoding: gzip")
    assert get(saying(packed)).body == b"hello" * 1000


def test_asks_for_no_more_than_it_needs() -> None:
    requests: list[str] = []

    def talk(connection: socket, request: str) -> None:
        requests.append(request.lower())
        connection.sendall(answer(b""))

    get(talk)
    (request,) = requests
    assert request.startswith("get /a http/1.1")
    assert "accept-encoding: gzip, identity" in request
    assert not any(word in request for word in ("cookie", "authorization", "python"))


def test_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    assert len(get(saying(answer(bytes(LIMIT)))).body) == LIMIT
    with pytest.raises(NoAnswer, match="more than 10,000 bytes"):
        get(saying(answer(bytes(LIMIT + 1))))


def test_a_body_that_never_ends_is_given_up() -> None:
    def talk(connection: socket, _: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(65_536))  # until the reader hangs up

    with lasting_at_most(3), pytest.raises(NoAnswer, match="more than"):
        get(talk)


def test_a_gzip_bomb_takes_no_memory() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(NoAnswer, match="more than"):
            get(saying(answer(BOMB, "Content-Encoding: gzip")))
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"not gzip", "is none"),
        (gzip.compress(b"x" * 99, mtime=0)[:-1], "cut off"),
        (gzip.compress(b"x", mtime=0) + gzip.compress(b"y", mtime=0), "second part"),
        (gzip.compress(b"x", mtime=0) + b"\0", "second part"),
        (b"", "cut off"),
    ],
    ids=["none", "cut off", "two", "a byte more", "empty"],
)
def test_gzip_that_is_not_whole_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(NoAnswer, match=why):
        get(saying(answer(body, "Content-Encoding: gzip")))


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate", "zstd", "x" * 999])
def test_another_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(NoAnswer, match="encoding"):
        get(saying(answer(b"x", f"Content-Encoding: {encoding}")))


def drip(first: bytes) -> Talk:
    """Send one byte at a time, each well within any timeout of the socket."""

    def talk(connection: socket, _: str) -> None:
        connection.sendall(first)
        for _count in range(500):
            time.sleep(0.05)
            connection.sendall(b"x")

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        drip(b""),
        drip(b"HTTP/1.1 200 OK\r\nX: "),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "),
        lambda *_: time.sleep(3),
    ],
    ids=[
        "status",
        "headers",
        "body",
        "body without end",
        "chunk",
        "trailer",
        "silence",
    ],
)
def test_a_server_that_drips_is_given_up_in_time(talk: Talk) -> None:
    with lasting_at_most(1.5), pytest.raises(NoAnswer, match="in time"):
        get(talk, patience_s=0.4)


def test_a_body_that_is_cut_off_is_refused() -> None:
    whole = answer(b"hello")
    with pytest.raises(NoAnswer, match="broke off"):
        get(saying(whole[:-1]))


@pytest.mark.parametrize("data", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 "])
def test_what_is_no_answer_is_told_of(data: bytes) -> None:
    with pytest.raises(NoAnswer):
        get(saying(data))


def test_endless_headers_are_refused() -> None:
    def talk(connection: socket, _: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X: y\r\n" * 100)

    with lasting_at_most(3), pytest.raises(NoAnswer):
        get(talk)


@pytest.mark.parametrize("status", ["503 Busy", "429 Slow Down", "502 Oh", "504 Oh"])
def test_a_busy_server_is_asked_again(status: str) -> None:
    answers = iter([answer(b"", status=status), answer(b"there")])
    assert get(lambda c, _: c.sendall(next(answers))).body == b"there"


def test_a_server_that_stays_busy_is_asked_a_few_times() -> None:
    count = itertools.count(1)
    asked: list[int] = []

    def talk(connection: socket, _: str) -> None:
        asked.append(next(count))
        connection.sendall(answer(b"", status="503 Busy"))

    assert get(talk).status == 503
    assert asked == [*range(1, ATTEMPTS_MAX + 1)]


def test_a_connection_that_breaks_off_is_tried_again() -> None:
    answers = iter([b"", answer(b"there")])
    assert get(lambda c, _: c.sendall(next(answers))).body == b"there"


def test_nobody_at_the_address_is_told_of() -> None:
    with talking(saying(b"")) as url:
        pass
    with pytest.raises(NoAnswer, match="nothing listens"):
        HttpExchange().get(url, bytes_max=1)


def redirecting(to: Callable[[str], str | None]) -> Talk:
    def talk(connection: socket, request: str) -> None:
        place = to(path_of(request))
        if place is None:
            connection.sendall(answer(b"there"))
        else:
            connection.sendall(answer(b"", f"Location: {place}", status="302 Found"))

    return talk


def follow(talk: Talk, path: str = "a") -> bytes:
    """Read a file of a log, as readers do, who follow redirects."""
    with talking(talk) as url:
        return HttpReader(url).read(path, bytes_max=LIMIT)


def test_a_reader_follows_a_few_redirects_on_the_host() -> None:
    places = {"a": "/b", "b": "c", "c": None}
    assert follow(redirecting(lambda path: places[path])) == b"there"


def test_nobody_else_follows_any() -> None:
    asked: list[str] = []

    def to(path: str) -> str:
        asked.append(path)
        return "/b"

    assert get(redirecting(to)).status == 302
    assert asked == ["a"]


def test_a_reader_is_not_led_to_another_host_or_port() -> None:
    asked: list[str] = []

    def inside(connection: socket, request: str) -> None:
        asked.append(request)
        connection.sendall(answer(b"a secret of the network inside"))

    with talking(inside) as url:
        port = url.rpartition(":")[2]
        for place in (url, f"//127.0.0.1:{port}/", f"http://localhost:{port}/", "//a/"):
            with pytest.raises(LogUnreachable, match="another host or port"):
                follow(redirecting(lambda _, place=place: place))  # type: ignore[misc]
    assert asked == []


@pytest.mark.parametrize(
    ("url", "place", "is_followed"),
    [
        ("http://log.example/a", "https://log.example/a", True),
        ("http://log.example/a", "https://LOG.example:443/a", True),
        ("https://log.example/a", "https://log.example:443/b", True),
        ("http://log.example/a", "https://log.example:444/a", False),
        ("http://log.example:8080/a", "https://log.example/a", False),
        ("https://log.example/a", "https://log.example:80/a", False),
        ("https://log.example/a", "http://log.example/a", False),
        ("https://log.example/a", "https://www.log.example/a", False),
        ("https://log.example/a", "https://log.example@inside.example/a", False),
    ],
)
def test_a_host_may_lead_to_its_safer_self(
    url: str, place: str, *, is_followed: bool
) -> None:
    with nullcontext() if is_followed else pytest.raises(NoAnswer):
        assert _moved(url, place) == place


def test_gives_up_on_redirects_in_a_circle() -> None:
    asked: list[str] = []

    def to(path: str) -> str:
        asked.append(path)
        return "/a"

    with pytest.raises(LogUnreachable, match="redirects more than"):
        follow(redirecting(to))
    assert len(asked) == REDIRECTS_MAX + 1


@pytest.mark.parametrize(
    "place",
    ["file:///etc/passwd", "ftp://a/", "http://u:p@127.0.0.1/", "http://", "//"],
)
def test_a_redirect_to_what_is_no_plain_address_is_refused(place: str) -> None:
    with pytest.raises(LogUnreachable, match=r"redirects|holds|is no"):
        follow(redirecting(lambda _: place))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "log.example",
        "ftp://log.example/",
        "file:///etc/passwd",
        "http://",
        "http://user:secret@log.example/",
        "http://log.example:99999/",
        "http://log.example/a b",
        "http://log.example/\r\nX: y",
        "http://[::1",
    ],
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(NotFound) as caught:
        HttpReader(url)
    assert "secret" not in str(caught.value)
    with pytest.raises(NotFound):
        Forwarder(url)


@pytest.mark.parametrize("end", ["?a=b", "#a", "/?"])
def test_a_prefix_that_no_path_can_follow_is_refused(end: str) -> None:
    with pytest.raises(NotFound, match="paths"):
        HttpReader(f"https://log.example{end}")


def test_keeps_a_connection_open() -> None:
    peers: set[object] = set()

    def talk(connection: socket, _: str) -> None:
        for _count in range(5):
            peers.add(connection.getpeername())
            connection.sendall(answer(b"x"))
            connection.recv(65_536)

    with talking(talk) as url:
        exchange = HttpExchange()
        for _ in range(5):
            assert exchange.get(url, bytes_max=9).body == b"x"
    assert len(peers) == 1


def test_a_long_page_of_an_error_is_not_read() -> None:
    page = answer(bytes(200_000), status="404 Not Found")
    assert get(saying(page), bytes_max=10) == Answer(404, b"")


# Encrypted


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1, signed by itself."""
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    alternative = x509.IPAddress(ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, None)
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(key.private_bytes(pem, form, plain) + made.public_bytes(pem))
    return path


def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    with (
        talking(saying(answer(b"x")), tls(certificate)) as url,
        pytest.raises(NoAnswer, match="certificate"),
    ):
        HttpExchange(pause_s=0.01).get(url, bytes_max=9)


def test_reads_over_an_encrypted_connection(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with talking(saying(answer(b"x")), tls(certificate)) as url:
        assert HttpExchange().get(url, bytes_max=9).body == b"x"


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_encrypted_drip_is_given_up_in_time(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        talking(drip(first), tls(certificate)) as url,
        lasting_at_most(1.5),
        pytest.raises(NoAnswer, match="in time"),
    ):
        HttpExchange(patience_s=0.4).get(url, bytes_max=999)


def test_a_redirect_to_an_open_connection_is_refused(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        talking(saying(answer(b"x"))) as unsafe,
        talking(redirecting(lambda _: unsafe), tls(certificate)) as url,
        pytest.raises(LogUnreachable, match="less safe"),
    ):
        HttpReader(url).read("a", bytes_max=9)


# The readers and forwarders on top


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("404 Not Found", NotFound),
        ("410 Gone", NotFound),
        ("500 Oh", LogUnreachable),
        ("204 Nothing", LogUnreachable),
        ("206 A Part", LogUnreachable),
        ("401 Who", LogUnreachable),
    ],
)
def test_a_status_becomes_an_error_of_ours(status: str, error: type[Exception]) -> None:
    with talking(saying(answer(b"", status=status))) as url, pytest.raises(error):
        HttpReader(url).read("checkpoint", bytes_max=9)


@pytest.mark.parametrize("slash", ["", "/", "//"])
def test_reads_below_the_prefix(slash: str) -> None:
    def talk(connection: socket, request: str) -> None:
        connection.sendall(answer(path_of(request).encode()))

    with talking(talk) as url:
        reader = HttpReader(f"{url}/log{slash}")
        assert reader.read("tile/0/000", bytes_max=99) == b"log/tile/0/000"


ENTRY = LoggedEntry("log.example/a", 7, b"hello", None)


def test_forwards_an_entry_as_json() -> None:
    requests: list[str] = []

    def talk(connection: socket, request: str) -> None:
        while ENTRY.encoded.decode() not in request:
            request += connection.recv(65_536).decode()
        requests.append(request)
        connection.sendall(answer(b"", status="202 Accepted"))

    with talking(talk) as url:
        Forwarder(f"{url}/hook").forward(ENTRY)
    (request,) = requests
    assert request.startswith("POST /hook HTTP/1.1")
    assert "Content-Type: application/json" in request


def test_forwards_again_until_it_is_taken() -> None:
    answers = iter([b"", answer(b"", status="503 Busy"), answer(b"")])
    with talking(lambda c, _: c.sendall(next(answers))) as url:
        Forwarder(url).forward(ENTRY)
    assert next(answers, None) is None


@pytest.mark.parametrize(
    "data", [answer(b"", status="400 Oh"), answer(b"", "Location: /b", status="302 F")]
)
def test_an_entry_that_is_not_taken_is_told_of_without_the_address(
    data: bytes,
) -> None:
    with talking(saying(data)) as url:
        forwarder = Forwarder(f"{url}/secret-path")
        with pytest.raises(ForwardingFailed, match="entry 7") as caught:
            forwarder.forward(ENTRY)
    assert "secret" not in caught.value.message + caught.value.remedy


def test_no_address_reaches_the_diagnostics(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for data in (answer(b""), b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", b""):
        with talking(saying(data)) as url, suppress(ForwardingFailed):
            Forwarder(f"{url}/secret-path").forward(ENTRY)
    assert "secret" not in caplog.text


def test_several_threads_share_an_exchange() -> None:
    exchange = HttpExchange()
    found: list[bytes] = []

    def talk(connection: socket, request: str) -> None:
        connection.sendall(answer(path_of(request).encode()))

    with talking(talk) as url:

        def read(number: int) -> None:
            found.append(exchange.get(f"{url}/{number}", bytes_max=9).body)

        threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert sorted(found) == [b"%d" % n for n in range(8)]

"""One HTTP exchange with a stranger: bounded in time, size, redirects and attempts.

URL (+ body) -> Answer(status, body), or NoAnswer

Readers of logs, askers of witnesses and forwarders call this; only the first follow
redirects, and never to another host. Which address a host's name leads to is not looked
at. No credentials, cookies or proxies; http and https alone; certificates are verified.
A server that drips one byte a minute, answers with endless headers or sends a gzip bomb
costs at most the limits below.
"""

import ssl
import time
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from assent.adapters.http.connection import (
    PATIENCE_S,
    ConnectionPool,
    SafeConnectionPool,
    within,
)

CONNECT_S_MAX = 10
ATTEMPTS_MAX = 3
REDIRECTS_MAX = 3  # for those who follow them
PAUSE_S = 0.3
_PIECE_BYTES = 65_536
_AGAIN = frozenset({429, 502, 503, 504})  # busy or restarting: worth another attempt
_MOVED = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_TIMEOUTS = (urllib3.exceptions.TimeoutError, TimeoutError)


class NoAnswer(Exception):
    """There was no answer worth the name; the text says why, without the URL."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the decoded body."""

    status: int
    body: bytes


class HttpExchange:
    """Keeps connections open between exchanges; several threads may share it."""

    def __init__(
        self, *, patience_s: float = PATIENCE_S, pause_s: float = PAUSE_S
    ) -> None:
        """Wait at most `patience_s` for the headers, and again for the body.

        `pause_s` goes by before the second attempt, and twice that before the third.
        """
        self._patience_s, self._pause_s = patience_s, pause_s
        wait_s = min(CONNECT_S_MAX, patience_s)
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=wait_s, read=patience_s)
        )
        self._pool.pool_classes_by_scheme = {
            "http": ConnectionPool,
            "https": SafeConnectionPool,
        }

    def get(self, url: str, *, bytes_max: int, redirects_max: int = 0) -> Answer:
        """Return what is at a URL, or where the same host says that it is now.

        Raises:
            NoAnswer: if nothing useful came within the limits.

        """
        headers = {"Accept-Encoding": "gzip, identity"}
        for _ in range(redirects_max + 1):
            answer, place = self._ask("GET", url, None, headers, bytes_max)
            if not redirects_max or answer.status not in _MOVED or place is None:
                return answer
            url = _moved(url, place)
        raise NoAnswer(f"it redirects more than {redirects_max} times")

    def post(self, url: str, body: bytes, *, media_type: str, bytes_max: int) -> Answer:
        """Return the answer to a body; it may arrive several times.

        Raises:
            NoAnswer: if nothing useful came within the limits.

        """
        headers = {"Content-Type": media_type}
        return self._ask("POST", url, body, headers, bytes_max)[0]

    def _ask(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: dict[str, str],
        bytes_max: int,
    ) -> tuple[Answer, str | None]:
        check_url(url)
        for attempt in range(ATTEMPTS_MAX):
            is_last = attempt == ATTEMPTS_MAX - 1
            try:
                found = self._ask_once(method, url, body, headers, bytes_max)
            except (HTTPError, OSError) as error:
                if is_last or _is_late(error):
                    raise NoAnswer(_reason(error)) from None
            else:
                if is_last or found[0].status not in _AGAIN:
                    return found
            time.sleep(self._pause_s * 2**attempt)
        raise AssertionError  # the last attempt returned or raised

    def _ask_once(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: dict[str, str],
        bytes_max: int,
    ) -> tuple[Answer, str | None]:
        response = self._pool.request(
            method,
            url,
            body=body,
            headers={"User-Agent": "assent", **headers},
            redirect=False,
            preload_content=False,
        )
        is_good = response.status == HTTPStatus.OK
        try:
            with within(self._patience_s, response.shutdown):
                content = _body(response, bytes_max if is_good else _PIECE_BYTES)
        except NoAnswer:
            response.close()  # what is left must not be read as another answer
            if is_good:
                raise
            content = b""  # an error's long page: its status says enough
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return Answer(response.status, content), response.headers.get("Location")


def check_url(url: str) -> None:
    """Refuse a URL that is no plain http or https address.

    Raises:
        NoAnswer: if it is not, or holds a user name or password.

    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise NoAnswer("it is no URL") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise NoAnswer("it is no http:// or https:// URL with a host")
    if parts.username is not None or parts.password is not None:
        raise NoAnswer("it holds a user name or password, which would be sent to it")
    if any(c.isspace() or not c.isprintable() for c in url):
        raise NoAnswer("it holds spaces or control characters")


def _moved(url: str, place: str) -> str:
    """Return where a redirect leads, if it stays on the host.

    To follow it elsewhere is to ask, from our network, whatever a stranger names.
    """
    moved = urljoin(url, place)
    check_url(moved)
    old, new = urlsplit(url), urlsplit(moved)
    if old.scheme == "https" and new.scheme != "https":
        raise NoAnswer("it redirects from https to something less safe")
    ports = tuple(parts.port or _PORTS[parts.scheme] for parts in (old, new))
    if old.hostname != new.hostname or (
        ports[0] != ports[1] and ports != (_PORTS["http"], _PORTS["https"])
    ):
        raise NoAnswer("it redirects to another host or port")
    return moved


def _body(response: urllib3.BaseHTTPResponse, bytes_max: int) -> bytes:
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding not in {"identity", "gzip"}:
        raise NoAnswer(f"it answers in the encoding {encoding[:40]!r}")
    # gzip adds less than this to what it cannot compress
    raw_max = bytes_max + bytes_max // 1000 + 1024
    raw = bytearray()
    while piece := response.read1(_PIECE_BYTES, decode_content=False):
        raw += piece
        if len(raw) > raw_max:
            raise NoAnswer(f"it sends more than {bytes_max:,} bytes")
    body = bytes(raw) if encoding == "identity" else _unzip(raw, bytes_max)
    if len(body) > bytes_max:
        raise NoAnswer(f"it sends more than {bytes_max:,} bytes")
    return body


def _unzip(raw: bytearray, bytes_max: int) -> bytes:
    unzip = zlib.decompressobj(_GZIP_WINDOW)
    try:
        body = unzip.decompress(raw, bytes_max + 1)
    except zlib.error:
        raise NoAnswer("what it sends as gzip is none") from None
    if len(body) <= bytes_max and (not unzip.eof or unzip.unused_data):
        raise NoAnswer("what it sends as gzip is cut off, or has a second part")
    return body


def _is_late(error: Exception) -> bool:
    # To urllib3 a refused connection is a timeout too.
    is_refused = isinstance(error, urllib3.exceptions.NewConnectionError)
    return isinstance(error, _TIMEOUTS) and not is_refused


def _reason(error: Exception) -> str:
    if _is_late(error):
        return "it does not answer in time"
    if isinstance(error, urllib3.exceptions.SSLError | ssl.SSLError):
        return "its certificate or its encryption is not acceptable"
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return "its name is unknown"
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return "nothing listens there"
    return "the connection broke off"

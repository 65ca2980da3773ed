"""The witness's HTTP interface (C2SP tlog-witness).

    POST /add-checkpoint               cosign this tree head
    POST /sign-subtree                 cosign this subtree of a head you cosigned
    GET  /<origin hash>/checkpoint     the newest head of this log that you cosigned

Anybody may ask; only what a log signed is cosigned. Every refusal says why in plain
text. Limits bound what one asker can take, not what thousands can: a witness that the
whole Internet can reach stands behind a proxy.
"""

import logging
import re
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import waitress

from assent.apps.witness.answer import Answer, OpenWitness, plain
from assent.apps.witness.folder import open_witness
from assent.translog.formats.witness_exchange import REQUEST_BYTES_MAX
from assent.vocabulary import AssentError, InputError

LOOPBACK = "127.0.0.1"
PORT = 8780
THREADS = 8  # a request takes milliseconds, most of them waiting for the disk
CONNECTIONS_MAX = 500  # below the 1,024 files that a process may open by default
HEADER_BYTES_MAX = 16 * 1024  # logs send a few hundred bytes
IDLE_S_MAX = 60  # a log that publishes every few seconds keeps its connection
_HEAD_PATH = re.compile(r"/([0-9a-f]{64})/checkpoint")
_logger = logging.getLogger(__name__)


def make_app(witness: OpenWitness) -> WSGIApplication:
    """Return the WSGI application of a witness."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        allowed, answer = _answer(witness, method, environ)
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append(("Allow", allowed))
        status = HTTPStatus(answer.status)
        start_response(f"{status.value} {status.phrase}", headers)
        return [] if method == "HEAD" else [answer.body]

    return app


def serve(
    folder: Path,
    host: str = LOOPBACK,
    port: int = PORT,
    *,
    now: Callable[[], int],
    on_bound: Callable[[str], None],
) -> None:
    """Answer until interrupted; killing it at any instant is safe.

    Args:
        folder: the witness's.
        host: the address to listen on; by default only this machine can ask.
        port: 0 takes any free one.
        now: gives the time in POSIX seconds.
        on_bound: called with the URL once asking is possible.

    Raises:
        NotFound, InputError, KeyMalformed: if the folder holds no usable witness, or
            the address cannot be listened on.

    """
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    witness = open_witness(folder, now=now)
    try:
        with _listen(host, port) as listening:
            _run(make_app(witness), listening, on_bound)
    finally:
        witness.store.close()


def _run(
    app: WSGIApplication, listening: socket.socket, on_bound: Callable[[str], None]
) -> None:
    server = waitress.create_server(
        app,
        sockets=[listening],
        threads=THREADS,
        connection_limit=CONNECTIONS_MAX,
        channel_timeout=IDLE_S_MAX,
        max_request_header_size=HEADER_BYTES_MAX,
        max_request_body_size=REQUEST_BYTES_MAX + 1,  # it refuses from there on
        asyncore_use_poll=True,
        ident="",
    )
    host, port = listening.getsockname()[:2]
    try:
        with suppress(KeyboardInterrupt):
            on_bound(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
            server.run()
    finally:
        server.close()


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        # A witness that is started again must not wait for its old connections.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()
    except (OSError, ValueError, OverflowError) as error:
        listening.close()
        raise InputError(
            f"{host!r}, port {port}, cannot be listened on: {error}.",
            remedy="Choose an address of this machine and a free port.",
        ) from None
    return listening


def _answer(
    witness: OpenWitness, method: str, environ: WSGIEnvironment
) -> tuple[str, Answer]:
    """Return the one method that the path allows, and the answer."""
    path = environ.get("PATH_INFO", "")
    posts = {
        "/add-checkpoint": witness.cosign_head,
        "/sign-subtree": witness.cosign_subtree,
    }
    head_path = _HEAD_PATH.fullmatch(path)
    if path not in posts and head_path is None:
        return "", plain(
            HTTPStatus.NOT_FOUND,
            "A witness has nothing here.",
            "Ask as C2SP tlog-witness says: POST add-checkpoint or sign-subtree, or GET"
            " <SHA-256 of the origin>/checkpoint.",
        )
    allowed = "POST" if path in posts else "GET"
    if method != allowed:
        return allowed, plain(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"Here a witness takes {allowed} alone.",
            f"Send the request as {allowed}.",
        )
    try:
        if head_path is not None:
            return allowed, witness.newest_head(head_path[1])
        body = _body(environ)
        return allowed, _too_large() if body is None else posts[path](body)
    except AssentError as error:
        _logger.critical("nothing was cosigned: %s %s", error.message, error.remedy)
        return allowed, plain(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "This witness cannot answer now, and has signed nothing.",
            "Ask again later, and tell its operator.",
        )


def _body(environ: WSGIEnvironment) -> bytes | None:
    """Return the body, or None if it is too large to be a request."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > REQUEST_BYTES_MAX:
        return None
    body: bytes = environ["wsgi.input"].read(max(length, 0))
    return body


def _too_large() -> Answer:
    return plain(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"A request has {REQUEST_BYTES_MAX:,} bytes at most.",
        "Send the tree head with fewer signatures.",
    )

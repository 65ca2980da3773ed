"""Answer an API server's questions over TLS.

certificate + key + a decision -> a server, until it is told to stop

Each connection has a thread, a time for all that it does, and one question; there is a
limit to the threads. docs/decisions/0022 says why this is no WSGI server.
"""

import ipaddress
import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from assent.supervision.schedulers import REVIEW_BYTES_MAX
from assent.vocabulary import AssentError, InputError

CONNECTIONS_MAX = 64  # an API server keeps few open
CONNECTION_S_MAX = 20.0  # the API server waits ten
QUIET_S_MAX = 5.0
_JSON = "application/json"
_LENGTH = re.compile(r"[0-9]{1,12}", re.ASCII)
_logger = logging.getLogger(__name__)
Answer = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Who the webhook is, and who may ask it.

    Attributes:
        certificate: its own, in PEM.
        key: of that.
        client_authority: whose certificates askers need; None for nobody's, which is
            allowed on the loopback alone.

    """

    certificate: Path
    key: Path
    client_authority: Path | None


def serve_webhook(  # noqa: PLR0913 - where, as whom, what, and until when
    host: str,
    port: int,
    tls: Tls,
    answer: Answer,
    *,
    until: threading.Event,
    ready: Callable[[int], None] = lambda _port: None,
) -> None:
    """Answer until `until` is set.

    Args:
        host: an address of this machine.
        port: 0 for any that is free.
        tls: certificate and key.
        answer: from an AdmissionReview to another; raises what is no question.
        until: ends it.
        ready: is told the port.

    Raises:
        InputError: if the certificate cannot be used, or the address not be had.

    """
    context = _context(host, tls)
    try:
        server = _Server((host, port), _Handler)
    except OSError as error:
        raise InputError(
            f"{host}:{port} cannot be had: {error.strerror}.",
            remedy="Name an address of this machine and a port that is free.",
        ) from None
    server.context, server.answer = context, answer
    thread = threading.Thread(target=server.serve_forever, name="webhook", daemon=True)
    thread.start()
    try:
        ready(server.server_port)
        until.wait()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _context(host: str, tls: Tls) -> ssl.SSLContext:
    if tls.client_authority is None and not ipaddress.ip_address(host).is_loopback:
        raise InputError(
            f"On {host} anybody could ask in the API server's name.",
            remedy="Name the authority of its client certificate (--client-ca).",
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(tls.certificate, tls.key)
        if tls.client_authority is not None:
            context.load_verify_locations(tls.client_authority)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise InputError(
            f"The certificate or its key cannot be used: {error.strerror}.",
            remedy="Give files in PEM that belong together.",
        ) from None
    return context


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    context: ssl.SSLContext
    answer: Answer

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - as the base class
        super().__init__(*arguments)
        self._free = threading.BoundedSemaphore(CONNECTIONS_MAX)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class
        """Begin a thread for a connection, unless there are enough."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class
        """Shake hands and answer; whatever takes too long is cut off."""
        request.settimeout(QUIET_S_MAX)
        secure = self.context.wrap_socket(
            request, server_side=True, do_handshake_on_connect=False
        )
        over = threading.Timer(CONNECTION_S_MAX, _cut, (secure,))
        over.start()
        try:
            secure.do_handshake()
            super().process_request_thread(secure, client_address)
        except OSError as error:
            _logger.info("a connection failed: %s", error)
            self.shutdown_request(secure)
        finally:
            over.cancel()
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say that a connection was lost, without its contents."""
        del request
        _logger.info("the connection of %s was lost", client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "assent"
    sys_version = ""
    timeout = QUIET_S_MAX

    def do_POST(self) -> None:
        """Answer a question."""
        length = self.headers.get("Content-Length", "")
        if _LENGTH.fullmatch(length) is None:
            self._say(411, b"Say how long the question is.")
            return
        if int(length) > REVIEW_BYTES_MAX:
            self._say(413, b"The question is too long.")
            return
        data = self.rfile.read(int(length))
        if len(data) != int(length):
            return
        try:
            said = self.server.answer(data)
        except AssentError as error:
            self._say(400, f"{error.message} {error.remedy}".encode())
        except Exception:
            _logger.exception("a question could not be answered")
            self._say(500, b"The webhook failed; its log says why.")
        else:
            self._say(200, said, _JSON)

    def _say(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as the base class
        """Log through the process's own logger."""
        _logger.info(format, *arguments)


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)

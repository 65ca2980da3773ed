"""Servers on loopback for tests: the one of a log's files, and hostile ones."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import socket
from ssl import SSLContext

from assent.apps.static_log import Serving, serve

Talk = Callable[[socket, str], None]  # what to do with a connection and its request


@contextmanager
def static_log(folder: Path) -> Iterator[str]:
    """Serve a folder as `assent log serve` does; yield the URL."""
    running: list[Serving] = []
    is_ready = threading.Event()

    def on_ready(serving: Serving) -> None:
        running.append(serving)
        is_ready.set()

    arguments = (folder, "127.0.0.1", 0, on_ready)
    thread = threading.Thread(target=serve, args=arguments)
    thread.start()
    assert is_ready.wait(10)
    try:
        yield running[0].url
    finally:
        running[0].stop()
        thread.join(10)
        assert not thread.is_alive()


@contextmanager
def talking(talk: Talk, tls: SSLContext | None = None) -> Iterator[str]:
    """Do as a test says with each request, one a connection; yield the URL."""

    class Handler(socketserver.BaseRequestHandler):
        def setup(self) -> None:
            if tls is not None:
                self.request = tls.wrap_socket(self.request, server_side=True)

        def finish(self) -> None:
            self.request.close()

        def handle(self) -> None:
            request = b""
            while b"\r\n\r\n" not in request:
                piece = self.request.recv(65_536)
                if not piece:
                    return
                request += piece
            with suppress(OSError):  # whoever is talked to may hang up
                talk(self.request, request.decode("latin-1"))

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: object) -> None:
            """Say nothing: whoever was talked to hung up, or refused the encryption."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            scheme = "http" if tls is None else "https"
            yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(10)


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return a whole answer, with the length of its body."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def saying(data: bytes) -> Talk:
    """Answer every request with the same bytes."""
    return lambda connection, _: connection.sendall(data)


def path_of(request: str) -> str:
    """Return the path that a request asks for, without its slash."""
    return request.split(" ", 2)[1].removeprefix("/")

"""A line that can be cut: what connects here is passed on, until it is not.

a place to listen + a place to connect to -> connections in between, and cuts of them
"""

import contextlib
import select
import socket
import threading
from pathlib import Path

Place = Path | tuple[str, int]
_CHUNK_BYTES = 65_536
_LOOK_S = 0.02


class CutLine:
    """Passes bytes on between two places; `cut` ends that, and `heal` begins it again.

    While it is cut, connections are accepted and end at once, as behind a router that
    has no way; with `is_silent`, they stand and nothing comes through, as over a radio.
    """

    def __init__(self, listen: Place, to: Place) -> None:
        """Listen, and pass on."""
        self._to = to
        self._listener = _socket_for(listen)
        self._listener.bind(str(listen) if isinstance(listen, Path) else listen)
        self._listener.listen(64)
        self._is_cut = self._is_silent = self._is_closed = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        self.cuts = 0

    @property
    def port(self) -> int:
        """Where it listens, on TCP."""
        return int(self._listener.getsockname()[1])

    def cut(self, *, is_silent: bool = False) -> None:
        """Let nothing through any more."""
        self.cuts += 1
        with self._lock:
            self._is_cut, self._is_silent = not is_silent, is_silent
        if not is_silent:
            self._end_all()

    def heal(self) -> None:
        """Pass on again; what stood silent ends, and is made again."""
        self._end_all()
        with self._lock:
            self._is_cut = self._is_silent = False

    def close(self) -> None:
        """End everything."""
        self._is_closed = True
        self._thread.join()
        self._end_all()
        self._listener.close()

    def _accept(self) -> None:
        while not self._is_closed:
            if not select.select([self._listener], [], [], _LOOK_S)[0]:
                continue
            near, _ = self._listener.accept()
            if self._is_cut:
                near.close()
                continue
            threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        far = _socket_for(self._to)
        with self._lock:
            self._open |= {near, far}
        try:
            far.connect(str(self._to) if isinstance(self._to, Path) else self._to)
            while not self._is_closed:
                if self._is_silent:
                    threading.Event().wait(_LOOK_S)
                    continue
                ready, _, _ = select.select([near, far], [], [], _LOOK_S)
                for one in ready:
                    data = one.recv(_CHUNK_BYTES)
                    if not data:
                        return
                    (far if one is near else near).sendall(data)
        except (OSError, ValueError):
            return
        finally:
            with self._lock:
                self._open -= {near, far}
            for one in (near, far):
                one.close()

    def _end_all(self) -> None:
        with self._lock:
            standing = list(self._open)
        for one in standing:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _socket_for(place: Place) -> socket.socket:
    return socket.socket(socket.AF_UNIX if isinstance(place, Path) else socket.AF_INET)

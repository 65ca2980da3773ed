"""A command and all that it starts, as one thing that is told to stop and ends.

command + environment -> Command;  signals to this process -> the command

Whoever watches a command adopts what the command leaves behind, sessions of their own
included, so that nothing of it runs on when its job is settled. What root moves
elsewhere, or another daemon starts for it, is beyond reach.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from assent.vocabulary import InputError

_SET_PARENT_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36  # of prctl(2)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SIGNALLED = 128  # what a shell adds to the number of the signal that ended a command
_LOOK_S = 0.05
_KILLS_MAX = 200  # each kills all that is left; what starts faster gets no further


class Command:
    """A command that was started, or is about to be."""

    def __init__(self) -> None:
        """Hear signals from now on, and pass them on as soon as there is a command."""
        self._process: subprocess.Popen[bytes] | None = None
        self._was_told = False
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for number in _SIGNALS:
            signal.signal(number, self._hear)

    @property
    def was_told(self) -> bool:
        """Whether somebody told this process, and so the command, to stop."""
        return self._was_told

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it in a session of its own.

        Raises:
            InputError: if there is no such program.

        """
        parent = os.getpid()

        def end_with_parent() -> None:
            ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
            if os.getppid() != parent:  # it was killed before it could be said
                os.kill(os.getpid(), signal.SIGTERM)

        try:
            self._process = subprocess.Popen(  # noqa: S603 - what it is asked to run
                list(command),
                env=dict(environment),
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - no other thread runs
            )
        except OSError as error:
            raise InputError(
                f"{command[0]!r:.200} does not start: {error.strerror}.",
                remedy="Name a program and its arguments after --.",
            ) from None
        if self._was_told:
            self.tell()

    def wait(self, seconds: float) -> int | None:
        """Return its exit code as a shell has it; None if it runs on for so long."""
        if self._process is None:
            return None
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        return code if code >= 0 else _SIGNALLED - code

    def tell(self, number: int = signal.SIGTERM) -> None:
        """Send a signal to all processes of its session's first group."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return

    def end(self) -> None:
        """Kill what is left of it, wherever it is, and wait for that."""
        if self._process is None:
            return
        self.tell(signal.SIGKILL)
        self._process.wait()
        for _ in range(_KILLS_MAX):
            left = _children()
            if not left:
                return
            for child in left:
                _kill(child)
            time.sleep(_LOOK_S if any(map(_is_alive, left)) else 0)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._was_told = True
        self.tell()


def _children() -> list[int]:
    """Return the processes whose parent this one is, by birth or adoption."""
    own = os.getpid()
    found = Path(f"/proc/{own}/task/{own}/children")
    try:
        return [int(child) for child in found.read_text().split()]
    except OSError:
        return []


def _kill(child: int) -> None:
    try:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, os.WNOHANG)
    except (ProcessLookupError, PermissionError, ChildProcessError):
        return


def _is_alive(child: int) -> bool:
    try:
        os.kill(child, 0)
    except OSError:
        return False
    return True

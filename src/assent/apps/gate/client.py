"""Ask a gate.

path of its socket + a question -> its answer, or GateUnreachable

No answer means no: whoever cannot reach the gate starts nothing.
"""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from assent.supervision.gate import GateUnreachable
from assent.vocabulary import Refused

TIMEOUT_S = 30.0
ANSWER_BYTES_MAX = 64_000_000


class GateRefused(Refused):
    """The gate said no, and why; `error` is the name of its own error."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        """Keep what the gate said."""
        super().__init__(str(said.get("message")), remedy=str(said.get("remedy")))
        self.error = str(said.get("error"))


class GateClient:
    """A connection to a gate; not for several threads at once."""

    def __init__(self, path: Path, timeout_s: float = TIMEOUT_S) -> None:
        """Connect.

        Raises:
            GateUnreachable: if nobody answers there.

        """
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout_s)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise self._unreachable(error.strerror) from None
        self._file = self._socket.makefile("rwb")

    def __enter__(self) -> Self:
        """Return the client, to be closed at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def ask(self, verb: str, **question: object) -> dict[str, Any]:
        """Return the answer to a question.

        Raises:
            GateRefused: if the gate says no.
            GateUnreachable: if it does not answer, or not so that it can be read.

        """
        line = json.dumps({"verb": verb, **question}).encode() + b"\n"
        try:
            self._file.write(line)
            self._file.flush()
            said = json.loads(self._file.readline(ANSWER_BYTES_MAX))
        except (OSError, ValueError) as error:
            raise self._unreachable(str(error)) from None
        if not isinstance(said, dict) or said.get("ok") is not True:
            if isinstance(said, dict) and said.get("ok") is False:
                raise GateRefused(said)
            raise self._unreachable("it answers something else")
        return said

    def _unreachable(self, why: str | None) -> GateUnreachable:
        return GateUnreachable(
            f"The gate at {self._path} does not answer: {why or 'no connection'}.",
            remedy="Start it with `assent gate serve`; until then no job starts.",
        )

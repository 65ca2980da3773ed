"""A real witness in a process of its own, on loopback, that tests may kill."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from assent.apps.witness import create_witness
from assent.translog.formats.keys import KeyKind, VerifierKey

_RUN = """
import sys, time
from pathlib import Path
from assent.apps.witness import serve
serve(
    Path(sys.argv[1]), port=0, now=lambda: int(time.time()),
    on_bound=lambda url: print(url, flush=True),
)
"""
BOTH = (KeyKind.ED25519_COSIGNATURE, KeyKind.ML_DSA_44_COSIGNATURE)


@dataclass
class WitnessProcess:
    """A witness's folder, and the process that serves it."""

    folder: Path
    keys: tuple[VerifierKey, ...]
    url: str = ""
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @classmethod
    def made(
        cls, folder: Path, name: str, kinds: tuple[KeyKind, ...] = BOTH, seed: int = 1
    ) -> "WitnessProcess":
        """Make the witness; it is not running yet."""
        keys = create_witness(
            folder, name, kinds, seed_source=lambda size: bytes([seed] * size)
        )
        return cls(folder, keys)

    @property
    def diagnostics(self) -> str:
        """Return what it wrote to stderr."""
        return (self.folder / "stderr").read_text()

    def start(self) -> "WitnessProcess":
        """Run it, and return when it can be asked."""
        self.start_soon()
        return self.wait_until_bound()

    def start_soon(self) -> None:
        """Run it."""
        with (self.folder / "stderr").open("a") as stderr:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-c", _RUN, str(self.folder)],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )

    def wait_until_bound(self) -> "WitnessProcess":
        """Return when it can be asked."""
        assert self._process is not None
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip().rstrip("/")
        assert self.url, self.diagnostics
        return self

    def kill(self) -> None:
        """End it at once, as `kill -9` does."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate()
        self._process = None

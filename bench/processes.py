"""Processes that a benchmark starts, and what they say.

command -> a process that is killed in the end;  process -> its next line
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from bench.places import ROOT

Process = subprocess.Popen[str]


@contextmanager
def running(command: list[str]) -> Iterator[Process]:
    """Yield a process that speaks in lines, from the repository's root."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_of(process: Process) -> str:
    """Return the next line that a process says.

    Raises:
        RuntimeError: if it ended without.

    """
    line = process.stdout.readline().strip() if process.stdout is not None else ""
    if not line:
        raise RuntimeError("a process ended before it had said what it was asked")
    return line

"""Say which of several files an error is about.

an error within -> the same error, which names the file
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assent.apps.cli.output.visible import visible
from assent.vocabulary import AssentError


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let every error of ours from within begin with a file's name."""
    try:
        yield
    except AssentError as error:
        if str(path) not in error.message:
            error.message = f"{visible(str(path))}: {error.message}"
        raise

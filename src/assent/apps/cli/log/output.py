"""What the commands of a log show: tree heads and progress.

VerifiedHead -> lines; a count that grows -> a bar on the terminal
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from assent.translog.formats.encoding import encode_base64
from assent.translog.formats.policy import VerifiedHead

_SHOWN_EVERY = 64  # a bar that moves with every tile slows the work


def show_head(verified: VerifiedHead) -> None:
    """Print a tree head, and who vouches for it and when."""
    head = verified.signed.head
    write_lines(
        f"log        {head.origin}",
        f"entries    {head.size}",
        f"root hash  {encode_base64(head.root)}",
        *(f"witnessed  {utc(t)} by {name}" for name, t in verified.cosigners.items()),
    )


def utc(time_s: int) -> str:
    """Return a POSIX time in UTC, to the second."""
    try:
        return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"POSIX time {time_s}"


def write_lines(*lines: str) -> None:
    """Print lines as they are; nothing in them is markup."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """Show how many are done, on the terminal only; yield what to tell the number."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.completed:,.0f} " + what),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)

        def tell(done: int) -> None:
            if done % _SHOWN_EVERY == 0:
                progress.update(task, completed=done)

        yield tell

"""What the commands of an agency show: lines without surprises, and progress.

texts -> lines; steps -> a line on the terminal that changes
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from assent.apps.cli.output.visible import visible


def write_lines(*lines: str) -> None:
    """Print lines in which every character can be seen."""
    sys.stdout.writelines(f"{visible(line)}\n" for line in lines)
    sys.stdout.flush()


def write_tabbed(rows: Iterable[tuple[str, ...]]) -> None:
    """Print rows whose fields hold no tab, as those that are made visible do not."""
    sys.stdout.writelines("\t".join(row) + "\n" for row in rows)


@contextmanager
def steps(what: str) -> Iterator[Callable[[str], None]]:
    """Show each step on the terminal while it lasts; yield what to tell it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(what) as shown:
        yield lambda step: shown.update(Text(visible(f"{what}: {step}")))

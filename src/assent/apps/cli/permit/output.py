"""What the commands about permits print, and the files that they write.

lines -> standard output, every foreign character visible;  bytes -> a public file
"""

import sys
from pathlib import Path

from assent.adapters.files import write_durably
from assent.apps.cli.visible import visible

_PUBLIC = 0o644


def show(*lines: str) -> None:
    """Print lines, each of them on one line, whatever is in it."""
    sys.stdout.writelines(f"{visible(line)}\n" for line in lines)


def tell(*lines: str) -> None:
    """Say something beside the result, in the same way."""
    sys.stderr.writelines(f"{visible(line)}\n" for line in lines)


def write(out: Path, data: bytes) -> None:
    """Write a file that anybody may read, and say so.

    Raises:
        StoreUnavailable: if the disk refuses.

    """
    write_durably(out, data, _PUBLIC)
    tell(f"Written: {out}, {len(data):,} bytes.")

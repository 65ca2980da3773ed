"""What the commands about permits print, and the files that they write.

lines -> standard output, every foreign character visible;  bytes -> a public file
"""

import sys
from pathlib import Path

from assent.apps.cli.output.visible import visible
from assent.apps.cli.output.writing import Parse, write_again, write_new


def show(*lines: str) -> None:
    """Print lines, each of them on one line, whatever is in it."""
    sys.stdout.writelines(f"{visible(line)}\n" for line in lines)


def tell(*lines: str) -> None:
    """Say something beside the result, in the same way."""
    sys.stderr.writelines(f"{visible(line)}\n" for line in lines)


def write(out: Path, data: bytes, renews: Parse | None = None) -> None:
    """Write a file that anybody may read, and say so.

    Args:
        out: where; a new file, or one that is renewed.
        data: all of it.
        renews: raises an error for what is not of the kind that is renewed in place.

    Raises:
        InputError: if something else is there.
        StoreUnavailable: if the disk refuses.

    """
    if renews is None:
        write_new(out, data)
    else:
        write_again(out, data, renews)
    tell(f"Written: {out}, {len(data):,} bytes.")

"""What commands say: results on standard output, and what is beside them on the other.

lines -> the same lines, every foreign character visible
"""

import sys

from assent.apps.cli.output.visible import visible


def show(*lines: str) -> None:
    """Print lines, each of them on one line, whatever is in it."""
    sys.stdout.writelines(f"{visible(line)}\n" for line in lines)


def tell(*lines: str) -> None:
    """Say something beside the result, in the same way."""
    sys.stderr.writelines(f"{visible(line)}\n" for line in lines)

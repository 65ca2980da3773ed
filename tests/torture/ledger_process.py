"""An agency's `ledger take`, in a process of its own, for a campaign that kills it.

    python -m tests.torture.ledger_process FOLDER SENT

It takes every day book in the folder SENT, as the command does, in any order, again and
again.
"""

import random
import sys
from pathlib import Path

from assent.apps.cli.agency.ledger import take


def main() -> None:
    """Take until killed; say each time that all were taken."""
    folder, sent = Path(sys.argv[1]), Path(sys.argv[2])
    while True:
        files = sorted(sent.iterdir())
        random.shuffle(files)
        take(folder, files)
        sys.stdout.write("all\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

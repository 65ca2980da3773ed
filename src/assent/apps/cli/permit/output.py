"""The files that commands about permits write.

bytes -> a public file, and a word about it
"""

from pathlib import Path

from assent.apps.cli.output.speaking import tell
from assent.apps.cli.output.writing import Parse, write_again, write_new


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

"""Signing keys in a file that only its owner can read.

keys -> file of mode 0600; file -> keys, unless others can read it too

One key a line, as `SigningKey.secret_text` writes it. No message repeats a line.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from assent.adapters.files import write_durably
from assent.translog.errors import KeyMalformed
from assent.translog.formats.keys import SigningKey, parse_signing_key
from assent.vocabulary import InputError, NotFound

KEY_FILE_BYTES_MAX = 16_384  # a key takes less than 600
_OTHERS = 0o077


def write_keys(path: Path, keys: Sequence[SigningKey]) -> None:
    """Write keys, whole and durably, to a new file that only its owner can read.

    Raises:
        InputError: if there is a file: a key is never overwritten.
        StoreUnavailable: if the disk refuses.

    """
    text = "".join(f"{key.secret_text()}\n" for key in keys)
    try:
        write_durably(path, text.encode(), 0o600, replaces=False)
    except FileExistsError:
        raise InputError(
            f"{path} holds keys already.",
            remedy="Keep them: what they signed can be verified by no others.",
        ) from None


def read_keys(path: Path) -> tuple[SigningKey, ...]:
    """Return the keys in a file.

    Raises:
        NotFound: if there is no file.
        InputError: if others than its owner can read it.
        KeyMalformed: if a line is no signing key.

    """
    try:
        with path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise InputError(
                    f"Others can read the keys in {path}.",
                    remedy=f"Run `chmod 600 {path}`; if others did read them, make new"
                    " keys and tell those who trust the old ones.",
                )
            text = file.read(KEY_FILE_BYTES_MAX)
    except FileNotFoundError:
        raise NotFound(
            f"There are no keys at {path}.", remedy="Check the folder that is named."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise KeyMalformed(
            f"The keys in {path} cannot be read.",
            remedy="Check who owns the file, and that it is the one `init` wrote.",
        ) from None
    return tuple(parse_signing_key(line) for line in text.splitlines())

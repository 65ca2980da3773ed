"""Files that hold a secret: read only if nobody but their owner can read them.

path -> bytes, or a passphrase; passphrase -> fit to protect a key, or not

A passphrase comes from the terminal or from such a file, never from the command line,
where every process can read it.
"""

import os
from pathlib import Path

from assent.vocabulary import InputError, NotFound

SECRET_BYTES_MAX = 16_384  # a held key takes about 900
PASSPHRASE_LENGTH_MIN = 12  # with a second's work for each guess: years for few words
PASSPHRASE_LENGTH_MAX = 1_000
_OTHERS = 0o077


class SecretExposed(InputError):
    """Others than its owner can read a file that holds a secret."""


class PassphraseUnfit(InputError):
    """A new passphrase is too short, too long, or cannot be typed again."""


def read_secret(path: Path) -> bytes:
    """Return the beginning of a file, as much as a secret takes.

    Raises:
        NotFound: if it cannot be read.
        SecretExposed: if others than its owner can read it.

    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise SecretExposed(
                    f"Others can read {path}.",
                    remedy=f"Run `chmod 600 {path}`; if others did read it, change the"
                    " passphrase or make a new key, and tell those who trust the old"
                    " one.",
                )
            return file.read(SECRET_BYTES_MAX)
    except FileNotFoundError:
        raise NotFound(
            f"There is no file {path}.", remedy="Check the path that is named."
        ) from None
    except (OSError, ValueError):
        raise NotFound(
            f"{str(path)!r} cannot be read.", remedy="Check the path, and whose it is."
        ) from None


def check_new_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that protects too little.

    Raises:
        PassphraseUnfit: if it is too short, too long, repeats one character, or holds
            what cannot be typed again.

    """
    if not (
        PASSPHRASE_LENGTH_MIN <= len(passphrase) <= PASSPHRASE_LENGTH_MAX
        and passphrase.isprintable()
        and len(set(passphrase)) > 1
    ):
        raise PassphraseUnfit(
            f"A passphrase has {PASSPHRASE_LENGTH_MIN} to {PASSPHRASE_LENGTH_MAX:,}"
            " characters that can be typed, and not one alone again and again.",
            remedy="Take six words that dice chose, with spaces between them.",
        )


def read_passphrase(path: Path) -> str:
    """Return the first line of a file that only its owner can read, or of a pipe.

    Raises:
        NotFound: if it cannot be read.
        SecretExposed: if others can read it.
        PassphraseUnfit: if it is no line of text.

    """
    data = read_secret(path)
    try:
        line = data.decode().split("\n", 1)[0].removesuffix("\r")
    except UnicodeDecodeError:
        line = ""
    if not line or len(line) > PASSPHRASE_LENGTH_MAX:
        raise PassphraseUnfit(
            f"{path} does not begin with a passphrase.",
            remedy="Write it on the first line, in UTF-8.",
        )
    return line

"""The screen before a signature: what is signed, in words, and a question.

words + a key's file -> the unlocked key, once its holder has said yes

Whatever is shown may come from an enemy. Characters that move the cursor, turn the
direction of writing, or cannot be seen are written out as their code. A letter that
looks like another of another alphabet is not found out.
"""

import sys
from pathlib import Path

import typer

from assent.adapters.keys.held_key import HeldKey
from assent.adapters.keys.held_keys import (
    KeyDescription,
    KeyKind,
    KeyOfAnotherKind,
    read_public,
    unlock,
)
from assent.adapters.keys.secret_files import read_passphrase
from assent.apps.cli.output.visible import visible
from assent.vocabulary import InputError


class NotConfirmed(InputError):
    """The key's holder did not say yes, or could not be asked."""


def confirm_and_unlock(
    words: list[str], key_file: Path, passphrase_file: Path | None, *, yes: bool
) -> HeldKey:
    """Show what is to be signed, ask, and return the key to sign it with.

    Args:
        words: one line for each thing that the signature says; foreign texts in them
            are made visible here.
        key_file: the signing key.
        passphrase_file: where the passphrase is, or None to ask for it.
        yes: whether the question is answered already.

    Raises:
        NotConfirmed: if the answer is no, or there is nobody to ask.
        KeyOfAnotherKind: if the key does not sign.
        PassphraseWrong: if the passphrase does not open it.

    """
    about = read_public(key_file)
    if about.kind is not KeyKind.SIGNING:
        raise KeyOfAnotherKind(
            f"The key in {key_file} is for {about.kind}, not for signing.",
            remedy="Name your signing key with --key.",
        )
    _show(words, about)
    if not yes:
        _check_someone_is_there("Give --yes if what is shown has been read.")
        if not typer.confirm("Sign this?", default=False, err=True):
            raise NotConfirmed(
                "Nothing was signed.", remedy="Ask whoever sent it what it is for."
            )
    return unlock(key_file, ask_passphrase(passphrase_file))


def ask_passphrase(passphrase_file: Path | None, *, twice: bool = False) -> str:
    """Return a passphrase from its file, or from the terminal, unseen.

    Raises:
        NotConfirmed: if there is no terminal to ask at.

    """
    if passphrase_file is not None:
        return read_passphrase(passphrase_file)
    _check_someone_is_there(
        "Give --passphrase-file with a file that only you can read."
    )
    return str(
        typer.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True)
    )


def _show(words: list[str], about: KeyDescription) -> None:
    lines = [
        "You are about to sign:",
        *(f"  {visible(line)}" for line in words),
        f"with the key of {about.name}, {about.key_id}",
    ]
    sys.stderr.writelines(f"{line}\n" for line in lines)
    sys.stderr.flush()


def _check_someone_is_there(remedy: str) -> None:
    if not sys.stdin.isatty():
        raise NotConfirmed("There is no terminal to ask at.", remedy=remedy)

"""`assent key new | show`: make a key, and show what others need of it.

name + passphrase -> a key's file; file -> its public half
"""

import json
import secrets
import sys
from pathlib import Path
from typing import Literal

from assent.adapters.keys.age_files import new_identity
from assent.adapters.keys.held_keys import (
    SEED_BYTES,
    KeyDescription,
    KeyKind,
    new_held_identity,
    new_held_key,
    read_public,
)
from assent.apps.cli.states.key.screen import ask_passphrase
from assent.vocabulary import format_instant, from_posix
from assent.wiring.log import now_s


def new(
    name: str,
    out: Path,
    kind: Literal["signing", "opening"],
    passphrase_file: Path | None,
) -> None:
    """Make a key, and show its public half."""
    passphrase = ask_passphrase(passphrase_file, twice=True)
    created = from_posix(now_s())
    if kind == "signing":
        about = new_held_key(
            out,
            name=name,
            passphrase=passphrase,
            seed=secrets.token_bytes(SEED_BYTES),
            created=created,
        )
    else:
        about = new_held_identity(
            out,
            name=name,
            passphrase=passphrase,
            identity=new_identity(),
            created=created,
        )
    _print(about)
    sys.stderr.write(
        f"The key is in {out}. Without its passphrase it is lost: keep a copy of the"
        " file, and the passphrase elsewhere.\n"
    )


def show(file: Path, *, as_json: bool) -> None:
    """Show the public half of a key."""
    about = read_public(file)
    if as_json:
        sys.stdout.write(f"{json.dumps(about.plain, indent=1)}\n")
    else:
        _print(about)


def _print(about: KeyDescription) -> None:
    field = "public" if about.kind is KeyKind.SIGNING else "recipient"
    lines = [
        f"name       {about.name}",
        f"for        {about.kind}",
        f"created    {format_instant(about.created)}",
        *([f"key id     {about.key_id}"] if about.key_id else []),
        f'in a treaty  {field}: "{about.public}"',
    ]
    sys.stdout.writelines(f"{line}\n" for line in lines)

"""Make a whole agency for a rehearsal: its states and their keys, and what they sign.

folder + numbers of states -> a founded agency, and the keys of everybody in plain sight
"""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from assent.adapters.agency import AgencyFolder
from assent.adapters.agency.rehearsal_keys import new_rehearsal_key
from assent.adapters.files import make_folder, write_durably
from assent.adapters.keys.held_keys import KeyDescription, KeyKind, unlock
from assent.authorisation.trust import (
    KeyQuorum,
    RoleQuorums,
    TrustedTreaty,
    make_root,
    make_targets,
    sign_metadata,
)
from assent.vocabulary import InputError, canonical_bytes
from assent.vocabulary.envelope import PublicKey, parse_public_key
from assent.wiring.agency.create import (
    Prepared,
    Signed,
    found_agency,
    prepare_agency,
)
from assent.wiring.agency.open import review_policy_of
from assent.wiring.agency.rehearsal_treaty import (
    AGENCY,
    BOARD,
    DIRECTOR,
    INSPECTOR,
    INSPECTOR_SIGNS,
    ORIGIN,
    PANEL,
    STATES,
    rehearsal_form,
)

KEYS = "states"  # the folder of everybody's keys, in the agency's
PASSPHRASE = "passphrase"  # noqa: S105 - the name of the file
LASTS = timedelta(days=365)
_PUBLIC = 0o644
_WARNING = b"""\
REHEARSAL. The keys of all states stand here beside the passphrase that opens them:
whoever reads this folder can sign as anybody. Never let a real treaty name one of them.
"""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What was made: the treaty, and where the keys are."""

    trusted: TrustedTreaty
    keys: Path
    states: tuple[str, ...]
    needed: int


def rehearse(  # noqa: PLR0913 - where, how many, when, and what it is told
    folder: Path,
    states: int,
    needed: int,
    time: datetime,
    *,
    step: Callable[[str], None] = lambda _: None,
    environment: Mapping[str, str] = os.environ,
) -> Rehearsal:
    """Make an agency of some states that all of it can be rehearsed with.

    Args:
        folder: a new folder, or an empty one.
        states: how many there are; codes come from STATES.
        needed: how many of them grant a permit, and sign treaty and root.
        time: now.
        step: told of each step, for progress.
        environment: where DATABASE_URL may name another database.

    Raises:
        InputError: if the numbers make no quorum, or the folder is not empty.
        AssentError: of another kind, if something cannot be made.

    """
    _check(folder, states, needed)
    codes, keys = STATES[:states], folder / KEYS
    step("keys")
    passphrase = _begin(keys)
    held = _make_keys(keys, codes, passphrase, time)
    step("machines and log")
    place = AgencyFolder(
        folder=folder, agency=AGENCY, review_policy="practice", rulebook="practice"
    )
    prepared = prepare_agency(place, ORIGIN, environment=environment)
    form = rehearsal_form(
        {about.name: about.public for about in held.values()},
        codes,
        needed,
        prepared,
        review_policy_of(place).digest,
        time,
    )
    step("treaty and root")
    signed = _sign(keys, canonical_bytes(form), prepared, codes[:needed], held, time)
    step("agency")
    trusted = found_agency(folder, signed, time, environment=environment)
    return Rehearsal(trusted=trusted, keys=keys, states=codes, needed=needed)


def _check(folder: Path, states: int, needed: int) -> None:
    if not 1 <= needed <= states <= len(STATES):
        raise InputError(
            f"{needed} of {states} states make no quorum here.",
            remedy=f"Take up to {len(STATES)} states, and at most as many needed.",
        )
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty.", remedy="Rehearse in a new folder.")


def _begin(keys: Path) -> str:
    make_folder(keys, 0o700)
    passphrase = f"rehearsal only {secrets.token_hex(8)}"
    write_durably(keys / PASSPHRASE, f"{passphrase}\n".encode(), 0o600)
    write_durably(keys / "REHEARSAL", _WARNING, _PUBLIC)
    return passphrase


def _make_keys(
    keys: Path, codes: tuple[str, ...], passphrase: str, time: datetime
) -> dict[str, KeyDescription]:
    """Make everybody's keys; return what is public of them, by file."""
    signing = {f"{name}.key": name for name in (*codes, *BOARD, *PANEL, DIRECTOR)}
    signing |= {f"{code}.root.key": f"{code}-root" for code in codes}
    signing |= {f"{INSPECTOR}.key": INSPECTOR_SIGNS}
    made = {
        file: new_rehearsal_key(keys / file, name, passphrase, time, KeyKind.SIGNING)
        for file, name in signing.items()
    }
    file = f"{INSPECTOR}.opening.key"
    made[file] = new_rehearsal_key(
        keys / file, INSPECTOR, passphrase, time, KeyKind.OPENING
    )
    return made


def _sign(  # noqa: PLR0913, PLR0917 - what is signed, by whom, and when
    keys: Path,
    treaty: bytes,
    prepared: Prepared,
    signers: tuple[str, ...],
    held: Mapping[str, KeyDescription],
    time: datetime,
) -> Signed:
    """Sign a root and targets as states do: the root keys speak for both."""
    of_states = [about for file, about in held.items() if file.endswith(".root.key")]
    quorum = KeyQuorum(frozenset(map(_key, of_states)), len(signers))
    online = frozenset({parse_public_key(prepared.keys["online"])})
    quorums = RoleQuorums(root=quorum, targets=quorum, online=KeyQuorum(online, 1))
    root = make_root(quorums, time + LASTS)
    targets = make_targets(treaty, time + LASTS, 1)
    passphrase = (keys / PASSPHRASE).read_text().strip()
    for code in signers:
        signer = unlock(keys / f"{code}.root.key", passphrase)
        root, targets = sign_metadata(root, signer), sign_metadata(targets, signer)
    files = {"1.root.json": root, "1.targets.json": targets, "treaty.json": treaty}
    for name, data in files.items():
        write_durably(keys / name, data, _PUBLIC)
    return Signed(
        root=keys / "1.root.json",
        targets=keys / "1.targets.json",
        treaty=keys / "treaty.json",
    )


def _key(about: KeyDescription) -> PublicKey:
    return parse_public_key(about.public)

"""`assent agency` prepare, found, amend and rehearse.

names and signed files -> an agency in a folder
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from assent.adapters.agency import AgencyFolder
from assent.adapters.files import read_text, write_durably
from assent.adapters.packaged import RULEBOOKS
from assent.adapters.review_policies import REVIEW_POLICIES
from assent.apps.cli.agency.output import steps, write_lines
from assent.apps.cli.states.trust.reading import show_trusted
from assent.authorisation.review import parse_policy
from assent.vocabulary import NotFound, format_instant
from assent.wiring.agency import (
    Prepared,
    Signed,
    amend_agency,
    found_agency,
    now,
    prepare_agency,
)
from assent.wiring.agency.create import NO_WITNESSES
from assent.wiring.agency.machine_keys import next_keys
from assent.wiring.agency.open import review_policy_of
from assent.wiring.agency.rehearse import KEYS, PASSPHRASE, rehearse

_POLICY_FILE = "review-policy.yaml"
_PUBLIC = 0o644


def prepare(  # noqa: PLR0913, PLR0917 - what the command may be told
    folder: Path,
    agency: str,
    origin: str,
    witnesses: Path | None,
    policy: str,
    rulebook: str,
) -> None:
    """Prepare an agency, and print the lines that its treaty needs.

    Raises:
        InputError: if the folder holds an agency, or another log.
        NotFound: if there is no such policy, rulebook or file.

    """
    place = AgencyFolder(
        folder=folder,
        agency=agency,
        review_policy=_own_policy(folder, policy),
        rulebook=_rulebook(rulebook),
    )
    lines = NO_WITNESSES if witnesses is None else read_text(witnesses).encode()
    _show_prepared(prepare_agency(place, origin, lines))


def found(folder: Path, root: Path, targets: Path, treaty: Path) -> None:
    """Found a prepared agency; print the treaty that is in force now."""
    signed = Signed(root=root, targets=targets, treaty=treaty)
    show_trusted(found_agency(folder, signed, now()))
    sys.stderr.write(f"The agency in {folder} is founded.\n")


def amend(folder: Path, root: Path | None, targets: Path, treaty: Path) -> None:
    """Put a new treaty in force; print which one, and the permits it does not bear."""
    signed = Signed(root=root, targets=targets, treaty=treaty)
    amended = amend_agency(folder, signed, now())
    show_trusted(amended.trusted)
    if amended.unverified:
        write_lines(
            "WARNING: these permits are no good under this treaty. Vary them, or amend"
            " it again.",
            *(f"  {name}: {why}" for name, why in amended.unverified.items()),
        )


def new_keys(folder: Path) -> None:
    """Make new keys for the machines, and print what treaty and root must name."""
    _show_keys(next_keys(folder))
    sys.stderr.write(
        "They take the place of the old ones with `assent agency amend`.\n"
    )


def rehearse_in(folder: Path, states: int, needed: int) -> None:
    """Make a whole agency for practice; say where its keys are."""
    with steps("rehearsal") as tell:
        made = rehearse(folder, states, needed, now(), step=tell)
    write_lines(
        "REHEARSAL: the keys of everybody lie in plain sight. Nothing here binds"
        " anyone.",
        f"agency      {made.trusted.treaty.agency}, in {folder}",
        f"states      {' '.join(made.states)}; {made.needed} of them decide",
        f"keys        {made.keys}: KEN.key votes, KEN.root.key signs treaties",
        f"passphrase  {folder / KEYS / PASSPHRASE}, of all keys",
        f"root        {folder / 'root.json'}: who verifies permits begins with it",
    )


def _own_policy(folder: Path, policy: str) -> str:
    """Return what the agency's folder calls a policy; a file is copied into it."""
    if policy in REVIEW_POLICIES:
        return policy
    text = read_text(Path(policy))
    parse_policy(text)
    write_durably(folder / _POLICY_FILE, text.encode(), _PUBLIC)
    return _POLICY_FILE


def _rulebook(rulebook: str) -> str:
    if rulebook in RULEBOOKS:
        return rulebook
    if not Path(rulebook).is_dir():
        raise NotFound(
            f"There is no rulebook {rulebook!r:.200}.",
            remedy=f"Use one of: {', '.join(RULEBOOKS)}; or a folder of instruments.",
        )
    return str(Path(rulebook).resolve())


def _show_prepared(prepared: Prepared) -> None:
    policy = [f"  {line}" for line in prepared.log_policy.splitlines()]
    digest = review_policy_of(prepared.place).digest
    write_lines("log_policy: |", *policy, f'review_policy: "{digest}"')
    _show_keys(prepared.keys)
    sys.stderr.write(
        "Put this into the treaty, in place of the same fields.\n"
        f"Prepared in {prepared.place.folder}. service-keys and log/keys are secret;"
        " they let nobody train.\n"
    )


def _show_keys(keys: Mapping[str, str]) -> None:
    since = format_instant(now())
    write_lines(
        "services:",
        *(
            f'  {role}: [{{public: "{keys[role]}", since: "{since}"}}]'
            for role in ("status", "lease")
        ),
        "# This goes into the root, with `assent trust root --online`.",
        f"# online: {keys['online']}",
    )

"""`assent agency` prepare, found, amend and rehearse.

names and signed files -> an agency in a folder
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from assent.adapters.agency import AgencyFolder
from assent.adapters.files import read_bytes, read_text, write_durably
from assent.adapters.packaged import RULEBOOKS
from assent.adapters.packaged.review_policies import REVIEW_POLICIES
from assent.apps.cli.agency.output import steps, write_lines
from assent.apps.cli.output.naming import naming
from assent.apps.cli.states.trust.reading import show_trusted
from assent.authorisation.review import ballot_of, parse_policy
from assent.authorisation.review.deciding import voided
from assent.authorisation.secretariat import all_cards
from assent.authorisation.treaty import treaty_of
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    TREATY_BYTES_MAX,
    TrustRole,
    parse_listing,
    parse_root,
)
from assent.vocabulary import InputError, NotFound, format_instant, parse_canonical
from assent.wiring.agency import (
    Prepared,
    Signed,
    amend_agency,
    found_agency,
    now,
    open_agency,
    prepare_agency,
)
from assent.wiring.agency.create import NO_WITNESSES
from assent.wiring.agency.machine_keys import next_keys
from assent.wiring.agency.open import review_policy_of
from assent.wiring.agency.rehearse import KEYS, PASSPHRASE, rehearse

_AGENCY = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}(/[a-z0-9-]+)?")
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
    if _AGENCY.fullmatch(agency) is None:
        raise InputError(
            f"{agency!r:.80} is no name of an agency.",
            remedy="Write it as treaties do, in lower case: agency.example.",
        )
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
    signed = _read(root, targets, treaty)
    show_trusted(found_agency(folder, signed, now()))
    sys.stderr.write(f"The agency in {folder} is founded.\n")


def amend(folder: Path, root: Path | None, targets: Path, treaty: Path) -> None:
    """Put a new treaty in force; print which one, and the permits it does not bear."""
    signed = _read(root, targets, treaty)
    amended = amend_agency(folder, signed, now())
    show_trusted(amended.trusted)
    if amended.unverified:
        write_lines(
            "WARNING: these permits are no good under this treaty. Vary them, or amend"
            " it again.",
            *(f"  {name}: {why}" for name, why in amended.unverified.items()),
        )

    _show_stopped(folder)


def _read(root: Path | None, targets: Path, treaty: Path) -> Signed:
    """Name the file that is none of what it is given as, before anything is done."""
    if root is not None:
        with naming(root):
            parse_root(read_bytes(root, METADATA_BYTES_MAX))
    with naming(targets):
        parse_listing(read_bytes(targets, METADATA_BYTES_MAX), TrustRole.TARGETS)
    with naming(treaty):
        treaty_of(parse_canonical(read_bytes(treaty, TREATY_BYTES_MAX)))
    return Signed(root=root, targets=targets, treaty=treaty)


def _show_stopped(folder: Path) -> None:
    """Name the votes that were given and count no more under the treaty in force."""
    time = now()
    with open_agency(folder, at=time, even_behind=True) as agency:
        office = agency.office
        for kind in ("application", "measure"):
            for card in all_cards(office, kind, "put_to_vote", "put_to_appeal"):
                ballot = ballot_of(office.read(card.case_id))
                votes = ballot.votes
                gone = voided(
                    list(votes.values()), ballot.open_proposal, office.treaty, time
                )
                names = [name for name, vote in votes.items() if vote in gone]
                if names:
                    write_lines(
                        f"WARNING: in the open vote on {card.case_id} these count no"
                        f" more, and must vote again: {', '.join(names)}"
                    )


def new_keys(folder: Path) -> None:
    """Make new keys for the machines, and print what treaty and root must name."""
    _show_keys(next_keys(folder), "next-root")
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


def _show_keys(keys: Mapping[str, str], command: str = "root") -> None:
    since = format_instant(now())
    write_lines(
        "services:",
        *(
            f'  {role}: [{{public: "{keys[role]}", since: "{since}"}}]'
            for role in ("status", "lease")
        ),
        f"# This goes into the root, with `assent trust {command} --online`.",
        f"# online: {keys['online']}",
    )

"""`assent agency` status, check, rebuild, backup and restore.

folder -> lines on how it is;  folder <-> a copy
"""

import sys
from collections import Counter
from pathlib import Path

from assent.adapters.docket import (
    CaseFinding,
    DocketBehind,
    DocketDamaged,
    check_docket,
    rebuild_cards,
    verify_against,
)
from assent.apps.cli.agency.cases import all_cards
from assent.apps.cli.agency.output import steps, write_lines
from assent.apps.cli.states.trust.reading import show_trusted
from assent.vocabulary import InputError
from assent.wiring.agency import now, open_agency
from assent.wiring.agency.anchors import anchors_of, verify_not_behind
from assent.wiring.agency.back_up import back_up_agency
from assent.wiring.agency.restore import restore_agency

SHOWN_MAX = 100  # of a thousand broken cases nobody reads the last


def status(folder: Path) -> None:
    """Print the treaty in force, the size of the log, and cases by where they stand.

    Raises:
        DocketBehind: if the log confirms events that the cases lack, after the rest.

    """
    time = now()
    behind = None
    with open_agency(folder, at=time, even_behind=True) as agency:
        try:
            verify_not_behind(agency.office.docket, agency.log.store)
        except DocketBehind as error:
            behind = error
        cards = list(all_cards(agency.office.docket))
        entries = agency.office.records.size()
    show_trusted(agency.trusted)
    states = Counter((card.kind, card.state) for card in cards)
    owed = states["notice", "written"]
    overdue = sum(card.due is not None and card.due < time for card in cards)
    write_lines(
        f"log        {entries} entries; {owed} notices are still to be announced",
        f"cases      {len(cards)}, {overdue} of them overdue",
        *(f"  {kind} {state}: {n}" for (kind, state), n in sorted(states.items())),
    )
    if behind is not None:
        raise behind


def check(folder: Path) -> None:
    """Check all cases, and hold them against the log.

    Raises:
        DocketDamaged: if a chain is broken or a card is wrong.
        DocketBehind: if the log confirms events that the cases lack.

    """
    with open_agency(folder, even_behind=True) as agency, steps("check") as tell:
        office = agency.office
        tell("chains and cards")
        found = check_docket(office.docket, lambda _: office.card)
        tell("the log")
        confirmed = (
            0 if found else verify_against(office.docket, anchors_of(agency.log.store))
        )
    if found:
        _refuse(found)
    write_lines(f"all is well; the log confirms {confirmed} events")


def rebuild(folder: Path) -> None:
    """Make all cards again."""
    with open_agency(folder) as agency, steps("rebuild"):
        office = agency.office
        made = rebuild_cards(office.docket, lambda _: office.card)
    write_lines(f"made {made} cards again")


def back_up(folder: Path, target: Path) -> None:
    """Copy an agency."""
    with steps("backup") as tell:
        has_documents = back_up_agency(folder, target, tell)
    write_lines(f"{target} holds the agency of {folder}, with its machines' keys")
    if not has_documents:
        sys.stderr.write("A service keeps the documents; back them up there.\n")


def restore(backup: Path, folder: Path, log: str | None, *, without_log: bool) -> None:
    """Make an agency again from a copy, and say what was verified.

    Raises:
        InputError: unless the public log is named, or it is said that there is none.

    """
    if (log is None) != without_log:
        raise InputError(
            "An agency is restored against its public log: what was published since the"
            " backup and is not in it would be decided again, and permits that were"
            " revoked would count.",
            remedy="Give --log, with the newest public files or a mirror's; or, only if"
            " nobody has any, --without-log.",
        )
    with steps("restore") as tell:
        done = restore_agency(backup, folder, now(), public_log=log, step=tell)
    write_lines(
        f"{folder} is an agency again: {done.events} events of cases, {done.entries}"
        f" entries of the log, which confirm {done.anchors} of the events",
        *(f"lacking    document {digest}" for digest in done.missing_documents),
    )
    if log is None:
        sys.stderr.write(
            "WARNING: it was held against the log in the copy only. If more was"
            " published since then, this agency lacks those decisions, and would give"
            " their numbers to others. Do not let it work before somebody has looked"
            " at a mirror; then restore again with --log.\n"
        )


def _refuse(found: list[CaseFinding]) -> None:
    write_lines(*(f"{one.case_id}: {one.what}" for one in found[:SHOWN_MAX]))
    raise DocketDamaged(
        f"{len(found)} cases are not as they were recorded.",
        remedy="Wrong cards: run `assent agency rebuild`. Broken chains: restore a"
        " backup, and decide nothing meanwhile.",
    )

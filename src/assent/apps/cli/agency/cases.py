"""`assent agency` queue and show: cases by their deadlines, and one of them in words.

cards -> table;  events of a case -> lines
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from shutil import get_terminal_size

from rich.cells import cell_len, set_cell_size

from assent.apps.cli.agency.output import write_lines, write_tabbed
from assent.apps.cli.output.visible import visible
from assent.authorisation.application import fold
from assent.authorisation.docket import Card, Docket, RecordedEvent
from assent.authorisation.docket.ports import CARDS_MAX
from assent.authorisation.secretariat import Office, count
from assent.vocabulary import InputError, format_instant
from assent.wiring.agency import now, open_agency

_VOTING = ("put_to_vote", "put_to_appeal")
_TEXT_LENGTH_MAX = 160  # of a field on the screen; `assent log` has the documents
_NOBODY = "nobody"
KINDS = (
    "application",
    "consultation",
    "interest",
    "measure",
    "notice",
    "pause",
    "permit",
)
WAITED_FOR = ("applicant", "officer", "members", "agency", _NOBODY)


def queue(
    folder: Path,
    kind: str | None,
    waiting_for: str | None,
    *,
    everything: bool,
    as_json: bool,
) -> None:
    """Print the cards of cases, those that are due first at the top.

    Raises:
        InputError: if there is no such kind, or nobody called so is waited for.

    """
    _verify_known("kind of case", kind, KINDS)
    _verify_known("one that a case waits for", waiting_for, WAITED_FOR)
    time = now()
    with open_agency(folder, at=time) as agency:
        cards = [
            card
            for card in all_cards(agency.office.docket, kind, waiting_for)
            if everything or waiting_for or card.waiting_for != _NOBODY
        ]
    cards.sort(key=lambda card: (card.due is None, card.due or card.opened))
    if as_json:
        values = [_plain(card, time) for card in cards]
        sys.stdout.write(f"{json.dumps(values, indent=1, ensure_ascii=False)}\n")
        return
    rows = [(*map(visible, _row(card, time)),) for card in cards]
    if sys.stdout.isatty():
        print_table(rows, get_terminal_size().columns)
    else:  # whole, for whatever reads it: one line for a case, fields behind tabs
        write_tabbed(rows)
    overdue = sum(card.due is not None and card.due < time for card in cards)
    write_lines(f"{len(cards)} cases, {overdue} overdue")


def _verify_known(what: str, given: str | None, known: Sequence[str]) -> None:
    if given is not None and given not in known:
        raise InputError(
            f"{given!r:.60} is no {what}.", remedy=f"Name one of: {', '.join(known)}."
        )


def _row(card: Card, time: datetime) -> tuple[str, ...]:
    due = _due(card, time)
    return (
        card.case_id,
        card.state,
        due,
        card.waiting_for,
        card.developer,
        card.title,
    )


def _plain(card: Card, time: datetime) -> dict[str, object]:
    return {
        "case": card.case_id,
        "kind": card.kind,
        "state": card.state,
        "title": card.title,
        "developer": card.developer,
        "waiting_for": card.waiting_for,
        "due": None if card.due is None else format_instant(card.due),
        "is_overdue": card.due is not None and card.due < time,
    }


def print_table(rows: Sequence[tuple[str, ...]], width: int) -> None:
    """Print two lines for each case: what is never shortened, then what may be."""
    whole = [max((len(row[place]) for row in rows), default=0) for place in range(3)]
    for case_id, state, due, waiting_for, developer, title in rows:
        fields = zip((case_id, state, due), whole, strict=True)
        first = "  ".join(field.ljust(size) for field, size in fields)
        second = f"  for {waiting_for}: {developer}, {title}"
        if cell_len(second) > width:
            second = f"{set_cell_size(second, width - 1)}…"
        sys.stdout.write(f"{first.rstrip()}\n{second}\n")


def all_cards(
    docket: Docket, kind: str | None = None, waiting_for: str | None = None
) -> Iterator[Card]:
    """Yield all cards, page by page."""
    after = ""
    while True:
        with docket.reading() as transaction:
            page = transaction.cards(kind=kind, waiting_for=waiting_for, after=after)
        yield from page
        if len(page) < CARDS_MAX:
            return
        after = page[-1].case_id


def show(folder: Path, case_id: str) -> None:
    """Print what happened in a case, and how a vote stands.

    Raises:
        NotFound: if there is no such case.

    """
    time = now()
    with open_agency(folder, at=time) as agency:
        events = agency.office.read(case_id)
        card = agency.office.card(events)
        vote = _tally(agency.office, card, time)
    write_lines(
        f"{card.case_id}: {card.title}",
        f"state        {_words(card.state)}",
        *([f"developer    {card.developer}"] if card.developer else []),
        f"waiting for  {card.waiting_for}",
        *([f"due          {_due(card, time)}"] if card.due else []),
        *[
            f"{_words(name):<12} {value}"
            for name, value in card.details.items()
            if isinstance(value, str | int)
        ],
        *_versions(events),
        *vote,
        "",
    )
    for recorded in events:
        write_lines(*_event(recorded))


def _event(recorded: RecordedEvent) -> Iterator[str]:
    event = recorded.event
    yield (
        f"{recorded.number:>4}  {format_instant(event.time)}  {_words(event.kind)},"
        f" by {event.actor}"
    )
    for name, value in event.body.items():
        yield f"        {_words(name)}: {_short(value)}"
    yield f"        {recorded.digest}"


def _versions(events: Sequence[RecordedEvent]) -> list[str]:
    """Return which versions of an application there are, each by its digest."""
    if not events[0].case_id.startswith("application-"):
        return []
    return [
        f"version {version.number:<4} {format_instant(version.time)},"
        f" {version.application.digest}"
        for version in fold(events).versions
    ]


def _tally(office: Office, card: Card, time: datetime) -> list[str]:
    if card.state not in _VOTING:
        return []
    tally = count(office, card.case_id, time)
    rows = {
        "approve": tally.approve,
        "reject": tally.reject,
        "abstain": tally.abstain,
        "stand aside": tally.absent,
        "yet to vote": tally.pending,
    }
    return [
        f"vote         {tally.outcome}: {tally.reason}",
        *(f"  {name:<13}{', '.join(sorted(who)) or '-'}" for name, who in rows.items()),
    ]


def _due(card: Card, time: datetime) -> str:
    if card.due is None:
        return ""
    return f"{format_instant(card.due)}{' OVERDUE' if card.due < time else ''}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _short(value: object) -> str:
    match value:
        case Mapping():
            return f"{len(value)} fields: {', '.join(list(value)[:8])}"
        case list() | tuple():
            return ", ".join(map(_short, value[:8])) or "none"
        case _:
            text = str(value)
    cut = text[:_TEXT_LENGTH_MAX]
    return cut if cut == text else f"{cut}… ({len(text):,} characters)"

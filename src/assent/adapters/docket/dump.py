r"""All cases as one text file, which either database can be filled from.

Docket -> lines -> an empty Docket

    {"docket":1}
    {"actor":"Example Labs","body":{},"case_id":"application-2026-0001", ... "number":1}
    {"card":{"case_id":"application-2026-0001", ...}}
    {"last":7,"series":"application-2026"}
    {"digest":"sha256:9f2c...","lines":4}

Each line is canonical JSON. Events come in the order of their cases, then all cards,
then the series; the last line holds the SHA-256 of all bytes before it. It shows that
the file is whole, not who made it: that takes `verify_against`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import groupby
from typing import Any, Protocol

from assent.adapters.docket.errors import DocketDamaged
from assent.authorisation.docket import (
    BODY_BYTES_MAX,
    Card,
    Docket,
    DocketTransaction,
    Event,
    RecordedEvent,
)
from assent.authorisation.docket.ports import CARDS_MAX
from assent.vocabulary import (
    AssentError,
    CaseChanged,
    InputError,
    Plain,
    canonical_bytes,
    format_instant,
    parse_canonical,
    parse_instant,
)

FORMAT = 1
LINE_BYTES_MAX = BODY_BYTES_MAX + 10_000  # an event: its body, and all else
_TIMES = ("due", "opened", "updated")
_NAMES = ("case_id", "kind", "state", "title", "developer", "waiting_for", "events")


class WholeTransaction(DocketTransaction, Protocol):
    """A transaction that also tells all series, and sets them."""

    def series(self) -> dict[str, int]:
        """Return the last number of every series."""

    def set_series(self, series: str, last: int) -> None:
        """Let a series go on after this number."""


class WholeDocket(Docket, Protocol):
    """A database of cases that can be written down whole: each of ours."""

    def reading(self) -> AbstractContextManager[WholeTransaction]:
        """See `Docket.reading`."""

    def writing(self) -> AbstractContextManager[WholeTransaction]:
        """See `Docket.writing`."""


def export_docket(docket: WholeDocket) -> Iterator[bytes]:
    """Yield all cases as lines, as they were at one moment.

    Raises:
        CaseDamaged: if an event is not the one that was written.
        StoreUnavailable, DocketDamaged: if the database cannot be read.

    """
    hashed, count = hashlib.sha256(), 0
    for value in _values(docket):
        line = canonical_bytes(value) + b"\n"
        hashed.update(line)
        count += 1
        yield line
    end: Plain = {"digest": f"sha256:{hashed.hexdigest()}", "lines": count}
    yield canonical_bytes(end) + b"\n"


def import_docket(docket: WholeDocket, lines: Iterable[bytes]) -> int:
    """Fill an empty database of cases, whole or not at all; return how many events.

    Args:
        docket: the database.
        lines: what `export_docket` yielded; an open binary file will do, better with
            `readline(LINE_BYTES_MAX)` if nobody vouches for it.

    Raises:
        InputError: if the database holds something already.
        DocketDamaged: if the lines are not all that were exported, or a chain in them
            is broken.
        StoreUnavailable: if the database refuses.

    """
    with docket.writing() as transaction:
        if transaction.case_ids(limit=1) or transaction.cards(limit=1):
            raise InputError(
                "There are cases in this database already.",
                remedy="Import into one that is new.",
            )
        count = 0
        values = _checked(lines)
        for case_id, group in groupby(values, key=lambda value: value.get("case_id")):
            if case_id is None:
                for value in group:
                    _add(transaction, value)
            else:
                count += _add_events(transaction, str(case_id), list(group))
        return count


def _values(docket: WholeDocket) -> Iterator[Plain]:
    with docket.reading() as transaction:
        yield {"docket": FORMAT}
        for case_id in _paged_cases(transaction):
            for recorded in transaction.events(case_id):
                yield _event_value(recorded)
        after: str | None = ""
        while after is not None:
            cards = transaction.cards(after=after)
            for card in cards:
                yield {"card": _card_value(card)}
            after = cards[-1].case_id if len(cards) == CARDS_MAX else None
        for name, last in sorted(transaction.series().items()):
            yield {"series": name, "last": last}


def _paged_cases(transaction: DocketTransaction) -> Iterator[str]:
    after: str | None = ""
    while after is not None:
        page = transaction.case_ids(after=after)
        yield from page
        after = page[-1] if len(page) == CARDS_MAX else None


def _event_value(recorded: RecordedEvent) -> Plain:
    return {
        "case_id": recorded.case_id,
        "number": recorded.number,
        "previous": recorded.previous,
        "kind": recorded.event.kind,
        "time": format_instant(recorded.event.time),
        "actor": recorded.event.actor,
        "body": recorded.event.body,
    }


def _card_value(card: Card) -> dict[str, Plain]:
    times = {name: getattr(card, name) for name in _TIMES}
    return (
        {name: getattr(card, name) for name in _NAMES}
        | {name: time and format_instant(time) for name, time in times.items()}
        | {"details": card.details}
    )


def _checked(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the values of the lines between the first and the last, both checked."""
    hashed, count, is_over = hashlib.sha256(), 0, False
    for line in lines:
        if is_over or len(line) > LINE_BYTES_MAX or not line.endswith(b"\n"):
            raise _damaged(count + 1)
        value = _value(line, count)
        if "digest" in value and "case_id" not in value:
            is_over = value == {
                "digest": f"sha256:{hashed.hexdigest()}",
                "lines": count,
            }
            if not is_over:
                raise _damaged(count + 1)
            continue
        if (count == 0) != (value == {"docket": FORMAT}):
            raise _damaged(count + 1)
        hashed.update(line)
        count += 1
        if count > 1:
            yield value
    if not is_over:
        raise _damaged(count + 1)


def _value(line: bytes, count: int) -> dict[str, Any]:
    try:
        value = parse_canonical(line[:-1])
    except InputError:
        value = None
    if not isinstance(value, dict):
        raise _damaged(count + 1)
    return value


def _add_events(
    transaction: DocketTransaction, case_id: str, values: list[dict[str, Any]]
) -> int:
    """Chain the events of a case anew: the chain must come out as it was."""
    try:
        events = [
            Event(
                kind=value["kind"],
                time=parse_instant(value["time"]),
                actor=value["actor"],
                body=value["body"],
            )
            for value in values
        ]
        added = transaction.append(case_id, 0, events)
    except (KeyError, TypeError, ValueError, AttributeError, InputError, CaseChanged):
        added = []
    if [_event_value(one) for one in added] != values:
        raise _damaged_case(case_id)
    return len(added)


def _add(transaction: WholeTransaction, value: dict[str, Any]) -> None:
    try:
        if "card" in value:
            transaction.put_card(_card_from(value["card"]))
        else:
            transaction.set_series(value["series"], value["last"])
    except (KeyError, TypeError, ValueError, AttributeError, InputError):
        raise DocketDamaged(
            "A card or a series in the exported file is none.",
            remedy="Import another export of the cases.",
        ) from None


def _card_from(value: dict[str, Any]) -> Card:
    times = {
        name: None if value[name] is None else parse_instant(value[name])
        for name in _TIMES
    }
    return Card(**(value | times))


def _damaged(number: int) -> AssentError:
    return DocketDamaged(
        f"Line {number} of the exported cases is not the one that was written.",
        remedy="Import another export of the cases; nothing was written.",
    )


def _damaged_case(case_id: str) -> AssentError:
    return DocketDamaged(
        f"The events of {case_id!r:.80} in the exported file form no chain.",
        remedy="Import another export of the cases; nothing was written.",
    )

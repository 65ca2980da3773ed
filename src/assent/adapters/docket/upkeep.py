"""All cases held against their chains, their cards and the public log.

Docket -> findings; Docket + what the log holds -> nothing, or DocketBehind

Each case is read in a transaction of its own, so others may write meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from assent.adapters.docket.errors import DocketBehind
from assent.authorisation.docket import Card, CaseDamaged, Docket, verify_chain
from assent.authorisation.docket.ports import CARDS_MAX, DeriveCard
from assent.vocabulary import AssentError, canonical_bytes

Derive = Callable[[str], DeriveCard]  # from a case's id: how its kind makes a card
_MISSING_NAMED_MAX = 5  # a message names so many; the others are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinding:
    """What is wrong with a case, in a sentence."""

    case_id: str
    what: str


def check_docket(docket: Docket, derive: Derive) -> list[CaseFinding]:
    """Walk all cases: is each chain whole, and each card what its events make?

    What is missing at the end of a case is only found by `verify_against`.

    Raises:
        StoreUnavailable, DocketDamaged: if the database cannot be read at all.

    """
    found, known = [], set()
    for case_id in _all_cases(docket):
        known.add(case_id)
        what = _wrong(docket, case_id, derive)
        if what is not None:
            found.append(CaseFinding(case_id=case_id, what=what))
    return found + [
        CaseFinding(case_id=case_id, what="There is a card, and no event.")
        for case_id in _cards_alone(docket, known)
    ]


def rebuild_cards(docket: Docket, derive: Derive) -> int:
    """Make the cards of all cases again from their events; return how many.

    Raises:
        CaseDamaged: if the events of a case are not those that were recorded; the
            cards before it are made.

    """
    count = 0
    for case_id in _all_cases(docket):
        with docket.writing() as transaction:
            events = transaction.events(case_id)
            verify_chain(events)
            transaction.put_card(derive(case_id)(events))
        count += 1
    return count


def verify_against(docket: Docket, anchors: Iterable[tuple[str, int, str]]) -> int:
    """Hold the cases against digests that the public log holds; return how many.

    It shows that these events, and so all before them, are there unchanged. Of events
    after the last that was logged it shows nothing.

    Args:
        docket: the cases, such as a restored backup.
        anchors: (case, number, digest) of events, from the log's entries.

    Raises:
        DocketBehind: naming what is missing or different.
        CaseDamaged: if the events of a case are not those that were recorded.

    """
    wanted: dict[str, list[tuple[int, str]]] = {}
    for case_id, number, digest in anchors:
        wanted.setdefault(case_id, []).append((number, digest))
    missing = []
    for case_id, digests in sorted(wanted.items()):
        with docket.reading() as transaction:
            events = transaction.events(case_id)
        verify_chain(events)
        held = {event.number: event.digest for event in events}
        missing += [
            f"event {number} of {case_id}"
            for number, digest in sorted(digests)
            if held.get(number) != digest
        ]
    if missing:
        named = ", ".join(missing[:_MISSING_NAMED_MAX])
        more = len(missing) - _MISSING_NAMED_MAX
        raise DocketBehind(
            f"The public log holds what the cases lack: {named}"
            + (f" and {more} more." if more > 0 else "."),
            remedy="Restore a newer backup; decide nothing on this one.",
        )
    return sum(map(len, wanted.values()))


def _all_cases(docket: Docket) -> Iterator[str]:
    after = ""
    while True:
        with docket.reading() as transaction:
            page = transaction.case_ids(after=after)
        yield from page
        if len(page) < CARDS_MAX:
            return
        after = page[-1]


def _cards_alone(docket: Docket, known: set[str]) -> Iterator[str]:
    """Yield cards without events; cases can have come since those that are known."""
    after, is_over = "", False
    while not is_over:
        with docket.reading() as transaction:
            page = [card.case_id for card in transaction.cards(after=after)]
            new = [case_id for case_id in page if case_id not in known]
            alone = [case_id for case_id in new if not transaction.events(case_id)]
        yield from alone
        is_over = len(page) < CARDS_MAX
        after = page[-1] if page else after


def _wrong(docket: Docket, case_id: str, derive: Derive) -> str | None:
    try:
        with docket.reading() as transaction:
            events = transaction.events(case_id)
            card = transaction.card(case_id)
        verify_chain(events)
        expected = derive(case_id)(events)
    except CaseDamaged as damage:
        return damage.message
    except AssentError as error:
        return f"No card can be made from its events: {error.message}"
    if card is None:
        return "It has no card."
    if _plain(card) != _plain(expected):
        return "Its card is not what its events make."
    return None


def _plain(card: Card) -> bytes:
    names = ("case_id", "kind", "state", "title", "developer", "waiting_for", "events")
    times = (card.due, card.opened, card.updated)
    return canonical_bytes(
        {name: getattr(card, name) for name in names}
        | {"times": [None if time is None else int(time.timestamp()) for time in times]}
        | {"details": card.details}
    )

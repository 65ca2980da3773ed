"""Verify a day book: is it the gate's, does it follow, is it whole, is it as logged?

DayBook + gates' keys + the head before + now -> entries, or the reason why not
`docs/spec/day-book.md` has the steps; the numbers here are the same.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from assent.supervision.daybook.book import DayBook, digest_of, parse_owners
from assent.supervision.daybook.errors import (
    DayBookEarly,
    DayBookEntriesWrong,
    DayBookOfAnotherSite,
    DayBookOfUnknownGate,
    DayBookOutOfTime,
    DayBookRewritten,
    DayBookUnsigned,
)
from assent.supervision.daybook.head import DAY_HEAD_TYPE, DayHead
from assent.supervision.ledger import START, Entry, EntryInvalid, next_head, parse_entry
from assent.vocabulary import format_instant
from assent.vocabulary.envelope import Envelope, PublicKey, verify_envelope

CLOCK_SKEW_S = 300  # as for meter readings, whose times entries bear
_ASK = (
    "Ask the gate's operator for the books as they were signed, and inspect the site."
)


def verify_signed(
    head: DayHead, envelope: Envelope, gates: Mapping[str, PublicKey]
) -> None:
    """Check that a known gate signed a head.

    Raises:
        DayBookOfUnknownGate: if no such gate is known.
        DayBookUnsigned, SignatureInvalid: if its key did not sign it.

    """
    # (2) A known gate signed it.
    if (key := gates.get(head.gate)) is None:
        raise DayBookOfUnknownGate(
            f"The agency knows no gate {head.gate:.100}.",
            remedy="Register it: `assent pause gate`.",
        )
    if not verify_envelope(envelope, DAY_HEAD_TYPE, [key]):
        raise DayBookUnsigned(
            f"The key of {head.gate} did not sign {head.words}.",
            remedy="Sign it with the key that is registered.",
        )


def verify_follows(head: DayHead, before: DayHead | None) -> None:
    """Check that a head follows on the last one that was taken.

    Raises:
        DayBookEarly: if one between them is missing.
        DayBookOfAnotherSite: if the gate spoke for another site or party.
        DayBookRewritten: if it follows on something else.

    """
    # (3) The next number; the caller knows what to do with those that were taken.
    due = 1 if before is None else before.number + 1
    if head.number > due:
        raise DayBookEarly(
            f"This is {head.words}, and number {due} has not come.",
            remedy="Send those between; this one is taken as soon as they are.",
        )
    # (4) The same site.
    if before is not None and (head.site, head.party) != (before.site, before.party):
        raise DayBookOfAnotherSite(
            f"{head.gate} stands at {head.site} ({head.party}), and stood at"
            f" {before.site} ({before.party}).",
            remedy="Give a gate that moved another name and another key.",
        )
    # (5) What was signed before is as it was.
    on = (START, 0, START)
    if before is not None:
        on = (before.digest, before.entries, before.head)
    if (head.previous, head.entries_before, head.head_before) != on:
        raise DayBookRewritten(
            f"{head.words.capitalize()} follows on {head.entries_before:,} entries with"
            f" the head {head.head_before[:19]}…; the gate signed {on[1]:,} with"
            f" {on[2][:19]}….",
            remedy=_ASK,
        )


def verify_whole(day: DayBook, now: datetime) -> list[Entry]:
    """Return the entries, if they are those that were signed.

    Raises:
        DayBookEntriesWrong: if they, or the owners, are others.
        DayBookOutOfTime: if their times cannot be true.

    """
    verify_as_signed(day)
    head = day.head
    parse_owners(day.owners)
    try:
        entries = [parse_entry(encoded) for encoded in day.entries]
    except EntryInvalid as error:
        raise DayBookEntriesWrong(
            f"In {head.words}: {error.message}", remedy=_ASK
        ) from None
    # (7) Their times can be true.
    skew = timedelta(seconds=CLOCK_SKEW_S)
    last = max((entry.time for entry in entries), default=head.closed)
    if head.closed > now + skew or last > head.closed + skew:
        raise DayBookOutOfTime(
            f"{head.words.capitalize()} is closed at {format_instant(head.closed)}, and"
            f" its last entry is of {format_instant(last)}; it is"
            f" {format_instant(now)}.",
            remedy="Set the gate's clock.",
        )
    return entries


def verify_as_signed(day: DayBook) -> None:
    """Check that what came with a head is what it names; nothing of it is read.

    Raises:
        DayBookEntriesWrong: if it is something else.

    """
    head = day.head
    # (6) Owners and entries are those of the head.
    chained = head.head_before
    for encoded in day.entries:
        chained = next_head(chained, encoded)
    count = head.entries_before + len(day.entries)
    if (count, chained, digest_of(day.owners)) != (
        head.entries,
        head.head,
        head.owners,
    ):
        raise DayBookEntriesWrong(
            f"What comes with {head.words} is not what was signed.",
            remedy="Send the file as the gate wrote it.",
        )


def verify_closed_later(head: DayHead, before: DayHead | None) -> None:
    """Check that a day was closed no sooner than the one before.

    Raises:
        DayBookOutOfTime: if it was.

    """
    # (7) Their times can be true, as they follow on each other.
    if before is not None and head.closed < before.closed:
        raise DayBookOutOfTime(
            f"{head.words.capitalize()} is closed at {format_instant(head.closed)},"
            f" before the one that it follows on.",
            remedy="Set the gate's clock.",
        )

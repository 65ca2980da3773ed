"""Entries and jobs as bytes in a row, and back.

Entry <-> canonical JSON;  Job <-> canonical JSON

What does not read back as what it was written as is damage, never a guess.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from assent.supervision.admission import Admission, Stop, StopKind, Vouched
from assent.supervision.ledger import (
    BooksDamaged,
    Entry,
    EntryInvalid,
    Job,
    JobState,
    parse_entry,
)
from assent.supervision.metering import ChainHead, ChainId
from assent.vocabulary import (
    AssentError,
    canonical_bytes,
    parse_canonical,
    parse_instant,
)
from assent.vocabulary.envelope import parse_public_key

Read = TypeVar("Read")


def entry_of(data: bytes) -> Entry:
    """Return the entry in a row.

    Raises:
        BooksDamaged: if there is none.

    """
    try:
        return parse_entry(data)
    except EntryInvalid:
        raise damaged("there is something else than the entry that was written") from (
            None
        )


def job_of(data: bytes) -> Job:
    """Return the job in a row.

    Raises:
        BooksDamaged: if there is none.

    """
    return _read(data, _job, "job")


def job_bytes(job: Job) -> bytes:
    """Return what a row keeps of a job."""
    return canonical_bytes(job.plain)


def count_of(text: str | None) -> int:
    """Return the balance in a row; nothing if there is none.

    Raises:
        BooksDamaged: if it is no number.

    """
    try:
        return int(text) if text else 0
    except ValueError:
        raise damaged("a balance is no number") from None


def damaged(why: str) -> BooksDamaged:
    """Return the error for books that are not as they were written."""
    return BooksDamaged(
        f"The books are not as they were written: {why}.",
        remedy="Admit no jobs; restore the books from a backup, and compare its head"
        " with the one that was logged.",
    )


def _read(data: bytes, make: Callable[[Any], Read], what: str) -> Read:
    try:
        return make(parse_canonical(data))
    except (AssentError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(
            f"there is something else than the {what} that was written"
            f" ({type(error).__name__})"
        ) from None


def _job(given: dict[str, Any]) -> Job:
    seen, spent, stop = given["vouched"], given["flop_spent"], given["stop"]
    return Job(
        admission=_admission(given["admission"]),
        state=JobState(given["state"]),
        vouched=None
        if seen is None
        else Vouched(flop=int(seen["flop"]), until=parse_instant(seen["until"])),
        meter=_head(given["meter"]),
        stop_ordered=_instant(given["stop_ordered"]),
        stop=None
        if stop is None
        else Stop(
            kind=StopKind(stop["kind"]), words=stop["words"], grace_s=stop["grace_s"]
        ),
        ended=_instant(given["ended"]),
        flop_spent=None if spent is None else int(spent),
    )


def _head(given: dict[str, Any] | None) -> ChainHead | None:
    if given is None:
        return None
    chain = given["chain"]
    key = parse_public_key(chain.pop("meter"))
    return ChainHead(
        chain=ChainId(meter=key, **chain),
        sequence=given["sequence"],
        digest=given["digest"],
        flop_total=int(given["flop_total"]),
        step_last=given["step_last"],
        time_to=parse_instant(given["time_to"]),
    )


def _admission(given: dict[str, Any]) -> Admission:
    flop_reserved, flop_per_s = (
        int(given.pop(name)) for name in ("flop_reserved", "flop_per_s")
    )
    chips = {kind: int(count) for kind, count in given.pop("chips").items()}
    admitted, ends_by = (parse_instant(given.pop(n)) for n in ("admitted", "ends_by"))
    lapses = _instant(given.pop("lease_expires"))
    return Admission(
        chips=chips,
        admitted=admitted,
        ends_by=ends_by,
        lease_expires=lapses,
        flop_reserved=flop_reserved,
        flop_per_s=flop_per_s,
        **given,
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)

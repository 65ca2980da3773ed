"""`assent apply show | diff`: a case as its applicant may see it.

case -> lines

Notes that officers keep for themselves, and what they answered on practices, are not
shown here.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from assent.apps.cli.apply.desk import desk, indented, tell, verify_series
from assent.authorisation.application import (
    SERIES,
    ApplicationCase,
    Version,
    decision_clock,
    diff,
    fold,
)
from assent.authorisation.review import Ballot, review_file_of
from assent.authorisation.treaty import CalendarEnds, MatterUnknown, Treaty
from assent.vocabulary import NotFound, format_count, format_instant

_VERSIONS_COMPARED = 2


def show(agency: Path, case_id: str) -> None:
    """Print where a case stands, and everything that its applicant may know."""
    verify_series(case_id, SERIES)
    with desk(agency) as at:
        events = at.office.read(case_id)
        case, file = fold(events), review_file_of(events)
        tell(*_head(case), *_clock(case, at.office.treaty, at.time.date()))
    tell(*_versions(case), *_requests(case), *_papers(case))
    tell(*_decided(file.refused_because, file.ballot))


def show_diff(
    agency: Path, case_id: str, before: int | None, after: int | None
) -> None:
    """Print what changed between two versions; by default the last two.

    Raises:
        NotFound: if there is no such version.

    """
    verify_series(case_id, SERIES)
    with desk(agency) as at:
        case = fold(at.office.read(case_id))
    newest = len(case.versions)
    second = _version(case, newest if after is None else after)
    first = _version(case, second.number - 1 if before is None else before)
    tell(f"{case_id}, from version {first.number} to {second.number}:")
    changes = diff(first.application.plain, second.application.plain)
    tell(*[f"  {change.text}" for change in changes] or ["  nothing changed"])


def _version(case: ApplicationCase, number: int) -> Version:
    if not 1 <= number <= len(case.versions):
        raise NotFound(
            f"{case.case_id} has no version {number}.",
            remedy=f"It has {len(case.versions)}; two can be compared.",
        )
    return case.versions[number - 1]


def _head(case: ApplicationCase) -> Iterator[str]:
    application, caps = case.application, case.application.requested
    yield f"{case.case_id}  {case.state}"
    yield f"title      {application.title}"
    yield f"developer  {application.developer.name}, {application.developer.key.key_id}"
    yield f"run        {application.run_id}"
    yield f"digest     {application.digest}"
    if caps is not None:
        chips = ", ".join(f"{count} {kind}" for kind, count in caps.chips.items())
        yield f"asks for   {format_count(caps.flop)} FLOP on {chips or 'no chips'}"
        yield f"           at {', '.join(caps.sites) or 'no site'}"
        yield (
            f"           from {format_instant(caps.not_before)} to"
            f" {format_instant(caps.not_after)}"
        )
    if case.officer is not None:
        yield f"officer    {case.officer}"


def _clock(case: ApplicationCase, treaty: Treaty, on: date) -> Iterator[str]:
    try:
        clock = decision_clock(case, treaty, on)
    except (CalendarEnds, MatterUnknown):
        return
    if clock is not None:
        stopped = ", and the clock stands still" if clock.is_stopped else ""
        yield (
            f"decision   due {clock.due}, {clock.working_days_left} working days"
            f" left{stopped}"
        )


def _versions(case: ApplicationCase) -> Iterator[str]:
    for version in case.versions:
        why = f": {version.reason}" if version.reason else ""
        yield (
            f"version {version.number}  {format_instant(version.time)} by"
            f" {version.actor}{why}"
        )


def _requests(case: ApplicationCase) -> Iterator[str]:
    for asked in case.requests.values():
        state = f"OPEN, due {asked.due}" if asked.is_open else "closed"
        yield f"request {asked.request_id}  {state}"
        yield from indented(asked.question)
        if asked.answer is not None:
            yield from indented(asked.answer, "  > ")
        if asked.withdrawn_because is not None:
            yield from indented(asked.withdrawn_because, "  withdrawn: ")


def _papers(case: ApplicationCase) -> Iterator[str]:
    for one in case.evidence.values():
        seen_by = f", sealed for {', '.join(one.visible_to)}" if one.is_sealed else ""
        yield f"document {one.id}  {one.title}{seen_by}"
    for told in case.disclosures:
        yield f"disclosed to {told.inspector}: {', '.join(told.fields)}"
    for note in case.notes:
        if note.is_visible_to_applicant:
            yield f"note by {note.actor}"
            yield from indented(note.text)
    if case.appeal is not None:
        yield "appealed against the refusal"
        yield from indented(case.appeal.grounds)


def _decided(refused_because: tuple[str, ...], ballot: Ballot) -> Iterator[str]:
    if refused_because:
        yield "refused by rule:"
        for reason in refused_because:
            yield from indented(reason, "  - ")
    record = ballot.last_record
    if record is not None:
        yield f"decided    {record.outcome} in {record.proposal.decision_id}"
        yield from indented(record.reason)

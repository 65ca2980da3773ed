"""File a report with the agency; the point is passed with the last that it takes.

signed report + permit's case -> recorded, announced; with it, perhaps, the next stretch
"""

import json
from datetime import datetime
from hashlib import sha256

from assent.authorisation.docket import DocketTransaction, Event, RecordedEvent
from assent.authorisation.permit import PermitCase, fold
from assent.authorisation.secretariat import (
    Office,
    anchor,
    conflicts,
    found,
    notify,
    write_notice,
)
from assent.supervision.oversight.errors import NoPointAhead
from assent.supervision.oversight.point import FILED, PASSED, PointAhead, points_ahead
from assent.supervision.oversight.report import (
    REPORT_TYPE,
    EvaluationReport,
    verify_report,
)
from assent.translog.entry import DocumentDigest, Entry
from assent.vocabulary.envelope import Envelope


def file_report(
    office: Office, permit_id: str, envelope: Envelope, actor: str, now: datetime
) -> PointAhead:
    """File a report; return where the point stands with it.

    Raises:
        NotFound: if there is no such permit.
        NoPointAhead: if it has no point that was not passed.
        ReportMalformed, ReportRefused: if the report does not count.

    """
    with office.docket.writing() as transaction:
        events = found(transaction, permit_id)
        case = fold(events)
        if case is None or not case.points_ahead:
            raise NoPointAhead(
                f"{permit_id} has no oversight point that was not passed.",
                remedy="Nothing is to be reported.",
            )
        developer = case.permit.developer.name
        report = verify_report(
            envelope,
            case.permit,
            case.points_ahead,
            office.treaty,
            conflicts(transaction, developer, office.policy, now.date()),
            now,
        )
        found_so_far = points_ahead(case, events, report)
        (ahead,) = (one for one in found_so_far if one.point.mark == report.mark)
        document = office.records.put(envelope.encoded)
        new = [_filed(report, document, actor, now)]
        if not ahead.lacking:
            new.append(_passed(ahead, now))
        events = office.add(transaction, permit_id, new)
        _announce(office, transaction, case, events, envelope, report, ahead, now)
    return ahead


def _filed(report: EvaluationReport, document: str, actor: str, now: datetime) -> Event:
    return Event(
        kind=FILED,
        time=now,
        actor=actor,
        body={"payload": report.plain, "report": document},
    )


def _passed(ahead: PointAhead, now: datetime) -> Event:
    mark = ahead.point.mark
    return Event(kind=PASSED, time=now, actor="secretariat", body=mark)


def _announce(  # noqa: PLR0913, PLR0917 - one fact each
    office: Office,
    transaction: DocketTransaction,
    case: PermitCase,
    events: list[RecordedEvent],
    envelope: Envelope,
    report: EvaluationReport,
    ahead: PointAhead,
    now: datetime,
) -> None:
    """Owe the public log an entry: that a report was filed, and what came of it."""
    data = envelope.encoded
    entry = Entry(
        kind="evaluation-report",
        subject=case.case_id,
        time=now.replace(microsecond=0),
        documents={
            "report": DocumentDigest(
                digest=f"sha256:{sha256(data).hexdigest()}",
                size_bytes=len(data),
                media_type=REPORT_TYPE,
            )
        },
        metadata={
            **report.mark,
            "inspector": report.inspector,
            "outcome": "lacking" if ahead.lacking else "passed",
            "evaluations": json.dumps(
                {one.name: one.passed for one in report.evaluations}, sort_keys=True
            )[:1_000],
            **anchor(events),
        },
    )
    notify(office, transaction, write_notice(entry, case.case_id, (), now))

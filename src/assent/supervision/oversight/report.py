"""An evaluation report: what an inspector found at an oversight point of a run.

EvaluationReport <-> canonical JSON, which the inspector signs

    {"at_flop":"10000000000000000000000000","checkpoint":"sha256:…","evaluations":[{"evidence":"sha256:…","name":"cyber-offence","passed":true}],"format":"assent-evaluation-report/1","inspector":"inspector-1","interests":"none","permit_digest":"sha256:…","permit_id":"permit-2026-0001","reported":"2026-08-01T12:00:00Z","run_id":"example-large-2","words":"…"}

On a date or a loss it says `at` or `at_loss` instead of `at_flop`. The report names the
evaluations and whether they were passed. What an evaluation is, and what passing it
takes, is for the evaluations themselves: their logs are the evidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from assent.authorisation.permit import Permit
from assent.authorisation.permit.fields import (
    DIGEST,
    MEMBER,
    NAME,
    PERMIT_ID,
    SLUG,
    TEXT,
    count_of,
    instant_of,
    mapping_of,
    statement_of,
    text_of,
)
from assent.authorisation.terms import (
    OversightDate,
    Point,
    format_loss,
    mark_of,
    parse_loss,
    where_of,
)
from assent.authorisation.treaty import Treaty
from assent.supervision.oversight.errors import (
    InspectorConflicted,
    ReportMalformed,
    ReportOfAnother,
    ReportUnsigned,
    ReportUntimely,
)
from assent.vocabulary import (
    Plain,
    canonical_bytes,
    format_instant,
)
from assent.vocabulary.envelope import Envelope, Signer, verify_envelope

FORMAT = "assent-evaluation-report/1"
REPORT_TYPE = "application/vnd.assent.evaluation-report+json"
REPORT_BYTES_MAX = 200_000
EVALUATIONS_MAX = 256
CLOCK_SKEW_S = 300
_FIELDS = frozenset(
    {
        *("format", "permit_id", "permit_digest", "run_id", "checkpoint"),
        *("evaluations", "inspector", "interests", "words", "reported"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One evaluation: its name, whether it was passed, and the digest of its log."""

    name: str
    passed: bool
    evidence: str

    @property
    def plain(self) -> dict[str, Plain]:
        """The evaluation as plain values."""
        return {"name": self.name, "passed": self.passed, "evidence": self.evidence}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """A report, unsigned.

    Attributes:
        permit_id: the permit, and the digest of the version under which it was made.
        permit_digest: see `permit_id`.
        run_id: the run.
        mark: the oversight point, as the permit marks it: `at_flop`, `at` or `at_loss`.
        checkpoint: the digest of the checkpoint that was evaluated.
        evaluations: what was found.
        inspector: who signs.
        interests: past and present interests in the developer, in words; `none`.
        words: for the record, and for the public if the agency says so.
        reported: when.

    """

    permit_id: str
    permit_digest: str
    run_id: str
    mark: Mapping[str, str]
    checkpoint: str
    evaluations: tuple[Evaluation, ...]
    inspector: str
    interests: str
    words: str
    reported: datetime

    @property
    def plain(self) -> dict[str, Plain]:
        """The report as plain values."""
        return {
            "format": FORMAT,
            "permit_id": self.permit_id,
            "permit_digest": self.permit_digest,
            "run_id": self.run_id,
            **self.mark,
            "checkpoint": self.checkpoint,
            "evaluations": [one.plain for one in self.evaluations],
            "inspector": self.inspector,
            "interests": self.interests,
            "words": self.words,
            "reported": format_instant(self.reported),
        }

    def signed_by(self, signer: Signer) -> Envelope:
        """Return the report, signed."""
        return Envelope(canonical_bytes(self.plain), REPORT_TYPE).signed_by(signer)


def parse_report(data: bytes) -> EvaluationReport:
    """Return the report whose canonical bytes these are.

    Raises:
        ReportMalformed: if they are none's.

    """
    return statement_of(data, REPORT_BYTES_MAX, _report, _malformed)


def verify_report(  # noqa: PLR0913, PLR0917 - what a report is held against
    envelope: Envelope,
    permit: Permit,
    ahead: Sequence[Point],
    treaty: Treaty,
    excluded: Mapping[str, str],
    now: datetime,
) -> EvaluationReport:
    """Return a report on a permit's run that an inspector in office signed.

    Args:
        envelope: the signed report.
        permit: as it stands.
        ahead: the oversight points that are ahead, one of each kind at most.
        treaty: whose inspectors count.
        excluded: who has an interest in the developer, and which.
        now: the instant.

    Raises:
        ReportMalformed: (1) if it is no report.
        ReportUnsigned, SignatureInvalid: (2) if the inspector that it names did not
            sign it.
        InspectorConflicted: (3) if that inspector has an interest.
        ReportOfAnother: (4) if it is of another permit, run or point.
        ReportUntimely: (5) if it was made before the permit, or in the future.

    """
    # (1) It is a report.
    if envelope.payload_type != REPORT_TYPE:
        _malformed(f"it is of type {envelope.payload_type:.80}")
    report = parse_report(envelope.payload)
    # (2) The inspector signed it, by a key in force now.
    _verify_signed(envelope, report, treaty, now)
    # (3) Without a past or present interest in the developer.
    conflict = excluded.get(report.inspector)
    if conflict is not None or report.interests != "none":
        raise InspectorConflicted(
            f"{report.inspector} stands aside: {conflict or report.interests}.",
            remedy="Have an inspector without an interest evaluate the run.",
        )
    # (4) It is of this run, at a point that is ahead.
    point = _verify_about(report, permit, ahead)
    # (5) It is of the permit's time, and not before a point that is a date.
    first = permit.caps.not_before
    if isinstance(point, OversightDate):
        first = max(first, point.at)
    _verify_time(report, first, now)
    return report


def _verify_signed(
    envelope: Envelope, report: EvaluationReport, treaty: Treaty, now: datetime
) -> None:
    keys = [
        key
        for name, key in treaty.inspector_keys(now).values()
        if name == report.inspector
    ]
    if not verify_envelope(envelope, REPORT_TYPE, keys):
        raise ReportUnsigned(
            f"{report.inspector} is no inspector in office, or did not sign this.",
            remedy="Have an inspector that the treaty names sign it.",
        )


def _verify_time(report: EvaluationReport, first: datetime, now: datetime) -> None:
    late = now + timedelta(seconds=CLOCK_SKEW_S)
    if not first <= report.reported <= late:
        raise ReportUntimely(
            f"The report is of {format_instant(report.reported)}; it is"
            f" {format_instant(now)}, and it counts from {format_instant(first)}.",
            remedy="Report when the evaluations are done.",
        )


def _verify_about(
    report: EvaluationReport, permit: Permit, ahead: Sequence[Point]
) -> Point:
    """Return the point that is ahead and that the report is on."""
    found = (report.permit_id, report.permit_digest, report.run_id)
    asked = (permit.permit_id, permit.digest, permit.run_id)
    point = next((one for one in ahead if one.mark == report.mark), None)
    if found != asked or point is None:
        raise ReportOfAnother(
            f"The report is of {report.permit_id} {where_of(report.mark)}; what is"
            f" asked for is one of {permit.permit_id}, its version {permit.version},"
            f" {' or '.join(one.where for one in ahead)}.",
            remedy="Evaluate the checkpoint at a point that is ahead.",
        )
    return point


def _report(value: Any) -> EvaluationReport:  # noqa: ANN401 - any plain value
    mark = mark_of(value) if isinstance(value, dict) else {}
    given = mapping_of(value, "it", _FIELDS | mark.keys())
    if given["format"] != FORMAT:
        _malformed(f"its format is not {FORMAT}")
    listed = given["evaluations"]
    if not isinstance(listed, list) or not 0 < len(listed) <= EVALUATIONS_MAX:
        _malformed("it names no evaluations, or too many")
    evaluations = tuple(_evaluation(one) for one in listed)
    if len({one.name for one in evaluations}) < len(evaluations):
        _malformed("an evaluation stands twice")
    return EvaluationReport(
        permit_id=text_of(given["permit_id"], PERMIT_ID, "permit_id"),
        permit_digest=text_of(given["permit_digest"], DIGEST, "permit_digest"),
        run_id=text_of(given["run_id"], NAME, "run_id"),
        mark=_mark(given, mark),
        checkpoint=text_of(given["checkpoint"], DIGEST, "checkpoint"),
        evaluations=evaluations,
        inspector=text_of(given["inspector"], MEMBER, "inspector"),
        interests=text_of(given["interests"], TEXT, "interests"),
        words=text_of(given["words"], TEXT, "words"),
        reported=instant_of(given["reported"], "reported"),
    )


def _mark(given: Mapping[str, Any], mark: Mapping[str, str]) -> dict[str, str]:
    """Return the mark of one point, in its one spelling."""
    if len(mark) != 1:
        _malformed("it is on no point, or on several")
    if "at_flop" in mark:
        return {"at_flop": str(count_of(given["at_flop"], "at_flop", least=1))}
    if "at" in mark:
        return {"at": format_instant(instant_of(given["at"], "at"))}
    return {"at_loss": format_loss(parse_loss(given["at_loss"]))}


def _evaluation(value: Any) -> Evaluation:  # noqa: ANN401 - any plain value
    given = mapping_of(
        value, "an evaluation", frozenset({"name", "passed", "evidence"})
    )
    if not isinstance(given["passed"], bool):
        _malformed("an evaluation was neither passed nor failed")
    return Evaluation(
        name=text_of(given["name"], SLUG, "name"),
        passed=given["passed"],
        evidence=text_of(given["evidence"], DIGEST, "evidence"),
    )


def _malformed(why: str) -> NoReturn:
    raise ReportMalformed(
        f"This is no evaluation report: {why}.",
        remedy="Write it with `assent oversight report`.",
    )

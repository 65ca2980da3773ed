"""What an oversight point still lacks, and when it is passed.

permit's case + reports -> what is lacking;  nothing -> the next stretch is unlocked

A point is passed when every evaluation that the permit names was passed. One that an
inspector found failed keeps it shut until the same inspector, or another, reports it
passed for a later checkpoint: the last report on each evaluation counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assent.authorisation.docket import RecordedEvent
from assent.authorisation.permit import PermitCase
from assent.authorisation.terms import OversightPoint
from assent.supervision.oversight.errors import NoPointAhead
from assent.supervision.oversight.report import EvaluationReport, parse_report
from assent.vocabulary import canonical_bytes, format_count

FILED, PASSED = "report_filed", "point_passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointAhead:
    """The oversight point that is ahead, and what was reported on it.

    Attributes:
        point: where the run stops.
        found: the last finding on each evaluation: whether it was passed.

    """

    point: OversightPoint
    found: dict[str, bool]

    @property
    def lacking(self) -> tuple[str, ...]:
        """What is still to be reported passed, in words."""
        words = {None: "is not reported", False: "was failed"}
        return tuple(
            f"{name} {words[state]}"
            for name in self.point.evaluations
            if (state := self.found.get(name)) is not True
        )

    @property
    def words(self) -> str:
        """Where it stands, in a sentence."""
        where = f"At {format_count(self.point.at_flop)} FLOP the run stops"
        if not self.lacking:
            return f"{where}: every evaluation was passed."
        return f"{where} until more is known: {', '.join(self.lacking)}."


def point_ahead(
    case: PermitCase,
    events: Sequence[RecordedEvent],
    report: EvaluationReport | None = None,
) -> PointAhead:
    """Return the point that is ahead, with what was reported on it so far.

    Args:
        case: the permit's.
        events: of the case.
        report: one more, that is verified and not recorded yet.

    Raises:
        NoPointAhead: if all were passed, or there is none.

    """
    point = case.next_point
    if point is None:
        raise NoPointAhead(
            f"{case.case_id} has no oversight point that was not passed.",
            remedy="Nothing is to be reported; the run goes on to its cap.",
        )
    reports = [
        parse_report(canonical_bytes(one.event.body["payload"]))
        for one in events
        if one.event.kind == FILED
    ]
    found: dict[str, bool] = {}
    for one in [*reports, *([] if report is None else [report])]:
        if one.at_flop == point.at_flop:
            found |= {known.name: known.passed for known in one.evaluations}
    return PointAhead(point=point, found=found)

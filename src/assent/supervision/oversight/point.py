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
from assent.authorisation.terms import Point
from assent.supervision.oversight.errors import NoPointAhead
from assent.supervision.oversight.report import EvaluationReport, parse_report
from assent.vocabulary import canonical_bytes

FILED, PASSED = "report_filed", "point_passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointAhead:
    """An oversight point that is ahead, and what was reported on it.

    Attributes:
        point: where the run stops.
        found: the last finding on each evaluation: whether it was passed.

    """

    point: Point
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
        where = self.point.where
        where = f"{where[0].upper()}{where[1:]} the run stops"
        if not self.lacking:
            return f"{where}: every evaluation was passed."
        return f"{where} until more is known: {', '.join(self.lacking)}."


def points_ahead(
    case: PermitCase,
    events: Sequence[RecordedEvent],
    report: EvaluationReport | None = None,
) -> tuple[PointAhead, ...]:
    """Return the points that are ahead, with what was reported on each so far.

    Args:
        case: the permit's.
        events: of the case.
        report: one more, that is verified and not recorded yet.

    Raises:
        NoPointAhead: if all were passed, or there is none.

    """
    if not case.points_ahead:
        raise NoPointAhead(
            f"{case.case_id} has no oversight point that was not passed.",
            remedy="Nothing is to be reported; the run goes on to its cap.",
        )
    reports = [
        parse_report(canonical_bytes(one.event.body["payload"]))
        for one in events
        if one.event.kind == FILED
    ]
    reports += [] if report is None else [report]
    return tuple(_ahead(point, reports) for point in case.points_ahead)


def _ahead(point: Point, reports: Sequence[EvaluationReport]) -> PointAhead:
    found: dict[str, bool] = {}
    for one in reports:
        if one.mark == point.mark:
            found |= {known.name: known.passed for known in one.evaluations}
    return PointAhead(point=point, found=found)

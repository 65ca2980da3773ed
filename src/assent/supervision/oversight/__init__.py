"""Where a run stops until its evaluations are passed.

permit + signed evaluation reports -> the stretch that is unlocked
"""

from assent.supervision.oversight.errors import (
    InspectorConflicted,
    NoPointAhead,
    ReportMalformed,
    ReportOfAnother,
    ReportRefused,
    ReportUnsigned,
    ReportUntimely,
    RunUnknown,
)
from assent.supervision.oversight.filing import file_report
from assent.supervision.oversight.point import PointAhead, point_ahead
from assent.supervision.oversight.report import (
    REPORT_TYPE,
    Evaluation,
    EvaluationReport,
    parse_report,
    verify_report,
)

__all__ = [
    "REPORT_TYPE",
    "Evaluation",
    "EvaluationReport",
    "InspectorConflicted",
    "NoPointAhead",
    "PointAhead",
    "ReportMalformed",
    "ReportOfAnother",
    "ReportRefused",
    "ReportUnsigned",
    "ReportUntimely",
    "RunUnknown",
    "file_report",
    "parse_report",
    "point_ahead",
    "verify_report",
]

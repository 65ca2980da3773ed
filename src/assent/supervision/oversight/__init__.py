"""Who looks after a run: points, inspectors, appeals, and where the run stands.

permit + signed evaluation reports -> the stretch that is unlocked
permit + inspectors + appeals -> the run's own case;  `run`: its states as one table
"""

from assent.supervision.oversight.appeal import (
    APPEAL_TYPE,
    RunAppeal,
    parse_appeal,
    verify_appeal,
)
from assent.supervision.oversight.errors import (
    AppealMalformed,
    AppealOfAnother,
    AppealOpen,
    AppealRefused,
    AppealUnsigned,
    AppealUntimely,
    InspectorConflicted,
    InspectorNotInOffice,
    InspectorNotNamed,
    InspectorUndeclared,
    NoPointAhead,
    ReportMalformed,
    ReportOfAnother,
    ReportRefused,
    ReportUnsigned,
    ReportUntimely,
    RequestMalformed,
    RequestOfAnother,
    RequestRefused,
    RequestUnsigned,
    RequestUntimely,
    RunUnknown,
)
from assent.supervision.oversight.filing import file_report
from assent.supervision.oversight.inspecting import (
    name_inspector,
    permit_of,
    verify_inspector,
    withdraw_inspector,
)
from assent.supervision.oversight.point import PointAhead, points_ahead
from assent.supervision.oversight.report import (
    REPORT_TYPE,
    Evaluation,
    EvaluationReport,
    parse_report,
    verify_report,
)
from assent.supervision.oversight.request import (
    REQUEST_TYPE,
    EvaluationRequest,
    parse_request,
    verify_request,
)

__all__ = [
    "APPEAL_TYPE",
    "REPORT_TYPE",
    "REQUEST_TYPE",
    "AppealMalformed",
    "AppealOfAnother",
    "AppealOpen",
    "AppealRefused",
    "AppealUnsigned",
    "AppealUntimely",
    "Evaluation",
    "EvaluationReport",
    "EvaluationRequest",
    "InspectorConflicted",
    "InspectorNotInOffice",
    "InspectorNotNamed",
    "InspectorUndeclared",
    "NoPointAhead",
    "PointAhead",
    "ReportMalformed",
    "ReportOfAnother",
    "ReportRefused",
    "ReportUnsigned",
    "ReportUntimely",
    "RequestMalformed",
    "RequestOfAnother",
    "RequestRefused",
    "RequestUnsigned",
    "RequestUntimely",
    "RunAppeal",
    "RunUnknown",
    "file_report",
    "name_inspector",
    "parse_appeal",
    "parse_report",
    "parse_request",
    "permit_of",
    "points_ahead",
    "verify_appeal",
    "verify_inspector",
    "verify_report",
    "verify_request",
    "withdraw_inspector",
]

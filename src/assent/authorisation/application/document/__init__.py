"""The application as a document: read, begun from an assessment, checked, compared.

YAML, JSON or Assessment -> Application -> what it lacks, what changed
"""

from assent.authorisation.application.document.application import (
    Application,
    AssessmentSummary,
    ConsultationReference,
    Evidence,
    OversightPlan,
)
from assent.authorisation.application.document.completeness import (
    ApplicationIncomplete,
    Lack,
    check_completeness,
    verify_completeness,
)
from assent.authorisation.application.document.diff import Change, ChangeKind, diff
from assent.authorisation.application.document.drafting import (
    draft_from_assessment,
    figures,
    summarise,
)
from assent.authorisation.application.document.parse import (
    APPLICATION_BYTES_MAX,
    application_of,
    evidence_of,
    mapping_of,
    parse_application,
)

__all__ = [
    "APPLICATION_BYTES_MAX",
    "Application",
    "ApplicationIncomplete",
    "AssessmentSummary",
    "Change",
    "ChangeKind",
    "ConsultationReference",
    "Evidence",
    "Lack",
    "OversightPlan",
    "application_of",
    "check_completeness",
    "diff",
    "draft_from_assessment",
    "evidence_of",
    "figures",
    "mapping_of",
    "parse_application",
    "summarise",
    "verify_completeness",
]

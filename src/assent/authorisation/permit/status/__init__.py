"""Whether permits still hold, for everybody at once: the status list and its signature.

statuses -> signed status list;  signed status list -> status by index
"""

from assent.authorisation.permit.status.status_list import (
    CLOCK_SKEW_S,
    STATUSES_MAX,
    Status,
    VerifiedStatusList,
    encode_statuses,
    sign_status_list,
    status_at,
    verify_status_list,
)

__all__ = [
    "CLOCK_SKEW_S",
    "STATUSES_MAX",
    "Status",
    "VerifiedStatusList",
    "encode_statuses",
    "sign_status_list",
    "status_at",
    "verify_status_list",
]

"""An agency put together: its cases, its log, its keys, the treaty and the clock."""

from assent.wiring.agency.create import (
    Prepared,
    Signed,
    amend_agency,
    found_agency,
    prepare_agency,
)
from assent.wiring.agency.open import OpenAgency, now, open_agency

__all__ = [
    "OpenAgency",
    "Prepared",
    "Signed",
    "amend_agency",
    "found_agency",
    "now",
    "open_agency",
    "prepare_agency",
]

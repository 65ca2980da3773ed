"""An agency put together: its cases, its log, its keys, the treaty and the clock."""

from assent.wiring.agency.create import (
    Prepared,
    found_agency,
    prepare_agency,
)
from assent.wiring.agency.open import OpenAgency, open_agency

__all__ = [
    "OpenAgency",
    "Prepared",
    "found_agency",
    "open_agency",
    "prepare_agency",
]

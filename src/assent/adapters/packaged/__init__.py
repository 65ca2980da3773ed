"""The data that ships with assent: rulebooks, chips, review policies; holidays.

name -> AcceleratorTable, Rulebook, ReviewPolicy, WorkingCalendar
"""

from assent.adapters.packaged.laws_and_chips import (
    RULEBOOKS,
    packaged_accelerators,
    packaged_rulebook,
    rulebook_in,
)

__all__ = ["RULEBOOKS", "packaged_accelerators", "packaged_rulebook", "rulebook_in"]

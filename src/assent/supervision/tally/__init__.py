"""What an agency tells a gate that its owners used elsewhere, so that slices add up.

books of all gates -> tally of one gate, signed -> what its admission counts besides
"""

from assent.supervision.tally.draw_up import Slice, draw_up
from assent.supervision.tally.errors import (
    TallyEarly,
    TallyMalformed,
    TallyOfAnotherGate,
    TallyRefused,
    TallyRolledBack,
    TallyUnsigned,
)
from assent.supervision.tally.tally import (
    TALLY_BYTES_MAX,
    TALLY_TYPE,
    Tally,
    TallyGroup,
    parse_tally,
    sign_tally,
)
from assent.supervision.tally.verify import verify_tally

__all__ = [
    "TALLY_BYTES_MAX",
    "TALLY_TYPE",
    "Slice",
    "Tally",
    "TallyEarly",
    "TallyGroup",
    "TallyMalformed",
    "TallyOfAnotherGate",
    "TallyRefused",
    "TallyRolledBack",
    "TallyUnsigned",
    "draw_up",
    "parse_tally",
    "sign_tally",
    "verify_tally",
]

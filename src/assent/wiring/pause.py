"""What the pause button needs of an agency besides its cases.

folder -> the store of gates and acknowledgements;  the clock, with parts of a second
"""

from datetime import UTC, datetime

from assent.wiring.agency.reach import open_reach

__all__ = ["exact_now", "open_reach"]


def exact_now() -> datetime:
    """Return the time, UTC, with parts of a second."""
    return datetime.now(UTC)  # noqa: TID251 - the clock that acknowledgements need

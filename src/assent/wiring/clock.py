"""The time, for processes that need neither an agency nor a log.

-> aware datetime, UTC
"""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, UTC, with parts of a second."""
    return datetime.now(UTC)  # noqa: TID251 - the one clock

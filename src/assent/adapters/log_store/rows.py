"""What both databases check of the rows they read.

rows -> the same rows, or LogDamaged; a row with a note -> SignedTreeHead
"""

from collections.abc import Sequence
from typing import Any

from assent.translog.errors import LogDamaged, WrongOrigin
from assent.translog.formats.signed_head import SignedTreeHead, parse_signed_head
from assent.vocabulary import InputError, NotFound


def whole(rows: list[Any], count: int, what: str) -> list[Any]:
    """Return the rows, if they are as many as they must be.

    Raises:
        LogDamaged: if some are missing.

    """
    if len(rows) != count:
        raise LogDamaged(
            f"The database lacks {count - len(rows)} of {count} {what} that it must"
            " hold.",
            remedy="Run `assent log fsck`; if it cannot repair, restore a backup.",
        )
    return rows


def read_head(rows: Sequence[Sequence[Any]]) -> SignedTreeHead | None:
    """Return the tree head in the first row, or None if there is no row.

    Raises:
        LogDamaged: if what is kept there is no signed tree head.

    """
    if not rows:
        return None
    try:
        return parse_signed_head(bytes(rows[0][0]))
    except InputError as error:
        raise LogDamaged(
            f"The database holds a tree head that is none: {error.message}",
            remedy="Restore a backup, or the published tree head, before publishing.",
        ) from None


def check_origin(found: str | None, expected: str, place: str) -> None:
    """Refuse the database of another log.

    Raises:
        NotFound: if it is no log's.
        WrongOrigin: if it is another's.

    """
    if found is None:
        raise NotFound(
            f"{place} holds no log.", remedy="Make the log with `assent log init`."
        )
    if found != expected:
        raise WrongOrigin(
            f"{place} holds the log {found}, not {expected}.",
            remedy="Give each log a database of its own.",
        )

"""What PostgreSQL's errors mean for the cases.

psycopg's error -> StoreUnavailable, DocketDamaged or InputError
"""

import psycopg

from assent.adapters.docket.errors import DAMAGED_REMEDY, DocketDamaged
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import AssentError, InputError

_DAMAGE = (
    psycopg.errors.DataCorrupted,
    psycopg.errors.IndexCorrupted,
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.IntegrityError,
)


def explain(name: str, error: BaseException) -> AssentError:
    """Return the error that says what a driver's error means.

    Only the first line of the message is told: the others can quote a row.
    """
    if isinstance(error, psycopg.DataError) and not isinstance(error, _DAMAGE):
        return InputError(
            f"{name} cannot hold such a value.",
            remedy="Use texts without null characters, and numbers below 2^63.",
        )
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if isinstance(error, _DAMAGE):
        return DocketDamaged(f"{name} is damaged: {reason}.", remedy=DAMAGED_REMEDY)
    return StoreUnavailable(
        f"{name} refuses: {reason}.",
        remedy="See to the server, and to what its user may do, and try again: nothing"
        " was written.",
    )

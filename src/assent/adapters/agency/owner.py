"""Whose cases a database holds: those of one agency, named by its first root.

Docket + digest -> nothing, or InputError

The name is kept as a series of its own, so it goes wherever the cases are copied to.
It shows a mistake, not an attack: whoever writes to the database can change it.
"""

from assent.adapters.docket.dump import WholeDocket, WholeTransaction
from assent.vocabulary import InputError

_SERIES = "agency "  # no kind of case is called so: they have no spaces


def bind_docket(docket: WholeDocket, root_digest: str) -> None:
    """Write down whose cases these are; again does no harm.

    Raises:
        InputError: if they are another agency's, or cases are there and no name.

    """
    with docket.writing() as transaction:
        owners = _owners(transaction)
        if owners == {root_digest}:
            return
        if owners or transaction.case_ids(limit=1):
            raise _of_another(owners, root_digest)
        transaction.set_series(f"{_SERIES}{root_digest}", 1)


def verify_owner(docket: WholeDocket, root_digest: str) -> None:
    """Check that the cases are those of the agency that began with this root.

    Raises:
        InputError: if they are another's, or nobody's.

    """
    with docket.reading() as transaction:
        owners = _owners(transaction)
    if owners != {root_digest}:
        raise _of_another(owners, root_digest)


def _owners(transaction: WholeTransaction) -> set[str]:
    return {
        name.removeprefix(_SERIES)
        for name in transaction.series()
        if name.startswith(_SERIES)
    }


def _of_another(owners: set[str], root_digest: str) -> InputError:
    whose = " and ".join(sorted(owners)) or "none that says so"
    return InputError(
        f"The database holds the cases of the agency with the root {whose}, not of"
        f" the one with {root_digest}.",
        remedy="Give each agency a database of its own, and check DATABASE_URL.",
    )

"""Where a database is: a file for SQLite, or a PostgreSQL server's URL.

DATABASE_URL's value -> Path | URL, or InputError

A value can hold a password wherever its writer made a slip. What is not understood is
refused, and no part of any value is ever repeated.
"""

from pathlib import Path

from assent.vocabulary import InputError

POSTGRESQL_SCHEMES = ("postgresql", "postgres")
_REMEDY = (
    "Set DATABASE_URL to postgresql://USER:PASSWORD@HOST/DATABASE, where @ : / % and"
    " spaces in the password are percent-encoded; or to an absolute path, for SQLite."
)


def parse_place(value: str) -> str | Path:
    """Return the URL of a PostgreSQL database, its scheme in lower case, or a path.

    Raises:
        InputError: if it is neither: another scheme, `host=...`, or a relative path,
            which everything that is misspelt would pass for.

    """
    scheme, separator, rest = value.partition("://")
    if separator and scheme.lower() in POSTGRESQL_SCHEMES:
        return f"{scheme.lower()}://{rest}"
    path = Path(value)
    if separator or not path.is_absolute():
        raise InputError(
            "The database is named by neither a postgresql:// URL nor an absolute"
            " path.",
            remedy=_REMEDY,
        )
    return path


def url_refused() -> InputError:
    """Return the error for a URL that PostgreSQL's driver does not understand."""
    return InputError("The PostgreSQL URL is malformed.", remedy=_REMEDY)

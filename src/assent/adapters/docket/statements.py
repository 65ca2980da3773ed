"""What every act asks of the database, in SQL that SQLite and PostgreSQL know.

tables of `records` -> statements, with %s where Django's cursors put the values

Django's ORM would take as long to write these as the databases to answer them. The
names of tables and columns are the models', so that there is one place that says them.
"""

from functools import lru_cache

from assent.adapters.docket.records import CardRecord, EventRecord, SeriesRecord
from assent.adapters.docket.rows import CARD_COLUMNS, EVENT_COLUMNS

_EVENTS, _CARDS, _SERIES = (
    f'"{model._meta.db_table}"'  # noqa: SLF001 - Django's public name of it
    for model in (EventRecord, CardRecord, SeriesRecord)
)


def _list(names: tuple[str, ...], form: str = '"{}"') -> str:
    return ", ".join(form.format(name) for name in names)


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return (
        f"INSERT INTO {table} ({_list(columns)})"  # noqa: S608 - our own names
        f" VALUES ({_list(columns, '%s')})"
    )


def _put(table: str, columns: tuple[str, ...]) -> str:
    key, *others = columns
    changes = _list(tuple(others), '"{0}" = EXCLUDED."{0}"')
    return f'{_insert(table, columns)} ON CONFLICT ("{key}") DO UPDATE SET {changes}'


EVENTS_AFTER = (
    f"SELECT {_list(EVENT_COLUMNS)} FROM {_EVENTS}"  # noqa: S608 - our own names
    ' WHERE "case_id" = %s AND "number" > %s ORDER BY "number"'
)
LAST_EVENT = (
    f"SELECT {_list(EVENT_COLUMNS)} FROM {_EVENTS}"  # noqa: S608 - our own names
    ' WHERE "case_id" = %s ORDER BY "number" DESC LIMIT 1'
)
ADD_EVENT = _insert(_EVENTS, EVENT_COLUMNS)
PUT_CARD = _put(_CARDS, CARD_COLUMNS)
ONE_CARD = f'SELECT {_list(CARD_COLUMNS)} FROM {_CARDS} WHERE "case_id" = %s'  # noqa: S608 - our own names
NEXT_NUMBER = (
    f'INSERT INTO {_SERIES} ("name", "last") VALUES (%s, 1)'  # noqa: S608 - our own names
    f' ON CONFLICT ("name") DO UPDATE SET "last" = {_SERIES}."last" + 1'
    ' RETURNING "last"'
)
PUT_NUMBER = _put(_SERIES, ("name", "last"))


@lru_cache(maxsize=64)  # a handful of lists, by how many states they show
def cards_after(equal: tuple[str, ...], states: int) -> str:
    """Return the statement of a page of cards.

    Args:
        equal: columns that are to hold a value each.
        states: of how many states.

    """
    asked = ['"case_id" > %s', *(f'"{name}" = %s' for name in equal)]
    if states:
        asked.append(f'"state" IN ({", ".join(["%s"] * states)})')
    return (
        f"SELECT {_list(CARD_COLUMNS)} FROM {_CARDS}"  # noqa: S608 - our own names
        f' WHERE {" AND ".join(asked)} ORDER BY "case_id" LIMIT %s'
    )

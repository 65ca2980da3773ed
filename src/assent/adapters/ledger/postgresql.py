"""Books in PostgreSQL, chosen by a URL.

URL -> Ledger

Writers of all processes and machines queue behind a lock on the table of the head; a
commit is durable when it returns. A connection that broke is opened again at the next
call. Tables are made and looked for in the first schema of the search path, so one
database can hold the books of several sites in schemas of their own:
`postgresql://USER@HOST/DATABASE?options=-csearch_path%3DSCHEMA`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from assent.adapters.ledger.transaction import BOOKS_A_PAGE, SqlLedgerTransaction
from assent.adapters.translog.store.tables import Naming, ServerTables
from assent.supervision.ledger import BooksDamaged
from assent.vocabulary import InputError, NotAllowed, NotFound

if TYPE_CHECKING:
    import psycopg

SCHEMA_VERSION = 1  # of the tables below, in the table `ledger`
_NAME = "The books' PostgreSQL database"
# Names in the order of their bytes, as SQLite has them, whatever the server's language.
_SCHEMA = """
CREATE TABLE ledger (version INTEGER NOT NULL);
CREATE TABLE ledger_entry (
    number BIGINT PRIMARY KEY, entry_id TEXT COLLATE "C" NOT NULL UNIQUE,
    allots TEXT COLLATE "C", content BYTEA NOT NULL
);
CREATE INDEX ledger_allotment ON ledger_entry (allots, number)
    WHERE allots IS NOT NULL;
CREATE TABLE ledger_balance (
    book TEXT COLLATE "C" PRIMARY KEY, granted TEXT, available TEXT, reserved TEXT,
    spent TEXT, claimed TEXT, metered TEXT, observed TEXT
);
CREATE TABLE ledger_chips (
    book TEXT COLLATE "C" NOT NULL, kind TEXT NOT NULL, count BIGINT NOT NULL,
    PRIMARY KEY (book, kind)
);
CREATE TABLE ledger_job (
    job_id TEXT COLLATE "C" PRIMARY KEY, state TEXT NOT NULL, content BYTEA NOT NULL
);
CREATE INDEX ledger_job_state ON ledger_job (state, job_id);
CREATE TABLE ledger_head (number BIGINT NOT NULL, head TEXT NOT NULL);
"""

_ODD = 'CREATE TABLE ledger_odd (job_id TEXT COLLATE "C" PRIMARY KEY)'
_IS_NOTED = (
    "SELECT 1 WHERE"
    " to_regclass(quote_ident(current_schema()) || '.ledger_odd') IS NOT NULL"
)


_NAMING = Naming(
    name=_NAME,
    table="ledger",
    damaged=lambda reason: BooksDamaged(
        f"{_NAME} is damaged: {reason}.",
        remedy="Admit no jobs; restore the books from a backup.",
    ),
    nested=NotAllowed,
    assurance="nothing is written twice",
)


class PostgresqlLedger:
    """Books on a server; any thread may use them: one connection writes, one reads."""

    def __init__(self, url: str, *, create: bool = False) -> None:
        """Open the books, or make them.

        Raises:
            NotFound: if there are none and `create` is false.
            InputError: if the URL or its schema cannot be used, or the tables are of
                another version.
            StoreUnavailable: if the server cannot be reached.

        """
        self._tables = ServerTables(url, _NAMING)
        with self._tables.preparing() as (connection, is_there):
            _prepare(connection, is_there=is_there, create=create)

    def __enter__(self) -> Self:
        """Return the books, to be closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self.close()

    @contextmanager
    def writing(self) -> Iterator["PostgresqlLedgerTransaction"]:
        """Return a transaction that excludes all other writers, and commits."""
        with self._tables.writing() as connection:
            yield PostgresqlLedgerTransaction(connection, writes=True)

    @contextmanager
    def reading(self) -> Iterator["PostgresqlLedgerTransaction"]:
        """Return a transaction that sees one state."""
        with self._tables.reading() as connection:
            yield PostgresqlLedgerTransaction(connection, writes=False)

    def close(self) -> None:
        """Close both connections, for good."""
        self._tables.close()


class PostgresqlLedgerTransaction(SqlLedgerTransaction):
    """A transaction on one of the two connections."""

    def __init__(self, connection: "psycopg.Connection", *, writes: bool) -> None:
        """Speak within the transaction that the connection is in."""
        super().__init__(writes=writes)
        self._connection = connection

    def _all(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        statement = query.replace("?", "%s")
        return self._connection.execute(statement, values, binary=True).fetchall()

    def _among(self, query: str, names: Sequence[str]) -> list[Any]:
        return self._all(f"{query} = ANY(?)", [list(names)])

    def _each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(statement.replace("?", "%s"), rows)

    def _page(self, columns: Sequence[str], after: str) -> tuple[list[str], list[str]]:
        texts = [f"string_agg(coalesce({name}, '0'), ' ')" for name in columns]
        ((books, *found),) = self._all(
            f"SELECT {', '.join(['array_agg(book)', *texts])} FROM"  # noqa: S608 - our own names
            " (SELECT * FROM ledger_balance WHERE book > ? ORDER BY book LIMIT ?)"
            " AS page",
            [after, BOOKS_A_PAGE],
        )
        return books or [], found


def _prepare(connection: "psycopg.Connection", *, is_there: bool, create: bool) -> None:
    if not is_there and create:
        connection.execute(_SCHEMA)
        connection.execute("INSERT INTO ledger VALUES (%s)", [SCHEMA_VERSION])
    elif not is_there:
        raise NotFound(
            "There are no books in the PostgreSQL database.",
            remedy="Make them with `assent gate init`, or check DATABASE_URL.",
        )
    elif connection.execute("SELECT * FROM ledger").fetchall() != [(SCHEMA_VERSION,)]:
        raise InputError(
            f"{_NAME} holds no books of version {SCHEMA_VERSION}.",
            remedy="Check DATABASE_URL, or use the program that made them.",
        )
    if not connection.execute(_IS_NOTED).fetchall():
        connection.execute(_ODD)
        PostgresqlLedgerTransaction(connection, writes=True).note_odd()

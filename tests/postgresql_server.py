"""A real PostgreSQL server for tests, on a Unix socket, that may be stopped at once."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_AS_POSTGRES = ["runuser", "-u", "postgres", "--"]  # the server refuses to run as root


@dataclass(frozen=True)
class PostgresqlServer:
    """A server and its data; commits are flushed as they are by default."""

    folder: Path

    @property
    def url(self) -> str:
        """Return the URL of a database that is always there."""
        return f"postgresql://assent@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start; return when it answers."""
        options = f"-c listen_addresses='' -k {self.folder}"
        self._control("-l", str(self.folder / "server"), "-o", options, "start")

    def stop(self) -> None:
        """Stop in good order; what was written is in the files of its tables."""
        self._control("-m", "fast", "stop")

    def stop_at_once(self) -> None:
        """Stop as a power cut would: nothing is written that was not yet.

        A server that stopped by itself, as on a full disk, is stopped.
        """
        try:
            self._control("-m", "immediate", "stop")
        except subprocess.CalledProcessError:
            if self._is_running():
                raise

    def _is_running(self) -> bool:
        try:
            self._control("status")
        except subprocess.CalledProcessError:
            return False
        return True

    @contextmanager
    def database(self) -> Iterator[str]:
        """Yield the URL of an empty database."""
        import psycopg  # noqa: PLC0415 - only where PostgreSQL is

        name = f"log_{os.urandom(6).hex()}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        yield self.url.replace("/postgres?", f"/{name}?")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    @contextmanager
    def setting(self, name: str, value: str) -> Iterator[None]:
        """Run with another setting of the whole server, then without it."""
        import psycopg  # noqa: PLC0415 - only where PostgreSQL is

        with psycopg.connect(self.url, autocommit=True) as connection:

            def apply(statement: str, expected: str) -> None:
                connection.execute(statement)
                connection.execute("SELECT pg_reload_conf()")
                while connection.execute(f"SHOW {name}").fetchone() != (expected,):
                    time.sleep(0.01)

            (before,) = connection.execute(f"SHOW {name}").fetchone() or ("",)
            apply(f"ALTER SYSTEM SET {name} = {value}", value)
            try:
                yield
            finally:
                apply(f"ALTER SYSTEM RESET {name}", before)

    def _control(self, *arguments: str) -> None:
        data = str(self.folder / "data")
        _run([*_become(), "pg_ctl", "-D", data, "-w", "-s", *arguments])


def is_postgresql_here() -> bool:
    """Tell whether PostgreSQL's programs are on the PATH."""
    return shutil.which("initdb") is not None


@contextmanager
def postgresql_server(folder: Path | None = None) -> Iterator[PostgresqlServer]:
    """Yield a new server that runs; its files are below the folder."""
    # Not below pytest's folders: the path of a socket is short.
    with tempfile.TemporaryDirectory(prefix="assent-pg-", dir=folder) as name:
        server = PostgresqlServer(Path(name))
        if _become():
            shutil.chown(name, "postgres")
        data = str(server.folder / "data")
        _run([*_become(), "initdb", "-D", data, "-A", "trust", "-U", "assent"])
        server.start()
        try:
            yield server
        finally:
            server.stop_at_once()


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresqlServer]:
    """Return a server that all tests of a process share."""
    if not is_postgresql_here():
        pytest.skip("PostgreSQL's initdb is not on the PATH")
    with postgresql_server() as running:
        yield running


@pytest.fixture
def postgresql_url(server: PostgresqlServer) -> Iterator[str]:
    """Return the URL of an empty database."""
    with server.database() as url:
        yield url


def _run(command: list[str]) -> None:
    """Run a program of PostgreSQL's."""
    subprocess.run(command, check=True, capture_output=True, cwd="/")  # noqa: S603


def _become() -> list[str]:
    return _AS_POSTGRES if os.geteuid() == 0 else []

"""A real PostgreSQL for the contract tests, where its programs are installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_AS_POSTGRES = ["runuser", "-u", "postgres", "--"]  # the server refuses to run as root


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Return the URL of a server of our own on a Unix socket."""
    if shutil.which("initdb") is None:
        pytest.skip("PostgreSQL's initdb is not on the PATH")
    become = _AS_POSTGRES if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="assent-pg-") as name:
        folder = Path(name)
        if become:
            shutil.chown(folder, "postgres")
        data, socket = folder / "data", folder
        _run([*become, "initdb", "-D", str(data), "-A", "trust", "-U", "assent"])
        options = f"-c listen_addresses='' -k {socket}"
        control = [*become, "pg_ctl", "-D", str(data), "-w", "-s"]
        _run([*control, "-l", str(folder / "server"), "-o", options, "start"])
        try:
            yield f"postgresql://assent@/postgres?host={socket}"
        finally:
            _run([*control, "-m", "immediate", "stop"])


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Return the URL of an empty database."""
    import psycopg  # noqa: PLC0415 - only where PostgreSQL is

    name = f"log_{os.urandom(6).hex()}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield postgresql_server.replace("/postgres?", f"/{name}?")
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, cwd="/")  # noqa: S603

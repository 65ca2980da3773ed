"""A PostgreSQL server of the benchmark's own, on a Unix socket.

name -> URL of an empty database; or MissingServer, which says why there is none
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_AS_POSTGRES = ("runuser", "-u", "postgres", "--")  # the server refuses to run as root


class MissingServer(Exception):
    """There is no PostgreSQL to measure here; the text says why."""


@contextmanager
def own_postgresql() -> Iterator[Callable[[str], str]]:
    """Give what makes databases on a new server, which is as `initdb` leaves it.

    Raises:
        MissingServer: if PostgreSQL is not installed, or does not start.

    """
    if shutil.which("initdb") is None:
        raise MissingServer("PostgreSQL's initdb is not on the PATH")
    become = _AS_POSTGRES if os.geteuid() == 0 else ()
    with tempfile.TemporaryDirectory(prefix="assent-pg-") as name:
        folder = Path(name)  # not beside the repository: sockets have short paths
        if become:
            shutil.chown(folder, "postgres")
        data = folder / "data"
        control = [*become, "pg_ctl", "-D", str(data), "-w", "-s"]
        options = f"-c listen_addresses='' -k {folder}"
        _run([*become, "initdb", "-D", str(data), "-A", "trust", "-U", "assent"])

        def create(name: str) -> str:
            _run(["createdb", "-h", str(folder), "-U", "assent", name])
            return f"postgresql://assent@/{name}?host={folder}"

        _run([*control, "-l", str(folder / "server"), "-o", options, "start"])
        try:
            yield create
        finally:
            _run([*control, "-m", "immediate", "stop"])


def server_version() -> str:
    """Return the version of the installed server.

    Raises:
        MissingServer: if it is not installed.

    """
    return f"PostgreSQL {_run(['initdb', '--version']).split()[2]}"


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own commands
            command, check=True, capture_output=True, cwd="/", text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise MissingServer(f"PostgreSQL does not start: {error}") from None
    return done.stdout

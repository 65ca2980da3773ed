"""An SQLite file is had by all who ask for it at the same moment."""

import sqlite3
import threading
import time
from pathlib import Path

import pytest

from assent.adapters.translog.sqlite_file import connect

FILES, THREADS = 150, 8


def test_all_who_make_a_file_at_once_have_it(tmp_path: Path) -> None:
    errors: list[sqlite3.Error] = []

    def make(path: Path, together: threading.Barrier) -> None:
        together.wait()
        try:
            connect(path, timeout_s=20, create=True).close()
        except sqlite3.Error as error:
            errors.append(error)

    for number in range(FILES):  # without waiting, some two in a hundred failed
        given = tmp_path / f"{number}.db", threading.Barrier(THREADS)
        threads = [threading.Thread(target=make, args=given) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []


def test_waiting_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE one (a)")
    holder.execute("BEGIN EXCLUSIVE")
    began_s = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        connect(path, timeout_s=0.3)
    assert 0.2 < time.monotonic() - began_s < 10
    holder.close()

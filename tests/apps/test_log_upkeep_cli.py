"""Keeping a log whole as people do it: the commands of `assent log`, real processes."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

ASSENT = Path(sys.executable).with_name("assent")
ENVIRONMENT = {"COLUMNS": "200", "PATH": os.environ["PATH"]}
HEAD = "public/checkpoint"


def assent(*arguments: object, code: int = 0) -> str:
    """Run a command of `assent log`; return all it says."""
    done = subprocess.run(  # noqa: S603 - our own command
        [ASSENT, "log", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=ENVIRONMENT,
    )
    assert done.returncode == code, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def append(log: Path, start: int, end: int) -> None:
    """Append and publish entries that tell their numbers."""
    lines = [
        json.dumps(
            {
                "format": "assent-entry/1",
                "kind": "permit",
                "subject": f"subject-{number}",
                "time": "2026-03-01T12:00:00Z",
                "documents": {},
                "metadata": {},
            }
        )
        for number in range(start, end)
    ]
    batch = log.parent / "batch.jsonl"
    batch.write_text("\n".join(lines))
    assent("append", log, "--batch", batch)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a log that published 300 entries, without witnesses."""
    folder = tmp_path_factory.mktemp("made") / "log"
    assent("init", folder, "--origin", "agency.example/log")
    append(folder, 0, 300)
    return folder


@pytest.fixture
def log(tmp_path: Path, made: Path) -> Path:
    """Return a copy of that folder, to be changed."""
    return shutil.copytree(made, tmp_path / "log")


@contextmanager
def witnessed(log: Path) -> Iterator[None]:
    """Make the log's policy ask for a witness, and run it."""
    folder = log.parent / "witness"
    log_lines = re.findall(r"^log \S+\n", (log / "policy").read_text(), re.MULTILINE)
    keys = [line.split()[1] for line in log_lines]

    def witness(*arguments: object) -> "subprocess.Popen[str]":
        return subprocess.Popen(  # noqa: S603 - our own command
            [ASSENT, "witness", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=ENVIRONMENT,
        )

    with witness("init", folder, "--name", "w.example/1") as made:
        key = made.communicate()[0].strip()
    with witness("trust", folder, *keys) as trusting:
        assert trusting.wait() == 0
    with witness("run", folder, "--listen", "127.0.0.1:0") as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split(" at ")[1].strip()
            lines = f"witness W {key} {url}\nquorum W\n"
            (log / "policy").write_text("".join(log_lines) + lines)
            yield
        finally:
            process.send_signal(signal.SIGKILL)


def back_up(log: Path) -> Path:
    """Return a copy of the log's database."""
    target = log.parent / "backup.db"
    assent("backup", log, target)
    return target


def restore(log: Path, backup: Path) -> None:
    """Put a copy in the place of the database."""
    for path in log.glob("log.db*"):
        path.unlink()
    shutil.copy(backup, log / "log.db")


def test_an_old_backup_catches_up_with_a_mirror_and_the_log_goes_on(
    tmp_path: Path, log: Path
) -> None:
    mirror = tmp_path / "mirror"
    with witnessed(log):
        assent("publish", log)
        backup = back_up(log)
        append(log, 300, 700)
        assent("mirror", log / "public", mirror, "--policy", log / "policy")
        restore(log, backup)
        shutil.rmtree(log / "public")
        assert "700" in assent("publish", log, "--refresh", code=13)
        assert "400 of them added" in assent("catch-up", log, mirror)
        assent("publish", log)
        append(log, 700, 710)
        assert "710" in assent("head", log)
    assert "all is well" in assent("fsck", log)
    look = ("--policy", log / "policy", "--state", tmp_path / "state")
    assent("monitor", mirror, *look, "--no-witnesses")
    shown = assent("monitor", log / "public", *look, "--no-witnesses")
    assert "710 entries, 10 of them new" in shown


def test_a_backup_to_which_somebody_appended_is_refused_and_left_as_it_was(
    log: Path,
) -> None:
    backup = back_up(log)
    assert "already" in assent("backup", log, backup, code=3)
    append(log, 300, 310)
    restore(log, backup)
    public = (log / "public").rename(log.parent / "elsewhere")
    assent("append", log, "--kind", "permit", "--subject", "other", "--later")
    shutil.rmtree(log / "public", ignore_errors=True)
    public.rename(log / "public")
    for _ in range(2):
        refusal = assent("catch-up", log, log / "public", code=12)
        assert "before anything is appended" in refusal
    restore(log, backup)
    refusal = assent("fsck", log, code=12)
    assert "assent log catch-up" in refusal
    assert "assent log catch-up" in assent("fsck", log, "--repair", code=12)
    assert "10 of them added" in assent("catch-up", log, log / "public")
    assert "all is well" in assent("fsck", log)


def test_repair_says_what_it_mended_and_what_is_left(log: Path) -> None:
    bundle = log / "public/tile/entries/000"
    with witnessed(log):
        bundle.unlink()
        assert "fsck --repair" in assent("fsck", log, code=12)
        shown = assent("fsck", log, "--repair", code=10)
        assert "mended: tile/entries/000" in shown
        assert "unwitnessed: checkpoint" in shown
        assert "all is well" not in shown
        assert "assent log publish --refresh" in shown
        assert "assent log publish --refresh" in assent("fsck", log, code=10)
        assent("publish", log, "--refresh")
    assert "all is well" in assent("fsck", log, "--repair")
    # A signed head that is not what it was follows from nothing.
    with closing(sqlite3.connect(log / "log.db")) as database:
        database.execute("INSERT INTO translog_head VALUES (7, x'00', 0)")
        database.commit()
    bundle.unlink()
    shown = assent("fsck", log, "--repair", code=12)
    assert "mended: tile/entries/000" in shown
    assert "damaged: database: tree head 7" in shown
    assert bundle.exists()


def test_public_files_that_are_gone_are_published_again(log: Path) -> None:
    append(log, 300, 310)
    shutil.rmtree(log / "public")
    assent("publish", log)
    assert "all is well" in assent("fsck", log)
    assert "310 entries" in assent("audit", log / "public", "--policy", log / "policy")


def test_a_tree_head_that_nobody_signed_does_not_stop_a_rebuild(log: Path) -> None:
    before = (log / HEAD).read_text()
    (log / HEAD).write_text(before.replace("\n300\n", "\n9999\n"))
    assent("rebuild", log)
    assert (log / HEAD).read_text() == before


def test_an_audit_names_every_file_that_is_not_as_signed(log: Path) -> None:
    audit = ("audit", log / "public", "--policy", log / "policy")
    assert "of 300 entries" in assent(*audit)
    bundle = log / "public/tile/entries/000"
    whole = bundle.read_bytes()
    bundle.write_bytes(whole.replace(b"subject-7", b"subject-8"))
    shown = assent(*audit, code=10)
    assert "damaged: tile/entries/000" in shown
    assert "missing or not those that agency.example/log signed" in shown
    (log / HEAD).unlink()
    assert "remedy:" in assent(*audit, code=4)

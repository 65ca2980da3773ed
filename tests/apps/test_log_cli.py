"""`assent log` and `assent witness` as people run them: real processes on loopback."""

import base64
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ASSENT = Path(sys.executable).with_name("assent")
EXAMPLE = Path(__file__).parents[2] / "examples" / "witnessed-log.sh"
STATES = ("KEN", "NOR", "URY")
ENVIRONMENT = {"COLUMNS": "200", "PATH": os.environ["PATH"]}


def assent(*arguments: object, code: int = 0, **more: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own command
        [ASSENT, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=ENVIRONMENT | more,
    )
    assert done.returncode == code, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert "PRIVATE+KEY" not in done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


@contextmanager
def running(*arguments: object) -> Iterator[str]:
    """Run a server; yield the URL that it says it answers at."""
    with subprocess.Popen(  # noqa: S603 - our own command
        [ASSENT, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split(" at ")[1].strip()
        finally:
            process.send_signal(signal.SIGKILL)


def entry(number: int, kind: str = "permit", **fields: object) -> str:
    return json.dumps(
        {
            "format": "assent-entry/1",
            "kind": kind,
            "subject": f"subject-{number}",
            "time": "2026-03-01T12:00:00Z",
            "documents": {},
            "metadata": {},
            **fields,
        }
    )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the folder of a log without witnesses."""
    assent("log", "init", tmp_path / "log", "--origin", "agency.example/log")
    return tmp_path / "log"


def test_an_entry_is_witnessed_by_two_of_three_and_verified_offline(
    tmp_path: Path,
) -> None:
    path = f"{ASSENT.parent}:{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S603 - our own script
        ["/bin/sh", EXAMPLE, tmp_path / "work"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=ENVIRONMENT | {"PATH": path},
    )
    assert done.returncode == 0, done.stderr
    assert "IN THE LOG agency.example/log, entry 0 of 1" in done.stdout
    assert len(re.findall(r"^witnessed ", done.stdout, re.MULTILINE)) >= 2
    # One cosignature fewer, and it is not believed.
    proof = tmp_path / "work" / "permit.tlog-proof"
    *kept, _ = proof.read_text().splitlines(keepends=True)
    proof.write_text("".join(kept))
    policy = tmp_path / "work" / "log" / "policy"
    assert "witnesses cosigned" in assent(
        "log", "verify", proof, "--policy", policy, code=10
    )


def test_witnesses_that_are_gone_leave_the_entry_durable_and_unpublished(
    tmp_path: Path, log: Path
) -> None:
    keys = assent("witness", "init", tmp_path / "w", "--name", "w.example/1").strip()
    log_keys = re.findall(r"^log (\S+)", (log / "policy").read_text(), re.MULTILINE)
    assent("witness", "trust", tmp_path / "w", *log_keys)
    assent("log", "append", log, "--kind", "decision", "--subject", "before")
    lines = "".join(f"log {key}\n" for key in log_keys)
    with running("witness", "run", tmp_path / "w", "--listen", "127.0.0.1:0") as url:
        policy = f"{lines}witness W {keys} {url}\nquorum W\n"
        (log / "policy").write_text(policy)
        assent("log", "publish", log)
        assert "by W" in assent("log", "head", log)
    arguments = ("log", "append", log, "--kind", "permit", "--subject", "after")
    assert "publish again" in assent(*arguments, code=11)
    shown = assent("log", "head", log)
    assert "entries    1\n" in shown
    assert "waiting    1 entries" in shown
    assert "No published tree head" in assent("log", "prove", log, 1, code=10)


def test_keys_are_only_for_their_owner(log: Path) -> None:
    assert stat.S_IMODE((log / "keys").stat().st_mode) == 0o600
    (log / "keys").chmod(0o644)
    assert "chmod 600" in assent("log", "publish", log, code=3)


def test_a_log_is_made_once(log: Path) -> None:
    again = ("log", "init", log, "--origin", "agency.example/log")
    assert "already" in assent(*again, code=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--kind", "permit"), "needs a kind and a subject"),
        (("--kind", "Per mit", "--subject", "s"), "kind of entry"),
        (("--kind", "permit", "--subject", "s", "--metadata", "x"), "NAME=TEXT"),
        (("--kind", "k", "--subject", "s", "--later", "--proof", "p"), "no proof"),
        (("--kind", "k", "--subject", "s", "--document", "r=/none"), "cannot be read"),
        (("--batch", "/nowhere"), "cannot be read"),
    ],
)
def test_a_wrong_entry_is_refused_with_a_remedy(
    log: Path, arguments: tuple[str, ...], message: str
) -> None:
    code = 4 if "cannot be read" in message else 3
    refusal = assent("log", "append", log, *arguments, code=code)
    assert message in refusal
    assert "remedy:" in refusal


def test_what_is_stated_twice_is_refused(tmp_path: Path, log: Path) -> None:
    file = tmp_path / "entry.json"
    file.write_text(entry(1))
    add = ("log", "append", log)
    assert "twice" in assent(*add, "--entry", file, "--kind", "refusal", code=3)
    assert "alone" in assent(*add, "--batch", file, "--proof", "p", code=3)
    assert "alone" in assent(*add, "--batch", file, "--subject", "s", code=3)


def test_an_entry_given_again_from_what_was_shown_is_logged_once(
    tmp_path: Path, log: Path
) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        [ASSENT, "log", "append", log, "--kind", "permit", "--subject", "s"],
        capture_output=True,
        text=True,
        check=True,
        env=ENVIRONMENT,
    )
    file = tmp_path / "entry.json"
    file.write_text(done.stderr.split("for ever: ")[1].splitlines()[0])
    assert assent("log", "append", log, "--entry", file) == done.stdout == "0\n"


def test_verify_holds_the_entry_to_what_was_expected(tmp_path: Path, log: Path) -> None:
    proof = tmp_path / "p.tlog-proof"
    add = ("log", "append", log, "--proof", proof, "--kind", "revocation")
    assent(*add, "--subject", "permit-1")
    verify = ("log", "verify", proof, "--policy", log / "policy")
    shown = assent(*verify, "--kind", "revocation", "--subject", "permit-1")
    assert "WITNESSED BY NOBODY" in shown
    refusal = assent(*verify, "--kind", "permit", code=10)
    assert "its kind is 'revocation'" in refusal
    assert "developer" in assent(*verify, "--developer", "Labs", code=10)


def test_a_document_comes_back_by_its_digest(tmp_path: Path, log: Path) -> None:
    paper, proof, copy = (tmp_path / name for name in ("paper", "proof", "copy"))
    paper.write_bytes(b"what was decided")
    add = ("log", "append", log, "--kind", "decision", "--subject", "s")
    assent(*add, "--document", f"text={paper}", "--proof", proof)
    shown = assent("log", "verify", proof, "--policy", log / "policy", "--json")
    data = json.loads(base64.b64decode(json.loads(shown)["entry"]))
    digest = data["documents"]["text"]["digest"]
    assent("log", "document", log, digest, "--out", copy)
    assert copy.read_bytes() == paper.read_bytes()


def test_a_batch_names_the_line_that_is_wrong_and_repeats_are_logged_once(
    tmp_path: Path, log: Path
) -> None:
    batch = tmp_path / "entries.jsonl"
    batch.write_text("\n".join(entry(i) for i in (0, 1, 2, 1)) + "\n")
    assert assent("log", "append", log, "--batch", batch).split() == list("0121")
    batch.write_text(entry(3) + "\n{}\n")
    assert "line 2" in assent("log", "append", log, "--batch", batch, code=3)
    assert "entries    3" in assent("log", "head", log)


def test_a_batch_may_be_larger_than_one_transaction(tmp_path: Path, log: Path) -> None:
    words = {f"name_{number}": "x" * 1000 for number in range(60)}
    batch = tmp_path / "entries.jsonl"
    batch.write_text("\n".join(entry(i, metadata=words) for i in range(300)))
    assert batch.stat().st_size > 16 * 2**20
    indices = assent("log", "append", log, "--batch", batch).split()
    assert indices == [str(number) for number in range(300)]


def test_proofs_verify_and_tell_documents_apart(tmp_path: Path, log: Path) -> None:
    document = tmp_path / "permit.txt"
    document.write_text("Permitted.")
    proof = tmp_path / "p.tlog-proof"
    add = ("log", "append", log, "--kind", "permit", "--subject", "s", "--proof", proof)
    assent(*add, "--document", f"permit={document}")
    verify = ("log", "verify", proof, "--policy", log / "policy")
    shown = json.loads(assent(*verify, "--document", document, "--json"))
    assert (shown["verified"], shown["index"]) == (True, 0)
    document.write_text("Permitted, and more.")
    assert "was changed" in assent(*verify, "--document", document, code=10)
    other = tmp_path / "other"
    assent("log", "init", other, "--origin", "other.example/log")
    wrong = ("log", "verify", proof, "--policy", other / "policy")
    assert "knows no log" in assent(*wrong, code=10)


def test_monitor_and_mirror_follow_a_served_log(tmp_path: Path, log: Path) -> None:
    policy, state = log / "policy", tmp_path / "state"
    batch = tmp_path / "entries.jsonl"
    batch.write_text(
        "\n".join(
            entry(i, kind="permit" if i % 100 else "refusal", party="KEN")
            for i in range(600)
        )
    )
    with running("log", "serve", log, "--listen", "127.0.0.1:0") as url:
        monitor = ("log", "monitor", url, "--policy", policy, "--state", state)
        assent("log", "append", log, "--kind", "decision", "--subject", "first")
        assert "first" in assent(*monitor)
        assert assent(*monitor) == ""
        assent("log", "append", log, "--batch", batch)
        shown = assent(*monitor, "--kind", "refusal", "--party", "KEN", "--json")
        found = [json.loads(line)["index"] for line in shown.splitlines()]
        assert found == [1, 101, 201, 301, 401, 501]
        mirror = ("log", "mirror", url, tmp_path / "copy", "--policy", policy)
        assert "601 entries" in assent(*mirror)
        assert "0 files fetched" in assent(*mirror, "--recheck")
    for path in (log / "public" / "tile").rglob("*"):
        if path.is_file():
            copy = tmp_path / "copy" / path.relative_to(log / "public")
            assert copy.read_bytes() == path.read_bytes()


def test_a_split_view_is_shouted_and_leaves_evidence(tmp_path: Path, log: Path) -> None:
    assent("log", "append", log, "--kind", "decision", "--subject", "shared")
    fork = tmp_path / "fork"
    shutil.copytree(log, fork)
    state = tmp_path / "seen" / "state"
    state.parent.mkdir()
    for folder, subject in ((log, "for-all"), (fork, "for-some")):
        assent("log", "append", folder, "--kind", "permit", "--subject", subject)
    look = ("--policy", log / "policy", "--state", state)
    assent("log", "monitor", log / "public", *look)
    assert "SPLIT VIEW" in assent("log", "monitor", fork / "public", *look, code=13)
    (evidence,) = state.parent.glob("*.split-view")
    shown = assent("log", "evidence", evidence, "--policy", log / "policy")
    assert "signed two histories" in shown
    evidence.write_bytes(evidence.read_bytes().replace(b"\\n2\\n", b"\\n3\\n"))
    assent("log", "evidence", evidence, "--policy", log / "policy", code=10)


def test_fsck_finds_and_repairs_torn_files(tmp_path: Path, log: Path) -> None:
    batch = tmp_path / "entries.jsonl"
    batch.write_text("\n".join(entry(i) for i in range(300)))
    assent("log", "append", log, "--batch", batch)
    assert "all is well" in assent("log", "fsck", log)
    tile, bundle = log / "public/tile/0/000", log / "public/tile/entries/000"
    before = tile.read_bytes(), bundle.read_bytes()
    tile.write_bytes(before[0][:4096])
    bundle.unlink()
    refusal = assent("log", "fsck", log, code=12)
    assert "fsck --repair" in refusal
    assert "mended" in assent("log", "fsck", log, "--repair")
    assert (tile.read_bytes(), bundle.read_bytes()) == before
    shutil.rmtree(log / "public")
    assent("log", "rebuild", log)
    assert (tile.read_bytes(), bundle.read_bytes()) == before


def test_an_old_database_is_not_signed_again(tmp_path: Path, log: Path) -> None:
    assent("log", "append", log, "--kind", "decision", "--subject", "one")
    backup = tmp_path / "backup.db"
    shutil.copy(log / "log.db", backup)
    assent("log", "append", log, "--kind", "decision", "--subject", "two")
    for path in log.glob("log.db*"):
        path.unlink()
    shutil.copy(backup, log / "log.db")
    done = subprocess.run(  # noqa: S603 - our own command
        [ASSENT, "log", "append", str(log), "--kind", "x", "--subject", "z"],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )
    assert done.returncode == 12
    assert "catch-up" in done.stderr
    assert done.stdout == ""  # nothing was acknowledged


def test_a_witness_is_shown_and_stops_following(tmp_path: Path, log: Path) -> None:
    keys = re.findall(r"^log (\S+)", (log / "policy").read_text(), re.MULTILINE)
    witness = tmp_path / "w"
    assent("witness", "init", witness, "--name", "w.example/1")
    assert "no trusted" not in assent("witness", "trust", witness, *keys)
    shown = assent("witness", "show", witness)
    assert "agency.example/log: 0 entries, cosigned never" in shown
    assert "evidence of 0 split views, 0 doubts" in shown
    assent("witness", "untrust", witness, "agency.example/log")
    assert "agency" not in assent("witness", "show", witness)
    assent("witness", "trust", witness, keys[0], "garbage", code=3)
    assert "agency" not in assent("witness", "show", witness)


def test_a_folder_restored_whole_acknowledges_nothing(
    tmp_path: Path, log: Path
) -> None:
    key = assent("witness", "init", tmp_path / "w", "--name", "w.example/1").strip()
    keys = re.findall(r"^log (\S+)", (log / "policy").read_text(), re.MULTILINE)
    assent("witness", "trust", tmp_path / "w", *keys)
    lines = "".join(f"log {one}\n" for one in keys)
    add = ("log", "append", log, "--kind", "decision", "--subject")
    with running("witness", "run", tmp_path / "w", "--listen", "127.0.0.1:0") as url:
        (log / "policy").write_text(f"{lines}witness W {key} {url}\nquorum W\n")
        assent(*add, "one")
        shutil.copytree(log, tmp_path / "backup")
        assent(*add, "two")
        shutil.rmtree(log)
        shutil.copytree(tmp_path / "backup", log)
        done = subprocess.run(  # noqa: S603 - our own command
            [ASSENT, *map(str, add), "three"],
            capture_output=True,
            text=True,
            check=False,
            env=ENVIRONMENT,
        )
    assert done.returncode == 13
    assert "W holds a tree head of 2 entries" in done.stderr
    assert done.stdout == ""  # nothing was acknowledged
    assert not list((tmp_path / "w").glob("*.split-view"))  # and nothing was signed


def test_the_database_is_where_the_variable_says(tmp_path: Path) -> None:
    place, folder = str(tmp_path / "elsewhere.db"), tmp_path / "log"
    init = ("log", "init", folder, "--origin", "agency.example/log")
    assent(*init, DATABASE_URL=place)
    assert Path(place).exists()
    assert not (folder / "log.db").exists()
    publish = ("log", "publish", folder)
    assent(*publish, DATABASE_URL=place)
    assert "no log's database" in assent(*publish, code=4)


def test_a_monitor_keeps_looking(tmp_path: Path, log: Path) -> None:
    state, out = tmp_path / "state", tmp_path / "out"
    command = ["log", "monitor", log / "public", "--policy", log / "policy"]
    command += ["--state", state, "--every", "0.2"]
    with (
        out.open("w") as file,
        subprocess.Popen(  # noqa: S603 - our own command
            [ASSENT, *map(str, command)],
            stdout=file,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
        ) as process,
    ):
        try:
            for subject in ("one", "two"):
                assent("log", "append", log, "--kind", "permit", "--subject", subject)
                deadline = time.monotonic() + 60
                while subject not in out.read_text():
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
        finally:
            process.kill()

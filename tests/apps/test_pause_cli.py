"""`assent pause` as the agency and member states use it, with their real keys."""

import logging
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.rehearsal_agency import passphrase_file
from tests.voting_agency import run

from assent.apps.cli.agency.app import agency as agency_app
from assent.apps.cli.exit_codes import exit_code
from assent.apps.cli.states.pause.app import pause
from assent.authorisation.treaty import Matter
from assent.supervision.pause import (
    OrderOutOfTurn,
    OrderQuorumNotMet,
    feed_after,
    parse_order,
)
from assent.testing.states import SeededSigner
from assent.vocabulary.envelope import parse_envelope
from assent.wiring.agency import now, open_agency
from assent.wiring.agency.rehearse import rehearse

REASON = "A dangerous capability was found."
_RUN = "from assent.apps.cli.main import run; run()"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsal agency; tests work on copies."""
    folder = tmp_path_factory.mktemp("pause") / "agency"
    rehearse(folder, 5, 3, now())
    return folder


@pytest.fixture
def folder(founded: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(founded, tmp_path / "agency"))


def draft(folder: Path, name: str = "order", scope: str = "everything") -> Path:
    out = folder.parent / name
    given = ("--agency", folder, "--scope", scope, "--reason", REASON, "--out", out)
    run(pause, "draft", *given)
    return out


def sign(
    folder: Path, order: Path, member: str, *more: object, error: str = ""
) -> Path:
    out = order.with_name(f"{order.name}.{member}")
    key = folder / "states" / f"{member}.key"
    passphrase = ("--passphrase-file", passphrase_file(folder))
    trusted = ("--root", folder / "root.json", "--trust", folder / "trust")
    given = ("--key", key, "--out", out, "--yes", *passphrase, *trusted, *more)
    run(pause, "sign", order, *given, error=error)
    return out


def issued(folder: Path, order: Path, *members: str) -> str:
    signed = [
        sign(folder, order, member) for member in members or ("AUS", "BRA", "CAN")
    ]
    return run(pause, "issue", "--agency", folder, *signed)


def numbers(folder: Path) -> list[tuple[int, bool]]:
    with open_agency(folder) as agency:
        return [
            (parse_order(item.envelope.payload).number, item.proof is not None)
            for item in feed_after(agency.office, 0)
        ]


def test_a_rehearsal_gives_somebody_every_matter(founded: Path) -> None:
    with open_agency(founded) as agency:
        assert set(agency.trusted.treaty.procedures) == set(Matter)


def test_a_quorum_pauses_and_resumes(folder: Path) -> None:
    told = issued(folder, draft(folder, scope="class=1e25"))
    assert "10,000,000,000,000,000,000,000,000 FLOP" in told
    assert "because: A dangerous capability was found." in told
    assert numbers(folder) == [(1, False)]
    assert "HOLDS" in run(pause, "show", "--agency", folder)
    run(agency_app, "work", folder)
    out = folder.parent / "resume"
    given = ("--agency", folder, "--ends", 1, "--reason", "Contained.", "--out", out)
    assert "RESUME (ends order 1)" in run(pause, "resume", *given)
    issued(folder, out)
    listed = run(pause, "show", "--agency", folder)
    assert "HOLDS" in listed
    assert "waits for the public log" in listed
    run(agency_app, "work", folder)
    listed = run(pause, "show", "--agency", folder)
    assert "ended by order 2" in listed
    assert numbers(folder) == [(1, False), (1, True), (2, False), (2, True)]
    assert "all is well" in run(agency_app, "check", folder)
    assert "order 2 of" in run(pause, "show", "--agency", folder, "--number", 2)
    assert "0 of 0 jobs" in run(pause, "status", "--agency", folder, "--number", 1)
    assert "jobs" not in run(pause, "status", "--agency", folder, "--number", 2)


def test_too_few_members_issue_nothing(folder: Path) -> None:
    order = draft(folder)
    signed = [sign(folder, order, member) for member in ("AUS", "BRA")]
    run(pause, "issue", "--agency", folder, *signed, error="OrderQuorumNotMet")
    assert numbers(folder) == []
    assert exit_code(OrderQuorumNotMet("a", remedy="b")) == 10
    assert exit_code(OrderOutOfTurn("a", remedy="b")) == 3


def test_signatures_of_different_orders_are_not_put_together(folder: Path) -> None:
    one = sign(folder, draft(folder, "one"), "AUS")
    two = sign(folder, draft(folder, "two", "site=x"), "BRA")
    run(pause, "issue", "--agency", folder, one, two, error="InputError")


def test_the_director_pauses_alone_by_the_emergency_procedure(folder: Path) -> None:
    out = folder.parent / "urgent"
    given = ("--agency", folder, "--scope", "everything", "--reason", REASON)
    told = run(pause, "draft", *given, "--emergency", "--out", out)
    assert "it ends by itself at" in told
    issued(folder, out, "director-general")
    assert parse_order(parse_envelope(out.read_bytes()).payload).lapses is not None


def test_a_key_that_would_not_count_is_refused_before_it_is_opened(
    folder: Path,
) -> None:
    order = draft(folder)
    for name in ("director-general", "expert-1", "AUS.root"):
        sign(folder, order, name, error="KeyNotAsked")


def test_a_member_is_told_what_stops_and_whether_it_was_checked(
    folder: Path,
) -> None:
    order = draft(folder, scope="party=KEN")
    key = folder / "states" / "AUS.key"
    passphrase = ("--passphrase-file", passphrase_file(folder))
    trusted = ("--root", folder / "root.json", "--trust", folder / "trust")
    given = ("--key", key, *passphrase, "--yes")
    checked = order.with_name("checked")
    told = run(pause, "sign", order, *given, *trusted, "--out", checked)
    assert "PAUSE: everything that runs in the party KEN" in told
    assert "needed of Council: 3 of these 5" in told
    assert "Checked: this signature will count." in told
    unchecked = order.with_name("unchecked")
    assert "NOT CHECKED" in run(pause, "sign", order, *given, "--out", unchecked)
    assert unchecked.read_bytes() == checked.read_bytes()


def test_what_is_signed_is_an_order_and_nothing_else(folder: Path) -> None:
    wrong = folder.parent / "wrong"
    envelope = parse_envelope(draft(folder).read_bytes())
    wrong.write_bytes(
        type(envelope)(envelope.payload, "application/vnd.assent.permit+json").encoded
    )
    sign(folder, wrong, "AUS", error="NotAnOrder")


def test_passphrases_and_keys_are_never_shown_or_logged(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    secret = passphrase_file(folder).read_text().strip()
    with caplog.at_level(logging.DEBUG):
        order = draft(folder)
        told = issued(folder, order)
        told += run(pause, "show", "--agency", folder)
        told += run(agency_app, "work", folder)
    captured = capsys.readouterr()
    everything = told + captured.out + captured.err + caplog.text
    files = [path for path in folder.rglob("*") if path.suffix in {".db", ".json"}]
    written = b"".join(path.read_bytes() for path in [*files, order])
    assert secret
    assert secret not in everything
    assert secret.encode() not in written
    for line in (folder / "service-keys").read_text().split():
        if len(line) == 64:
            assert line not in everything


def test_reach_is_shown_and_gates_come_and_go(folder: Path) -> None:
    run(pause, "status", "--agency", folder, error="NotFound")
    issued(folder, draft(folder))
    key = SeededSigner("gate-1").key.text
    run(pause, "gate", "--agency", folder, "gate-1", "--key", key)
    told = run(pause, "status", "--agency", folder)
    assert "0 of 1 known gates" in told
    assert "gate-1" in told
    assert "power and telemetry must confirm" in told
    run(pause, "gate", "--agency", folder, "gate-1", "--drop")
    run(pause, "gate", "--agency", folder, "gate-1", "--drop", error="NotFound")
    run(pause, "gate", "--agency", folder, "gate-1", error="InputError")
    bad = ("--key", key, "--url", "ftp://x")
    run(pause, "gate", "--agency", folder, "gate-1", *bad, error="InputError")


@pytest.mark.parametrize("listen", ["127.0.0.1", ":1", "host:x", "127.0.0.1:70000"])
def test_an_address_is_a_host_and_a_port(folder: Path, listen: str) -> None:
    given = ("--agency", folder, "--listen", listen)
    run(pause, "serve", *given, error="InputError")


@pytest.mark.parametrize("wait_s", [0.6, 0.9, 1.2, 1.5])
def test_killed_while_it_issues_it_is_issued_whole_or_not_at_all(
    folder: Path, wait_s: float
) -> None:
    order = draft(folder)
    signed = [str(sign(folder, order, member)) for member in ("AUS", "BRA", "CAN")]
    command = [sys.executable, "-c", _RUN, "pause", "issue", "--agency", str(folder)]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [*command, *signed], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(wait_s)
    process.send_signal(signal.SIGKILL)
    out, _ = process.communicate()
    before = numbers(folder)
    assert before in ([], [(1, False)])
    assert before or not out
    run(pause, "issue", "--agency", folder, *signed)
    run(agency_app, "work", folder)
    assert numbers(folder) == [(1, False), (1, True)]
    assert "all is well" in run(agency_app, "check", folder)

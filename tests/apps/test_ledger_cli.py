"""A gate reports its days by command, and an agency takes them, on disks."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.apps.at_the_desk import run
from tests.apps.test_lease_renewal import OWNERS, granted

from assent.adapters.gate import fetch_papers, open_gate_folder
from assent.adapters.keys.machine_key import open_machine_key
from assent.adapters.ledger.day_books import DayBookFolder
from assent.apps.cli.main import app
from assent.supervision.admission import JobRequest
from assent.supervision.daybook import (
    DayBookForked,
    DayBookNotAsLogged,
    Standing,
    parse_day,
    write_day,
)
from assent.supervision.ledger import CorrectionRefused
from assent.vocabulary import NotFound
from assent.wiring.agency import now
from assent.wiring.agency.back_up import back_up_agency
from assent.wiring.agency.restore import restore_agency
from assent.wiring.gate import open_gate

SITE, PERMIT = "site-nairobi-1", "permit-2026-0001"
JOB = JobRequest(
    job_id="one",
    site=SITE,
    account="labs",
    permit_id=PERMIT,
    chips={"H100 SXM": 1},
    time_limit_s=60,
    flop_max=10**13,
)


@dataclass
class Parties:
    """An agency, and a gate that it knows as gate-1."""

    agency: Path
    gate: Path

    def report(self) -> Path:
        """Close the gate's day; return the file that it wrote."""
        run(app, "gate", "report", self.gate, "--name", "gate-1")
        days = DayBookFolder(self.gate / "day-books")
        last = days.last()
        assert last is not None
        return days.path(last)

    def take(self, *files: Path, **expected: Any) -> str:  # noqa: ANN401 - as run
        """Have the agency take files."""
        return run(app, "ledger", "take", self.agency, *files, **expected)

    def shown(self, by: str = "run") -> dict[str, Any]:
        """Return what the agency shows."""
        said: dict[str, Any] = json.loads(
            run(app, "ledger", "show", self.agency, "--by", by, "--json")
        )
        return said


@pytest.fixture
def parties(tmp_path: Path) -> Parties:
    """Return a gate that admitted a job, used less, and ended it."""
    made = Parties(tmp_path / "agency", tmp_path / "gate")
    start = granted(made.agency)
    root = made.agency / "root.json"
    run(
        app, "gate", "init", made.gate, "--site", SITE, "--party", "KEN", "--root", root
    )
    (made.gate / "owners.yaml").write_text(OWNERS)
    place = open_gate_folder(made.gate)
    fetch_papers(made.agency / "public", place.papers, made.agency / "trust")
    with open_gate(made.gate) as opened:
        gate = opened.gate
        gate.admit(replace(JOB, chips={}, flop_max=None), start)
        gate.end("one", start + timedelta(seconds=1))
    key = run(app, "gate", "key", made.gate).strip()
    run(app, "pause", "gate", "--agency", made.agency, "gate-1", "--key", key)
    return made


def test_days_are_reported_taken_logged_shown_and_checked(
    parties: Parties, tmp_path: Path
) -> None:
    first = parties.report()
    assert "day book 1 of gate-1: taken (entry " in parties.take(first)
    assert "taken before" in parties.take(first)
    second, third = parties.report(), parties.report()
    assert "waits" in parties.take(third)
    assert parties.take(second).count(": taken") == 2
    said = parties.shown()
    (run_total,) = said["totals"]
    assert (run_total["permits"], run_total["sites"]) == ([PERMIT], [SITE])
    assert int(run_total["permitted"]) > 0
    assert said["findings"] == []
    assert [total["key"] for total in parties.shown("party")["totals"]] == ["KEN"]
    assert "run" in run(app, "ledger", "show", parties.agency)
    assert "3 day books are as they were logged" in run(
        app, "ledger", "check", parties.agency
    )
    # Anybody verifies a day book with the gate's key and the log's proof.
    proof = tmp_path / "day.tlog-proof"
    log = parties.agency / "log"
    index = parties.take(first).split("entry ")[1].split(")")[0]
    run(app, "log", "prove", log, index, "--out", proof)
    key = run(app, "gate", "key", parties.gate).strip()
    arguments = ("--key", key, "--proof", proof, "--policy", log / "policy")
    assert "is whole" in run(app, "ledger", "verify", first, *arguments)
    run(app, "ledger", "verify", second, *arguments, error=DayBookNotAsLogged)


def test_a_past_day_that_a_provider_rewrites_is_found(
    parties: Parties, tmp_path: Path
) -> None:
    first = parties.report()
    parties.take(first)
    # The provider signs the same day again, without its entries.
    day = parse_day(first.read_bytes())
    head = replace(day.head, entries=0, head=day.head.head_before)
    signer = open_machine_key(parties.gate / "gate.key", "gate-1")
    other = tmp_path / "other"
    other.write_bytes(write_day(head, day.owners, (), signer))
    assert "signed two" in parties.take(other, error=DayBookForked)
    kinds = [one["kind"] for one in parties.shown()["findings"]]
    assert kinds == ["fork"]
    # And has the agency's copy replaced: the log holds the first.
    kept = DayBookFolder(parties.agency / "ledger" / "day-books" / "gate-1")
    (taken,) = kept.kept(Standing.TAKEN)
    kept.path(taken).unlink()
    run(app, "ledger", "check", parties.agency, error=DayBookNotAsLogged)
    kept.put(1, other.read_bytes(), now(), Standing.TAKEN)
    message = run(app, "ledger", "check", parties.agency, error=DayBookNotAsLogged)
    assert "another head" in message


def test_a_correction_by_command_shows_and_erases_nothing(parties: Parties) -> None:
    def correct(entry: str, flop: str, **expected: Any) -> str:  # noqa: ANN401 - as run
        who = ("--reason", "it never ran", "--by", "Ada")
        words = ("gate", "correct", parties.gate, entry, "--flop", flop, *who)
        return run(app, *words, **expected)

    assert "stays written" in correct("settle/one", "5e12")
    assert "stays written" in correct("settle/one", "7e12")
    assert "already" in correct("settle/one", "7e12", error=CorrectionRefused)
    assert "settled" in correct("reserve/one", "1", error=CorrectionRefused)
    correct("settle/none", "1", error=NotFound)
    book = parties.report()
    parties.take(book)
    (total,) = parties.shown()["totals"]
    assert (total["spent"], total["reserved"]) == (str(7 * 10**12), "0")
    assert book.read_bytes().count(b'"by":"Ada"') == 2


def test_a_restored_agency_has_its_ledger_again(
    parties: Parties, tmp_path: Path
) -> None:
    parties.take(parties.report())
    before = parties.shown()["totals"]
    back_up_agency(parties.agency, tmp_path / "backup")
    restored = tmp_path / "restored"
    restore_agency(tmp_path / "backup", restored, now())
    run(app, "ledger", "check", restored)
    said = json.loads(run(app, "ledger", "show", restored, "--json"))
    assert said["totals"] == before

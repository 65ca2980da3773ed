"""`assent oversight` as inspectors, the developer and the agency use it."""

from pathlib import Path

import pytest
from tests.voting_agency import MEMBERS, NEEDED, Rehearsed, rehearsed, run

from assent.adapters.gate import PaperFolder, open_gate_folder
from assent.adapters.keys.held_keys import new_held_key
from assent.apps.cli.main import app
from assent.testing.applications import DEVELOPER
from assent.wiring.agency import now

INSPECTOR = "inspector-1"
SEED = b"\x07" * 32


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """An agency that granted one permit."""
    at = rehearsed(tmp_path_factory.mktemp("oversight") / "agency")
    passphrase = at.passphrase_file.read_text().strip()
    labs = new_held_key(
        at.key("labs"), name="labs", passphrase=passphrase, seed=SEED, created=now()
    )
    developer = {"name": DEVELOPER, "key": labs.public}
    at.decide(at.propose(developer=developer), *MEMBERS[:NEEDED])
    return at


class Desk:
    """The commands, with the one permit and the one passphrase."""

    def __init__(self, at: Rehearsed) -> None:
        """Look the permit up."""
        self.at = at
        (self.permit_id,) = at.permits

    def oversight(self, verb: str, *more: object, error: str = "") -> str:
        """Run a command of `assent oversight` on the permit."""
        given = ("oversight", verb, self.at.folder, self.permit_id, *more)
        return run(app, *given, error=error)

    def signs(self, name: str) -> tuple[object, ...]:
        """Return the options that sign by somebody's key."""
        passphrase = ("--passphrase-file", self.at.passphrase_file)
        return ("--key", self.at.key(name), *passphrase, "--yes")

    def issue(self, *orders: Path) -> str:
        """Issue an order, and have the log told."""
        said = run(app, "pause", "issue", "--agency", self.at.folder, *orders)
        run(app, "agency", "work", self.at.folder)
        return said

    def by_quorum(self, verb: str, out: Path, *more: object) -> str:
        """Have three members sign an order of `assent pause`, and issue it."""
        agency = ("--agency", self.at.folder, "--out", out, "--reason", "As heard.")
        run(app, "pause", verb, *agency, *more)
        copies = [out.with_name(f"{out.name}.{member}") for member in MEMBERS[:NEEDED]]
        for member, copy in zip(MEMBERS, copies, strict=False):
            checked = ("--root", self.at.root, "--trust", self.at.trust)
            signs = self.signs(member)
            run(app, "pause", "sign", out, "--out", copy, *checked, *signs)
        return self.issue(*copies)


def test_a_run_from_an_inspectors_pause_to_its_end(
    founded: Rehearsed, tmp_path: Path
) -> None:
    desk = Desk(founded.copied(tmp_path / "agency"))
    named = ("--inspector", INSPECTOR, "--as", "officer-1")
    desk.oversight("name", *named, error="InspectorUndeclared")
    none = ("--kind", "none", "--text", "None.", "--since", "2026-01-01")
    declared = (INSPECTOR, DEVELOPER, *none, "--as", INSPECTOR)
    run(app, "review", "interest", desk.at.folder, *declared)
    paused = ("--reason", "It deceives.", *desk.signs(INSPECTOR))
    early = tmp_path / "early"
    desk.oversight("pause", "--out", early, *paused)
    refused = ("pause", "issue", "--agency", desk.at.folder, early)
    run(app, *refused, error="InspectorNotNamed")
    desk.oversight("name", *named)
    order = tmp_path / "order"
    desk.oversight("pause", "--out", order, *paused)
    assert "as a matter of inspector-pause" in desk.issue(order)
    said = desk.oversight("run")
    assert "The run is paused since" in said
    assert "appealed (the developer)" in said
    appeal = tmp_path / "appeal"
    grounds = ("--order", 1, "--grounds", "It does not.", *desk.signs("labs"))
    desk.oversight("appeal", "--out", appeal, *grounds)
    filed = ("oversight", "file", desk.at.folder, appeal, "--as", "labs")
    assert "is to be decided by" in run(app, *filed)
    assert "The run is appealed since" in desk.oversight("run")
    desk.by_quorum("resume", tmp_path / "resume", "--ends", 1)
    assert "The run is running since" in desk.oversight("run")
    said = desk.by_quorum("terminate", tmp_path / "end", "--run", "practice-nano")
    assert "TERMINATE, for good: the run practice-nano" in said
    assert "nothing, this is final" in desk.oversight("run")
    assert "terminate  HOLDS" in run(app, "pause", "show", "--agency", desk.at.folder)


def test_an_inspector_is_taken_off_a_run(founded: Rehearsed, tmp_path: Path) -> None:
    desk = Desk(founded.copied(tmp_path / "agency"))
    named = ("--inspector", INSPECTOR, "--as", "officer-1", "--withdraw")
    desk.oversight("name", *named, error="InspectorNotNamed")


def test_a_gate_keeps_the_request_that_an_inspector_signed(
    founded: Rehearsed, tmp_path: Path
) -> None:
    desk = Desk(founded)
    gate = tmp_path / "gate"
    made = ("--site", "site-nairobi-1", "--party", "KEN", "--root", founded.root)
    run(app, "gate", "init", gate, *made, "--rulebook", "practice")
    out = tmp_path / "request"
    wanted = ("--inspector", INSPECTOR, "--name", "evaluation-7", "--flop", "1e12")
    where = ("--site", "site-nairobi-1", "--evaluation", "cyber-offence")
    desk.oversight("request", "--out", out, *wanted, *where, *desk.signs(INSPECTOR))
    assert "evaluation-7, for one job" in run(app, "gate", "request", gate, out)
    store = PaperFolder(open_gate_folder(gate).papers)
    assert store.request("evaluation-7") == out.read_bytes()
    assert store.request("../requests/evaluation-7") is None

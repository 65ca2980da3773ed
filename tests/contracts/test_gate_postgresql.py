"""A gate whose books are on a PostgreSQL server, as one setting says."""

from pathlib import Path

import pytest
from tests.apps.test_lease_renewal import OWNERS, granted
from typer.testing import CliRunner

from assent.adapters.gate import fetch_papers, open_gate_folder
from assent.apps.cli.main import app
from assent.supervision.admission import JobRequest
from assent.supervision.ledger import JobState
from assent.vocabulary import InputError
from assent.wiring.gate import open_gate


def test_a_gate_made_under_database_url_keeps_its_books_there(
    tmp_path: Path, postgresql_url: str
) -> None:
    agency, folder = tmp_path / "agency", tmp_path / "gate"
    start = granted(agency)
    made = CliRunner().invoke(
        app,
        [
            *("gate", "init", str(folder), "--site", "site-nairobi-1"),
            *("--party", "KEN", "--root", str(agency / "root.json")),
        ],
        env={"DATABASE_URL": postgresql_url},
        catch_exceptions=False,
    )
    assert made.exit_code == 0
    (folder / "owners.yaml").write_text(OWNERS)
    fetch_papers(agency / "public", open_gate_folder(folder).papers, agency / "trust")
    job = JobRequest(
        job_id="one",
        site="site-nairobi-1",
        account="labs",
        permit_id="permit-2026-0001",
        chips={},
        time_limit_s=60,
    )
    environment = {"DATABASE_URL": postgresql_url}
    with open_gate(folder, environment=environment) as opened:
        opened.gate.admit(job, start)
    with (
        open_gate(folder, environment=environment) as opened,
        opened.gate.ledger.reading() as books,
    ):
        assert [one.job_id for one in books.jobs(JobState.RUNNING)] == ["one"]
    assert not (folder / "books.db").exists()
    with (
        pytest.raises(InputError, match="DATABASE_URL"),
        open_gate(folder, environment={}),
    ):
        pass

"""An evaluation job runs by an inspector's request, through a gate that answers."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.small_gate import PERMIT, RATE, SmallGate, small_gate
from typer.testing import CliRunner

from assent.adapters.ledger import open_ledger
from assent.apps.cli.main import app
from assent.apps.gate import GateClient, GateRefused
from assent.supervision.admission import Balance, overseers_book


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[SmallGate]:
    with small_gate(tmp_path, grace_s=1) as found:
        yield found


def take(gate: SmallGate, request: Path) -> None:
    folder = str(gate.place.papers.parent)
    done = CliRunner().invoke(app, ["gate", "request", folder, str(request)])
    assert done.exit_code == 0, done.output


def ask(gate: SmallGate, verb: str, **question: object) -> Any:  # noqa: ANN401 - any answer
    with GateClient(gate.socket) as client:
        return client.ask(verb, **question)


def admit(gate: SmallGate, job_id: str, **changes: object) -> Any:  # noqa: ANN401 - any answer
    job = {
        "job_id": job_id,
        "account": "labs",
        "permit_id": PERMIT.permit_id,
        "chips": {"H100 SXM": 1},
        "time_limit_s": 1_800,
        "flop_max": None,
        "purpose": "",
        "request_id": "evaluation-1",
    }
    return ask(gate, "admit", job={**job, **changes})


def refusal(gate: SmallGate, job_id: str, **changes: object) -> str:
    """Return the name of the error with which a job is refused."""
    with pytest.raises(GateRefused) as refused:
        admit(gate, job_id, **changes)
    return refused.value.error


def overseers(gate: SmallGate) -> Balance:
    """Return what is in the books of the permit's overseers."""
    with open_ledger(gate.place.books) as ledger, ledger.reading() as books:
        return books.balance([overseers_book(PERMIT.permit_id)])


def test_a_request_lets_one_job_start_and_it_is_settled(gate: SmallGate) -> None:
    assert refusal(gate, "c1/1") == "PapersMissing"
    take(gate, gate.request())
    assert admit(gate, "c1/1")["admission"]["job_id"] == "c1/1"
    assert refusal(gate, "c1/2") == "RequestUsed"
    assert overseers(gate).flop_reserved == 1_800 * RATE
    assert gate.balance().flop == 0  # nothing of what training has

    gate.clock.turn(60)
    ended = ask(gate, "end", job_id="c1/1")["job"]
    assert 60 * RATE <= int(ended["flop_spent"]) < 90 * RATE
    assert overseers(gate).flop_reserved == 0
    assert overseers(gate).flop_spent == int(ended["flop_spent"])
    assert refusal(gate, "c1/2") == "RequestUsed"


def test_a_job_beyond_its_request_or_without_a_lease(gate: SmallGate) -> None:
    take(gate, gate.request())
    assert refusal(gate, "c1/1", time_limit_s=3_700) == "ReserveExceeded"
    for lease in (gate.place.papers / "leases").iterdir():
        lease.unlink()  # training stands still; evaluations are due just then
    assert refusal(gate, "c1/2", request_id=None) == "PapersMissing"
    assert admit(gate, "c1/1")["admission"]["job_id"] == "c1/1"


def test_a_request_of_another_site_or_time_lets_nothing_start(gate: SmallGate) -> None:
    take(gate, gate.request(site="site-bergen-2"))
    assert refusal(gate, "c1/1") == "RequestOfAnother"
    take(gate, gate.request(expires=gate.clock() + timedelta(minutes=10)))
    gate.clock.turn(601)
    assert refusal(gate, "c1/1") == "RequestUntimely"
    assert not gate.jobs()

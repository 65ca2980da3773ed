"""An agency renews leases while permits are good; a gate lives on what it fetches."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.rehearsal_agency import grant

from assent.adapters.gate import create_gate_folder, fetch_papers
from assent.adapters.gate.orders import GateRegister
from assent.adapters.ledger import open_ledger
from assent.authorisation.permit import Lease, parse_lease
from assent.authorisation.trust import MetadataExpired
from assent.supervision.admission import AllowanceExceeded, JobRequest
from assent.supervision.gate import PapersMissing
from assent.testing.applications import application_form
from assent.vocabulary.envelope import parse_envelope
from assent.wiring.agency import now, open_agency
from assent.wiring.agency.rehearse import rehearse
from assent.wiring.agency.work import work_once
from assent.wiring.gate import open_gate

LABS = application_form()["developer"]["key"]
OWNERS = f"""\
format: assent-owners/1
control: {{share: 1/2, citation: the site's contract}}
owners:
- id: labs
  name: Example Laboratory
  accounts: [labs]
  keys: ["{LABS}"]
"""


def leases(folder: Path) -> list[Lease]:
    found = [
        parse_lease(parse_envelope(path.read_bytes()).payload)
        for path in (folder / "public" / "leases").glob("*.lease")
    ]
    return sorted(found, key=lambda lease: lease.serial)


def granted(folder: Path) -> datetime:
    """Found an agency that grants a permit; return when."""
    start = now()
    rehearse(folder, 5, 3, start)
    grant(folder, at=start)
    work_once(folder, start)
    return start


def test_leases_are_renewed_when_half_of_their_life_is_over(tmp_path: Path) -> None:
    start = granted(tmp_path)
    (first,) = leases(tmp_path)
    assert first.serial == 1
    soon = work_once(tmp_path, start + timedelta(hours=11))
    assert (soon.served.leases, leases(tmp_path)) == ((), [first])
    later = work_once(tmp_path, start + timedelta(hours=13))
    assert [name[-2:] for name in later.served.leases] == ["-2"]
    assert [lease.serial for lease in leases(tmp_path)] == [1, 2]
    work_once(tmp_path, start + timedelta(hours=26))
    assert [lease.serial for lease in leases(tmp_path)] == [2, 3]


def test_a_gate_lives_on_what_it_fetches(tmp_path: Path) -> None:
    agency, folder = tmp_path / "agency", tmp_path / "gate"
    start = granted(agency)
    (lease,) = leases(agency)
    place = create_gate_folder(
        folder,
        site=lease.site,
        party="KEN",
        rulebook="practice",
        root=(agency / "root.json").read_bytes(),
    )
    (folder / "owners.yaml").write_text(OWNERS)
    open_ledger(place.books, create=True).close()
    GateRegister(place.orders, create=True).close()
    asked = JobRequest(
        job_id="c1/1",
        site=lease.site,
        account="labs",
        permit_id=lease.permit_id,
        chips={},
        time_limit_s=60,
    )
    with open_gate(folder) as opened:
        gate = opened.gate
        with pytest.raises(PapersMissing):
            gate.check(asked, start)
        assert len(fetch_papers(agency / "public", place.papers)) == 3
        assert fetch_papers(agency / "public", place.papers) == []
        assert gate.check(asked, start).permit_id == lease.permit_id
        with pytest.raises(AllowanceExceeded):
            gate.check(replace(asked, chips={"H100 SXM": 1}, time_limit_s=3_600), start)
        # A day later nothing holds any more, until it fetches again.
        tomorrow = start + timedelta(hours=25)
        with pytest.raises(MetadataExpired):
            gate.check(asked, tomorrow)
        work_once(agency, tomorrow)
        fetch_papers(agency / "public", place.papers)
        assert gate.check(asked, tomorrow).lease_id == f"{lease.lease_id[:-1]}2"


def test_without_permits_there_are_no_leases(tmp_path: Path) -> None:
    rehearse(tmp_path, 5, 3, now())
    with open_agency(tmp_path, at=now()):
        pass
    assert work_once(tmp_path, now()).served.leases == ()
    assert leases(tmp_path) == []

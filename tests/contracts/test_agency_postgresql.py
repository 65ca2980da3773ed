"""An agency whose cases and log are in PostgreSQL, and the way there from SQLite."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.day_books import ReportingGate
from tests.postgresql_server import PostgresqlServer, postgresql_url, server
from tests.rehearsal_agency import grant

from assent.adapters.agency.reach import export_reach
from assent.adapters.docket import DocketBehind
from assent.authorisation.permit import verify_permit
from assent.supervision.ledger import meter
from assent.supervision.pause import GateRecord, ReachStore
from assent.testing.states import SeededSigner
from assent.testing.supervision.orders import make_ack, make_order
from assent.testing.trust import NOW
from assent.translog.errors import LogDamaged
from assent.vocabulary import InputError
from assent.wiring.agency import now, open_agency
from assent.wiring.agency.back_up import CASES_LINES, back_up_agency
from assent.wiring.agency.rehearse import rehearse
from assent.wiring.agency.restore import restore_agency
from assent.wiring.agency.work import work_once
from assent.wiring.ledger import open_agency_ledger
from assent.wiring.pause import open_reach

__all__ = ["postgresql_url", "server"]  # fixtures


def permits(folder: Path) -> list[Path]:
    """Return the files of permits that the public can fetch."""
    return sorted((folder / "public" / "permits").iterdir())


def test_an_agency_works_in_postgresql_and_is_restored_into_a_new_database(
    tmp_path: Path, server: PostgresqlServer, postgresql_url: str
) -> None:
    here = {"DATABASE_URL": postgresql_url}
    folder = tmp_path / "agency"
    rehearse(folder, 3, 3, now(), environment=here)
    grant(folder, environment=here)
    worked = work_once(folder, now(), environment=here)
    assert len(worked.done.announced) == 1
    assert not (folder / "cases.db").exists()
    assert not (folder / "log" / "log.db").exists()
    root = (folder / "root.json").read_bytes()
    verify_permit(permits(folder)[0].read_bytes(), root, now())

    copy = tmp_path / "copy"
    back_up_agency(folder, copy, environment=here)
    assert (copy / CASES_LINES).exists()
    with pytest.raises(InputError, match="cases in this database already"):
        restore_agency(copy, tmp_path / "again", now(), environment=here)
    assert not (tmp_path / "again").exists()
    with server.database() as other:
        there = {"DATABASE_URL": other}
        done = restore_agency(copy, tmp_path / "again", now(), environment=there)
        assert (done.entries, done.anchors) == (1, 1)
        with open_agency(tmp_path / "again", environment=there) as agency:
            assert agency.office.read(f"permit-{now().year}-0001")


def test_the_agency_s_ledger_is_where_its_cases_are(
    tmp_path: Path, postgresql_url: str
) -> None:
    here = {"DATABASE_URL": postgresql_url}
    folder = tmp_path / "agency"
    rehearse(folder, 3, 3, now(), environment=here)
    gate = ReportingGate()
    gate.write(meter("permit-2026-0001", "1", "m/1", 7, now(), "sha256:a"))
    with open_reach(folder, environment=here) as reach:
        reach.put_gates(GateRecord(gate.name, gate.signer.key))
    for _ in range(2):
        with open_agency_ledger(folder, environment=here) as opened:
            opened.desk.take(gate.close(now()), now())
            assert opened.books(now()).balances(0).metered == 7
            assert opened.audit() > 0
            with opened.ledger.reading() as books:
                books.count_again()
    assert not (folder / "ledger" / "books.db").exists()


def test_an_agency_moves_from_sqlite_to_postgresql_and_back(
    tmp_path: Path, postgresql_url: str
) -> None:
    there, here = {"DATABASE_URL": postgresql_url}, dict[str, str]()
    folder = tmp_path / "agency"
    rehearse(folder, 3, 3, now(), environment=here)
    grant(folder, environment=here)
    work_once(folder, now(), environment=here)
    back_up_agency(folder, tmp_path / "copy", environment=here)
    restore_agency(tmp_path / "copy", tmp_path / "moved", now(), environment=there)
    back_up_agency(tmp_path / "moved", tmp_path / "lines", environment=there)
    done = restore_agency(
        tmp_path / "lines", tmp_path / "back", now(), environment=here
    )
    assert (done.entries, done.anchors) == (1, 1)
    with (
        open_agency(folder, environment=here) as before,
        open_agency(tmp_path / "back", environment=here) as after,
    ):
        case_id = f"permit-{now().year}-0001"
        assert before.office.read(case_id) == after.office.read(case_id)


def test_refuses_lines_that_are_behind_the_public_log(
    tmp_path: Path, postgresql_url: str
) -> None:
    here = {"DATABASE_URL": postgresql_url}
    folder = tmp_path / "agency"
    rehearse(folder, 3, 3, now(), environment=here)
    back_up_agency(folder, tmp_path / "copy", environment=here)
    grant(folder, environment=here)
    work_once(folder, now(), environment=here)
    with pytest.raises(DocketBehind):
        restore_agency(
            tmp_path / "copy",
            tmp_path / "again",
            now(),
            public_log=str(folder / "log" / "public"),
            environment={},
        )


def test_two_agencies_do_not_share_a_database(
    tmp_path: Path, postgresql_url: str
) -> None:
    here = {"DATABASE_URL": postgresql_url}
    rehearse(tmp_path / "one", 3, 3, now(), environment=here)
    with pytest.raises(InputError, match="cases of the agency with the root"):
        rehearse(tmp_path / "two", 3, 3, now(), environment=here)
    with open_agency(tmp_path / "one", environment=here):
        pass
    with pytest.raises(InputError, match="it is not set"):
        back_up_agency(tmp_path / "one", tmp_path / "copy", environment={})
    assert not (tmp_path / "copy").exists()


def test_gates_and_acknowledgements_are_restored_wherever_they_are_kept(
    tmp_path: Path, postgresql_url: str
) -> None:
    there, here = {"DATABASE_URL": postgresql_url}, dict[str, str]()
    folder = tmp_path / "agency"
    rehearse(folder, 3, 3, now(), environment=here)
    with open_reach(folder, environment=here) as store:
        _fill(store)
        kept = list(export_reach(store))
    for number, (before, after) in enumerate([(here, there), (there, here)]):
        copy, target = tmp_path / f"copy-{number}", tmp_path / f"again-{number}"
        back_up_agency(folder, copy, environment=before)
        restore_agency(copy, target, now(), environment=after)
        with open_reach(target, environment=after) as store:
            assert list(export_reach(store)) == kept
        folder = target
    assert not (tmp_path / "again-0" / "reach.db").exists()


def test_a_copy_of_acknowledgements_that_was_changed_is_not_restored(
    tmp_path: Path,
) -> None:
    folder, copy = tmp_path / "agency", tmp_path / "copy"
    rehearse(folder, 3, 3, now(), environment={})
    with open_reach(folder, environment={}) as store:
        _fill(store)
    back_up_agency(folder, copy, environment={})
    lines = (copy / "reach.jsonl").read_bytes()
    (copy / "reach.jsonl").write_bytes(lines.replace(b'"name"', b'"nom"', 1))
    with pytest.raises(LogDamaged, match="Line 1"):
        restore_agency(copy, tmp_path / "again", now(), environment={})
    assert not (tmp_path / "again").exists()
    (copy / "reach.jsonl").unlink()  # a copy of before there was such a file
    restore_agency(copy, tmp_path / "again", now(), environment={})


def _fill(store: ReachStore) -> None:
    order = make_order()
    for name in ("gate-1", "gate-2"):
        store.put_gates(GateRecord(name, SeededSigner(name).key, relay="relay-1"))
        store.add_acks([(1, name, make_ack(order, name), NOW)])
    store.put_relay("relay-1", SeededSigner("relay-1").key)
    store.add_roll(1, "relay-1", b"a roll", NOW + timedelta(microseconds=1))

"""Full disks, locked databases, silent witnesses: a clear error, and nothing half.

What was decided stays decided, and `work` completes it once the fault is gone.
"""

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from tests.torture.agency_checks import check_agency, recover
from tests.torture.agency_on_disk import AgencyPlace, KeptOffice, kept_office
from tests.torture.issuing import Lines, issuer, place_in
from tests.torture.told import Told

from assent.authorisation.permit import PermitState
from assent.authorisation.review import ballot_of
from assent.authorisation.secretariat import read_permit
from assent.testing.office import MORNING
from assent.translog.errors import QuorumNotMet, StoreUnavailable
from assent.vocabulary import NotAllowed

LATER = MORNING + timedelta(hours=1)
_WAIT_S_MAX = 120


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> AgencyPlace:
    """Return the place of a new agency."""
    is_server = request.param == "postgresql"
    url = request.getfixturevalue("postgresql_url") if is_server else None
    return place_in(tmp_path / "agency", url).make()


@pytest.fixture
def agency(place: AgencyPlace) -> Iterator[KeptOffice]:
    """Return the agency at that place, at work."""
    with kept_office(place, MORNING) as office:
        yield office


def _proposed(agency: KeptOffice) -> str:
    case_id = agency.apply()
    agency.assess(case_id)
    agency.propose(case_id)
    return case_id


def _granted(agency: KeptOffice) -> str:
    """Have a permit granted, and not logged; return its name."""
    case_id = _proposed(agency)
    proposal = ballot_of(agency.office.read(case_id)).open_proposal
    counted = agency.vote(case_id, *agency.treaty.states[: agency.treaty.needed])
    assert counted.record is not None
    return str(proposal.paper.payload["permit_id"])


@contextmanager
def _no_documents(place: AgencyPlace) -> Iterator[None]:
    """Put a file where the folder of documents is: root could write to any folder."""
    away = place.documents.with_suffix(".away")
    place.documents.mkdir(exist_ok=True)
    place.documents.rename(away)
    place.documents.write_text("no folder")
    try:
        yield
    finally:
        place.documents.unlink()
        away.rename(place.documents)


def _check_completed(place: AgencyPlace) -> None:
    """Have the secretariat work in the end, and find everything in order."""
    recover(place, LATER)
    check_agency(place, Told(), LATER)


# Documents.


def test_the_last_vote_is_not_recorded_while_documents_cannot_be_stored(
    place: AgencyPlace, agency: KeptOffice
) -> None:
    case_id = _proposed(agency)
    first, second, last = agency.treaty.states[:3]
    agency.vote(case_id, first, second)
    before = agency.office.read(case_id)
    with _no_documents(place):
        with pytest.raises(StoreUnavailable, match="cannot be"):
            agency.vote(case_id, last)
        assert agency.office.read(case_id) == before
        with agency.docket.reading() as transaction:
            assert transaction.cards(kind="notice") == []
            assert transaction.cards(kind="permit") == []
    agency.vote(case_id, last)
    assert agency.card(case_id).state == "granted"
    _check_completed(place)


def test_a_permit_whose_proof_cannot_be_stored_is_public_and_waits_for_it(
    place: AgencyPlace, agency: KeptOffice
) -> None:
    permit_id = _granted(agency)
    with _no_documents(place):
        with pytest.raises(StoreUnavailable):
            agency.work()
        with pytest.raises(NotAllowed, match="not in the public log yet"):
            agency.bundle(permit_id)
    (done,) = agency.work().announced
    assert done.index == 0
    assert agency.verify(permit_id).entry_index == 0
    _check_completed(place)


def test_a_permit_that_cannot_be_stored_is_not_handed_out(
    place: AgencyPlace, agency: KeptOffice
) -> None:
    permit_id = _granted(agency)
    agency.work()
    before = agency.office.read(permit_id)
    with _no_documents(place), pytest.raises(StoreUnavailable):
        agency.bundle(permit_id)
    assert agency.office.read(permit_id) == before
    assert agency.verify(permit_id).entry_index == 0
    _check_completed(place)


# Witnesses.


def test_without_a_quorum_of_witnesses_no_permit_comes_into_force(
    place: AgencyPlace, agency: KeptOffice
) -> None:
    permit_id = _granted(agency)
    for witness in agency.witnesses[1:]:
        witness.is_silent = True
    for _ in range(3):
        with pytest.raises(QuorumNotMet, match="Too few witnesses"):
            agency.work()
    with pytest.raises(NotAllowed, match="not in the public log yet"):
        agency.bundle(permit_id)
    assert read_permit(agency.office, permit_id).state is PermitState.BEING_ISSUED
    assert check_agency(place, Told(), LATER).size_public == 0
    agency.witnesses[1].is_silent = False
    (done,) = agency.work().announced
    assert done.index == 0  # it was appended once
    assert agency.verify(permit_id).witnesses == ("w0", "w1")
    _check_completed(place)


# Public files.


def test_public_files_that_cannot_be_written_leave_the_permit_waiting(
    place: AgencyPlace, agency: KeptOffice
) -> None:
    permit_id = _granted(agency)
    place.public.write_text("no folder")
    with pytest.raises(StoreUnavailable):
        agency.work()
    with pytest.raises(NotAllowed, match="not in the public log yet"):
        agency.bundle(permit_id)
    place.public.unlink()
    agency.work()
    assert agency.verify(permit_id).entry_index == 0
    _check_completed(place)


# Full disks.


def _wait(is_so: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + _WAIT_S_MAX
    while not is_so():
        assert time.monotonic() < ends_s
        time.sleep(0.02)


def _count(lines: Lines, start: str) -> int:
    return sum(line.startswith(start) for line in list(lines.lines))


def test_an_agency_that_may_write_no_larger_files_refuses_until_it_may(
    tmp_path: Path,
) -> None:
    place, told = place_in(tmp_path / "agency").make(), Told()
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    with issuer(place, MORNING, 1) as one:
        pid = one.process.pid
        _wait(lambda: _count(one, "event") > 10)
        for bytes_max in (200_000, 4_000):  # the databases; then documents too
            limits = (bytes_max, unlimited[1])
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
            before = _count(one, "refused StoreUnavailable")
            _wait(lambda: _count(one, "refused StoreUnavailable") > before + 5)  # noqa: B023 - at once
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
            handed = _count(one, "permit")
            _wait(lambda: _count(one, "permit") > handed + 2)  # noqa: B023 - likewise
    told.take(one.lines)
    check_agency(place, told, LATER)
    _check_completed(place)


def test_a_full_disk_stops_issuing_and_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:  # noqa: S603 - nothing foreign
        pytest.skip("no file system can be mounted here")
    with ExitStack() as stack:
        umount = ["umount", "--lazy", str(disk)]
        stack.callback(subprocess.run, umount, check=True)
        ballast, told = disk / "ballast", Told()
        ballast.write_bytes(bytes(2**20))
        place = place_in(disk / "agency").make()
        with issuer(place, MORNING, 2) as one:
            _wait(lambda: _count(one, "refused StoreUnavailable") > 5)
            ballast.unlink()
            events = _count(one, "event")
            _wait(lambda: _count(one, "event") > events + 2)
        told.take(one.lines)
        assert told.permits
        mount = ["mount", "-o", "remount,size=64m", str(disk)]
        subprocess.run(mount, check=True)  # noqa: S603 - nothing foreign
        check_agency(place, told, LATER)
        _check_completed(place)


# Databases that somebody else holds.

_HOLD_S = 1.5


@pytest.mark.parametrize("which", ["cases", "entries"])
def test_work_waits_for_a_database_that_is_locked_for_a_while(
    tmp_path: Path, which: str
) -> None:
    place = place_in(tmp_path / "agency").make()
    with kept_office(place, MORNING) as agency:
        permit_id = _granted(agency)
        with _locked(getattr(place, which), _HOLD_S):
            started_s = time.monotonic()
            agency.work()
            assert time.monotonic() - started_s > _HOLD_S / 2
        assert agency.verify(permit_id).entry_index == 0
    _check_completed(place)


_HOLD = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
held.execute("ROLLBACK")
"""


@contextmanager
def _locked(path: str, wait_s: float) -> Iterator[None]:
    """Have another process hold a database's write lock for a while."""
    command = [sys.executable, "-c", _HOLD, path, str(wait_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:  # noqa: S603 - ours
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield


# Two secretariats.


def test_processes_that_work_at_the_same_time_announce_each_decision_once(
    place: AgencyPlace, agency: KeptOffice
) -> None:
    permits = [_granted(agency) for _ in range(6)]
    told = Told()
    task = {"only_works": True, "is_beside": True, "waits": True}
    with ExitStack() as stack:
        both = [stack.enter_context(issuer(place, LATER, n, **task)) for n in range(2)]
        for one in both:
            assert one.is_ready.wait(_WAIT_S_MAX)
        for one in both:
            one.go()
        for one in both:
            _wait(lambda: _count(one, "worked") > 1)  # noqa: B023 - at once
    for one in both:
        told.take(one.lines)
    found = check_agency(place, told, LATER)
    assert [entry.subject for entry in found.entries] == permits
    assert len(told.announced) == len(permits)
    _check_completed(place)

"""An agency from the command line: rehearsed, worked, checked, backed up, restored."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from tests.rehearsal_agency import apply_for_permit, grant, key, vote
from typer.testing import CliRunner

from assent.adapters.docket import DocketBehind, DocketDamaged
from assent.adapters.trust import TrustFolder
from assent.apps.cli.agency.app import agency
from assent.apps.cli.agency.cases import print_table
from assent.authorisation.permit import verify_permit
from assent.authorisation.trust import (
    TrustRole,
    make_targets,
    parse_listing,
    sign_metadata,
)
from assent.translog.errors import QuorumNotMet
from assent.translog.formats.keys import KeyKind, make_signing_key
from assent.vocabulary import (
    AssentError,
    DocumentInvalid,
    InputError,
    NotFound,
    canonical_bytes,
)
from assent.wiring.agency import now, open_agency
from assent.wiring.agency.rehearse import rehearse
from assent.wiring.agency.trust import VERSIONS_SKIPPED
from assent.wiring.agency.work import work_once

APPLICATION = f"application-{now().year}-0001"
PERMIT = f"permit-{now().year}-0001"


def assent(*arguments: object, env: dict[str, str] | None = None) -> str:
    """Run a command of `assent agency`; return what it prints."""
    done = CliRunner().invoke(
        agency, [str(one) for one in arguments], env=env or {"COLUMNS": "200"}
    )
    if done.exception is not None:
        raise done.exception
    return done.stdout


@pytest.fixture(scope="module")
def granted_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an agency with one permit, announced and given out."""
    folder = tmp_path_factory.mktemp("granted") / "agency"
    assent("rehearse", folder)
    grant(folder)
    assent("work", folder)
    return folder


@pytest.fixture
def granted(tmp_path: Path, granted_once: Path) -> Path:
    """Return a copy of that agency, to be changed."""
    return shutil.copytree(granted_once, tmp_path / "agency")


def test_a_rehearsal_grants_a_permit_that_anybody_verifies_with_the_root(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "agency"
    said = assent("rehearse", folder, "--states", 4, "--needed", 3)
    assert "REHEARSAL" in said
    assert "AUS BRA CAN DEU; 3 of them decide" in said
    case_id = apply_for_permit(folder)
    vote(folder, case_id, "AUS", "BRA")
    assert "put to vote" in (shown := assent("show", folder, case_id))
    assert "yet to vote  CAN, DEU" in shown
    vote(folder, case_id, "DEU")
    said = assent("work", folder)
    assert "announced  permit permit-" in said
    assert f"gave out   {PERMIT}" in said
    file = folder / "public" / "permits" / f"{PERMIT}.permit"
    root = (folder / "root.json").read_bytes()
    verified = verify_permit(file.read_bytes(), root, now())
    assert verified.permit.permit_id == PERMIT


def test_a_rehearsal_is_ready_in_seconds_and_says_that_its_keys_are_in_plain_sight(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "agency"
    assent("rehearse", folder, "--states", 9)
    warning = (folder / "states" / "REHEARSAL").read_text()
    assert "sign as anybody" in warning
    files = sorted(path.name for path in (folder / "states").glob("*.key"))
    assert len(files) == 2 * 9 + 6 + 3 + 1 + 2  # the inspector opens, and signs
    assert all((folder / "states" / name).stat().st_mode & 0o77 == 0 for name in files)
    publics = {key(folder, name).key for name in ("AUS", "AUS.root", "expert-1")}
    assert len(publics) == 3


@pytest.mark.parametrize(("states", "needed"), [(3, 4), (10, 3)])
def test_refuses_numbers_that_make_no_quorum(
    tmp_path: Path, states: int, needed: int
) -> None:
    with pytest.raises(InputError, match="no quorum"):
        rehearse(tmp_path / "agency", states, needed, now())
    assert not (tmp_path / "agency").exists()


def test_refuses_to_rehearse_where_something_is(granted: Path) -> None:
    with pytest.raises(InputError, match="not empty"):
        assent("rehearse", granted)


def test_the_queue_shows_what_waits_and_marks_what_is_overdue(tmp_path: Path) -> None:
    folder = tmp_path / "agency"
    long_ago = now() - timedelta(days=60)
    rehearse(folder, 5, 3, long_ago)
    apply_for_permit(folder, at=long_ago)
    shown = assent("queue", folder)
    assert APPLICATION in shown
    assert "OVERDUE" in shown
    assert "1 cases, 1 overdue" in shown
    assert "0 cases" in assent("queue", folder, "--waiting-for", "applicant")
    assert "0 cases" in assent("queue", folder, "--kind", "permit")
    assert "permit for Practice run: refused" in assent("work", folder)
    assert "refused" in assent("show", folder, APPLICATION)


def test_the_queue_is_whole_in_a_pipe_and_as_json(granted: Path) -> None:
    case_id = apply_for_permit(granted)
    (line, total) = assent("queue", granted, env={"COLUMNS": "20"}).splitlines()
    assert line.split("\t")[:2] == [case_id, "put_to_vote"]
    assert "Practice run" in line
    assert total == "1 cases, 0 overdue"
    (value,) = json.loads(assent("queue", granted, "--json"))
    assert (value["case"], value["is_overdue"]) == (case_id, False)


def test_the_queue_shortens_no_case_state_or_date_on_a_narrow_screen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = (APPLICATION, "information_requested", "2026-12-01 OVERDUE")
    print_table([(*row, "applicant", "D" * 60, "T" * 60)], 80)
    shown = capsys.readouterr().out
    assert all(field in shown for field in row)
    assert "for applicant: DDDD" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


@pytest.mark.parametrize(
    ("option", "known"), [("--kind", "application"), ("--waiting-for", "officer")]
)
def test_the_queue_refuses_words_that_it_does_not_know(
    granted: Path, option: str, known: str
) -> None:
    with pytest.raises(InputError, match="'applicatoin' is no") as refused:
        assent("queue", granted, option, "applicatoin")
    assert known in refused.value.remedy


def test_shows_every_event_of_a_case_with_its_digest(granted: Path) -> None:
    shown = assent("show", granted, APPLICATION)
    with open_agency(granted) as opened:
        events = opened.office.read(APPLICATION)
    assert all(event.digest in shown for event in events)
    assert "version 1" in shown
    assert "submitted, by Example Labs" in shown


def test_what_is_shown_cannot_move_the_cursor(granted: Path) -> None:
    with pytest.raises(NotFound, match="no case"):
        assent("show", granted, "\x1b[2J")
    assert "\x1b" not in assent("show", granted, PERMIT)


def test_work_that_is_done_is_not_done_again(granted: Path) -> None:
    before = sorted(path.stat().st_mtime_ns for path in granted.glob("public/**/*"))
    assert assent("work", granted) == "nothing was due\n"
    after = sorted(path.stat().st_mtime_ns for path in granted.glob("public/**/*"))
    assert before == after


def test_what_stops_a_run_does_not_wait_for_witnesses(tmp_path: Path) -> None:
    folder = tmp_path / "agency"
    assent("rehearse", folder)
    grant(folder)
    key_line = make_signing_key("w.example/1", KeyKind.ED25519_COSIGNATURE, bytes(32))
    policy = folder / "log" / "policy"
    lines = policy.read_text().replace("quorum none\n", "")
    policy.write_text(f"{lines}witness W {key_line.verifier.text}\nquorum W\n")
    with pytest.raises(QuorumNotMet):
        assent("work", folder)
    assert (folder / "public" / "status.jwt").exists()
    assert not (folder / "public" / "permits").exists()
    assert "notices are still to be announced" in assent("status", folder)
    policy.write_text(f"{lines}quorum none\n")
    assert f"gave out   {PERMIT}" in assent("work", folder)


def test_watching_goes_on_until_it_is_interrupted(granted: Path) -> None:
    program = str(Path(sys.executable).with_name("assent"))
    command = [program, "agency", "work", str(granted)]
    with subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--watch", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "nothing was due\n"
        grant(granted)
        said = next(
            line for line in process.stdout if "gave out" in line and "0002" in line
        )
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert "0002" in said
    assert process.returncode == 0
    assert "nothing is half done" in errors


def test_the_status_list_is_signed_again_at_half_its_time(granted: Path) -> None:
    time = now()
    soon = work_once(granted, time + timedelta(hours=11))
    assert not soon.served.status
    later = work_once(granted, time + timedelta(hours=12, minutes=1))
    assert later.served.status
    assert later.served.permits == (PERMIT,)


def test_stale_trust_is_refreshed_when_an_agency_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "agency"
    rehearse(folder, 3, 2, now() - timedelta(days=20))
    published = TrustFolder(folder / "trust")
    before = parse_listing(published.read().timestamp, TrustRole.TIMESTAMP)
    assert before.expires < now()
    assert "timestamp  version 2" in assent("status", folder)
    after = parse_listing(published.read().timestamp, TrustRole.TIMESTAMP)
    assert after.expires > now()


def test_what_the_states_signed_cannot_be_renewed_by_machines(tmp_path: Path) -> None:
    folder = tmp_path / "agency"
    rehearse(folder, 3, 2, now() - timedelta(days=400))
    with pytest.raises(AssentError, match="in force until"):
        assent("status", folder)


@pytest.mark.parametrize("command", ["queue", "work", "status", "check", "rebuild"])
def test_refuses_a_folder_without_an_agency(tmp_path: Path, command: str) -> None:
    with pytest.raises(NotFound, match="no agency"):
        assent(command, tmp_path)


def test_refuses_damaged_settings_and_keys(granted: Path) -> None:
    (granted / "service-keys").write_text("status 00\n")
    with pytest.raises(InputError, match="cannot be read"):
        assent("status", granted)
    (granted / "agency.yaml").write_text("format: [")
    with pytest.raises(DocumentInvalid):
        assent("status", granted)


def test_an_amendment_names_the_permits_that_it_does_not_bear(
    tmp_path: Path, granted: Path
) -> None:
    form = json.loads((granted / "states" / "treaty.json").read_bytes())
    for version, needed in ((2, 3), (3, 4)):
        form["version"] = version
        members = " ".join(form["organs"][0]["members"])
        form["organs"][0]["approve"] = f"group q {needed} {members}\nquorum q\n"
        treaty = canonical_bytes(form)
        targets = make_targets(treaty, now() + timedelta(days=30), version)
        for state in ("AUS", "BRA", "CAN"):
            targets = sign_metadata(targets, key(granted, f"{state}.root"))
        (tmp_path / "treaty").write_bytes(treaty)
        (tmp_path / "targets").write_bytes(targets)
        files = ("--treaty", tmp_path / "treaty", "--targets", tmp_path / "targets")
        said = assent("amend", granted, *files)
        assert f"version    {version}" in said
        assert ("WARNING" in said) == (needed > 3)
    assert f"{PERMIT}: Too few signed" in said


def test_check_finds_a_card_that_its_events_do_not_make(granted: Path) -> None:
    assert "all is well; the log confirms" in assent("check", granted)
    with closing(sqlite3.connect(granted / "cases.db")) as database:
        (name,) = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%card%'"
        ).fetchone()
        database.execute(f"UPDATE {name} SET state = 'refused'")  # noqa: S608 - its own
        database.commit()
    with pytest.raises(DocketDamaged, match="not as they were recorded"):
        assent("check", granted)
    assert "cards again" in assent("rebuild", granted)
    assert "all is well" in assent("check", granted)


def test_a_backup_is_restored_and_goes_on(tmp_path: Path, granted: Path) -> None:
    assent("backup", granted, tmp_path / "copy")
    said = assent("restore", tmp_path / "copy", tmp_path / "again", "--without-log")
    assert "entries of the log, which confirm 1 of the events" in said
    assert "lacking" not in said
    again = tmp_path / "again"
    assert "all is well" in assent("check", again)
    shutil.copytree(granted / "states", again / "states")
    grant(again)
    assert "gave out" in assent("work", again)
    file = next(path for path in again.glob("public/permits/*0002.permit"))
    verify_permit(file.read_bytes(), (granted / "root.json").read_bytes(), now())


def test_readers_who_saw_the_agency_before_it_was_restored_follow_it(
    tmp_path: Path, granted: Path
) -> None:
    assent("backup", granted, tmp_path / "copy")
    assent("restore", tmp_path / "copy", tmp_path / "again", "--without-log")
    restored = TrustFolder(tmp_path / "again" / "trust").read()
    timestamp = parse_listing(restored.timestamp, TrustRole.TIMESTAMP)
    assert timestamp.version > VERSIONS_SKIPPED


def test_refuses_a_backup_that_is_behind_the_public_log(
    tmp_path: Path, granted: Path
) -> None:
    assent("backup", granted, tmp_path / "copy")
    case_id = grant(granted)
    assent("work", granted)
    public = granted / "log" / "public"
    with pytest.raises(DocketBehind, match=case_id):
        assent("restore", tmp_path / "copy", tmp_path / "again", "--log", public)
    assert not (tmp_path / "again").exists()
    assent("restore", tmp_path / "copy", tmp_path / "again", "--without-log")


def test_a_restore_names_the_public_log_or_says_that_there_is_none(
    tmp_path: Path, granted: Path
) -> None:
    assent("backup", granted, tmp_path / "copy")
    public = ("--log", granted / "log" / "public")
    for options in ((), (*public, "--without-log")):
        with pytest.raises(InputError, match="against its public log"):
            assent("restore", tmp_path / "copy", tmp_path / "again", *options)
    assert not (tmp_path / "again").exists()
    assent("restore", tmp_path / "copy", tmp_path / "again", *public)


def test_an_agency_that_lags_behind_its_log_decides_and_signs_nothing(
    tmp_path: Path, granted: Path
) -> None:
    assent("backup", granted, tmp_path / "copy")
    grant(granted)
    assent("work", granted)
    # An operator puts the old cases beside the newest log by hand.
    for name in ("cases.db", "cases.db-wal", "cases.db-shm"):
        (granted / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "copy" / "cases.db", granted / "cases.db")
    shutil.rmtree(granted / "public")
    for command in ("work", "queue", "rebuild", "status", "check"):
        with pytest.raises(DocketBehind, match="lack"):
            assent(command, granted)
    assert not (granted / "public").exists()


def test_a_backup_has_the_keys_that_are_still_to_be_named(
    tmp_path: Path, granted: Path
) -> None:
    keys = assent("new-keys", granted)
    assent("backup", granted, tmp_path / "copy")
    assent("restore", tmp_path / "copy", tmp_path / "again", "--without-log")
    file = tmp_path / "again" / "service-keys.next"
    assert file.read_bytes() == (granted / file.name).read_bytes()
    assert file.stat().st_mode & 0o77 == 0
    assert (
        assent("new-keys", tmp_path / "again").splitlines()[-1]
        == (keys.splitlines()[-1])
    )


def test_the_cases_of_another_agency_are_refused(tmp_path: Path, granted: Path) -> None:
    assent("rehearse", tmp_path / "other")
    for name in ("cases.db-wal", "cases.db-shm"):
        (granted / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "other" / "cases.db", granted / "cases.db")
    with pytest.raises(InputError, match="holds the cases of the agency with the root"):
        assent("status", granted)


def test_the_agency_knows_whether_its_cases_are_in_the_folder(
    granted: Path,
) -> None:
    elsewhere = {"DATABASE_URL": "postgresql://localhost/nothing"}
    with (
        pytest.raises(InputError, match="in the folder"),
        open_agency(granted, environment=elsewhere),
    ):
        pass
    settings = granted / "agency.yaml"
    settings.write_text(
        settings.read_text().replace("cases: folder", "cases: database")
    )
    with pytest.raises(InputError, match="it is not set") as refused:
        assent("status", granted)
    assert "Set DATABASE_URL" in refused.value.remedy


def test_no_second_log_is_advised_to_an_agency(granted: Path) -> None:
    for file in granted.glob("log/log.db*"):
        file.unlink()
    with pytest.raises(NotFound) as refused:
        assent("status", granted)
    assert "log init" not in refused.value.remedy
    assert "assent agency restore" in refused.value.remedy


def test_refuses_another_log_as_the_public_one(tmp_path: Path, granted: Path) -> None:
    assent("backup", granted, tmp_path / "copy")
    assent("rehearse", tmp_path / "other")
    grant(tmp_path / "other")
    assent("work", tmp_path / "other")
    other = tmp_path / "other" / "log" / "public"
    with pytest.raises(AssentError):
        assent("restore", tmp_path / "copy", tmp_path / "again", "--log", other)
    assert not (tmp_path / "again").exists()


def test_refuses_a_backup_that_was_changed(tmp_path: Path, granted: Path) -> None:
    copy = tmp_path / "copy"
    assent("backup", granted, copy)
    with closing(sqlite3.connect(copy / "cases.db")) as database:
        (name,) = database.execute(
            "SELECT name FROM sqlite_master WHERE type='table' AND name LIKE '%event%'"
        ).fetchone()
        database.execute(f"UPDATE {name} SET actor = 'somebody'")  # noqa: S608 - its own
        database.commit()
    with pytest.raises(AssentError, match="not the one"):
        assent("restore", copy, tmp_path / "again", "--without-log")


def test_refuses_a_backup_that_is_not_complete(tmp_path: Path, granted: Path) -> None:
    copy = tmp_path / "copy"
    assent("backup", granted, copy)
    (copy / "cases.db").unlink()
    with pytest.raises(NotFound):
        assent("restore", copy, tmp_path / "again", "--without-log")
    (copy / "agency.yaml").unlink()
    with pytest.raises(NotFound, match="no agency"):
        assent("restore", copy, tmp_path / "again", "--without-log")
    assert not (tmp_path / "again").exists()


def test_neither_backs_up_nor_restores_over_anything(
    tmp_path: Path, granted: Path
) -> None:
    assent("backup", granted, tmp_path / "copy")
    with pytest.raises(InputError, match="holds something"):
        assent("backup", granted, tmp_path / "copy")
    with pytest.raises(InputError, match="holds something"):
        assent("restore", tmp_path / "copy", granted, "--without-log")


def test_a_backup_is_for_its_owner_only(tmp_path: Path, granted: Path) -> None:
    assent("backup", granted, tmp_path / "copy")
    paths = [tmp_path / "copy", *(tmp_path / "copy").glob("**/*")]
    files = [path for path in paths if path.is_file()]
    assert files
    assert (tmp_path / "copy").stat().st_mode & 0o77 == 0
    assert all(path.stat().st_mode & 0o77 == 0 for path in files)
    assent("restore", tmp_path / "copy", tmp_path / "again", "--without-log")
    assert (tmp_path / "again" / "service-keys").stat().st_mode & 0o77 == 0
    assert (tmp_path / "again" / "root.json").stat().st_mode & 0o44 == 0o44

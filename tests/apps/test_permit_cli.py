"""`assent permit`, `lease` and `measure` as holders, gates and agencies use them."""

import json
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.voting_agency import MEMBERS, Rehearsed, after, rehearsed, run
from typer.testing import CliRunner

from assent.apps.cli.exit_codes import exit_code
from assent.apps.cli.permit.app import permit
from assent.apps.cli.permit.recipe import STEPS, step_of
from assent.authorisation import permit as permits
from assent.authorisation import treaty as treaties
from assent.authorisation import trust as roots
from assent.authorisation.permit import ForeignTrust, parse_bundle
from assent.testing.permits import SimulatedAgency, make_bundle, make_permit
from assent.testing.trust import NOW, SimulatedTrust
from assent.translog import errors as log_errors
from assent.vocabulary import (
    AssentError,
    SignatureInvalid,
    canonical_bytes,
    format_instant,
    parse_canonical,
)
from assent.vocabulary.envelope import Envelope, parse_envelope
from assent.wiring.agency import now
from assent.wiring.agency.work import serve

SITE = "site-nairobi-1"
ROOT = Path(__file__).parents[2]
AT = ("--at", format_instant(NOW))


@pytest.fixture(scope="module")
def granted(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """An agency that granted a permit; tests work on copies."""
    made = rehearsed(tmp_path_factory.mktemp("permit") / "agency")
    made.decide(made.propose(), *MEMBERS[:3])
    return made


@pytest.fixture
def agency(granted: Rehearsed, tmp_path: Path) -> Rehearsed:
    """A copy of it."""
    return granted.copied(tmp_path / "agency")


@pytest.fixture
def permit_id(granted: Rehearsed) -> str:
    return granted.permits[0]


@pytest.fixture
def file(agency: Rehearsed, permit_id: str) -> Path:
    """The permit's file, as the agency hands it out."""
    out = agency.folder.parent / "run.permit"
    run(permit, "bundle", agency.folder, permit_id, "--out", out)
    return out


@pytest.fixture
def simulated(tmp_path: Path) -> Path:
    """The folder of a root that a made-up agency's permits are verified by, at NOW."""
    (tmp_path / "root.json").write_bytes(SimulatedAgency().trust.root)
    return tmp_path


def verify(folder: Path, data: bytes, *more: object, error: str = "") -> str:
    """Verify a made-up agency's permit at NOW."""
    path = folder / "made-up.permit"
    path.write_bytes(data)
    options = (path, "--root", folder / "root.json", *AT, *more)
    return run(permit, "verify", *options, error=error)


def failed_step(said: str) -> int:
    (step,) = re.findall(r"^\((\d)\) .*  NO$", said, re.MULTILINE)
    return int(step)


def test_a_permit_is_verified_step_by_step(agency: Rehearsed, file: Path) -> None:
    said = run(permit, "verify", file, "--root", agency.root)
    for step, words in STEPS.items():
        assert f"({step}) {words}  ok" in said
    assert "VERIFIED" in said
    assert "At most 6.00e+15 FLOP" in said
    assert "Not shown: what the run has used so far" in said
    assert "seen there by no witness" in said


def test_the_same_in_json(agency: Rehearsed, file: Path) -> None:
    told = json.loads(run(permit, "verify", file, "--root", agency.root, "--json"))
    assert told["verified"] is True
    assert told["steps_passed"] == list(STEPS)
    assert told["failed_step"] is None
    assert told["permit"]["caps"]["flop"] == "6000000000000000"
    assert told["permit"]["signers"] == ["AUS", "BRA", "CAN"]


def test_a_refusal_in_json_names_step_error_and_remedy(
    simulated: Path,
) -> None:
    path = simulated / "revoked.permit"
    path.write_bytes(make_bundle(status=SimulatedAgency().status_list({17: 1})))
    options = [str(path), "--root", str(simulated / "root.json"), *AT, "--json"]
    done = CliRunner().invoke(permit, ["verify", *options])
    told = json.loads(done.stdout)
    assert told["verified"] is False
    assert told["failed_step"] == 9
    assert told["steps_passed"] == list(range(1, 9))
    assert told["error"]["kind"] == "PermitRevoked"
    assert told["error"]["remedy"]
    assert told["permit"] is None
    assert isinstance(done.exception, AssentError)
    assert exit_code(done.exception) == 10


def forged(bundle: bytes, **caps: object) -> bytes:
    """Return a permit's file in which somebody edited the caps."""
    value = parse_canonical(bundle)
    envelope = parse_envelope(canonical_bytes(value["permit"]))
    payload = parse_canonical(envelope.payload)
    payload["caps"] |= caps
    edited = Envelope(
        canonical_bytes(payload), envelope.payload_type, envelope.signatures
    )
    return canonical_bytes({**value, "permit": parse_canonical(edited.encoded)})


def test_an_edited_cap_is_found_out(agency: Rehearsed, file: Path) -> None:
    larger = {"flop": "60000000000000000"}
    file.write_bytes(forged(file.read_bytes(), **larger))
    said = run(permit, "verify", file, "--root", agency.root, error="PermitNotLogged")
    assert failed_step(said) == 5
    assert "do not rely" in said.lower()


def test_every_forgery_is_named_by_its_step(simulated: Path) -> None:
    agency, whole = SimulatedAgency(), make_bundle()
    envelope = agency.sign(make_permit())
    few = agency.sign(make_permit(), agency.states[:5])
    too_large = make_permit(caps=replace(make_permit().caps, flop=2 * 10**26))
    foreign = SimulatedTrust(form=agency.form, online="somebody")
    lapsed = replace(make_permit().caps, not_after=NOW - timedelta(days=1))
    early = replace(make_permit().caps, not_before=NOW + timedelta(days=1))
    old = agency.status_list(issued=NOW - timedelta(days=2))
    for error, step, data in (
        ("PermitMalformed", 1, whole[:-1]),
        ("MetadataUnsigned", 2, make_bundle(trust=foreign)),
        (
            "WrongPaper",
            3,
            make_bundle(envelope=Envelope(envelope.payload, "application/x")),
        ),
        ("AgencyUnknown", 4, make_bundle(make_permit(agency="other.example"))),
        ("PermitNotLogged", 5, forged(whole, flop=str(5 * 10**25))),
        ("PermitQuorumNotMet", 6, make_bundle(envelope=few)),
        ("CapBeyondMatter", 7, make_bundle(too_large)),
        ("PermitExpired", 8, make_bundle(make_permit(caps=lapsed))),
        ("PermitNotYetValid", 8, make_bundle(make_permit(caps=early))),
        ("StatusStale", 9, make_bundle(status=old)),
        ("PermitSuspended", 9, make_bundle(status=agency.status_list({17: 2}))),
    ):
        said = verify(simulated, data, error=error)
        assert failed_step(said) == step, error
        assert said.count("  ok\n") == step - 1
    verify(simulated, whole)


def test_the_steps_of_errors_are_those_of_the_specification() -> None:
    text = (ROOT / "docs" / "spec" / "permit.md").read_text()
    table = text.split("## The steps")[1].split("\n\n")[0]
    kinds = {**vars(permits), **vars(roots), **vars(treaties), **vars(log_errors)}
    kinds["SignatureInvalid"] = SignatureInvalid
    seen = 0
    for row in re.findall(r"^\| (\d) \|.*\|(.*)\|$", table, re.MULTILINE):
        step = int(row[0])
        for name in re.findall(r"`(\w+)`", row[1]):
            if (name, step) == ("PermitMalformed", 1):
                continue  # tried before all else
            assert step_of(kinds[name]("", remedy="")) == step, name
            seen += 1
    assert seen > 30


def test_an_expired_root_and_a_stale_status_list_are_told_apart(
    agency: Rehearsed, file: Path
) -> None:
    time = now()
    root = ("--root", agency.root)
    late = ("--at", after(time, days=400))
    said = run(permit, "verify", file, *root, *late, error="RootExpired")
    assert failed_step(said) == 2
    stale = ("--at", after(time, days=2))
    run(permit, "verify", file, *root, *stale, error="MetadataExpired")
    said = run(permit, "verify", file, *root, "--at", after(time, hours=1))
    assert "says nothing of now" in said


def test_a_newer_status_list_given_along_counts(
    agency: Rehearsed, permit_id: str, file: Path
) -> None:
    run(permit, "exhaust", agency.folder, permit_id, "--as", "Ada")
    root = ("--root", agency.root)
    run(permit, "verify", file, *root)
    status = file.with_name("status.jwt")
    run(permit, "status", agency.folder, "--out", status)
    said = run(permit, "verify", file, *root, "--status", status, error="PermitRevoked")
    assert failed_step(said) == 9
    again = ("exhaust", agency.folder, permit_id, "--as", "Ada")
    run(permit, *again, error="StepNotAllowed")


def test_what_was_seen_is_remembered_and_nothing_older_believed(
    simulated: Path,
) -> None:
    agency = SimulatedAgency()
    trust = agency.trust
    older = make_bundle(trust=trust)
    trust.refresh()
    newer = make_bundle(trust=trust)
    state = ("--state", simulated / "seen")
    verify(simulated, newer, *state)
    said = verify(simulated, older, *state, error="MetadataRolledBack")
    assert failed_step(said) == 2
    verify(simulated, newer, *state)
    verify(simulated, older)


def test_a_memory_of_another_agency_is_no_way_round_the_root(
    agency: Rehearsed, file: Path, simulated: Path
) -> None:
    state = ("--state", simulated / "seen")
    verify(simulated, make_bundle(), *state)
    root = ("--root", agency.root)
    run(permit, "verify", file, *root, *state, error="MetadataUnsigned")
    (simulated / "seen").write_text("{}")
    run(permit, "verify", file, *root, *state, error="TrustMalformed")


def test_what_leads_nowhere_starts_no_memory(simulated: Path) -> None:
    foreign = SimulatedTrust(form=SimulatedAgency().form, online="somebody")
    state = simulated / "seen"
    forged_file = make_bundle(trust=foreign)
    verify(simulated, forged_file, "--state", state, error="MetadataUnsigned")
    assert not state.exists()


def test_a_file_is_shown_without_being_believed(file: Path) -> None:
    file.write_bytes(forged(file.read_bytes(), flop="9000000000000000"))
    said = run(permit, "show", file)
    assert said.startswith("NOT VERIFIED")
    assert "at most 9,000,000,000,000,000 FLOP" in said
    assert f"at the site {SITE}" in said
    assert "VERIFIED, as of" not in said


def test_no_name_in_a_permit_moves_the_screen(simulated: Path) -> None:
    sly = make_permit(run_id="run\u00ad\u200b\U000e0041")
    path = simulated / "sly.permit"
    path.write_bytes(make_bundle(sly))
    said = run(permit, "show", path) + verify(simulated, path.read_bytes())
    assert "run: run<U+00AD><U+200B><U+E0041>" in said
    assert "\u200b" not in said
    foul = make_bundle(make_permit(run_id="run\x1b[2J"))
    path.write_bytes(foul)
    said = run(permit, "show", path, error="PermitMalformed")
    assert "\x1b" not in said


def test_a_permit_is_refreshed_from_what_the_agency_publishes(
    agency: Rehearsed, permit_id: str, file: Path
) -> None:
    before = parse_bundle(file.read_bytes())
    aged = replace(before, status=None)
    file.write_bytes(aged.encoded)
    root = ("--root", agency.root)
    run(permit, "verify", file, *root, error="StatusMissing")

    fresh = file.with_name("fresh.permit")
    nowhere = file.with_name("nowhere")
    nowhere.mkdir()
    run(permit, "refresh", file, "--from", nowhere, "--out", fresh, error="NotFound")
    with agency.at_work() as played:
        assert played.opened is not None
        serve(played.opened, played.now)
    taken = (file, "--from", agency.folder, "--out", fresh)
    assert "was verified" in run(permit, "refresh", *taken, *root)
    run(permit, "verify", fresh, *root)
    after_all = parse_bundle(fresh.read_bytes())
    assert (after_all.envelope, after_all.proof) == (before.envelope, before.proof)

    run(permit, "exhaust", agency.folder, permit_id, "--as", "Ada")
    with agency.at_work() as played:
        assert played.opened is not None
        serve(played.opened, played.now)
    fresh.unlink()
    run(permit, "refresh", *taken, *root, error="PermitRevoked")
    assert not fresh.exists()
    assert "Not verified" in run(permit, "refresh", *taken)
    run(permit, "verify", fresh, *root, error="PermitRevoked")


def test_published_files_may_lie_as_a_web_server_serves_them(
    agency: Rehearsed, file: Path
) -> None:
    site = file.with_name("site")
    site.mkdir()
    shutil.copytree(agency.trust, site / "trust")
    taken = (file, "--from", site, "--out", file, "--root", agency.root)
    said = run(permit, "refresh", *taken, error="NotFound")
    assert "status.jwt" in said
    run(permit, "status", agency.folder, "--out", site / "status.jwt")
    run(permit, "refresh", *taken)
    (site / "status.jwt").write_bytes(b"nonsense")
    run(permit, "refresh", *taken, error="StatusMalformed")
    (site / "trust" / "timestamp.json").unlink()
    run(permit, "refresh", *taken, error="NotFound")


def test_of_a_recognised_permit_the_granting_agencys_part_is_refreshed(
    agency: Rehearsed, file: Path
) -> None:
    own, granting = SimulatedAgency().trust.metadata, parse_bundle(file.read_bytes())
    carried = ForeignTrust(root=agency.root.read_bytes(), trust=own)
    recognised = replace(granting, trust=own, foreign=carried, status=None)
    file.write_bytes(recognised.encoded)
    run(permit, "status", agency.folder, "--out", agency.folder / "status.jwt")
    run(permit, "refresh", file, "--from", agency.folder, "--out", file)
    fresh = parse_bundle(file.read_bytes())
    assert fresh.trust == own
    assert fresh.foreign is not None
    assert fresh.foreign.trust.treaty == granting.trust.treaty
    assert fresh.status is not None


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_permit_is_refreshed_over_http(agency: Rehearsed, file: Path) -> None:
    site = file.with_name("site")
    shutil.copytree(agency.trust, site / "trust")
    run(permit, "status", agency.folder, "--out", site / "status.jwt")
    handler = partial(_Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        taken = (file, "--out", file, "--root", agency.root)
        assert "was verified" in run(permit, "refresh", *taken, "--from", url)
        run(permit, "refresh", *taken, "--from", f"{url}/none", error="NotFound")
        server.shutdown()
        thread.join(10)
    run(permit, "refresh", *taken, "--from", url, error="LogUnreachable")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Say nothing."""


def test_an_agency_or_a_permit_that_is_not_there_is_said_so(
    agency: Rehearsed, tmp_path: Path
) -> None:
    out = ("--out", tmp_path / "x")
    run(permit, "bundle", tmp_path / "none", "permit-2026-0001", *out, error="NotFound")
    unknown = "permit-2026-9999"
    run(permit, "bundle", agency.folder, unknown, *out, error="NotFound")
    run(permit, "verify", tmp_path / "x", "--root", agency.root, error="NotFound")


def assent(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the whole program; it must not load what only an agency needs."""
    code = (
        "import sys\n"
        "from assent.apps.cli.main import run\n"
        "try:\n    run()\n"
        "finally:\n"
        "    bad = {'django', 'psycopg', 'torch'} & set(sys.modules)\n"
        "    assert not bad, bad\n"
    )
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_program_ends_with_the_code_of_what_it_found(simulated: Path) -> None:
    path, root = simulated / "some.permit", ("--root", simulated / "root.json", *AT)
    path.write_bytes(make_bundle())
    done = assent("permit", "verify", path, *root)
    assert done.returncode == 0, done.stderr
    assert "VERIFIED" in done.stdout
    path.write_bytes(forged(path.read_bytes(), flop=str(5 * 10**25)))
    done = assent("permit", "verify", path, *root)
    assert done.returncode == 10
    assert "(5) the public log holds exactly these signed bytes  NO" in done.stdout
    assert "VERIFIED" not in done.stdout
    assert re.search("^error: .*permit-2026-0001", done.stderr, re.MULTILINE)
    assert re.search("^remedy: .", done.stderr, re.MULTILINE)

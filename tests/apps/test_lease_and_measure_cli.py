"""`assent lease` and `assent measure`: what keeps a run going, and what stops it."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.voting_agency import MEMBERS, Rehearsed, after, rehearsed, run

from assent.apps.cli.permit.app import permit
from assent.apps.cli.permit.lease_app import lease
from assent.apps.cli.permit.measure_app import measure
from assent.apps.cli.permit.recipe import Shown, read, treaty_of_permit, walk
from assent.apps.cli.states.vote.app import vote
from assent.authorisation.permit import (
    LEASE_TYPE,
    PermitState,
    parse_bundle,
    parse_lease,
)
from assent.authorisation.review import ballot_of
from assent.authorisation.review.deciding import Choice, cast_vote
from assent.authorisation.secretariat import (
    Motion,
    propose_measure,
    read_permit,
    record_vote,
    work,
)
from assent.authorisation.treaty import Matter
from assent.testing.office import SimulatedOffice
from assent.vocabulary import Plain, canonical_bytes
from assent.vocabulary.envelope import Envelope, parse_envelope
from assent.wiring.agency import now
from assent.wiring.agency.work import serve

SITE = "site-nairobi-1"


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


def leased(agency: Rehearsed, permit_id: str, site: str = SITE) -> Path:
    out = agency.folder.parent / f"{site}.lease"
    run(lease, "renew", agency.folder, permit_id, "--site", site, "--out", out)
    return out


def write_lease(
    agency: Rehearsed, path: Path, payload: dict[str, Plain], service: str = "lease"
) -> None:
    """Write a lease signed by one of the agency's machines."""
    unsigned = Envelope(canonical_bytes(payload), LEASE_TYPE)
    with agency.at_work() as played:
        assert played.opened is not None
        path.write_bytes(unsigned.signed_by(played.opened.services[service]).encoded)


def test_a_lease_lets_jobs_start_at_its_site_for_a_day(
    agency: Rehearsed, permit_id: str, file: Path
) -> None:
    path = leased(agency, permit_id)
    with_permit = ("--permit", file, "--root", agency.root)
    here = ("--site", SITE)
    said = run(lease, "verify", path, *with_permit, *here)
    assert f"Jobs may start at {SITE} until" in said
    told = json.loads(run(lease, "verify", path, *with_permit, *here, "--json"))
    assert told["lease"]["serial"] == 1
    elsewhere = ("--site", "site-bergen-2")
    run(lease, "verify", path, *with_permit, *elsewhere, error="LeaseElsewhere")
    run(
        lease,
        "renew",
        agency.folder,
        permit_id,
        *elsewhere,
        "--out",
        path.with_name("none"),
        error="LeaseRefused",
    )


def test_a_lease_that_lapsed_or_was_edited_starts_nothing(
    agency: Rehearsed, permit_id: str, file: Path
) -> None:
    path = leased(agency, permit_id)
    made = parse_lease(parse_envelope(path.read_bytes()).payload)
    with_permit = ("--permit", file, "--root", agency.root, "--site", SITE)
    soon = ("--at", after(made.issued, minutes=2))

    write_lease(agency, path, {**made.plain, "expires": after(made.issued, minutes=1)})
    run(lease, "verify", path, *with_permit, *soon, error="LeaseLapsed")
    later = {**made.plain, "issued": after(made.issued, hours=1)}
    write_lease(agency, path, later)
    run(lease, "verify", path, *with_permit, error="LeaseNotYetValid")
    longer = {**made.plain, "expires": after(made.expires, days=9)}
    write_lease(agency, path, longer)
    run(lease, "verify", path, *with_permit, error="LeaseTooWide")
    write_lease(agency, path, longer, service="status")
    run(lease, "verify", path, *with_permit, error="LeaseUnsigned")

    whole = leased(agency, permit_id)
    envelope = parse_envelope(whole.read_bytes())
    edited = replace(envelope, payload=canonical_bytes(longer))
    path.write_bytes(edited.encoded)
    run(lease, "verify", path, *with_permit, error="SignatureInvalid")
    path.write_bytes(parse_bundle(file.read_bytes()).envelope.encoded)
    run(lease, "verify", path, *with_permit, error="WrongPaper")


def test_a_lease_is_held_against_the_permit_that_was_read_and_no_other(
    agency: Rehearsed, file: Path
) -> None:
    given = read(Shown(file=file, root=agency.root))
    file.unlink()
    assert walk(given, now()).require().permit.version == 1
    assert treaty_of_permit(given, now()).version == 1


def test_a_lease_of_an_exhausted_permit_is_neither_given_nor_believed(
    agency: Rehearsed, permit_id: str, file: Path
) -> None:
    path = leased(agency, permit_id)
    run(permit, "exhaust", agency.folder, permit_id, "--as", "Ada")
    again = ("renew", agency.folder, permit_id, "--site", SITE, "--out", path)
    run(lease, *again, error="LeaseRefused")
    status = file.with_name("status.jwt")
    run(permit, "status", agency.folder, "--out", status)
    given = ("--permit", file, "--root", agency.root, "--site", SITE)
    run(lease, "verify", path, *given, "--status", status, error="PermitRevoked")


def proposed(agency: Rehearsed, permit_id: str, *more: object, error: str = "") -> str:
    """Propose a measure; return its case, or how it was refused."""
    out = agency.folder.parent / "measure.proposal"
    out.unlink(missing_ok=True)  # nothing is written over it
    options = ("--as", "Ada", "--out", out, *more)
    said = run(measure, "propose", agency.folder, permit_id, *options, error=error)
    return said if error else re.findall(r"measure-\d{4}-\d{4}", said)[0]


def test_a_permit_that_waits_for_the_log_can_be_suspended_and_holds_up_no_other(
    agency: Rehearsed, permit_id: str
) -> None:
    case_id = agency.propose()
    with agency.at_work() as played:
        assert played.opened is not None
        for member in MEMBERS[:3]:
            approve(agency, played, case_id, member)
        (waiting,) = set(agency.permits) - {permit_id}
        motion = Motion(matter=Matter.EMERGENCY_SUSPENSION, reason="Wait.")
        measure_id = propose_measure(played.office, waiting, motion, "Ada", played.now)
        approve(agency, played, measure_id, "director-general")
        assert read_permit(played.office, waiting).state is PermitState.SUSPENDED
        assert waiting not in serve(played.opened, played.now).permits
        work(played.office, played.now)
        assert read_permit(played.office, waiting).state is PermitState.SUSPENDED
        assert waiting in serve(played.opened, played.now).permits
    out = agency.folder.parent / "waiting.permit"
    run(permit, "bundle", agency.folder, waiting, "--out", out)
    run(permit, "verify", out, "--root", agency.root, error="PermitSuspended")


def approve(
    agency: Rehearsed, played: SimulatedOffice, case_id: str, member: str
) -> None:
    vote = cast_vote(
        ballot_of(played.office.read(case_id)).open_proposal,
        member=member,
        choice=Choice.APPROVE,
        reason="as discussed",
        time=played.now,
        signer=agency.signer(member),
    )
    record_vote(played.office, case_id, vote, member, played.now)


def test_a_suspension_is_proposed_voted_on_and_takes_effect(
    agency: Rehearsed, permit_id: str, file: Path
) -> None:
    why = ("--matter", "suspension", "--reason", "It was attacked.")
    case_id = proposed(agency, permit_id, *why)
    shown = run(vote, "show", file.with_name("measure.proposal"))
    assert shown.startswith("SUSPEND A PERMIT\n")
    assert "because: It was attacked." in shown
    assert "have not voted (5)" in run(vote, "status", agency.folder, case_id)
    agency.decide(case_id, *MEMBERS[:3])
    assert "granted" in run(vote, "status", agency.folder, case_id)
    run(permit, "bundle", agency.folder, permit_id, "--out", file)
    root = ("--root", agency.root)
    run(permit, "verify", file, *root, error="PermitSuspended")

    back = proposed(agency, permit_id, "--matter", "reinstatement", "--reason", "ok")
    agency.decide(back, *MEMBERS[:3])
    run(permit, "bundle", agency.folder, permit_id, "--out", file)
    run(permit, "verify", file, *root)


def test_a_variation_changes_what_it_names_and_nothing_else(
    agency: Rehearsed, permit_id: str, file: Path
) -> None:
    old = file.with_name("old.permit")
    shutil.copy(file, old)
    why = ("--matter", "variation", "--reason", "A second site.")
    more = ("--flop", "5e15", "--site", SITE, "--site", "site-bergen-2")
    ends = ("--chip", "h100_sxm=16", "--to", after(now(), days=30))
    case_id = proposed(agency, permit_id, *why, *more, *ends)
    shown = run(vote, "show", file.with_name("measure.proposal"))
    assert shown.startswith("VARY A PERMIT\n")
    assert "in place of the version whose digest is sha256:" in shown
    agency.decide(case_id, *MEMBERS[:3])
    run(permit, "bundle", agency.folder, permit_id, "--out", file)
    root = ("--root", agency.root)
    told = json.loads(run(permit, "verify", file, *root, "--json"))["permit"]
    assert told["version"] == 2
    assert told["caps"]["flop"] == "5000000000000000"
    assert told["caps"]["chips"] == {"h100_sxm": "16"}
    assert told["caps"]["sites"] == [SITE, "site-bergen-2"]
    assert told["caps"]["weights"] == "10000000"
    status = file.with_name("status.jwt")
    run(permit, "status", agency.folder, "--out", status)
    newest = ("--status", status)
    run(permit, "verify", old, *root, *newest, error="PermitSuperseded")


def test_measures_that_fit_together_with_nothing_are_refused(
    agency: Rehearsed, permit_id: str
) -> None:
    why = ("--reason", "x")
    vary, stop = ("--matter", "variation"), ("--matter", "revocation")
    for error, options in (
        ("NotAllowed", vary),
        ("NotAllowed", (*stop, "--flop", "1e15")),
        ("QuantityInvalid", (*vary, "--flop", "many")),
        ("PermitMalformed", (*vary, "--flop", "0")),
        ("InputError", (*vary, "--chip", "h100")),
        ("InputError", (*stop, "--exclude", "AUS")),
    ):
        proposed(agency, permit_id, *why, *options, error=error)
    proposed(agency, "permit-2026-9999", *stop, *why, error="NotFound")
    with agency.at_work() as played, played.office.docket.reading() as transaction:
        assert not transaction.cards(kind="measure", states=(), after="", limit=9)


def test_revocation_is_for_ever(agency: Rehearsed, permit_id: str, file: Path) -> None:
    why = ("--matter", "revocation", "--reason", "It trained elsewhere.")
    agency.decide(proposed(agency, permit_id, *why), *MEMBERS[:3])
    run(permit, "bundle", agency.folder, permit_id, "--out", file)
    run(permit, "verify", file, "--root", agency.root, error="PermitRevoked")
    out = ("--site", SITE, "--out", file.with_name("lease"))
    run(lease, "renew", agency.folder, permit_id, *out, error="LeaseRefused")

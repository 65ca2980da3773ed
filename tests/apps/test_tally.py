"""Two providers, one owner: slices that each stays below the law are added up."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.apps.at_the_desk import run
from tests.apps.test_lease_renewal import LABS, granted

from assent.adapters.agency.tallies import TallyFolder
from assent.adapters.gate import fetch_papers, open_gate_folder
from assent.adapters.keys.machine_key import (
    NotForThisMachine,
    open_machine_key,
    seal_for_machine,
)
from assent.adapters.ledger.day_books import DayBookFolder
from assent.apps.cli.main import app
from assent.supervision.admission import JobRequest, PermitMissing
from assent.supervision.gate import check_books
from assent.supervision.ledger import Bounds, FindingKind
from assent.supervision.tally import (
    TallyOfAnotherGate,
    TallyRolledBack,
    TallyUnsigned,
    parse_tally,
    sign_tally,
)
from assent.testing.states import SeededSigner
from assent.translog.errors import StateDamaged
from assent.vocabulary.envelope import PublicKey
from assent.wiring.agency import now, open_agency
from assent.wiring.gate import OpenGate, open_gate, take_tally
from assent.wiring.ledger import open_agency_ledger
from assent.wiring.rounds import tell_gates, work_round

OWNERS = """\
format: assent-owners/1
control: {{share: 1/2, citation: the site's contract}}
owners:
- {{id: {owner}, name: {name}, accounts: [{account}], keys: [{keys}]}}
- {{id: other, name: Somebody else, accounts: [other]}}
"""


@dataclass
class Provider:
    """A provider's gate, which the agency knows."""

    name: str
    agency: Path
    folder: Path
    account: str

    def report(self) -> None:
        """Close the day, and hand it to the agency."""
        run(app, "gate", "report", self.folder, "--name", self.name)
        days = DayBookFolder(self.folder / "day-books")
        last = days.last()
        assert last is not None
        run(app, "ledger", "take", self.agency, days.path(last))

    def fetch(self) -> str:
        """Fetch what the agency published."""
        public = self.agency / "public"
        trust = self.agency / "trust"
        return run(app, "gate", "fetch", self.folder, public, "--trust", trust)

    @property
    def key(self) -> PublicKey:
        """The gate's key."""
        return open_machine_key(self.folder / "gate.key", self.name).key

    @property
    def sealed(self) -> Path:
        """Where the agency publishes for this gate."""
        return TallyFolder(Path(), self.agency / "public" / "tallies").path(self.key)


@dataclass
class Two:
    """An agency and two providers."""

    agency: Path
    first: Provider
    second: Provider
    now: datetime


def provider(agency: Path, folder: Path, number: int, keys: str) -> Provider:
    """Return a gate that calls the same owner by a name of its own."""
    name, account = f"gate-{number}", f"account-{number}"
    site = ("--site", f"site-{number}", "--party", "KEN")
    run(app, "gate", "init", folder, *site, "--root", agency / "root.json")
    text = OWNERS.format(
        owner=f"owner-{number}", name=f"Name {number}", account=account, keys=keys
    )
    (folder / "owners.yaml").write_text(text)
    key = run(app, "gate", "key", folder).strip()
    run(app, "pause", "gate", "--agency", agency, name, "--key", key)
    return Provider(name, agency, folder, account)


def two(folder: Path, keys: str) -> Two:
    agency = folder / "agency"
    start = granted(agency)
    made = [provider(agency, folder / f"gate-{n}", n, keys) for n in (1, 2)]
    return Two(agency, made[0], made[1], start)


def job(opened: OpenGate, account: str, job_id: str = "slice") -> JobRequest:
    """Return a job of six tenths of what needs a permit."""
    gate, day = opened.gate, now().date()
    terms = gate.site.exempt_terms(gate.site.owners.owner_of(account), day)
    return JobRequest(
        job_id=job_id,
        site=gate.site.name,
        account=account,
        permit_id=None,
        chips={"H100 SXM": 1_000},
        time_limit_s=10**7,
        flop_max=terms.flop_below * 6 // 10,
    )


@pytest.mark.parametrize("is_by_register", [False, True], ids=["a key", "the register"])
def test_the_slice_that_takes_the_sum_over_is_refused(
    tmp_path: Path, *, is_by_register: bool
) -> None:
    parties = two(tmp_path, "" if is_by_register else f'"{LABS}"')
    first, second, agency = parties.first, parties.second, parties.agency
    if is_by_register:
        (agency / "owners.yaml").write_text(
            "format: assent-owners/1\n"
            "control: {share: 1/2, citation: what inspectors found}\n"
            "owners: [{id: x, name: X, accounts: [gate-1/owner-1, gate-2/owner-2]}]\n"
        )
    with open_gate(first.folder) as opened:
        opened.gate.admit(job(opened, first.account), now())
    for one in (first, second):
        one.report()
    assert set(work_round(agency, now()).told) == {"gate-1", "gate-2"}
    with open_gate(second.folder) as opened:
        asked = job(opened, second.account)
        opened.gate.check(asked, now())
        assert "tally" in second.fetch()
        with pytest.raises(PermitMissing, match="of it elsewhere"):
            opened.gate.admit(asked, now())
        # Somebody else there is not concerned, and neither is a smaller slice.
        opened.gate.check(replace(asked, account="other"), now())
        assert asked.flop_max is not None
        small = replace(asked, flop_max=asked.flop_max // 2)
        opened.gate.admit(small, now())
    # Each is told of its own owner, by its own name, and nothing else.
    kept = TallyFolder(agency / "ledger" / "tallies", Path())
    told = kept.last("gate-2")
    assert told is not None
    assert [group.owners for group in told.groups] == [("owner-2",)]
    assert told.groups[0].flop == asked.flop_max
    assert second.fetch() == "Nothing is new.\n"


def test_what_people_wrote_counts_if_it_is_more(tmp_path: Path) -> None:
    parties = two(tmp_path, f'"{LABS}"')
    file = parties.second.folder / "owners.yaml"
    file.write_text(file.read_text().replace("keys:", "flop_elsewhere: 7e22, keys:"))
    with open_gate(parties.first.folder) as opened:
        small = replace(job(opened, "account-1"), flop_max=10**20, time_limit_s=60)
        opened.gate.admit(replace(small, chips={"H100 SXM": 1}), now())
    for one in (parties.first, parties.second):
        one.report()
    work_round(parties.agency, now())
    parties.second.fetch()
    with open_gate(parties.second.folder) as opened:
        site = opened.gate.site
        owner = site.owners.owners["owner-2"]
        terms = site.exempt_terms(owner, now().date(), opened.gate.tally())
        assert terms.flop_elsewhere == 7 * 10**22


def test_forged_replayed_and_misdirected_tallies_change_nothing(
    tmp_path: Path,
) -> None:
    parties = two(tmp_path, f'"{LABS}"')
    first, second, agency = parties.first, parties.second, parties.agency
    for one in (first, second):
        one.report()
    work_round(agency, now())
    old = second.sealed.read_bytes()
    second.fetch()
    with open_gate(first.folder) as opened:
        opened.gate.admit(job(opened, first.account), now())
    first.report()
    later = now() + timedelta(seconds=2)
    assert "gate-2" in work_round(agency, later).told
    second.fetch()
    kept = (agency / "ledger" / "tallies" / "gate-2").read_bytes()
    other = (agency / "ledger" / "tallies" / "gate-1").read_bytes()
    place = open_gate_folder(second.folder)
    held = place.tally.read_bytes()
    assert held == kept
    forged = replace(parse_tally(kept)[0], groups=(), number=2**40)
    (tmp_path / "old").write_bytes(old)
    run(app, "gate", "tally", second.folder, tmp_path / "old", error=TallyRolledBack)
    with pytest.raises(NotForThisMachine):
        take_tally(place, first.sealed.read_bytes(), now())
    with open_agency(agency) as opened_agency:
        lease = opened_agency.services["lease"]
        status = opened_agency.services["status"]
    same_number = replace(forged, number=parse_tally(kept)[0].number)
    for data, error in (
        (sign_tally(forged, SeededSigner("nobody")), TallyUnsigned),
        (sign_tally(forged, status), TallyUnsigned),
        (other, TallyOfAnotherGate),
        (sign_tally(same_number, lease), TallyRolledBack),
    ):
        with pytest.raises(error):
            take_tally(place, seal_for_machine(data, second.key), now())
        assert place.tally.read_bytes() == held


def test_a_tally_that_is_stale_counts_on_and_is_said(tmp_path: Path) -> None:
    parties = two(tmp_path, f'"{LABS}"')
    with open_gate(parties.first.folder) as opened:
        opened.gate.admit(job(opened, "account-1"), now())
    for one in (parties.first, parties.second):
        one.report()
    work_round(parties.agency, now())
    parties.second.fetch()
    with open_gate(parties.second.folder) as opened:
        late = now() + timedelta(days=30)
        with opened.gate.ledger.reading() as books:
            (found,) = check_books(opened.gate, books, late, Bounds())
            assert found.kind is FindingKind.STALE
            assert check_books(opened.gate, books, now(), Bounds()) == []
        with pytest.raises(PermitMissing):
            opened.gate.check(job(opened, "account-2"), late)
    place = open_gate_folder(parties.second.folder)
    place.tally.write_bytes(b"something else\n")
    with open_gate(parties.second.folder) as opened, pytest.raises(StateDamaged):
        opened.gate.check(job(opened, "account-2"), now())


def test_tallies_are_told_again_when_something_changes_or_half_their_time_is_over(
    tmp_path: Path,
) -> None:
    parties = two(tmp_path, f'"{LABS}"')
    parties.first.report()
    with open_agency_ledger(parties.agency) as opened:
        start = now() + timedelta(seconds=5)
        assert len(tell_gates(opened, start)) == 2
        assert tell_gates(opened, start + timedelta(seconds=1)) == []
        staleness = opened.agency.trusted.treaty.terms.max_staleness_s
        later = start + timedelta(seconds=staleness / 2)
        assert len(tell_gates(opened, later)) == 2
        parties.first.sealed.unlink()
        assert tell_gates(opened, later + timedelta(seconds=1)) == ["gate-1"]
        numbers = TallyFolder(parties.agency / "ledger" / "tallies", Path())
        last = numbers.last("gate-1")
        assert last is not None
        assert last.number > int(start.timestamp())
    assert fetch_papers(parties.agency / "public", parties.first.folder / "papers")

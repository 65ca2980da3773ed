"""A rehearsal's agency on disk, brought by its own verbs to where a test begins."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from assent.adapters.keys.held_keys import unlock
from assent.authorisation.review import ballot_of
from assent.authorisation.review.deciding import Choice, cast_vote
from assent.authorisation.secretariat import Office, all_cards, record_vote, work
from assent.testing.applications import application_form
from assent.testing.office import SimulatedOffice
from assent.vocabulary import AssentError, format_instant
from assent.vocabulary.envelope import Signer
from assent.wiring.agency import OpenAgency, open_agency
from assent.wiring.agency.open import now
from assent.wiring.agency.rehearse import rehearse

STATES, NEEDED = 5, 3
MEMBERS = ("AUS", "BRA", "CAN", "DEU", "FRA")


@dataclass
class _OfficeOnDisk(SimulatedOffice):
    opened: OpenAgency | None = None

    def __post_init__(self) -> None:
        """Sign nothing: the agency is founded."""

    @property
    def office(self) -> Office:
        """The office of the agency that is open."""
        assert self.opened is not None
        return self.opened.office


@dataclass(frozen=True)
class Rehearsed:
    """The folder of an agency of five states, of which three grant a permit."""

    folder: Path

    @property
    def root(self) -> Path:
        """The root that everybody trusts."""
        return self.folder / "root.json"

    @property
    def trust(self) -> Path:
        """The metadata that the agency publishes."""
        return self.folder / "trust"

    @property
    def passphrase_file(self) -> Path:
        """The one passphrase of all keys."""
        return self.folder / "states" / "passphrase"

    def key(self, member: str) -> Path:
        """Return the file of a member's key."""
        return self.folder / "states" / f"{member}.key"

    def signer(self, member: str) -> Signer:
        """Return a member's key, unlocked."""
        return unlock(self.key(member), self.passphrase_file.read_text().strip())

    @property
    def permits(self) -> list[str]:
        """Return what all its permits are called."""
        with self.at_work() as played:
            return [card.case_id for card in all_cards(played.office, "permit")]

    def copied(self, folder: Path) -> "Rehearsed":
        """Return a copy of the agency, to work on."""
        shutil.copytree(self.folder, folder)
        return Rehearsed(folder)

    @contextmanager
    def at_work(self) -> Iterator[_OfficeOnDisk]:
        """Open the agency for the length of a block."""
        time = now()
        with open_agency(self.folder, at=time, environment={}) as opened:
            yield _OfficeOnDisk(now=time, opened=opened)

    def propose(self, **changes: Any) -> str:  # noqa: ANN401 - fields of an application
        """Bring an application to the vote; return its case."""
        with self.at_work() as played:
            asked = {
                **application_form()["requested"],
                "not_before": format_instant(played.now - timedelta(hours=1)),
                "not_after": format_instant(played.now + timedelta(days=300)),
            }
            case_id = played.apply(**{"requested": asked, **changes})
            played.assess(case_id)
            played.propose(case_id)
        return case_id

    def decide(self, case_id: str, *members: str) -> None:
        """Have members approve what is put to the vote, and log what follows."""
        with self.at_work() as played:
            for member in members:
                vote = cast_vote(
                    ballot_of(played.office.read(case_id)).open_proposal,
                    member=member,
                    choice=Choice.APPROVE,
                    reason="as discussed",
                    time=played.now,
                    signer=self.signer(member),
                )
                record_vote(played.office, case_id, vote, member, played.now)
            work(played.office, played.now)


def rehearsed(folder: Path) -> Rehearsed:
    """Make an agency; nothing was applied for yet."""
    rehearse(folder, STATES, NEEDED, now(), environment={})
    return Rehearsed(folder)


def run(app: typer.Typer, *arguments: object, error: str = "") -> str:
    """Run a command; return what it printed, and how it was refused.

    With `error`, the name of an error's class, it must be refused by that.
    """
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if not error:
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output
    assert isinstance(done.exception, AssentError), (done.output, done.exception)
    assert type(done.exception).__name__ == error, done.exception
    return f"{done.output}{done.exception.message} {done.exception.remedy}"


def after(time: datetime, **duration: float) -> str:
    """Return a later time as `--at` takes it."""
    return format_instant(time + timedelta(**duration))

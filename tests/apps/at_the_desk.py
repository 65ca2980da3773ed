"""An agency on disk, and the commands that a developer and an officer give there."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from assent.apps.cli.apply.app import apply
from assent.apps.cli.apply.consult_app import consult
from assent.apps.cli.review.app import review
from assent.authorisation.application import ApplicationCase, fold
from assent.authorisation.docket import RecordedEvent
from assent.vocabulary import AssentError
from assent.wiring.agency import now, open_agency
from assent.wiring.agency.rehearse import KEYS, PASSPHRASE, rehearse

EXAMPLES = Path(__file__).parents[2] / "examples"
APPLICATION = EXAMPLES / "applications" / "practice-application.yaml"
REFUSED = EXAMPLES / "applications" / "practice-refused.yaml"
EVIDENCE = EXAMPLES / "applications" / "risk-assessment.md"
ANSWERS = EXAMPLES / "applications" / "officers-answers.yaml"
KEY = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
INSPECTOR = "inspector-1"
DEVELOPER = ("--as", "Ada")
OFFICER = ("--as", "officer-1")


def run(
    command: typer.Typer,
    *arguments: object,
    error: type[AssentError] | None = None,
    code: int = 0,
) -> str:
    """Run a command; return what it printed, or the error that was expected."""
    done = CliRunner().invoke(command, [str(argument) for argument in arguments])
    if error is None:
        assert done.exit_code == code, (done.output, done.exception)
        return done.output
    assert type(done.exception) is error, (done.output, done.exception)
    assert isinstance(done.exception, AssentError)
    return done.exception.message


def applies(*arguments: object, **expected: Any) -> str:  # noqa: ANN401 - as run
    """Give a command of `assent apply`."""
    return run(apply, *arguments, **expected)


def consults(*arguments: object, **expected: Any) -> str:  # noqa: ANN401 - as run
    """Give a command of `assent consult`."""
    return run(consult, *arguments, **expected)


def reviews(*arguments: object, **expected: Any) -> str:  # noqa: ANN401 - as run
    """Give a command of `assent review`."""
    return run(review, *arguments, **expected)


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsal's agency, in a folder."""

    folder: Path

    @property
    def opening_key(self) -> Path:
        """The inspector's key."""
        return self.folder / KEYS / f"{INSPECTOR}.opening.key"

    @property
    def passphrase_file(self) -> Path:
        """The file of everybody's passphrase."""
        return self.folder / KEYS / PASSPHRASE

    def events(self, case_id: str) -> list[RecordedEvent]:
        """Return a case's events."""
        with open_agency(self.folder) as agency:
            return agency.office.read(case_id)

    def case(self, case_id: str) -> ApplicationCase:
        """Return an application's case."""
        return fold(self.events(case_id))

    def cases(self) -> list[str]:
        """Return what all cases are called."""
        with open_agency(self.folder) as agency:
            reading = agency.office.docket.reading()
            with reading as transaction:
                return transaction.case_ids()

    def submit(self, file: Path = APPLICATION) -> str:
        """Submit an application, of a run of its own; return its case."""
        given = (self.folder, self.own(file), "--document", EVIDENCE, *DEVELOPER)
        return applies("submit", *given).strip()

    def own(self, file: Path) -> Path:
        """Return an application like this one, of a run that has none here yet."""
        number = len(self.cases())
        if not number:
            return file
        own = self.folder.with_name(f"application-{number}.yaml")
        text = file.read_text()
        for run_id in ("practice-nano", "practice-spreads"):
            text = text.replace(run_id, f"{run_id}-{number}")
        own.write_text(text)
        return own

    def take_up(self, file: Path = APPLICATION) -> str:
        """Submit an application, and let an officer take it up."""
        case_id = self.submit(file)
        reviews("start", self.folder, case_id, *OFFICER)
        return case_id

    def judge(self, case_id: str) -> None:
        """Have an officer find all in order."""
        reviews("practice", self.folder, case_id, "--file", ANSWERS, *OFFICER)
        for claim in ("harmless", "weak"):
            why = ("--accept", "--reason", "read with care")
            reviews("claim", self.folder, case_id, claim, *why, *OFFICER)


def rehearsed(folder: Path) -> Rehearsed:
    """Make an agency of five states, three of which grant a permit."""
    rehearse(folder, 5, 3, now())
    return Rehearsed(folder)


def uncommented(text: str) -> str:
    """Return a drafted application with every proposal taken up."""
    return re.sub(r"^#", "", text, flags=re.MULTILINE)

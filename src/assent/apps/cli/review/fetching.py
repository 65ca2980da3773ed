"""`assent review fetch`: everything of a case as files, to be read.

case -> application.yaml, documents/ID, disclosures-N.age, and the open proposal

The application's digest is that of the file, so an inspector can open disclosures on
it. What is sealed stays so: documents and disclosures are written as they were kept.
"""

from pathlib import Path

from assent.adapters.files import make_folder
from assent.apps.cli.apply.desk import Desk, application_text, desk, tell, verify_series
from assent.apps.cli.output.writing import SECRET, verify_new, write_new
from assent.authorisation.application import SERIES, ApplicationCase, fold
from assent.authorisation.review import ballot_of
from assent.vocabulary import NotFound

_FOLDER = 0o700  # what is confidential in a case stays so outside


def fetch(agency: Path, case_id: str, out: Path) -> None:
    """Write a case's files to a new folder, and say which documents are missing.

    Raises:
        InputError: if there is something already.
        DocumentDamaged: if a document that is kept is another.

    """
    verify_series(case_id, SERIES)
    verify_new(out)
    with desk(agency) as at:
        events = at.office.read(case_id)
        case, ballot = fold(events), ballot_of(events)
        make_folder(out, _FOLDER)
        text = application_text(case.application)
        write_new(out / "application.yaml", text.encode(), SECRET)
        for path, digest, what in _kept(case):
            _write(at, out / path, digest, what)
    if ballot.proposal is not None:
        write_new(out / "proposal", ballot.proposal.encoded, SECRET)
        tell(f"proposal: {ballot.proposal.decision_id}, which is put to the vote")
    tell(f"Wrote {case_id} to {out}: {case.application.digest}")


def _kept(case: ApplicationCase) -> list[tuple[str, str, str]]:
    """Return where each document goes, its digest, and what it is."""
    return [
        *(
            (f"documents/{one.id}", one.digest, one.title)
            for one in case.evidence.values()
        ),
        *(
            (f"disclosures-{number}.age", told.digest, f"for {told.inspector}")
            for number, told in enumerate(case.disclosures, start=1)
        ),
    ]


def _write(at: Desk, path: Path, digest: str, what: str) -> None:
    try:
        data = at.office.records.get(digest)
    except NotFound:
        tell(f"{path.name}: {what}: MISSING, {digest}")
        return
    write_new(path, data, SECRET)
    tell(f"{path.name}: {what}")

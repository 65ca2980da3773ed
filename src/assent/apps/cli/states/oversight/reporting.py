"""`assent oversight show`, `report`, `file`: from a checkpoint to the next stretch.

permit's case + what an inspector found -> signed report;  report -> the case
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.apps.cli.output.speaking import show
from assent.apps.cli.output.writing import verify_new
from assent.apps.cli.permit.output import write
from assent.apps.cli.states.key.screen import confirm_and_unlock
from assent.apps.cli.states.oversight.inspecting import file as file_appeal
from assent.authorisation.permit import PermitCase
from assent.authorisation.secretariat import read_permit
from assent.authorisation.terms import where_of
from assent.supervision.oversight import (
    APPEAL_TYPE,
    Evaluation,
    EvaluationReport,
    NoPointAhead,
    PointAhead,
    file_report,
    parse_report,
    points_ahead,
)
from assent.vocabulary import format_count
from assent.vocabulary.envelope import ENVELOPE_BYTES_MAX, parse_envelope
from assent.wiring.agency import now, open_agency

_CHUNK_BYTES = 2**20
_EVIDENCE_BYTES_MAX = 64 * 2**20


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an inspector found, and from what."""

    inspector: str
    checkpoint: Path
    evidence: Path
    words: str
    failed: tuple[str, ...]
    interests: str
    kind: str


def show_point(agency: Path, permit_id: str) -> None:
    """Say where a run stops next: by FLOP, by date, by loss."""
    with open_agency(agency, at=now()) as opened:
        events = opened.office.read(permit_id)
        ahead = points_ahead(read_permit(opened.office, permit_id), events)
    show(*(one.words for one in ahead))


def report(  # noqa: PLR0913, PLR0917 - what the command may be asked
    agency: Path,
    permit_id: str,
    out: Path,
    found: Found,
    key: Path,
    passphrase_file: Path | None,
    *,
    yes: bool,
) -> None:
    """Write and sign a report on the point that is ahead."""
    verify_new(out)
    time = now()
    with open_agency(agency, at=time) as opened:
        case = read_permit(opened.office, permit_id)
    made = _report(case, found)
    signer = confirm_and_unlock(_words(made), key, passphrase_file, yes=yes)
    write(out, made.signed_by(signer).encoded)


def file(agency: Path, path: Path, actor: str) -> None:
    """File a report, or an appeal."""
    envelope = parse_envelope(read_bytes(path, ENVELOPE_BYTES_MAX))
    if envelope.payload_type == APPEAL_TYPE:
        file_appeal(agency, envelope, actor)
        return
    permit_id = parse_report(envelope.payload).permit_id
    time = now()
    with open_agency(agency, at=time) as opened:
        ahead = file_report(opened.office, permit_id, envelope, actor, time)
        case = read_permit(opened.office, permit_id)
    show(ahead.words, _unlocked(ahead, case))


def _unlocked(ahead: PointAhead, case: PermitCase) -> str:
    if ahead.lacking:
        return f"Nothing more is unlocked: {case.case_id} may not go beyond the point."
    return (
        f"{case.case_id} may use {format_count(case.flop_unlocked)} FLOP in all now;"
        " the next leases say so (`assent agency work`)."
    )


def _report(case: PermitCase, found: Found) -> EvaluationReport:
    marked = {"flop": "at_flop", "date": "at", "loss": "at_loss"}[found.kind]
    point = next((one for one in case.points_ahead if marked in one.mark), None)
    if point is None:
        raise NoPointAhead(
            f"{case.case_id} has no oversight point by {found.kind} that was not"
            " passed.",
            remedy="Nothing is to be reported; the run goes on to its cap.",
        )
    evidence = read_bytes(found.evidence, _EVIDENCE_BYTES_MAX)
    digest = f"sha256:{sha256(evidence).hexdigest()}"
    return EvaluationReport(
        permit_id=case.case_id,
        permit_digest=case.permit.digest,
        run_id=case.permit.run_id,
        mark=point.mark,
        checkpoint=_digest(found.checkpoint),
        evaluations=tuple(
            Evaluation(name=name, passed=name not in found.failed, evidence=digest)
            for name in point.evaluations
        ),
        inspector=found.inspector,
        interests=found.interests,
        words=found.words,
        reported=now(),
    )


def _digest(path: Path) -> str:
    """Return the digest of a checkpoint, however large."""
    made = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            made.update(chunk)
    return f"sha256:{made.hexdigest()}"


def _words(made: EvaluationReport) -> list[str]:
    where = f"{made.permit_id}, run {made.run_id}, {where_of(made.mark)}"
    return [
        f"You report on {where}.",
        f"Checkpoint {made.checkpoint}.",
        *(
            f"{one.name}: {'PASSED' if one.passed else 'FAILED'}"
            for one in made.evaluations
        ),
        f"Your interests in the developer: {made.interests}.",
        made.words,
        "If all evaluations are passed, the run may go on.",
    ]

"""Write down what a decision brings about, in the transaction that makes it.

DecisionRecord -> events of the cases it touches, and the notice that announces it

The documents are stored first: what the public log will name can be fetched, whenever
the machine stops. A grant or a variation takes effect when it is logged; a suspension
or a revocation at once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assent.authorisation.docket import DocketTransaction, Event, RecordedEvent
from assent.authorisation.permit import (
    CHANGE_TYPE,
    PERMIT_TYPE,
    Action,
    Permit,
    PermitChange,
    decision_body,
    read_paper,
)
from assent.authorisation.review.deciding import DecisionRecord, Outcome
from assent.authorisation.secretariat.notice import Deferred, write_notice
from assent.authorisation.secretariat.office import Office
from assent.translog.entry import DocumentDigest, Entry
from assent.vocabulary import InputError, Plain, format_instant
from assent.vocabulary.envelope import Envelope
from assent.vocabulary.texts import STEERING

_ACTOR = "secretariat"
_JSON = "application/json"
METADATA_LENGTH_MAX = 1_000  # of a value in an entry; the whole is in a document
_UNLOGGED = re.compile(rf"[{STEERING}\ud800-\udfff]")  # what an entry refuses
_REINSTATED = "reinstated"  # what waits for the log
_KINDS = {
    Action.SUSPEND: "suspended",
    Action.REVOKE: "revoked",
    Action.REINSTATE: _REINSTATED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Announcement:
    """What the public is told: the kind of entry, about what, and whose it is."""

    kind: str
    subject: str
    developer: str | None
    metadata: Mapping[str, str]
    deferred: tuple[Deferred, ...] = ()


def conclude(
    office: Office,
    transaction: DocketTransaction,
    case: Sequence[RecordedEvent],
    record: DecisionRecord,
    now: datetime,
) -> str:
    """Do what a decision says, and return the notice that will announce it.

    Args:
        office: the agency's.
        transaction: the one in which the case was decided.
        case: all events of the decided case, the decision's own included.
        record: the decision.
        now: the time.

    Raises:
        InputError: if its paper is none that has an effect.
        StoreUnavailable: if a document cannot be stored.

    """
    # (1) The documents, before anything refers to them.
    texts = {"decision": record.encoded}
    if record.outcome is Outcome.GRANTED:
        paper = record.signed_paper
        texts[_role(paper)] = paper.encoded
    documents = _documents(office, texts)
    if record.outcome is Outcome.GRANTED:
        said = _grant(office, transaction, record, now)
    else:
        said = _refusal(record)
    # (2) What is owed to the public log.
    entry = Entry(
        kind=said.kind,
        subject=said.subject,
        time=now.replace(microsecond=0),
        developer=said.developer,
        documents=documents,
        metadata={
            **said.metadata,
            "decision": record.proposal.decision_id,
            "matter": record.proposal.matter.value,
            **anchor(case),
        },
    )
    written = write_notice(entry, record.proposal.case_id, said.deferred, now)
    return notify(office, transaction, written)


def announce_refusal(  # noqa: PLR0913, PLR0917 - one fact each
    office: Office,
    transaction: DocketTransaction,
    case: Sequence[RecordedEvent],
    review: bytes,
    reasons: Sequence[str],
    now: datetime,
) -> str:
    """Write the notice of a refusal by rule, for which nobody voted.

    Args:
        office: the agency's.
        transaction: the one in which it was refused.
        case: all events of the case, the refusal's own included.
        review: the document of the review that refuses.
        reasons: why.
        now: the time.

    """
    entry = Entry(
        kind="refusal",
        subject=case[-1].case_id,
        time=now.replace(microsecond=0),
        documents=_documents(office, {"review": review}),
        metadata={"reason": one_line(" ".join(reasons)), **anchor(case)},
    )
    return notify(office, transaction, write_notice(entry, case[-1].case_id, (), now))


def notify(office: Office, transaction: DocketTransaction, written: Event) -> str:
    """Open a notice with its first event, and return what it is called."""
    notice_id = office.name(transaction, "notice", written.time)
    office.add(transaction, notice_id, [written])
    return notice_id


def anchor(case: Sequence[RecordedEvent]) -> dict[str, str]:
    """Return public metadata that ties a case's events to the log.

    With it, whoever restores a database from a backup finds out what it lacks.
    """
    last = case[-1]
    return {
        "case": last.case_id,
        "case_events": str(last.number),
        "case_digest": last.digest,
    }


def _grant(
    office: Office,
    transaction: DocketTransaction,
    record: DecisionRecord,
    now: datetime,
) -> _Announcement:
    body = decision_body(record)
    decided = read_paper(record.proposal)
    case_id = decided.permit_id
    if isinstance(decided, Permit):
        said = _announce_permit(decided)
        kind = "permit_decided" if decided.version == 1 else "varied"
    else:
        said = _announce_change(decided, body)
        kind = _KINDS[decided.action]
    event = Event(kind=kind, time=now, actor=_ACTOR, body=body)
    if not office.fits(transaction, case_id, event):
        # The permit went on meanwhile: it was revoked, say. The decision stands in
        # the record, and changes nothing.
        return replace(said, kind="decision-without-effect", deferred=())
    if kind != _REINSTATED:
        office.add(transaction, case_id, [event])
    return said


def _announce_change(change: PermitChange, body: Mapping[str, Plain]) -> _Announcement:
    later = Deferred(case_id=change.permit_id, kind=_REINSTATED, body=body)
    lapses = change.lapses
    return _Announcement(
        kind=f"permit-{change.action.value}",
        subject=change.permit_id,
        developer=None,
        metadata={
            "reason": one_line(change.reason),
            **({"lapses": format_instant(lapses)} if lapses else {}),
        },
        deferred=(later,) if change.action is Action.REINSTATE else (),
    )


def _announce_permit(permit: Permit) -> _Announcement:
    return _Announcement(
        kind="permit",
        subject=permit.permit_id,
        developer=permit.developer.name,
        metadata={
            "version": str(permit.version),
            "flop_permitted": str(permit.caps.flop),
            "weights_permitted": str(permit.caps.weights),
            "not_before": format_instant(permit.caps.not_before),
            "not_after": format_instant(permit.caps.not_after),
            "status_index": str(permit.status_index),
        },
        deferred=(
            Deferred(
                case_id=permit.permit_id,
                kind="permit_logged",
                body={"version": permit.version},
            ),
        ),
    )


def _refusal(record: DecisionRecord) -> _Announcement:
    return _Announcement(
        kind="refusal",
        subject=record.proposal.case_id,
        developer=None,
        metadata={"reason": one_line(record.reason)},
    )


def _role(paper: Envelope) -> str:
    roles = {PERMIT_TYPE: "permit", CHANGE_TYPE: "permit-change"}
    try:
        return roles[paper.payload_type]
    except KeyError:
        raise InputError(
            f"A paper of type {paper.payload_type:.120} has no effect here.",
            remedy="Propose a permit, or a change of one.",
        ) from None


def _documents(office: Office, texts: Mapping[str, bytes]) -> dict[str, DocumentDigest]:
    digests = office.records.put_all(list(texts.values()))
    return {
        role: DocumentDigest(digest=digest, size_bytes=len(data), media_type=_JSON)
        for (role, data), digest in zip(texts.items(), digests, strict=True)
    }


def one_line(text: str) -> str:
    """Return as much of a text as public metadata holds; a dash for none of it."""
    line = " ".join(_UNLOGGED.sub(" ", text).split())[:METADATA_LENGTH_MAX]
    return line or "-"

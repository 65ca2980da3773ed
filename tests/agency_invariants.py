"""What must be true of an agency after every act, whatever the act was.

SimulatedOffice + what was seen before -> nothing, or the assertion that fails
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from assent.authorisation.application import fold as fold_application
from assent.authorisation.application import parse_application
from assent.authorisation.docket import RecordedEvent, verify_chain
from assent.authorisation.permit import (
    PermitCase,
    PermitExpired,
    PermitNotYetValid,
    PermitQuorumNotMet,
    PermitRevoked,
    PermitState,
    PermitSuspended,
    Status,
    VerifiedPermit,
    VerifiedStatusList,
    parse_permit,
    verify_permit_under,
    verify_status_list,
)
from assent.authorisation.review import review_file_of
from assent.authorisation.review.deciding import Outcome
from assent.authorisation.secretariat import permit_bundle, read_permit
from assent.authorisation.treaty import Matter, Service
from assent.authorisation.trust import TrustedTreaty, verify_trust
from assent.testing.office import SimulatedOffice
from assent.testing.states import BOARD, PANEL, STATES
from assent.translog.entry import Entry
from assent.vocabulary import AssentError, NotAllowed, canonical_bytes, parse_canonical
from assent.vocabulary.envelope import parse_envelope

Histories = Mapping[str, Sequence[RecordedEvent]]
Log = Sequence[Entry]
_COUNCIL = frozenset(STATES[:5])
# Who has to have signed for each matter: of these, at least so many.
_QUORUMS = {
    Matter.PERMIT: [(_COUNCIL, 3)],
    Matter.VARIATION: [(_COUNCIL, 3)],
    Matter.APPEAL: [(frozenset(PANEL), 2)],
    Matter.HORIZON_EXCEPTION: [(_COUNCIL, 5), (frozenset(BOARD), 4)],
}
_STATUS = {
    PermitState.IN_FORCE: Status.VALID,
    PermitState.SUSPENDED: Status.SUSPENDED,
}
_REFUSAL = {
    PermitState.BEING_ISSUED: NotAllowed,
    PermitState.SUSPENDED: PermitSuspended,
    PermitState.REVOKED: PermitRevoked,
    PermitState.EXHAUSTED: PermitRevoked,
    PermitState.EXPIRED: PermitExpired,
}


def check_cases(agency: SimulatedOffice, before: Histories) -> Histories:
    """Nothing recorded is changed; chains are whole; cards are what events make."""
    with agency.docket.reading() as transaction:
        found = {name: transaction.events(name) for name in transaction.case_ids()}
    assert before.keys() <= found.keys()
    for case_id, events in found.items():
        seen = before.get(case_id, [])
        assert events[: len(seen)] == seen
        if len(events) > len(seen):
            verify_chain(events)
            kept, made = agency.card(case_id), agency.office.card(events)
            assert canonical_bytes(kept.details) == canonical_bytes(made.details)
            assert replace(kept, details={}) == replace(made, details={})
    return found


def check_log(agency: SimulatedOffice, before: Log) -> Log:
    """The log only grows; whatever it names can be fetched, and the cases agree."""
    entries = agency.public_log
    assert entries[: len(before)] == list(before)
    for entry in entries[len(before) :]:
        for document in entry.documents.values():
            kept = agency.records.get(document.digest)
            assert f"sha256:{sha256(kept).hexdigest()}" == document.digest
        said = entry.metadata
        events = agency.office.read(said["case"])
        assert events[int(said["case_events"]) - 1].digest == said["case_digest"]
        if entry.kind == "permit":
            paper = parse_envelope(agency.records.get(entry.documents["permit"].digest))
            permit = parse_permit(paper.payload)
            text = agency.records.get(permit.application_digest).decode()
            assert parse_application(text).digest == permit.application_digest
            permit_bundle(agency.office, permit.permit_id, agency.status())
    return entries


def check_permits(agency: SimulatedOffice, *, has_rekeyed: bool) -> int:
    """Each permit is believed just if it should be; return how many are.

    Args:
        agency: the agency.
        has_rekeyed: whether members had their keys replaced, so that a permit can have
            been signed by keys that ended before the log held it.

    """
    trusted = verify_trust(agency.trust.root, agency.trust.metadata, agency.now)
    status = agency.status()
    listed = _read_list(agency, trusted, status)
    places: list[int] = []
    believed = 0
    with agency.docket.reading() as transaction:
        cards = transaction.cards(kind="permit")
    for card in cards:
        case = read_permit(agency.office, card.case_id)
        _check_statuses(case, listed)
        places += case.statuses
        try:
            file = permit_bundle(agency.office, card.case_id, status)
            verified = verify_permit_under(
                trusted, file.envelope, file.proof, status, agency.now
            )
        except AssentError as refusal:
            _check_refused(agency, case, refusal, has_rekeyed=has_rekeyed)
        else:
            _check_believed(agency, case, verified)
            believed += 1
    assert len(places) == len(set(places)), "two versions have one place"
    return believed


def _read_list(
    agency: SimulatedOffice, trusted: TrustedTreaty, status: bytes
) -> VerifiedStatusList:
    terms = trusted.treaty.terms
    keys = trusted.treaty.service_keys(Service.STATUS, agency.now)
    return verify_status_list(
        status, terms.status_uri, keys, agency.now, terms.max_staleness_s
    )


def _check_statuses(case: PermitCase, listed: VerifiedStatusList) -> None:
    expected = _STATUS.get(case.state, Status.INVALID)
    assert listed.status_at(case.permit.status_index) is expected
    for index in case.replaced:
        assert listed.status_at(index) is Status.SUPERSEDED
    if case.pending is not None and case.pending is not case.permit:
        assert listed.status_at(case.pending.status_index) is Status.INVALID


def _check_refused(
    agency: SimulatedOffice,
    case: PermitCase,
    refusal: AssentError,
    *,
    has_rekeyed: bool,
) -> None:
    """There is one good reason, and that is the one that was given."""
    assert refusal.remedy
    now, caps = agency.now, case.permit.caps
    if isinstance(refusal, PermitQuorumNotMet):
        assert has_rekeyed
    elif case.entry_index is None:
        assert type(refusal) is NotAllowed
    elif now < caps.not_before:
        assert isinstance(refusal, PermitNotYetValid)
    elif now >= caps.not_after:
        assert isinstance(refusal, PermitExpired)
    else:
        assert isinstance(refusal, _REFUSAL[case.state])


def _check_believed(
    agency: SimulatedOffice, case: PermitCase, verified: VerifiedPermit
) -> None:
    permit = verified.permit
    assert case.state is PermitState.IN_FORCE
    assert permit == case.permit
    assert permit.caps.not_before <= agency.now < permit.caps.not_after
    entry = agency.public_log[verified.entry_index]
    assert (entry.kind, entry.subject) == ("permit", permit.permit_id)
    # Its quorum approved, with nobody who stood aside or decided before.
    signers = frozenset(verified.signers)
    for members, needed in _QUORUMS[permit.matter]:
        assert len(signers & members) >= needed
    assert not signers & permit.excluded
    approved = _approvals(agency, permit.decision_id)
    assert signers <= approved
    events = agency.office.read(permit.case_id)
    assert fold_application(events).state.value == "granted"
    file = review_file_of(events)
    assert permit.version > 1 or not signers & file.recusals.keys()
    assert not file.refused_because or permit.matter is not Matter.PERMIT


def _approvals(agency: SimulatedOffice, decision_id: str) -> frozenset[str]:
    """Return who approved a decision, as its record in the public log says."""
    for entry in agency.public_log:
        if entry.metadata.get("decision") == decision_id:
            record = _record(agency, entry)
            assert record["outcome"] == Outcome.GRANTED.value
            votes = [_vote(given) for given in record["votes"]]
            return frozenset(
                said["member"] for said in votes if said["choice"] == "approve"
            )
    raise AssertionError(f"{decision_id} is not public")


def _record(agency: SimulatedOffice, entry: Entry) -> Any:  # noqa: ANN401 - plain values
    return parse_canonical(agency.records.get(entry.documents["decision"].digest))


def _vote(given: Any) -> Any:  # noqa: ANN401 - plain values
    return parse_canonical(parse_envelope(given["vote"].encode()).payload)

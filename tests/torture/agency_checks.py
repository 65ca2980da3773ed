"""Hold an agency's files to what its processes acknowledged, and to each other.

an agency's place + Told -> nothing, or the assertion that failed

They are read over connections of their own, by a process that was not killed.
"""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from tests.own_log import LOG_KEYS
from tests.torture.agency_on_disk import POLICY, AgencyPlace, KeptOffice, kept_office
from tests.torture.told import Told

from assent.adapters.docket import check_docket, verify_against
from assent.adapters.translog.files import FolderFiles
from assent.adapters.translog.store import open_log_store
from assent.adapters.translog.witness_store import WitnessStore
from assent.authorisation.docket import RecordedEvent
from assent.authorisation.permit import (
    PERMIT_TYPE,
    PermitRevoked,
    PermitState,
    PermitSuperseded,
    PermitSuspended,
    fold,
    parse_change,
    parse_permit,
    verify_permit,
    verify_signers,
)
from assent.authorisation.permit.bundle import parse_bundle
from assent.authorisation.permit.logged import envelope_digest
from assent.authorisation.review import ballot_of
from assent.authorisation.secretariat import Notice, fold_notice
from assent.testing.small_log import ORIGIN
from assent.translog.entry import Entry, parse_entry
from assent.translog.formats.signed_head import parse_signed_head
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.translog.keeping.fsck import Severity, check_log, check_remote
from assent.translog.keeping.prove import Prover
from assent.translog.verify import verify_proof
from assent.vocabulary import NotAllowed, NotFound, canonical_bytes
from assent.vocabulary.envelope import parse_envelope

_PAPERS = ("permit", "permit-change")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an agency holds: its cases, its log's entries, how many are public."""

    cases: dict[str, list[RecordedEvent]]
    entries: list[Entry]
    size_public: int

    @property
    def notices(self) -> list[Notice]:
        """What is owed to the log, or was."""
        return [
            fold_notice(events)
            for case_id, events in self.cases.items()
            if case_id.startswith("notice")
        ]


def check_agency(place: AgencyPlace, told: Told, now: datetime) -> Found:
    """Hold an agency, as it lies there, to all that was said of it."""
    with kept_office(place, now) as agency:
        derive = agency.office.card
        assert check_docket(agency.docket, lambda _: derive) == []
        assert verify_against(agency.docket, sorted(told.events)) == len(told.events)
        found = Found(
            cases=_all_cases(agency),
            entries=_entries(place),
            size_public=_size_public(place),
        )
        _check_log(place)
        _check_numbers(found)
        _check_decisions(found, told)
        _check_notices(agency, place, found, told)
        _check_papers(agency, found)
        _check_handed_out(agency, found, told)
        _check_leases(found, told)
    return found


def recover(place: AgencyPlace, now: datetime) -> None:
    """Let the secretariat work: then nothing is owed, and working does nothing."""
    with kept_office(place, now) as agency:
        agency.work()
        before = _state(agency, place)
        done = agency.work()
        assert (done.closed, done.ended, done.announced) == ((), (), ())
        assert _state(agency, place) == before
        cases = _all_cases(agency)
        assert all(
            fold_notice(events).index is not None
            for case_id, events in cases.items()
            if case_id.startswith("notice")
        )
        files = FolderFiles(place.public)
        if _entries(place):
            assert check_remote(files, POLICY) == []
            assert _size_public(place) == len(_entries(place))
        _check_every_permit_proves_itself(agency, cases)


def _check_log(place: AgencyPlace) -> None:
    """(a) What is public is whole and cosigned; what witnesses hold is in the log."""
    files = FolderFiles(place.public)
    with closing(open_log_store(place.entries, ORIGIN)) as store:
        found = check_log(store, files, ORIGIN, LOG_KEYS, POLICY)
        # Between keeping and writing a published tree head, the older one is in force.
        wrong = [one for one in found if one.severity is not Severity.HARMLESS]
        assert [one for one in wrong if one.where != TREE_HEAD_PATH] == []
        assert all(one.is_repairable for one in wrong)
        prover = Prover(store)
        for path in place.witnesses:
            with closing(WitnessStore(path)) as memory:
                held = memory.held(ORIGIN)
            if held is not None:
                assert prover.root(held.head.size) == held.head.root
    if _size_public(place):
        assert check_remote(files, POLICY) == []


def _check_numbers(found: Found) -> None:
    """(c) No decision, permit or place in the status list is used twice."""
    decisions, places, versions = Counter[str](), Counter[int](), Counter[Any]()
    for case_id, events in found.cases.items():
        if not case_id.startswith(("application", "measure")):
            continue
        for recorded in events:
            if recorded.event.kind != "proposed":
                continue
            proposal: Any = recorded.event.body["proposal"]
            decisions[proposal["decision_id"]] += 1
            if proposal["paper"]["payload_type"] == PERMIT_TYPE:
                permit = parse_permit(canonical_bytes(proposal["paper"]["payload"]))
                places[permit.status_index] += 1
                versions[permit.permit_id, permit.decision_id] += 1
                if permit.version == 1:
                    versions[permit.permit_id] += 1
    for count in (decisions, places, versions):
        assert [key for key, times in count.items() if times > 1] == []
    for case_id, events in found.cases.items():
        given: list[object] = [
            one.event.body["version"]
            for one in events
            if case_id.startswith("permit") and one.event.kind == "permit_issued"
        ]
        assert len(given) == len(set(given)), f"{case_id} was issued twice"


def _check_decisions(found: Found, told: Told) -> None:
    """(c) Each decision is there, and has one notice, and one entry at most."""
    notices = Counter(notice.entry.metadata.get("decision") for notice in found.notices)
    logged = Counter(entry.metadata.get("decision") for entry in found.entries)
    made: dict[str, str] = {}
    by_rule = 0
    for case_id, events in found.cases.items():
        if not case_id.startswith(("application", "measure")):
            continue
        by_rule += sum(one.event.kind == "refused_by_rule" for one in events)
        for ended in ballot_of(events).ended:
            if ended.record is not None:
                made[ended.proposal.decision_id] = ended.record.outcome.value
    assert told.decided.items() <= made.items()
    assert {key for key in notices if key} == made.keys()
    assert all(notices[key] == 1 and logged[key] <= 1 for key in made)
    ruled = [n for n in found.notices if "review" in n.entry.documents]
    assert len(ruled) == by_rule


def _check_notices(
    agency: KeptOffice, place: AgencyPlace, found: Found, told: Told
) -> None:
    """(a), (c) What is logged is public at its index; the log holds nothing else."""
    encoded = [entry.encoded for entry in found.entries]
    assert len(set(encoded)) == len(encoded)
    assert set(encoded) <= {notice.entry.encoded for notice in found.notices}
    indices = {n.notice_id: n.index for n in found.notices if n.index is not None}
    assert told.announced.items() <= indices.items()
    office = agency.office
    with closing(open_log_store(place.entries, ORIGIN)) as store:
        prover = Prover(store)
        for notice in found.notices:
            if notice.index is None or notice.proof_digest is None:
                continue
            assert notice.index < found.size_public
            proof = office.records.get(notice.proof_digest)
            proved = verify_proof(proof, POLICY, entry=notice.entry.encoded)
            assert proved.index == notice.index
            assert prover.root(proved.head.size) == proved.head.root
            assert encoded[notice.index] == notice.entry.encoded


def _check_papers(agency: KeptOffice, found: Found) -> None:
    """(b) Whatever the log names can be fetched; what was granted has its quorum."""
    office, granted = agency.office, set()
    for entry in found.entries:
        documents = {
            role: office.records.get(named.digest)
            for role, named in entry.documents.items()
        }
        for role in _PAPERS:
            if role not in documents:
                continue
            envelope = parse_envelope(documents[role])
            paper: Any = (parse_permit if role == "permit" else parse_change)(
                envelope.payload
            )
            verify_signers(
                envelope, office.treaty, paper.matter, paper.excluded, entry.time
            )
            assert paper.permit_id == entry.subject
            if entry.kind == "permit":  # else it came too late, and has no effect
                key = (paper.permit_id, paper.version)
                assert key not in granted, f"{key} is in the log twice"
                granted.add(key)


def _check_handed_out(agency: KeptOffice, found: Found, told: Told) -> None:
    """(a) What verifies offline is in the public log, where it says."""
    for permit_id, at, data in told.permits:
        try:
            verified = verify_permit(data, agency.trust.root, at)
        except (PermitSuspended, PermitRevoked, PermitSuperseded):
            continue  # the process beside changed it meanwhile: it lets nobody train
        assert verified.permit.permit_id == permit_id
        assert verified.entry_index < found.size_public
        entry = found.entries[verified.entry_index]
        digest = envelope_digest(parse_bundle(data).envelope)
        assert (entry.kind, entry.subject) == ("permit", permit_id)
        assert entry.documents["permit"].digest == digest
        kinds = [one.event.kind for one in found.cases[permit_id]]
        assert "permit_issued" in kinds
    for case_id, events in found.cases.items():
        case = fold(events) if case_id.startswith("permit") else None
        if case is not None and case.entry_index is None:
            with pytest.raises(NotAllowed, match="not in the public log yet"):
                agency.bundle(case_id)


def _check_leases(found: Found, told: Told) -> None:
    """(c) No lease is lost, or given twice."""
    serials = {
        case_id: [
            str(one.event.body["serial"])
            for one in events
            if one.event.kind == "lease_renewed"
        ]
        for case_id, events in found.cases.items()
        if case_id.startswith("permit")
    }
    assert len(set(told.leases)) == len(told.leases)
    assert all(serials[permit_id].count(n) == 1 for permit_id, n in told.leases)


def _check_every_permit_proves_itself(
    agency: KeptOffice, cases: dict[str, list[RecordedEvent]]
) -> None:
    """(b) After `work` each permit in force verifies with nothing but the root."""
    for case_id, events in cases.items():
        case = fold(events) if case_id.startswith("permit") else None
        if case is None:
            continue
        assert case.pending is None or case.state is PermitState.REVOKED
        if case.state is PermitState.IN_FORCE:
            verified = agency.verify(case_id)
            assert verified.permit == case.permit
            assert verified.entry_index == case.entry_index
        elif case.state is PermitState.SUSPENDED:
            with pytest.raises(PermitSuspended):
                agency.verify(case_id)


def _state(agency: KeptOffice, place: AgencyPlace) -> object:
    cases = _all_cases(agency)
    return (
        {case_id: events[-1].digest for case_id, events in cases.items()},
        len(_entries(place)),
        _size_public(place),
    )


def _all_cases(agency: KeptOffice) -> dict[str, list[RecordedEvent]]:
    with agency.docket.reading() as transaction:
        names = transaction.case_ids()
        return {case_id: transaction.events(case_id) for case_id in names}


def _entries(place: AgencyPlace) -> list[Entry]:
    with (
        closing(open_log_store(place.entries, ORIGIN)) as store,
        store.reading() as transaction,
    ):
        return [parse_entry(e) for e in transaction.entries(0, transaction.size())]


def _size_public(place: AgencyPlace) -> int:
    try:
        head = FolderFiles(place.public).read(TREE_HEAD_PATH, bytes_max=2**20)
    except NotFound:
        return 0
    return parse_signed_head(head).head.size

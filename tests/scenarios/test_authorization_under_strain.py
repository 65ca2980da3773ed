"""When the log is down, keys end at the wrong time, or two secretariats work at once.

And what stays secret: fields that one inspector opens and the applicant proves later.
"""

import threading
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from tests.agency_stores import Found, Stores, check_books

from assent.adapters.keys.age_files import (
    NotAddressedToKey,
    decrypt_with,
    encrypt_to,
    new_identity,
)
from assent.authorisation.application import disclose, fold, parse_application
from assent.authorisation.application.sealing import (
    DisclosureFile,
    DisclosuresForAnother,
    DisclosureUnknown,
    open_fields,
    parse_disclosure_file,
    seal,
    verify_disclosure,
)
from assent.authorisation.permit import (
    LeaseRefused,
    PermitSuspended,
)
from assent.authorisation.review import VoteNotOpen
from assent.authorisation.secretariat import (
    Motion,
    WorkIncomplete,
    announce,
    propose_measure,
    read_permit,
)
from assent.authorisation.secretariat.conclude import anchor
from assent.authorisation.secretariat.notice import Deferred, write_notice
from assent.authorisation.treaty import Matter
from assent.testing.applications import DEVELOPER
from assent.testing.office import OFFICER, SimulatedOffice
from assent.testing.states import SimulatedTreaty
from assent.translog.entry import Entry
from assent.translog.errors import QuorumNotMet, StoreUnavailable
from assent.vocabulary import NotAllowed

PERMIT = "permit-2026-0001"
SITE = "site-nairobi-1"
SUSPEND = Motion(matter=Matter.SUSPENSION, reason="an incident is looked into")


def decided(agency: SimulatedOffice) -> str:
    """Have a permit granted, and nothing announced."""
    case_id = agency.apply()
    agency.assess(case_id)
    agency.propose(case_id)
    agency.vote(case_id, "AUS", "BRA", "CAN")
    return case_id


def binds_nobody(agency: SimulatedOffice, permit_id: str = PERMIT) -> bool:
    """Tell whether a permit that was granted cannot be used for anything."""
    with pytest.raises(NotAllowed, match="not in the public log yet"):
        agency.verify(permit_id)
    with pytest.raises(LeaseRefused):
        agency.lease(permit_id, SITE)
    return agency.card(permit_id).state == "being_issued"


# The log is down


def test_without_enough_witnesses_a_grant_waits_and_is_completed_later(
    agency: SimulatedOffice,
) -> None:
    case_id = decided(agency)
    witnesses = agency.records.witnesses
    witnesses[0].is_silent = witnesses[1].is_silent = True
    for _ in range(3):
        agency.wait(hours=5)
        with pytest.raises(QuorumNotMet):
            agency.work()
        assert binds_nobody(agency)
        assert agency.public_log == []
    assert agency.card(case_id).waiting_for == "agency"
    witnesses[1].is_silent = False
    agency.work()
    assert agency.verify(PERMIT).entry_index == 0
    assert [entry.subject for entry in agency.public_log] == [PERMIT]
    assert agency.records.size() == 1  # what was appended before is not there twice


def test_with_a_full_disk_a_grant_waits_and_is_completed_later(
    agency: SimulatedOffice,
) -> None:
    decided(agency)
    for writes in range(2):  # a tile of hashes, one of entries, then the tree head
        agency.records.files.writes_left = writes
        with pytest.raises(StoreUnavailable):
            agency.work()
        assert binds_nobody(agency)
    agency.records.files.writes_left = None
    agency.work()
    agency.verify(PERMIT)
    assert len(agency.public_log) == 1


def test_a_suspension_does_not_wait_for_the_log(agency: SimulatedOffice) -> None:
    permit_id = agency.grant()
    for witness in agency.records.witnesses:
        witness.is_silent = True
    agency.move(permit_id, SUSPEND)
    with pytest.raises(QuorumNotMet):
        agency.work()
    with pytest.raises(PermitSuspended):
        agency.verify(permit_id)
    for witness in agency.records.witnesses:
        witness.is_silent = False
    agency.work()
    assert [entry.kind for entry in agency.public_log] == ["permit", "permit-suspend"]


def test_what_was_decided_while_the_log_was_down_is_announced_in_its_order(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    agency.move(permit_id, SUSPEND)
    back = Motion(matter=Matter.REINSTATEMENT, reason="nothing was found")
    agency.move(permit_id, back)
    agency.move(permit_id, Motion(matter=Matter.REVOCATION, reason="it was"))
    agency.work()
    assert [entry.kind for entry in agency.public_log] == [
        "permit",
        "permit-suspend",
        "permit-reinstate",
        "permit-revoke",
    ]
    assert agency.card(permit_id).state == "revoked"  # it does not come back


def owe(agency: SimulatedOffice, case_id: str) -> str:
    """Owe the log a notice that ends in an event which its case cannot take."""
    later = Deferred(case_id=case_id, kind="no_such_event", body={})
    office = agency.office
    entry = Entry(
        kind="refusal",
        subject=case_id,
        time=agency.now,
        metadata=anchor(office.read(case_id)),
    )
    with office.docket.writing() as transaction:
        written = write_notice(entry, case_id, [later], agency.now)
        notice_id = office.name(transaction, "notice", agency.now)
        office.add(transaction, notice_id, [written])
    return notice_id


def test_a_notice_that_cannot_be_recorded_holds_up_nothing_else(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    poison = owe(agency, agency.apply())
    agency.move(permit_id, Motion(matter=Matter.REVOCATION, reason="it was"))
    with pytest.raises(WorkIncomplete) as failed:
        agency.work()
    assert list(failed.value.failures) == [poison]  # once
    assert "no_such_event" in failed.value.message
    kinds = [entry.kind for entry in agency.public_log]
    assert kinds == ["permit", "refusal", "permit-revoke"]
    with agency.docket.reading() as transaction:
        waiting = transaction.cards(kind="notice", states=("written",), limit=10)
    assert [card.case_id for card in waiting] == [poison]
    with pytest.raises(WorkIncomplete):
        announce(agency.office, agency.now)


def test_a_key_that_ends_before_the_log_saw_the_permit_makes_it_void(
    agency: SimulatedOffice,
) -> None:
    case_id = decided(agency)
    agency.wait(hours=1)
    agency.rekey("AUS", "AUS-2")
    agency.wait(hours=1)
    assert agency.work().void == (PERMIT,)
    assert agency.work().void == ()
    assert agency.card(PERMIT).state == "void"
    assert [entry.kind for entry in agency.public_log] == ["decision-without-effect"]
    # What helps: the members vote again, by the keys that they have now.
    assert agency.card(case_id).state == "under_review"
    agency.propose(case_id)
    agency.vote(case_id, "AUS", "BRA", "CAN")
    agency.work()
    assert agency.verify("permit-2026-0002").permit.version == 1


def test_a_revocation_that_was_voted_on_during_a_variation_still_revokes() -> None:
    agency = SimulatedOffice()
    permit_id = agency.grant()
    revoke = Motion(matter=Matter.REVOCATION, reason="it trained elsewhere")
    office = agency.office
    measure = propose_measure(office, permit_id, revoke, OFFICER, agency.now)
    caps = read_permit(office, permit_id).permit.caps
    less = replace(caps, weights=10**6)
    agency.move(permit_id, Motion(matter=Matter.VARIATION, reason="less", caps=less))
    agency.work()
    agency.vote(measure, "AUS", "BRA", "CAN")
    assert agency.card(permit_id).state == "revoked"


# Two at once


def test_two_secretariats_at_once_announce_everything_once(stores: Stores) -> None:
    first = stores.found(SimulatedTreaty())
    cases = [first.apply() for _ in range(3)]
    for case_id in cases:
        first.assess(case_id)
        first.propose(case_id)
    second = stores.beside(first)
    errors: list[BaseException] = []
    together = threading.Barrier(2)

    def work(agency: SimulatedOffice, *members: str) -> None:
        try:
            together.wait()
            for case_id in cases:
                for member in members:
                    with suppress(VoteNotOpen):  # decided meanwhile
                        agency.vote(case_id, member)
                agency.work()
            together.wait()
            agency.work()
            for number in range(1, len(cases) + 1):
                agency.verify(f"permit-2026-{number:04}")
        except BaseException as error:  # noqa: BLE001 - the test asserts on it
            errors.append(error)
            together.abort()

    threads = [
        threading.Thread(target=work, args=(first, "AUS", "BRA")),
        threading.Thread(target=work, args=(second, "CAN", "DEU")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    subjects = sorted(entry.subject for entry in first.public_log)
    assert subjects == [f"permit-2026-{number:04}" for number in (1, 2, 3)]
    for case_id in cases:
        kinds = [one.event.kind for one in first.office.read(case_id)]
        assert kinds.count("decision_granted") == kinds.count("permit_issued") == 1
        assert kinds.count("vote_received") == 3
    check_books(first)


def test_what_one_secretariat_does_the_other_sees_and_goes_on_with(
    stores: Stores,
) -> None:
    first = stores.found(SimulatedTreaty())
    case_id = first.apply()
    second = stores.beside(first)
    second.assess(case_id)
    first.propose(case_id)
    second.vote(case_id, "AUS", "BRA")
    first.vote(case_id, "CAN")
    second.work()
    assert first.verify(PERMIT).permit == second.verify(PERMIT).permit
    assert first.work().announced == ()
    check_books(second)


# Secrets

RATE = "0.000312"


def test_an_inspector_opens_a_sealed_field_and_the_applicant_proves_it_later(
    found: Found,
) -> None:
    inspector, stranger = new_identity(), new_identity()
    treaty = SimulatedTreaty()
    treaty.form["inspectors"] = [
        {
            "name": "ito",
            "title": "Inspector Ito",
            "recipient": inspector.recipient,
            "since": "2026-01-01T00:00:00Z",
        }
    ]
    agency = found(treaty)
    plan: dict[str, Any] = {
        "run": {"id": "practice-nano"},
        "hardware": [{"provider": "Example Cloud"}],
        "training": {"learning_rate": RATE, "sources": ["crawl", "letters-9"]},
    }
    rate, source = ("training", "learning_rate"), ("training", "sources", 1)
    sealed = seal(plan, [rate, source], iter([b"r" * 16, b"s" * 16]))
    case_id = agency.apply(declaration=dict(sealed.document))

    # The inspector gets one of the two.
    application = fold(agency.office.read(case_id)).application
    file = DisclosureFile(application.digest, (sealed.disclosures[rate].encoded,))
    encrypted = encrypt_to(file.encoded, [inspector.recipient])
    told: Any = {"treaty": treaty.treaty, "actor": DEVELOPER}
    digest = agency.records.put(encrypted)
    path = "/declaration/training/learning_rate"
    with pytest.raises(NotAllowed):
        agency.act(case_id, disclose, "somebody", digest, [path], **told)
    agency.act(case_id, disclose, "ito", digest, [path], **told)
    assert agency.card(case_id).details["disclosed_to"] == ["ito"]

    def opened(data: bytes) -> Any:  # noqa: ANN401 - any plain value
        given = parse_disclosure_file(decrypt_with(data, inspector))
        given.verify_is_for(application.digest)
        return open_fields(application.declaration or {}, given.disclosures)

    read = opened(agency.records.get(digest))
    assert read.document["training"]["learning_rate"] == RATE
    assert len(read.hidden) == 1
    with pytest.raises(NotAddressedToKey):
        decrypt_with(encrypted, stranger)
    of_another = replace(file, application_digest=f"sha256:{'0' * 64}")
    with pytest.raises(DisclosuresForAnother):
        opened(encrypt_to(of_another.encoded, [inspector.recipient]))

    agency.assess(case_id)
    agency.propose(case_id)
    agency.vote(case_id, "AUS", "BRA", "CAN")
    agency.work()
    # Nothing that the agency keeps or shows has the secret in plain words.
    shown = [str(one) for one in agency.office.read(case_id)]
    shown += [str(agency.card(case_id)), str(agency.public_log)]
    shown.append(agency.bundle(PERMIT).decode())
    assert not any(word in text for word in (RATE, "letters-9") for text in shown)

    # Later, from the permit alone: this is the application, and so it said.
    permit = agency.verify(PERMIT).permit
    kept = parse_application(agency.records.get(permit.application_digest).decode())
    declared = kept.declaration or {}
    assert kept.digest == permit.application_digest
    text = sealed.disclosures[source].encoded
    assert verify_disclosure(declared, text) == (source, "letters-9")
    other = seal(plan, [rate], iter([b"x" * 16])).disclosures[rate].encoded
    with pytest.raises(DisclosureUnknown):
        verify_disclosure(declared, other)

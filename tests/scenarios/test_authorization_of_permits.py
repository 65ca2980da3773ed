"""What becomes of a permit: varied, suspended, revoked, over, leased, recognised.

Each scenario asks what whoever has the file and the first root would be told.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from tests.agency_stores import Found

from assent.authorisation.permit import (
    AgencyUnknown,
    CapBeyondRecognition,
    ForeignTrust,
    LeaseElsewhere,
    LeaseLapsed,
    LeaseOfAnotherPermit,
    LeaseRefused,
    PermitExpired,
    PermitNotLogged,
    PermitNotYetValid,
    PermitRevoked,
    PermitSuperseded,
    PermitSuspended,
    StatusStale,
    StepNotAllowed,
    VerifiedPermit,
    parse_bundle,
    verify_lease,
    verify_permit,
)
from assent.authorisation.review import recuse
from assent.authorisation.review.deciding import Choice, VoterNotEligible, VoterRecused
from assent.authorisation.secretariat import Motion, exhaust, propose_measure
from assent.authorisation.treaty import Matter
from assent.authorisation.trust import MetadataExpired, NotRecognised
from assent.testing.applications import requested
from assent.testing.office import OFFICER, SimulatedOffice
from assent.testing.states import DIRECTOR, SimulatedTreaty
from assent.testing.trust import SimulatedTrust
from assent.vocabulary import NotAllowed, format_instant

SITE = "site-nairobi-1"
SUSPEND = Motion(matter=Matter.SUSPENSION, reason="an incident is looked into")
EMERGENCY = Motion(matter=Matter.EMERGENCY_SUSPENSION, reason="weights were stolen")
REINSTATE = Motion(matter=Matter.REINSTATEMENT, reason="nothing was found")
REVOKE = Motion(matter=Matter.REVOCATION, reason="it trained at another site")


def verify(agency: SimulatedOffice, bundle: bytes) -> VerifiedPermit:
    """Verify a file that was given out, with the newest status list and metadata."""
    newest = replace(parse_bundle(bundle), trust=agency.trust.metadata).encoded
    return verify_permit(newest, agency.trust.root, agency.now, status=agency.status())


def kinds(agency: SimulatedOffice) -> list[str]:
    """Return the kinds of what is public."""
    return [entry.kind for entry in agency.public_log]


# Varied


def test_a_new_version_takes_the_place_of_the_old_when_it_is_public(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    old = agency.bundle(permit_id)
    first = verify(agency, old).permit
    caps = replace(first.caps, flop=5 * 10**15, sites=(SITE, "site-bergen-2"))
    agency.wait(days=1)
    vary = Motion(matter=Matter.VARIATION, reason="moved", caps=caps)
    agency.move(permit_id, vary)
    # Decided, and not public yet: the first version holds.
    assert verify(agency, old).permit == first
    assert agency.verify(permit_id).permit == first
    assert agency.card(permit_id).waiting_for == "agency"
    agency.work()
    second = agency.verify(permit_id).permit
    assert (second.version, second.supersedes) == (2, first.digest)
    assert second.caps == caps
    with pytest.raises(PermitSuperseded):
        verify(agency, old)
    assert kinds(agency) == ["permit", "permit"]
    assert agency.public_log[1].metadata["version"] == "2"
    assert agency.card(permit_id).details["version"] == 2
    # And whoever shows the old one with its old list is believed for a day, no longer.
    verify_permit(old, agency.trust.root, agency.now - timedelta(hours=1))
    with pytest.raises((StatusStale, MetadataExpired)):
        verify_permit(old, agency.trust.root, agency.now + timedelta(seconds=1))


def test_a_variation_that_is_voted_down_leaves_the_permit_as_it_was(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    permit = agency.verify(permit_id).permit
    caps = replace(permit.caps, weights=2 * 10**6)
    vary = Motion(matter=Matter.VARIATION, reason="smaller", caps=caps)
    measure = propose_measure(agency.office, permit_id, vary, OFFICER, agency.now)
    assert agency.card(measure).waiting_for == "members"
    agency.vote(measure, "AUS", "BRA", "CAN", choice=Choice.REJECT)
    agency.work()
    assert agency.card(measure).state == "refused"
    assert agency.verify(permit_id).permit == permit
    assert kinds(agency) == ["permit", "refusal"]


def test_a_variation_allows_no_more_than_was_reviewed(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    caps = agency.verify(permit_id).permit.caps
    for more in (
        replace(caps, flop=caps.flop + 1),
        replace(caps, weights=caps.weights + 1),
    ):
        vary = Motion(matter=Matter.VARIATION, reason="more", caps=more)
        with pytest.raises(NotAllowed, match="at most"):
            propose_measure(agency.office, permit_id, vary, OFFICER, agency.now)


def test_whoever_stood_aside_stands_aside_from_every_measure(
    agency: SimulatedOffice,
) -> None:
    case_id = agency.apply()
    agency.review(case_id, recuse, member="AUS", reason="owns shares")
    agency.assess(case_id)
    agency.propose(case_id)
    agency.vote(case_id, "BRA", "CAN", "DEU")
    agency.work()
    permit_id = "permit-2026-0001"
    with pytest.raises(VoterRecused):
        agency.move(permit_id, SUSPEND, "AUS")


def test_a_measure_needs_a_reason(agency: SimulatedOffice) -> None:
    permit_id = agency.grant()
    blank = Motion(matter=Matter.SUSPENSION, reason=" ")
    with pytest.raises(NotAllowed, match="reason"):
        propose_measure(agency.office, permit_id, blank, OFFICER, agency.now)


def test_a_variation_does_not_get_round_the_limit_of_ordinary_permits(
    found: Found,
) -> None:
    treaty = SimulatedTreaty()
    treaty.form["matters"]["permit"]["flop_max"] = "6e15"
    agency = found(treaty)
    permit_id = agency.grant()
    permit = agency.verify(permit_id).permit
    caps = replace(permit.caps, flop=6 * 10**15 + 1)
    vary = Motion(matter=Matter.VARIATION, reason="more data", caps=caps)
    with pytest.raises(NotAllowed):
        agency.move(permit_id, vary)
    agency.work()
    assert agency.verify(permit_id).permit == permit


def test_of_two_variations_that_were_decided_the_second_has_no_effect(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    caps = agency.verify(permit_id).permit.caps
    less, more = (
        Motion(matter=Matter.VARIATION, reason="other", caps=replace(caps, weights=n))
        for n in (10**6, 2 * 10**6)
    )
    first = propose_measure(agency.office, permit_id, less, OFFICER, agency.now)
    second = propose_measure(agency.office, permit_id, more, OFFICER, agency.now)
    agency.vote(first, "AUS", "BRA", "CAN")
    agency.work()
    counted = agency.vote(second, "AUS", "BRA", "CAN")
    agency.work()
    assert kinds(agency) == ["permit", "permit", "decision-without-effect"]
    assert agency.verify(permit_id).permit.caps.weights == 10**6
    # All of it is signed and in the log, and still no permit.
    assert counted.record is not None
    forged = replace(
        parse_bundle(agency.bundle(permit_id)),
        envelope=counted.record.signed_paper,
        proof=agency.records.prove(2),
    )
    with pytest.raises(PermitNotLogged):
        verify(agency, forged.encoded)


# Suspended, reinstated, revoked


def test_a_suspension_holds_at_once_and_a_reinstatement_when_it_is_public(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    given = agency.bundle(permit_id)
    agency.wait(hours=1)
    agency.move(permit_id, SUSPEND)
    with pytest.raises(PermitSuspended):
        verify(agency, given)
    with pytest.raises(LeaseRefused):
        agency.lease(permit_id, SITE)
    agency.work()
    assert kinds(agency) == ["permit", "permit-suspend"]
    assert agency.public_log[1].metadata["reason"] == SUSPEND.reason
    agency.wait(days=100)
    agency.work()
    with pytest.raises(PermitSuspended):
        verify(agency, given)
    agency.move(permit_id, REINSTATE)
    with pytest.raises(PermitSuspended):
        verify(agency, given)
    agency.work()
    assert verify(agency, given).permit.permit_id == permit_id
    assert agency.card(permit_id).state == "in_force"
    assert kinds(agency)[2:] == ["permit-reinstate"]


def test_a_revocation_is_for_good(agency: SimulatedOffice) -> None:
    permit_id = agency.grant()
    given = agency.bundle(permit_id)
    agency.move(permit_id, REVOKE)
    with pytest.raises(PermitRevoked):
        verify(agency, given)
    agency.work()
    assert kinds(agency) == ["permit", "permit-revoke"]
    with pytest.raises(StepNotAllowed):
        agency.move(permit_id, REINSTATE)
    card = agency.card(permit_id)
    assert (card.state, card.due) == ("revoked", None)
    with pytest.raises(PermitRevoked):
        agency.verify(permit_id)


def test_what_was_revoked_during_the_vote_is_not_reinstated(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    agency.move(permit_id, SUSPEND)
    measure = propose_measure(agency.office, permit_id, REINSTATE, OFFICER, agency.now)
    agency.move(permit_id, REVOKE)
    agency.vote(measure, *agency.treaty.states[:3])
    agency.work()
    assert kinds(agency)[-1] == "decision-without-effect"
    assert agency.card(permit_id).state == "revoked"
    with pytest.raises(PermitRevoked):
        agency.verify(permit_id)


def test_the_director_general_suspends_for_thirty_days_and_no_longer(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    agency.move(permit_id, EMERGENCY, DIRECTOR)
    agency.work()
    ends = agency.now + timedelta(days=30)
    assert agency.public_log[1].metadata["lapses"] == format_instant(ends)
    assert agency.card(permit_id).due == ends
    agency.wait(days=30, seconds=-1)
    assert agency.work().ended == ()
    with pytest.raises(PermitSuspended):
        agency.verify(permit_id)
    agency.wait(seconds=1)
    assert agency.work().ended == (permit_id,)
    assert agency.verify(permit_id).permit.permit_id == permit_id
    assert kinds(agency)[2:] == ["permit-lapsed"]


def test_a_suspension_by_council_outlasts_the_director_generals(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    agency.move(permit_id, EMERGENCY, DIRECTOR)
    agency.wait(days=10)
    agency.move(permit_id, SUSPEND)
    agency.wait(days=40)
    assert agency.work().ended == ()
    with pytest.raises(PermitSuspended):
        agency.verify(permit_id)
    # Nor can the director-general turn that into one that ends.
    agency.move(permit_id, EMERGENCY, DIRECTOR)
    agency.wait(days=40)
    agency.work()
    assert kinds(agency)[-1] == "decision-without-effect"
    assert agency.card(permit_id).state == "suspended"


def test_the_director_general_alone_can_neither_revoke_nor_reinstate(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    for motion in (REVOKE, SUSPEND):
        with pytest.raises(VoterNotEligible):
            agency.move(permit_id, motion, DIRECTOR)
    assert agency.verify(permit_id).permit.permit_id == permit_id
    agency.move(permit_id, SUSPEND)
    with pytest.raises(VoterNotEligible):
        agency.move(permit_id, REINSTATE, DIRECTOR)


# Over


def test_a_permit_begins_and_ends_by_the_clock_without_anybody(
    agency: SimulatedOffice,
) -> None:
    dates = {
        "not_before": "2026-06-10T00:00:00Z",
        "not_after": "2026-09-01T00:00:00Z",
    }
    permit_id = agency.grant(requested=requested(**dates))
    with pytest.raises(PermitNotYetValid):
        agency.verify(permit_id)
    with pytest.raises(LeaseRefused):
        agency.lease(permit_id, SITE)
    agency.wait(days=9)
    given = agency.bundle(permit_id)
    verify(agency, given)
    agency.wait(seconds=(datetime(2026, 9, 1, tzinfo=UTC) - agency.now).total_seconds())
    with pytest.raises(PermitExpired):
        verify(agency, given)
    with pytest.raises(LeaseRefused):
        agency.lease(permit_id, SITE)
    assert agency.work().ended in {(permit_id,), ()}  # the lease may have noticed
    assert agency.card(permit_id).state == "expired"
    assert agency.card(permit_id).due is None


def test_a_permit_that_is_used_up_holds_no_more(agency: SimulatedOffice) -> None:
    permit_id = agency.grant()
    given = agency.bundle(permit_id)
    exhaust(agency.office, permit_id, OFFICER, agency.now)
    with pytest.raises(PermitRevoked):
        verify(agency, given)
    with pytest.raises(LeaseRefused):
        agency.lease(permit_id, SITE)
    with pytest.raises(StepNotAllowed):
        exhaust(agency.office, permit_id, OFFICER, agency.now)
    agency.work()
    assert kinds(agency) == ["permit", "permit-exhausted"]
    assert agency.card(permit_id).state == "exhausted"


# Leased


def test_leases_go_on_for_as_long_as_the_agency_is_there_and_no_longer(
    agency: SimulatedOffice,
) -> None:
    permit_id = agency.grant()
    treaty = agency.treaty.treaty
    for day in range(1, 6):
        lease, envelope = agency.lease(permit_id, SITE)
        assert lease.serial == day
        permit = agency.verify(permit_id)
        verify_lease(envelope, permit, treaty, agency.now, SITE)
        agency.wait(hours=23)
    # The agency is gone. Nobody has to stop anything.
    verify_lease(envelope, permit, treaty, agency.now, SITE)
    agency.now += timedelta(hours=1)
    with pytest.raises(LeaseLapsed):
        verify_lease(envelope, permit, treaty, agency.now, SITE)
    with pytest.raises(MetadataExpired):
        verify_permit(
            agency.bundle(permit_id),
            agency.trust.root,
            agency.now + timedelta(days=1),
        )


def test_a_lease_is_of_one_site_and_one_version(agency: SimulatedOffice) -> None:
    permit_id = agency.grant()
    treaty = agency.treaty.treaty
    _, envelope = agency.lease(permit_id, SITE)
    permit = agency.verify(permit_id)
    with pytest.raises(LeaseElsewhere):
        verify_lease(envelope, permit, treaty, agency.now, "site-bergen-2")
    with pytest.raises(LeaseRefused):
        agency.lease(permit_id, "site-bergen-2")
    caps = replace(permit.permit.caps, flop=10**15)
    agency.move(permit_id, Motion(matter=Matter.VARIATION, reason="less", caps=caps))
    agency.work()
    with pytest.raises(LeaseOfAnotherPermit):
        verify_lease(envelope, agency.verify(permit_id), treaty, agency.now, SITE)


# Recognised


def national() -> SimulatedTreaty:
    """Return the measure of one state, which decides alone."""
    treaty = SimulatedTreaty(states=("KEN",), needed=1)
    treaty.form["agency"] = "agency.ke.example"
    return treaty


def test_one_state_alone_grants_and_a_wider_treaty_recognises_it_later(
    found: Found,
) -> None:
    alone = found(national())
    alone.trust = SimulatedTrust(
        form=alone.treaty.form, states=("KEN",), needed=1, now=alone.now
    )
    permit_id = alone.grant()
    signed = parse_bundle(alone.bundle(permit_id)).envelope
    assert alone.verify(permit_id).signers == ("KEN",)

    wide = SimulatedTreaty()
    trust = SimulatedTrust(form=wide.form, now=alone.now)

    def abroad() -> VerifiedPermit:
        """Show the permit under the root of the wider treaty."""
        foreign = ForeignTrust(root=alone.trust.root, trust=alone.trust.metadata)
        own = parse_bundle(alone.bundle(permit_id))
        assert own.envelope == signed  # never signed again
        shown = replace(own, trust=trust.metadata, foreign=foreign)
        return verify_permit(shown.encoded, trust.root, alone.now)

    with pytest.raises(NotRecognised):
        abroad()
    recognition = {
        "agency": "agency.ke.example",
        "root_digest": f"sha256:{sha256(alone.trust.root).hexdigest()}",
        "flop_max": "6e15",
        "since": format_instant(alone.now),
    }
    wide.form["recognises"] = [recognition]
    trust.publish()
    assert abroad().is_recognised
    assert abroad().permit == alone.verify(permit_id).permit
    # Its own root still leads to it, and the wider one only through recognition.
    own = parse_bundle(alone.bundle(permit_id))
    unnamed = replace(own, trust=trust.metadata).encoded
    with pytest.raises(AgencyUnknown):
        verify_permit(unnamed, trust.root, alone.now)
    # What the state decides on its own permit counts there too.
    alone.move(permit_id, SUSPEND, "KEN")
    with pytest.raises(PermitSuspended):
        abroad()
    recognition["flop_max"] = "5e15"
    trust.publish()
    with pytest.raises(CapBeyondRecognition):
        abroad()

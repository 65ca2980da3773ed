"""The treaty of another agency: believed only as far as one's own treaty says."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from assent.authorisation.trust import (
    MetadataExpired,
    MetadataRolledBack,
    NotRecognised,
    RootUnsigned,
    TrustedTreaty,
    verify_recognised,
    verify_trust,
)
from assent.testing.states import STATES, SimulatedTreaty
from assent.testing.trust import NOW, SimulatedTrust
from assent.vocabulary import QuantityInvalid


def other_agency(name: str = "other.example") -> SimulatedTrust:
    form = SimulatedTreaty(states=STATES[5:10]).form
    form["agency"] = name
    return SimulatedTrust(form=form, states=STATES[5:10])


def home(other: SimulatedTrust, agency: str = "other.example") -> TrustedTreaty:
    form = SimulatedTreaty().form
    form["recognises"] = [
        {
            "agency": agency,
            "root_digest": f"sha256:{sha256(other.root).hexdigest()}",
            "flop_max": "1e25",
            "since": "2026-05-01T00:00:00Z",
            "until": "2026-06-02T00:00:00Z",
        }
    ]
    trust = SimulatedTrust(form=form)
    return verify_trust(trust.root, trust.metadata, NOW)


def test_a_recognised_agency_is_believed_and_the_limits_come_along() -> None:
    other = other_agency()
    found = verify_recognised(home(other), other.root, other.metadata, NOW)
    assert found.treaty.agency == "other.example"
    assert found.recognition is not None
    assert found.recognition.flop_max == 10**25


def test_recognition_outlasts_a_change_of_the_other_states_keys() -> None:
    other = other_agency()
    own = home(other)
    other.rotate(states=STATES[4:9])
    found = verify_recognised(own, other.root, other.metadata, NOW)
    assert found.versions.root == 2
    assert found.root_digest == own.treaty.recognised["other.example"].root_digest


def test_refuses_an_agency_that_is_not_recognised() -> None:
    stranger = SimulatedTrust(states=STATES[3:8])
    with pytest.raises(NotRecognised, match="does not recognise"):
        verify_recognised(home(other_agency()), stranger.root, stranger.metadata, NOW)


def test_refuses_a_later_root_in_the_place_of_the_one_that_is_named() -> None:
    other = other_agency()
    own = home(other)
    other.rotate()
    with pytest.raises(NotRecognised):
        verify_recognised(own, other.roots[1], other.metadata, NOW)


@pytest.mark.parametrize("days", [-40, 1])
def test_refuses_before_and_after_the_recognition_holds(days: int) -> None:
    other = other_agency()
    own = replace(home(other), expires=NOW + timedelta(days=9))
    with pytest.raises(NotRecognised, match="at another time"):
        verify_recognised(own, other.root, other.metadata, NOW + timedelta(days=days))


def test_refuses_to_rely_on_an_own_treaty_that_was_verified_too_long_ago() -> None:
    other = other_agency()
    own = home(other)
    other.now = own.expires
    other.refresh()
    with pytest.raises(MetadataExpired, match="own treaty"):
        verify_recognised(own, other.root, other.metadata, own.expires)


def test_refuses_a_root_that_is_recognised_for_another_agency() -> None:
    other = other_agency()
    own = home(other, agency="third.example")
    with pytest.raises(NotRecognised, match="leads to a treaty of other"):
        verify_recognised(own, other.root, other.metadata, NOW)


def test_what_the_other_agency_shows_is_verified_like_ones_own() -> None:
    other = other_agency()
    own = home(other)
    usurper = SimulatedTrust(states=STATES[:5])
    usurper.rotate()
    with pytest.raises(RootUnsigned):
        verify_recognised(own, other.root, usurper.metadata, NOW)
    found = verify_recognised(own, other.root, other.metadata, NOW)
    with pytest.raises(MetadataRolledBack):
        verify_recognised(
            own,
            other.root,
            other.metadata,
            NOW,
            replace(found.versions, timestamp=2),
        )
    other.now = NOW - timedelta(days=2)
    other.refresh()
    with pytest.raises(MetadataExpired):
        verify_recognised(own, other.root, other.metadata, NOW)


def test_asks_for_a_time_zone() -> None:
    other = other_agency()
    with pytest.raises(QuantityInvalid):
        verify_recognised(
            home(other), other.root, other.metadata, NOW.replace(tzinfo=None)
        )

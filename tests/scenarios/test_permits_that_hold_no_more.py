"""A permit that was granted holds no more: over, suspended, revoked, not recognised.

And whatever is done to a permit's file, it never says anything else.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assent.authorisation.permit import (
    AgencyUnknown,
    CapBeyondRecognition,
    ForeignTrust,
    PermitExpired,
    PermitMalformed,
    PermitNotYetValid,
    PermitRevoked,
    PermitSuperseded,
    PermitSuspended,
    Status,
    StatusInvalid,
    StatusMalformed,
    StatusMissing,
    StatusStale,
    VerifiedPermit,
    verify_permit,
    verify_permit_under,
    verify_status_list,
)
from assent.authorisation.treaty import Service
from assent.authorisation.trust import (
    NotRecognised,
    verify_trust,
)
from assent.testing.permits import (
    SimulatedAgency,
    make_caps,
    make_permit,
)
from assent.testing.trust import NOW, SimulatedTrust
from assent.vocabulary import (
    AssentError,
    canonical_bytes,
    format_instant,
)
from assent.vocabulary.envelope import Envelope

AGENCY = SimulatedAgency()
TRUST = AGENCY.trust
PERMIT = make_permit()
SIGNED = AGENCY.sign(PERMIT)
BUNDLE = AGENCY.bundle(SIGNED)
DAY = timedelta(days=1)


def verify(
    envelope: Envelope = SIGNED,
    agency: SimulatedAgency = AGENCY,
    **parts: Any,  # noqa: ANN401 - of a bundle
) -> VerifiedPermit:
    return verify_permit(
        agency.bundle(envelope, **parts).encoded, agency.trust.root, NOW
    )


def refuses(error: type[AssentError], act: Callable[[], object]) -> AssentError:
    with pytest.raises(error) as refusal:
        act()
    assert type(refusal.value) is error
    assert refusal.value.remedy
    return refusal.value


# Dates


def test_before_its_first_and_after_its_last_instant() -> None:
    agency = AGENCY
    early = agency.sign(make_permit(caps=make_caps(not_before=NOW + DAY)))
    refuses(PermitNotYetValid, lambda: verify(early))
    over = agency.sign(make_permit(caps=make_caps(not_after=NOW)))
    refuses(PermitExpired, lambda: verify(over))
    last = agency.sign(
        make_permit(caps=make_caps(not_after=NOW + timedelta(seconds=1)))
    )
    assert verify(last).stale_after == NOW + timedelta(seconds=1)


# The status list


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (Status.INVALID, PermitRevoked),
        (Status.SUSPENDED, PermitSuspended),
        (Status.SUPERSEDED, PermitSuperseded),
    ],
)
def test_a_permit_that_holds_no_more(status: Status, error: type[AssentError]) -> None:
    listed = AGENCY.status_list({17: status})
    refuses(error, lambda: verify(status=listed))
    verify(status=AGENCY.status_list({16: status, 18: status}))


def test_a_newer_status_list_takes_the_place_of_the_files() -> None:
    revoked = AGENCY.status_list({17: Status.INVALID}, issued=NOW)
    refuses(
        PermitRevoked,
        lambda: verify_permit(BUNDLE.encoded, TRUST.root, NOW, status=revoked),
    )


def test_no_status_list() -> None:
    bare = replace(BUNDLE, status=None).encoded
    refuses(StatusMissing, lambda: verify_permit(bare, TRUST.root, NOW))
    fresh = AGENCY.status_list()
    assert verify_permit(bare, TRUST.root, NOW, status=fresh).permit == PERMIT


def test_status_lists_that_say_nothing_about_the_permit() -> None:
    second = timedelta(seconds=1)
    lists = {
        "stale": (AGENCY.status_list(issued=NOW - DAY - second), StatusStale),
        "of another address": (
            AGENCY.status_list(uri="https://agency.example/status/2"),
            StatusInvalid,
        ),
        "by another service": (
            AGENCY.status_list(signer="service-lease"),
            StatusInvalid,
        ),
        "by a state": (AGENCY.status_list(signer="KEN"), StatusInvalid),
        "cut short": (AGENCY.status_list()[:-9], StatusMalformed),
        "empty": (b".", StatusMalformed),
    }
    for listed, error in lists.values():
        refuses(error, lambda: verify(status=listed))  # noqa: B023 - called here


def test_a_list_without_the_permits_place() -> None:
    permit = make_permit(status_index=1_000)
    refuses(StatusInvalid, lambda: verify(AGENCY.sign(permit)))


def test_a_gate_checks_many_permits_against_one_list() -> None:
    trusted = AGENCY.trusted
    keys = trusted.treaty.service_keys(Service.STATUS, NOW)
    uri = PERMIT.status_uri
    listed = verify_status_list(AGENCY.status_list({3: 1}), uri, keys, NOW, 86_400)
    revoked = AGENCY.sign(make_permit(status_index=3))
    other = AGENCY.sign(make_permit(status_uri="https://agency.example/status/9"))

    def under(envelope: Envelope, now: datetime = NOW) -> VerifiedPermit:
        proof = AGENCY.prove(envelope)
        return verify_permit_under(trusted, envelope, proof, listed, now)

    assert under(SIGNED).permit == PERMIT
    refuses(PermitRevoked, lambda: under(revoked))
    refuses(StatusInvalid, lambda: under(other))
    refuses(StatusStale, lambda: under(SIGNED, NOW + DAY))


# Other agencies


def abroad() -> tuple[SimulatedAgency, Envelope]:
    agency = SimulatedAgency()
    agency.form["agency"] = "other.example"
    permit = make_permit(agency="other.example", treaty_digest=agency.treaty_digest)
    return agency, agency.sign(permit)


def home(flop_max: str | None, **changes: Any) -> SimulatedAgency:  # noqa: ANN401 - plain values
    agency = SimulatedAgency()
    agency.form["recognises"] = [
        {
            "agency": "other.example",
            "root_digest": _root_digest(abroad()[0]),
            "flop_max": flop_max,
            "since": "2026-01-01T00:00:00Z",
            **changes,
        }
    ]
    return agency


def shown_at(at_home: SimulatedAgency) -> VerifiedPermit:
    agency, envelope = abroad()
    trust = agency.trust
    bundle = at_home.bundle(
        envelope, foreign=ForeignTrust(root=trust.root, trust=trust.metadata)
    )
    return verify_permit(bundle.encoded, at_home.trust.root, NOW)


def test_a_permit_of_an_agency_that_is_recognised() -> None:
    found = shown_at(home("4e25"))
    assert found.is_recognised
    assert found.permit.agency == "other.example"


def test_it_is_relied_upon_no_longer_than_recognition_lasts() -> None:
    until = NOW + timedelta(hours=1)
    found = shown_at(home(None, until=format_instant(until)))
    assert found.stale_after == until


def test_it_is_relied_upon_no_longer_than_ones_own_trust_metadata() -> None:
    at_home = home(None)
    earlier = SimulatedTrust(form=at_home.form, now=NOW - timedelta(hours=12))
    agency, envelope = abroad()
    foreign = ForeignTrust(root=agency.trust.root, trust=agency.trust.metadata)
    bundle = at_home.bundle(envelope, trust=earlier, foreign=foreign)
    found = verify_permit(bundle.encoded, earlier.root, NOW)
    assert found.stale_after == NOW + timedelta(hours=12)


def test_a_permit_of_an_agency_that_is_not() -> None:
    refuses(AgencyUnknown, lambda: verify(abroad()[1]))
    refuses(NotRecognised, lambda: shown_at(SimulatedAgency()))
    over = home("4e25", until=format_instant(NOW))
    refuses(NotRecognised, lambda: shown_at(over))


def test_a_permit_above_what_is_recognised() -> None:
    refuses(CapBeyondRecognition, lambda: shown_at(home("39999999999999999999999999")))


# Anything else


@given(st.integers(0, 10**6), st.integers(1, 255))
@example(0, 1)
def test_no_changed_byte_of_the_file_is_believed_to_say_anything_else(
    position: int, flip: int
) -> None:
    data = bytearray(BUNDLE.encoded)
    data[position % len(data)] ^= flip
    try:
        found = verify_permit(bytes(data), TRUST.root, NOW)
    except AssentError:
        return
    assert found.permit == PERMIT


@given(st.integers(0, 10**6), st.binary(max_size=12), st.integers(0, 40))
def test_nothing_cut_out_or_put_in_is_either(
    position: int, inserted: bytes, cut: int
) -> None:
    data = BUNDLE.encoded
    at_byte = position % len(data)
    changed = data[:at_byte] + inserted + data[at_byte + cut :]
    try:
        found = verify_permit(changed, TRUST.root, NOW)
    except AssentError:
        return
    assert found.permit == PERMIT


@given(
    st.sampled_from(["permit", "proof", "status", "trust", "foreign", "format"]),
    st.none()
    | st.integers()
    | st.text(max_size=9)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)
def test_no_part_of_the_file_leaks_a_foreign_error(name: str, value: Any) -> None:  # noqa: ANN401 - any plain value
    whole = {**json.loads(BUNDLE.encoded), name: value}
    if name == "foreign" and value is None:
        return
    with pytest.raises(AssentError):
        verify_permit(canonical_bytes(whole), TRUST.root, NOW)


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 99_999, b"1" * 20_000, b"\xff"])
def test_what_is_no_file_of_a_permit(data: bytes) -> None:
    refuses(PermitMalformed, lambda: verify_permit(data, TRUST.root, NOW))


def _root_digest(agency: SimulatedAgency) -> str:
    trust = agency.trust
    return verify_trust(trust.root, trust.metadata, NOW).root_digest

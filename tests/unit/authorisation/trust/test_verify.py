"""From one trusted root to the treaty: what is accepted, and how one is deceived."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from assent.authorisation.trust import (
    MetadataExpired,
    MetadataMixed,
    MetadataRolledBack,
    MetadataUnsigned,
    RootExpired,
    RootRolledBack,
    RootSkipped,
    RootUnsigned,
    SeenVersions,
    TreatyAltered,
    TreatyRolledBack,
    TrustMalformed,
    TrustMetadata,
    make_root,
    make_snapshot,
    make_targets,
    make_timestamp,
    next_root,
    verify_trust,
)
from assent.testing.states import STATES
from assent.testing.trust import NOW, SimulatedTrust, signed
from assent.vocabulary import AssentError, QuantityInvalid

YEAR = timedelta(days=365)
DAY = timedelta(days=1)


@pytest.fixture
def trust() -> SimulatedTrust:
    return SimulatedTrust()


def rotated(count: int) -> SimulatedTrust:
    """Return a trust whose states have changed keys so many times."""
    trust = SimulatedTrust()
    for turn in range(count):
        trust.rotate(states=STATES[turn + 1 : turn + 6])
    return trust


def test_a_root_leads_to_the_treaty(trust: SimulatedTrust) -> None:
    found = verify_trust(trust.root, trust.metadata, NOW)

    assert found.treaty.agency == "agency.example"
    assert found.versions == SeenVersions(
        root=1, timestamp=1, snapshot=1, targets=1, treaty=1
    )
    assert found.expires == NOW + DAY
    assert found.root == trust.root
    assert found.recognition is None


def test_the_states_hand_over_to_other_keys_until_none_of_the_first_is_left() -> None:
    trust = rotated(5)
    assert not set(trust.states) & set(STATES[:5])

    found = verify_trust(trust.root, trust.metadata, NOW)

    assert found.versions.root == 6
    assert found.root == trust.roots[-1]


def test_the_digest_is_of_the_root_that_was_trusted_at_the_start() -> None:
    trust = rotated(2)
    first = verify_trust(trust.root, trust.metadata, NOW)
    second = verify_trust(trust.roots[1], trust.metadata, NOW)
    assert first.root_digest != second.root_digest
    assert first.root == second.root


def test_roots_up_to_the_trusted_one_are_passed_over() -> None:
    trust = rotated(3)
    found = verify_trust(trust.roots[2], trust.metadata, NOW, seen(root=3))
    assert found.versions.root == 4


@pytest.mark.parametrize("role", ["root", "targets", "timestamp", "snapshot"])
def test_refuses_one_signature_short(trust: SimulatedTrust, role: str) -> None:
    short = trust.names("root")[:-1]
    if role == "root":
        root = signed(make_root(trust.quorums, NOW + YEAR), short)
        with pytest.raises(RootUnsigned, match="2 of the 3"):
            verify_trust(root, trust.metadata, NOW)
        return
    few = trust.names("treaty")[:-1] if role == "targets" else ["stranger"]
    forged = relisted(trust, by={role: few})
    with pytest.raises(MetadataUnsigned, match=f"The {role} metadata"):
        verify_trust(trust.root, forged, NOW)


def test_refuses_a_new_root_that_too_few_of_the_old_keys_signed(
    trust: SimulatedTrust,
) -> None:
    usurpers = SimulatedTrust(states=STATES[5:10])
    root = next_root(trust.root, usurpers.quorums, NOW + YEAR)
    root = signed(root, [*usurpers.names("root"), *trust.names("root")[:-1]])
    forged = replace(usurpers.metadata, roots=(root,))
    with pytest.raises(RootUnsigned, match="the root before it"):
        verify_trust(trust.root, forged, NOW)


def test_refuses_a_new_root_that_too_few_of_its_own_keys_signed(
    trust: SimulatedTrust,
) -> None:
    others = SimulatedTrust(states=STATES[5:10])
    root = next_root(trust.root, others.quorums, NOW + YEAR)
    root = signed(root, [*trust.names("root"), *others.names("root")[:-1]])
    with pytest.raises(RootUnsigned, match="2 of the 3 keys that it asks"):
        verify_trust(trust.root, replace(others.metadata, roots=(root,)), NOW)


def test_refuses_a_root_that_skips_a_version() -> None:
    trust = rotated(3)
    for roots in (trust.roots[2:], [trust.roots[1], trust.roots[3]]):
        forged = replace(trust.metadata, roots=tuple(roots))
        with pytest.raises(RootSkipped):
            verify_trust(trust.root, forged, NOW)


def test_refuses_roots_in_another_order() -> None:
    trust = rotated(2)
    forged = replace(trust.metadata, roots=(trust.roots[1], trust.roots[1]))
    with pytest.raises(RootSkipped):
        verify_trust(trust.root, forged, NOW)


def test_refuses_a_root_older_than_the_one_seen() -> None:
    trust = rotated(2)
    latest = verify_trust(trust.root, trust.metadata, NOW)
    before = rotated(1)
    with pytest.raises(RootRolledBack):
        verify_trust(before.root, before.metadata, NOW, latest.versions)


def test_refuses_an_expired_root_and_asks_only_the_newest_for_its_date() -> None:
    trust = SimulatedTrust(now=NOW - 2 * YEAR)
    with pytest.raises(RootExpired):
        verify_trust(trust.root, trust.metadata, NOW)
    trust.now = NOW
    trust.rotate()
    assert verify_trust(trust.root, trust.metadata, NOW).versions.root == 2


def test_a_root_is_over_at_the_second_that_it_says(trust: SimulatedTrust) -> None:
    root = signed(make_root(trust.quorums, NOW), trust.names("root"))
    assert verify_trust(root, trust.metadata, NOW - timedelta(seconds=1))
    with pytest.raises(RootExpired):
        verify_trust(root, trust.metadata, NOW)


@pytest.mark.parametrize(
    ("after", "error"),
    [
        (timedelta(days=1), "timestamp"),
        (timedelta(days=7), "snapshot"),
        (timedelta(days=180), "targets"),
    ],
)
def test_refuses_what_is_frozen(
    trust: SimulatedTrust, after: timedelta, error: str
) -> None:
    late = NOW + after
    fresh = {
        "timestamp": trust.metadata,
        "snapshot": relisted(trust, until={"timestamp": late + DAY}),
        "targets": relisted(
            trust, until={"timestamp": late + DAY, "snapshot": late + DAY}
        ),
    }[error]
    assert verify_trust(trust.root, fresh, late - timedelta(seconds=1))
    with pytest.raises(MetadataExpired, match=f"The {error} metadata"):
        verify_trust(trust.root, fresh, late)


def seen(**versions: int) -> SeenVersions:
    lowest = {"root": 1, "timestamp": 1, "snapshot": 1, "targets": 1, "treaty": 1}
    return SeenVersions(**{**lowest, **versions})


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_refuses_what_is_older_than_what_was_seen(
    trust: SimulatedTrust, role: str
) -> None:
    assert verify_trust(trust.root, trust.metadata, NOW, seen())
    with pytest.raises(MetadataRolledBack, match=f"The {role} metadata"):
        verify_trust(trust.root, trust.metadata, NOW, seen(**{role: 2}))


def test_refuses_an_older_treaty_that_the_states_did_sign_again() -> None:
    trust = SimulatedTrust()
    trust.form["version"] = 2
    trust.publish()
    latest = verify_trust(trust.root, trust.metadata, NOW)
    trust.form["version"] = 1
    trust.publish()
    with pytest.raises(TreatyRolledBack):
        verify_trust(trust.root, trust.metadata, NOW, latest.versions)


def test_a_stolen_online_key_cannot_shut_the_honest_out_for_ever() -> None:
    trust = SimulatedTrust()
    trust.version = 2_000_000_000
    trust.refresh()
    stolen = verify_trust(trust.root, trust.metadata, NOW).versions
    trust.version = 1
    trust.refresh()
    with pytest.raises(MetadataRolledBack):
        verify_trust(trust.root, trust.metadata, NOW, stolen)

    trust.rotate(online="agency-online-2")

    found = verify_trust(trust.root, trust.metadata, NOW, stolen)
    assert found.versions.timestamp == 3


def test_a_change_of_keys_before_what_was_seen_brings_nothing_old_back() -> None:
    trust = SimulatedTrust()
    trust.rotate(online="agency-online-2")
    old = trust.metadata
    trust.refresh()
    latest = verify_trust(trust.root, trust.metadata, NOW).versions
    with pytest.raises(MetadataRolledBack):
        verify_trust(trust.root, old, NOW, latest)


def test_a_root_younger_than_what_was_seen_brings_nothing_old_back() -> None:
    trust = SimulatedTrust()
    latest = seen(timestamp=9)
    trust.rotate()
    with pytest.raises(MetadataRolledBack):
        verify_trust(trust.roots[1], trust.metadata, NOW, latest)


def test_changing_one_states_key_does_not_let_old_targets_back_in() -> None:
    trust = SimulatedTrust()
    old = trust.targets
    trust.form["version"] = 2
    trust.publish()
    latest = verify_trust(trust.root, trust.metadata, NOW).versions
    trust.rotate(states=("AUS", "BRA", "CAN", "DEU", "NOR"))
    trust.targets = old
    trust.treaty = SimulatedTrust().treaty
    trust.refresh()
    with pytest.raises(MetadataRolledBack, match="targets"):
        verify_trust(trust.root, trust.metadata, NOW, latest)


def test_refuses_an_altered_treaty(trust: SimulatedTrust) -> None:
    more = trust.treaty.replace(b'"lease_s":86400', b'"lease_s":86401')
    for forged in (more, trust.treaty + b"\n", trust.treaty[:-1], b""):
        with pytest.raises(TreatyAltered):
            verify_trust(trust.root, replace(trust.metadata, treaty=forged), NOW)


def test_refuses_a_mixture_of_what_was_true_at_different_times(
    trust: SimulatedTrust,
) -> None:
    before = trust.metadata
    trust.form["version"] = 2
    trust.publish()
    for name in ("snapshot", "targets"):
        mixed = replace(trust.metadata, **{name: getattr(before, name)})
        with pytest.raises(MetadataMixed, match=f"The {name} metadata"):
            verify_trust(trust.root, mixed, NOW)
    with pytest.raises(TreatyAltered):
        verify_trust(trust.root, replace(trust.metadata, treaty=before.treaty), NOW)


def test_refuses_other_bytes_of_the_version_that_is_named(
    trust: SimulatedTrust,
) -> None:
    other = relisted(trust, until={"snapshot": NOW + 8 * DAY})
    with pytest.raises(MetadataMixed, match="The snapshot metadata"):
        verify_trust(trust.root, replace(trust.metadata, snapshot=other.snapshot), NOW)
    targets = make_targets(trust.treaty, NOW + 181 * DAY, 1)
    targets = signed(targets, trust.names("treaty"))
    assert len(targets) == len(trust.targets)
    with pytest.raises(MetadataMixed, match="The targets metadata"):
        verify_trust(trust.root, replace(trust.metadata, targets=targets), NOW)


def test_refuses_targets_of_another_version_than_the_one_named(
    trust: SimulatedTrust,
) -> None:
    snapshot = make_snapshot(trust.targets, NOW + DAY, 1)
    snapshot = snapshot.replace(b'"version":1}},', b'"version":2}},')
    snapshot = signed(snapshot, [trust.online])
    timestamp = signed(make_timestamp(snapshot, NOW + DAY, 1), [trust.online])
    forged = replace(trust.metadata, snapshot=snapshot, timestamp=timestamp)
    with pytest.raises(MetadataMixed, match="said to be version 2"):
        verify_trust(trust.root, forged, NOW)


def test_refuses_another_version_than_the_one_named(trust: SimulatedTrust) -> None:
    snapshot = signed(make_snapshot(trust.targets, NOW + DAY, 5), [trust.online])
    timestamp = make_timestamp(snapshot, NOW + DAY, 5)
    timestamp = timestamp.replace(b'"version":5}},', b'"version":6}},')
    forged = replace(
        trust.metadata,
        snapshot=snapshot,
        timestamp=signed(timestamp, [trust.online]),
    )
    with pytest.raises(MetadataMixed, match="said to be version 6"):
        verify_trust(trust.root, forged, NOW)


def test_refuses_a_file_of_one_role_in_the_place_of_another(
    trust: SimulatedTrust,
) -> None:
    good = trust.metadata
    for swapped in (
        replace(good, timestamp=good.snapshot),
        replace(good, timestamp=trust.root),
        replace(good, roots=(good.targets,)),
    ):
        with pytest.raises(TrustMalformed, match="of the role"):
            verify_trust(trust.root, swapped, NOW)
    with pytest.raises(TrustMalformed, match="of the role"):
        verify_trust(good.targets, good, NOW)


def test_refuses_another_role_even_if_it_is_named_and_signed_by_the_same_key(
    trust: SimulatedTrust,
) -> None:
    # The timestamp names, by hash and version, bytes that are another timestamp.
    inner = signed(make_timestamp(trust.snapshot, NOW + DAY, 1), [trust.online])
    outer = make_timestamp(trust.snapshot, NOW + DAY, 2)
    outer = _renamed(outer, trust.snapshot, inner)
    forged = replace(
        trust.metadata, timestamp=signed(outer, [trust.online]), snapshot=inner
    )
    with pytest.raises(TrustMalformed, match="snapshot"):
        verify_trust(trust.root, forged, NOW)


def test_refuses_what_the_states_signed_and_is_no_treaty(trust: SimulatedTrust) -> None:
    other = b'{"assent":"treaty/1"}'
    targets = make_targets(trust.treaty, NOW + DAY, 2)
    targets = _renamed(targets, trust.treaty, other)
    trust.treaty = other
    trust.targets = signed(targets, trust.names("treaty"))
    trust.refresh()
    with pytest.raises(AssentError, match="no treaty"):
        verify_trust(trust.root, trust.metadata, NOW)


def test_asks_for_a_time_zone(trust: SimulatedTrust) -> None:
    with pytest.raises(QuantityInvalid):
        verify_trust(trust.root, trust.metadata, NOW.replace(tzinfo=None))


def test_remedies_tell_what_to_do(trust: SimulatedTrust) -> None:
    with pytest.raises(MetadataExpired) as caught:
        verify_trust(trust.root, trust.metadata, NOW + DAY)
    assert "clock" in caught.value.remedy


def relisted(
    trust: SimulatedTrust,
    by: dict[str, list[str]] | None = None,
    until: dict[str, datetime] | None = None,
) -> TrustMetadata:
    """Return the same treaty, listed anew by whom and until when a test says."""
    by, until = by or {}, until or {}
    online = [trust.online]
    targets = signed(
        make_targets(trust.treaty, NOW + 180 * DAY, 1),
        by.get("targets", trust.names("treaty")),
    )
    snapshot = signed(
        make_snapshot(targets, until.get("snapshot", NOW + 7 * DAY), 1),
        by.get("snapshot", online),
    )
    timestamp = signed(
        make_timestamp(snapshot, until.get("timestamp", NOW + DAY), 1),
        by.get("timestamp", online),
    )
    return TrustMetadata(
        timestamp=timestamp, snapshot=snapshot, targets=targets, treaty=trust.treaty
    )


def _renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return metadata that names other bytes."""
    for before, after in (
        (sha256(old).hexdigest(), sha256(new).hexdigest()),
        (f'"length":{len(old)}', f'"length":{len(new)}'),
    ):
        assert before.encode() in data
        data = data.replace(before.encode(), after.encode())
    return data

"""A published folder and a verifier's memory: whole after every kill, never back."""

import shutil
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from assent.adapters.trust import TrustFolder, TrustState
from assent.authorisation.trust import (
    MetadataExpired,
    MetadataRolledBack,
    RootRolledBack,
    SeenVersions,
    TrustMalformed,
    TrustMetadata,
    verify_trust,
)
from assent.testing.states import STATES, SimulatedTreaty
from assent.testing.trust import NOW, SimulatedTrust
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import AssentError, InputError, NotFound


def everything(trust: SimulatedTrust) -> TrustMetadata:
    return replace(trust.metadata, roots=tuple(trust.roots))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    trust = SimulatedTrust()
    folder = TrustFolder(tmp_path / "public")
    assert folder.write(everything(trust), NOW).versions.root == 1
    assert folder.root() == trust.root
    assert folder.read() == trust.metadata
    trust.rotate()
    folder.write(trust.metadata, NOW)
    folder.write(trust.metadata, NOW)
    assert folder.read() == trust.metadata
    assert folder.read(since_root_version=2).roots == ()
    assert {path.name for path in (tmp_path / "public").iterdir()} >= {
        "1.root.json",
        "2.root.json",
        "2.targets.json",
        "2.snapshot.json",
        "timestamp.json",
    }


def test_what_no_verifier_would_believe_is_not_written(tmp_path: Path) -> None:
    trust = SimulatedTrust()
    folder = TrustFolder(tmp_path)
    with pytest.raises(InputError, match="no root"):
        folder.write(trust.metadata, NOW)
    with pytest.raises(MetadataExpired):
        folder.write(everything(trust), NOW + timedelta(days=2))
    assert list(tmp_path.iterdir()) == []


def test_what_was_published_stays_as_it_is(tmp_path: Path) -> None:
    trust = SimulatedTrust()
    folder = TrustFolder(tmp_path)
    folder.write(everything(trust), NOW)
    trust.now += timedelta(hours=1)
    trust.version -= 1
    trust.publish()
    with pytest.raises(InputError, match="another content"):
        folder.write(trust.metadata, NOW)
    assert verify_trust(trust.root, folder.read(), NOW)
    other_root = SimulatedTrust(now=NOW + timedelta(days=1))
    with pytest.raises(AssentError):
        folder.write(everything(other_root), NOW)
    assert folder.root() == trust.root


def test_every_kill_on_the_way_leaves_the_former_state_or_the_new_one(
    tmp_path: Path,
) -> None:
    trust = SimulatedTrust()
    before, after = tmp_path / "before", tmp_path / "after"
    TrustFolder(before).write(everything(trust), NOW)
    former = trust.metadata
    trust.form["version"] = 2
    trust.rotate(states=("AUS", "BRA", "CAN", "DEU", "NOR"))
    shutil.copytree(before, after)
    TrustFolder(after).write(trust.metadata, NOW)
    digest = verify_trust(trust.root, trust.metadata, NOW).treaty.digest
    new = {path.name: path.read_bytes() for path in after.iterdir()}
    order = [
        "2.root.json",
        f"{digest.removeprefix('sha256:')}.treaty.json",
        "2.targets.json",
        "2.snapshot.json",
    ]
    assert set(new) - {path.name for path in before.iterdir()} == set(order)
    for name in order:
        (before / name).write_bytes(new[name])
        read = TrustFolder(before).read()
        assert replace(read, roots=()) == former
        assert verify_trust(trust.root, read, NOW).treaty.version == 1
    # Hours later the agency makes other files of the same versions, and they count.
    trust.now += timedelta(hours=5)
    trust.version -= 1
    trust.publish()
    TrustFolder(before).write(trust.metadata, NOW)
    assert TrustFolder(before).read() == trust.metadata


def test_a_folder_that_is_not_one_is_refused_in_words(tmp_path: Path) -> None:
    folder = TrustFolder(tmp_path / "nowhere")
    with pytest.raises(NotFound):
        folder.read()
    with pytest.raises(NotFound):
        folder.root()
    (tmp_path / "timestamp.json").write_bytes(b"\xff")
    with pytest.raises(TrustMalformed):
        TrustFolder(tmp_path).read()


def test_a_verifier_follows_changes_of_keys_and_never_goes_back(
    tmp_path: Path,
) -> None:
    trust = SimulatedTrust()
    state = TrustState(tmp_path / "trust.json")
    state.start(trust.root)
    assert state.read() == (trust.root, None)
    first = trust.metadata
    state.verify(first, NOW)
    for turn in range(1, 6):
        trust.rotate(states=STATES[turn : turn + 5])
        state.verify(trust.metadata, NOW)
    assert state.read() == (
        trust.roots[-1],
        SeenVersions(root=6, timestamp=6, snapshot=6, targets=6, treaty=1),
    )
    with pytest.raises(AssentError):
        state.verify(first, NOW)
    latest = trust.metadata
    trust.refresh()
    state.verify(trust.metadata, NOW)
    with pytest.raises(MetadataRolledBack):
        state.verify(latest, NOW)
    assert state.read()[1] == SeenVersions(
        root=6, timestamp=7, snapshot=7, targets=6, treaty=1
    )


def test_a_verifier_remembers_a_recognised_agency_by_its_first_root(
    tmp_path: Path,
) -> None:
    form = SimulatedTreaty(states=STATES[5:10]).form
    form["agency"] = "other.example"
    other = SimulatedTrust(form=form, states=STATES[5:10])
    digest = verify_trust(other.root, other.metadata, NOW).root_digest
    own = SimulatedTrust()
    own.form["recognises"] = [
        {
            "agency": "other.example",
            "root_digest": digest,
            "since": "2026-01-01T00:00:00Z",
        }
    ]
    own.publish()
    home = verify_trust(own.root, own.metadata, NOW)
    state = TrustState(tmp_path / "other.json")
    state.start(other.root)
    before = other.metadata
    other.rotate()
    found = state.verify_recognised(home, other.metadata, NOW)
    assert found.recognition is not None
    root, seen = state.read()
    assert root == other.root
    assert seen == found.versions
    with pytest.raises(RootRolledBack):
        state.verify_recognised(home, before, NOW)


def test_two_verifiers_at_once_never_forget_what_either_saw(tmp_path: Path) -> None:
    trust = SimulatedTrust()
    state = TrustState(tmp_path / "trust.json")
    state.start(trust.root)
    shown = []
    for _ in range(12):
        trust.refresh()
        shown.append(trust.metadata)

    def verify(turn: int) -> None:
        try:
            TrustState(tmp_path / "trust.json").verify(shown[turn], NOW)
        except MetadataRolledBack:
            return

    threads = [
        threading.Thread(target=verify, args=(turn,)) for turn in reversed(range(12))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = state.read()[1]
    assert seen is not None
    assert seen.timestamp == 13


def test_a_state_is_started_once_and_from_a_root(tmp_path: Path) -> None:
    trust = SimulatedTrust()
    state = TrustState(tmp_path / "trust.json")
    with pytest.raises(NotFound):
        state.read()
    with pytest.raises(NotFound):
        state.verify(trust.metadata, NOW)
    with pytest.raises(TrustMalformed):
        state.start(trust.timestamp)
    state.start(trust.root)
    with pytest.raises(InputError):
        state.start(trust.root)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format":"assent-trust-state/1","root":1,"seen":null}',
        b'{"format":"assent-trust-state/1","root":"x","seen":1}',
        b'{"format":"assent-trust-state/2","root":"x","seen":null}',
    ],
)
def test_a_damaged_state_is_refused_not_forgotten(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "trust.json"
    path.write_bytes(data)
    with pytest.raises(TrustMalformed):
        TrustState(path).verify(SimulatedTrust().metadata, NOW)
    assert path.read_bytes() == data


def test_a_state_that_cannot_be_locked_is_not_believed(tmp_path: Path) -> None:
    trust = SimulatedTrust()
    state = TrustState(tmp_path / "trust.json")
    state.start(trust.root)
    (tmp_path / "trust.json.lock").mkdir()
    with pytest.raises(StoreUnavailable):
        state.verify(trust.metadata, NOW)

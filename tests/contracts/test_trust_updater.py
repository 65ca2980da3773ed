"""The client of the TUF project reads what we publish, and refuses what we refuse."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tuf.api.exceptions import DownloadHTTPError, RepositoryError
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from assent.adapters.trust import TrustFolder
from assent.authorisation.trust import (
    TrustMetadata,
    make_root,
    make_snapshot,
    make_targets,
    make_timestamp,
    verify_trust,
)
from assent.testing.states import STATES, SeededSigner
from assent.testing.trust import SimulatedTrust, signed
from assent.vocabulary import AssentError, canonical_bytes, parse_canonical

# That client reads the clock itself.
NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - as does this test
DAY = timedelta(days=1)


@dataclass
class FolderFetcher(FetcherInterface):
    """Read files of a folder as if from a web server."""

    folder: Path

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = self.folder / url.removeprefix("https://agency.example/")
        if not path.is_file():
            raise DownloadHTTPError(f"{url} is not there", 404)
        return iter([path.read_bytes()])


def fetch_treaty(folder: Path, cache: Path, root: bytes | None) -> bytes:
    """Return the treaty that the TUF project's client arrives at."""
    cache.mkdir(exist_ok=True)
    updater = Updater(
        metadata_dir=str(cache),
        metadata_base_url="https://agency.example/",
        target_base_url="https://agency.example/",
        target_dir=str(cache),
        fetcher=FolderFetcher(folder),
        bootstrap=root,
    )
    info = updater.get_targetinfo("treaty.json")
    assert info is not None
    return Path(updater.download_target(info)).read_bytes()


def written(folder: Path, trust: SimulatedTrust) -> TrustMetadata:
    """Put all files in a folder as they are, verified or not."""
    folder.mkdir(exist_ok=True)
    everything = {f"{n}.root.json": data for n, data in enumerate(trust.roots, 1)}
    for data, name in (
        (trust.targets, "targets"),
        (trust.snapshot, "snapshot"),
    ):
        everything[f"{parse_canonical(data)['signed']['version']}.{name}.json"] = data
    named = parse_canonical(trust.targets)["signed"]["targets"]["treaty.json"]
    everything[f"{named['hashes']['sha256']}.treaty.json"] = trust.treaty
    everything["timestamp.json"] = trust.timestamp
    for name, data in everything.items():
        (folder / name).write_bytes(data)
    return trust.metadata


def test_the_client_arrives_at_the_same_treaty_over_changes_of_keys(
    tmp_path: Path,
) -> None:
    trust = SimulatedTrust(now=NOW)
    repository = TrustFolder(tmp_path / "public")
    first = TrustMetadata(
        roots=(trust.root,),
        timestamp=trust.timestamp,
        snapshot=trust.snapshot,
        targets=trust.targets,
        treaty=trust.treaty,
    )
    repository.write(first, NOW)
    cache = tmp_path / "cache"
    assert fetch_treaty(tmp_path / "public", cache, trust.root) == trust.treaty

    for turn in range(1, 4):
        trust.form["version"] = turn + 1
        trust.rotate(states=STATES[turn : turn + 5], online=f"agency-{turn}")
        repository.write(trust.metadata, NOW)

        ours = verify_trust(trust.root, repository.read(), NOW)
        theirs = fetch_treaty(tmp_path / "public", cache, None)
        assert theirs == trust.treaty
        assert parse_canonical(theirs)["version"] == ours.treaty.version == turn + 1


def _one_signature_short(trust: SimulatedTrust) -> None:
    targets = make_targets(trust.treaty, NOW + DAY, 2)
    trust.targets = signed(targets, trust.names("treaty")[:-1])
    trust.refresh()


def _usurped(trust: SimulatedTrust) -> None:
    usurpers = SimulatedTrust(now=NOW, states=STATES[5:10])
    usurpers.rotate()
    trust.roots = [trust.root, *usurpers.roots[1:]]
    for name in ("timestamp", "snapshot", "targets", "treaty"):
        setattr(trust, name, getattr(usurpers, name))


def _by_a_stranger(trust: SimulatedTrust) -> None:
    trust.online = "stranger"
    trust.refresh()


def _frozen(trust: SimulatedTrust) -> None:
    timestamp = make_timestamp(trust.snapshot, NOW - DAY, 3)
    trust.timestamp = signed(timestamp, [trust.online])


def _old_snapshot(trust: SimulatedTrust) -> None:
    snapshot = make_snapshot(trust.targets, NOW - DAY, 3)
    trust.snapshot = signed(snapshot, [trust.online])
    timestamp = make_timestamp(trust.snapshot, NOW + DAY, 3)
    trust.timestamp = signed(timestamp, [trust.online])


def _old_targets(trust: SimulatedTrust) -> None:
    targets = make_targets(trust.treaty, NOW - DAY, 3)
    trust.targets = signed(targets, trust.names("treaty"))
    trust.refresh()


def _old_root(trust: SimulatedTrust) -> None:
    trust.now = NOW - timedelta(days=400)
    trust.rotate()
    trust.now = NOW
    trust.publish()


def _altered(trust: SimulatedTrust) -> None:
    trust.treaty = trust.treaty.replace(b'"lease_s":86400', b'"lease_s":86401')


def _mixed(trust: SimulatedTrust) -> None:
    before = trust.targets
    trust.form["version"] = 2
    trust.publish()
    trust.targets = canonical_bytes(
        {
            **parse_canonical(trust.targets),
            "signed": {**parse_canonical(before)["signed"], "version": 2},
        }
    )


def _skipped(trust: SimulatedTrust) -> None:
    trust.rotate()
    trust.rotate()
    trust.roots[1] = trust.roots[2]


def _swapped(trust: SimulatedTrust) -> None:
    trust.timestamp = trust.snapshot


@pytest.mark.parametrize(
    "attack",
    [
        _one_signature_short,
        _usurped,
        _by_a_stranger,
        _frozen,
        _old_snapshot,
        _old_targets,
        _old_root,
        _altered,
        _mixed,
        _skipped,
        _swapped,
    ],
)
def test_the_client_refuses_what_we_refuse(
    attack: Callable[[SimulatedTrust], None], tmp_path: Path
) -> None:
    trust = SimulatedTrust(now=NOW)
    metadata = written(tmp_path / "public", trust)
    assert verify_trust(trust.root, metadata, NOW)
    assert fetch_treaty(tmp_path / "public", tmp_path / "good", trust.root)

    attack(trust)
    metadata = written(tmp_path / "public", trust)
    with pytest.raises(AssentError):
        verify_trust(trust.root, metadata, NOW)
    with pytest.raises(RepositoryError):
        fetch_treaty(tmp_path / "public", tmp_path / "fresh", trust.root)


def test_the_client_refuses_the_same_rollback(tmp_path: Path) -> None:
    trust = SimulatedTrust(now=NOW)
    before = trust.timestamp
    trust.refresh()
    written(tmp_path / "public", trust)
    seen = verify_trust(trust.root, trust.metadata, NOW).versions
    assert fetch_treaty(tmp_path / "public", tmp_path / "cache", trust.root)

    (tmp_path / "public" / "timestamp.json").write_bytes(before)
    trust.timestamp = before
    with pytest.raises(AssentError):
        verify_trust(trust.root, trust.metadata, NOW, seen)
    with pytest.raises(RepositoryError):
        fetch_treaty(tmp_path / "public", tmp_path / "cache", None)


def test_we_refuse_a_spelling_that_the_client_reads(tmp_path: Path) -> None:
    trust = SimulatedTrust(now=NOW)
    trust.timestamp = json.dumps(json.loads(trust.timestamp), indent=1).encode()
    written(tmp_path / "public", trust)
    assert fetch_treaty(tmp_path / "public", tmp_path / "cache", trust.root)
    with pytest.raises(AssentError, match="canonical"):
        verify_trust(trust.root, trust.metadata, NOW)


def test_we_refuse_one_key_under_two_names_which_the_client_counts_twice(
    tmp_path: Path,
) -> None:
    trust = SimulatedTrust(now=NOW)
    signer = SeededSigner("root-AUS")
    value = parse_canonical(make_root(trust.quorums, NOW + DAY))["signed"]
    names = [signer.key.key_id, "ab" * 32, "cd" * 32]
    for name in names:
        value["keys"][name] = value["keys"][signer.key.key_id]
    value["roles"]["root"]["keyids"] += names[1:]
    sig = signer.sign(canonical_bytes(value)).hex()
    lines = [{"keyid": name, "sig": sig} for name in sorted(names)]
    trust.roots = [canonical_bytes({"signatures": lines, "signed": value})]
    written(tmp_path / "public", trust)
    assert fetch_treaty(tmp_path / "public", tmp_path / "cache", trust.root)
    with pytest.raises(AssentError, match="named after another"):
        verify_trust(trust.root, trust.metadata, NOW)


def test_we_refuse_a_forged_line_that_the_client_passes_over(tmp_path: Path) -> None:
    trust = SimulatedTrust(now=NOW)
    trust.roots = [signed(trust.root, ["root-FRA"])]
    value = parse_canonical(trust.root)
    value["signatures"][0]["sig"] = "00" * 64
    trust.roots = [canonical_bytes(value)]
    written(tmp_path / "public", trust)
    assert fetch_treaty(tmp_path / "public", tmp_path / "cache", trust.root)
    with pytest.raises(AssentError, match="is none"):
        verify_trust(trust.root, trust.metadata, NOW)

"""Our way from a trusted root to the treaty, and python-tuf's, over the same files.

SimulatedTrust -> contestants, each of whom verifies everything

python-tuf reads the clock itself, so the metadata must be in force on the day.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from bench.race import OURS
from tuf.api._payload import Targets
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from assent.adapters.trust import TrustFolder
from assent.authorisation.trust import verify_trust
from assent.testing.trust import SimulatedTrust

PYTHON_TUF = "python-tuf"
Contestants: TypeAlias = dict[str, Callable[[], object]]


def trust_now(like: SimulatedTrust) -> SimulatedTrust:
    """Return a root of trust of the same states over the same treaty, made now."""
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - as python-tuf does
    return SimulatedTrust(
        form=like.form, states=like.states, needed=like.needed, now=now
    )


def race_from_root(trust: SimulatedTrust) -> Contestants:
    """Return who verifies the files in memory, from the first root to the treaty."""
    metadata, root, now = trust.metadata, trust.root, trust.now

    def theirs() -> None:
        found = TrustedMetadataSet(root, EnvelopeType.METADATA)
        for following in metadata.roots:
            found.update_root(following)
        found.update_timestamp(metadata.timestamp)
        found.update_snapshot(metadata.snapshot)
        found.update_delegated_targets(metadata.targets, "targets", "root")
        _verify_treaty(found.targets, metadata.treaty)

    return {OURS: lambda: verify_trust(root, metadata, now), PYTHON_TUF: theirs}


def race_from_folder(trust: SimulatedTrust, folder: Path) -> Contestants:
    """Return who reads a published folder for the first time, and verifies it."""
    published = TrustFolder(folder)
    root, now = trust.root, trust.now

    def theirs() -> None:
        with TemporaryDirectory(dir=folder.parent) as cache:
            updater = Updater(
                metadata_dir=cache,
                metadata_base_url="https://agency.example/",
                target_base_url="https://agency.example/",
                target_dir=cache,
                fetcher=_FolderFetcher(folder),
                bootstrap=root,
            )
            info = updater.get_targetinfo("treaty.json")
            if info is None:
                raise ValueError("a peer does not find the treaty")
            updater.download_target(info)

    return {
        OURS: lambda: verify_trust(root, published.read(), now),
        PYTHON_TUF: theirs,
    }


@dataclass
class _FolderFetcher(FetcherInterface):
    """Read files of a folder as if from a web server."""

    folder: Path

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = self.folder / url.removeprefix("https://agency.example/")
        if not path.is_file():
            raise DownloadHTTPError(f"{url} is not there", 404)
        return iter([path.read_bytes()])


def _verify_treaty(targets: Targets, treaty: bytes) -> None:
    named = targets.targets["treaty.json"]
    if named.hashes["sha256"] != sha256(treaty).hexdigest():
        raise ValueError("the treaty is another")

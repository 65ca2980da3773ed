"""What a verifier remembers of a root of trust: the root, and what it has seen.

    {"format":"assent-trust-state/1","root":"…","seen":{"root":2,"snapshot":41,…}}

One file, replaced whole, so root and versions can not part. Whoever verifies holds a
lock from reading to writing: two processes can not undo each other's progress. Whoever
can write the file, or roll it back with the disk, can make the verifier forget.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from assent.adapters.files import read_bytes, write_durably
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    SeenVersions,
    TrustedTreaty,
    TrustMalformed,
    TrustMetadata,
    parse_root,
    seen_versions_of,
    verify_recognised,
    verify_trust,
)
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import (
    InputError,
    Plain,
    canonical_bytes,
    parse_canonical,
)

FORMAT = "assent-trust-state/1"
_STATE_BYTES_MAX = 2 * METADATA_BYTES_MAX  # a root's quotation marks are escaped
_MODE = 0o644  # secret is nothing of it


class TrustState:
    """A verifier's memory of one agency's root of trust, in a file."""

    def __init__(self, path: Path) -> None:
        """Keep the path in mind; `start` makes the file."""
        self._path = path

    def start(self, root: bytes) -> None:
        """Begin with a root that came by a channel one believes.

        Raises:
            TrustMalformed: if it is no root.
            InputError: if there is a state: it is never overwritten.
            StoreUnavailable: if the disk refuses.

        """
        parse_root(root)
        try:
            write_durably(self._path, _state(root, None), _MODE, replaces=False)
        except FileExistsError:
            raise InputError(
                f"{self._path} trusts a root already.",
                remedy="Keep it, or remove the file and start anew on purpose.",
            ) from None

    def read(self) -> tuple[bytes, SeenVersions | None]:
        """Return the root that is trusted, and what was seen.

        Raises:
            NotFound: if nothing was started.
            TrustMalformed: if the file is damaged.

        """
        data = read_bytes(self._path, _STATE_BYTES_MAX)
        try:
            value = parse_canonical(data)
            if value["format"] != FORMAT or set(value) != {"format", "root", "seen"}:
                raise self._damaged()
            root, seen = value["root"].encode(), value["seen"]
        except (InputError, KeyError, TypeError, AttributeError):
            raise self._damaged() from None
        return root, None if seen is None else seen_versions_of(seen)

    def verify(self, metadata: TrustMetadata, now: datetime) -> TrustedTreaty:
        """Verify what one's own agency shows, and remember it.

        Raises:
            AssentError: whatever `verify_trust` and `read` raise; nothing changed.
            StoreUnavailable: if the disk refuses.

        """
        with self._locked():
            root, seen = self.read()
            trusted = verify_trust(root, metadata, now, seen)
            self._write(trusted.root, trusted.versions)
        return trusted

    def verify_recognised(
        self, home: TrustedTreaty, metadata: TrustMetadata, now: datetime
    ) -> TrustedTreaty:
        """Verify what an agency shows that one's own recognises, and remember it.

        The file goes on holding the root that one's own treaty names.

        Raises:
            AssentError: whatever `verify_recognised` and `read` raise; nothing changed.
            StoreUnavailable: if the disk refuses.

        """
        with self._locked():
            root, seen = self.read()
            trusted = verify_recognised(home, root, metadata, now, seen)
            self._write(root, trusted.versions)
        return trusted

    def _write(self, root: bytes, seen: SeenVersions) -> None:
        write_durably(self._path, _state(root, seen), _MODE)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Wait until no other process verifies by this file."""
        self.read()  # no lock where there is no state
        lock = self._path.with_name(f"{self._path.name}.lock")
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        except OSError as error:
            raise self._unlocked(error) from None
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            except OSError as error:
                raise self._unlocked(error) from None
            yield
        finally:
            os.close(descriptor)

    def _unlocked(self, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(
            f"{self._path} cannot be locked: {error.strerror}.",
            remedy="Keep it on a local disk that you may write to.",
        )

    def _damaged(self) -> TrustMalformed:
        return TrustMalformed(
            f"{self._path} is no memory of a root of trust.",
            remedy="Restore it; or remove it, and start from a root that you believe.",
        )


def _state(root: bytes, seen: SeenVersions | None) -> bytes:
    value: dict[str, Plain] = {
        "format": FORMAT,
        "root": root.decode(),
        "seen": None if seen is None else seen.plain,
    }
    return canonical_bytes(value)

"""A made-up root of trust: states who hold root keys, and a test that holds them all.

a treaty's document + time -> root and TrustMetadata, signed

A key is made from its name, as in `states`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from assent.authorisation.trust import (
    KeyQuorum,
    RoleQuorums,
    TrustMetadata,
    make_root,
    make_snapshot,
    make_targets,
    make_timestamp,
    next_root,
    sign_metadata,
)
from assent.testing.states import STATES, SeededSigner, SimulatedTreaty
from assent.vocabulary import canonical_bytes

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ONLINE = "agency-online"


def key_quorum(names: Iterable[str], threshold: int) -> KeyQuorum:
    """Return a quorum of the keys that names stand for."""
    return KeyQuorum(frozenset(SeededSigner(name).key for name in names), threshold)


def signed(data: bytes, names: Iterable[str]) -> bytes:
    """Return metadata with the signatures of names."""
    for name in names:
        data = sign_metadata(data, SeededSigner(name))
    return data


@dataclass
class SimulatedTrust:
    """States' root keys (`root-KEN`) and targets keys (`treaty-KEN`), and the agency's.

    A test changes what it wants and signs again: `rotate` for a next root, `publish`
    for a next treaty, `refresh` for a next timestamp.
    """

    form: dict[str, Any] = field(default_factory=lambda: SimulatedTreaty().form)
    states: Sequence[str] = STATES[:5]
    needed: int = 3
    now: datetime = NOW
    online: str = ONLINE
    roots: list[bytes] = field(default_factory=list)
    treaty: bytes = b""
    targets: bytes = b""
    snapshot: bytes = b""
    timestamp: bytes = b""
    version: int = 0

    def __post_init__(self) -> None:
        """Sign the first root, and the treaty."""
        root = make_root(self.quorums, self.now + timedelta(days=365))
        self.roots.append(signed(root, self.names("root")))
        self.publish()

    def names(self, role: str) -> list[str]:
        """Return as many names of keys as a role needs."""
        return [f"{role}-{state}" for state in self.states[: self.needed]]

    @property
    def quorums(self) -> RoleQuorums:
        """Return who speaks for each role now."""
        return RoleQuorums(
            root=key_quorum([f"root-{state}" for state in self.states], self.needed),
            targets=key_quorum(
                [f"treaty-{state}" for state in self.states], self.needed
            ),
            online=key_quorum([self.online], 1),
        )

    @property
    def root(self) -> bytes:
        """The first root."""
        return self.roots[0]

    @property
    def metadata(self) -> TrustMetadata:
        """What the agency shows now."""
        return TrustMetadata(
            roots=tuple(self.roots[1:]),
            timestamp=self.timestamp,
            snapshot=self.snapshot,
            targets=self.targets,
            treaty=self.treaty,
        )

    def rotate(
        self,
        states: Sequence[str] | None = None,
        needed: int | None = None,
        online: str | None = None,
    ) -> None:
        """Hand over to other keys, and publish everything again."""
        before = self.names("root")
        self.states = self.states if states is None else states
        self.needed = self.needed if needed is None else needed
        self.online = self.online if online is None else online
        root = next_root(self.roots[-1], self.quorums, self.now + timedelta(days=365))
        self.roots.append(signed(root, [*before, *self.names("root")]))
        self.publish()

    def publish(self) -> None:
        """Put the treaty that `form` is now in force."""
        self.version += 1
        self.treaty = canonical_bytes(self.form)
        targets = make_targets(
            self.treaty, self.now + timedelta(days=180), self.version
        )
        self.targets = signed(targets, self.names("treaty"))
        self._list()

    def refresh(self) -> None:
        """Say once more what is newest."""
        self.version += 1
        self._list()

    def _list(self) -> None:
        snapshot = make_snapshot(
            self.targets, self.now + timedelta(days=7), self.version
        )
        self.snapshot = signed(snapshot, [self.online])
        timestamp = make_timestamp(
            self.snapshot, self.now + timedelta(days=1), self.version
        )
        self.timestamp = signed(timestamp, [self.online])

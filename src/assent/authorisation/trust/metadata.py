"""TUF metadata, parsed and believed in nothing yet.

canonical bytes -> RootMetadata or ListingMetadata

    {"signatures":[{"keyid":"7b3c…","sig":"a91f…"}],"signed":{"_type":"timestamp","expires":"2026-03-02T12:00:00Z","meta":{"snapshot.json":{"hashes":{"sha256":"44d2…"},"length":512,"version":7}},"spec_version":"1.0.31","version":41}}

TUF lets a file be spelt in many ways; here it stands in canonical JSON, so a repeated
key or a byte that is not UTF-8 needs no rule of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from assent.authorisation.trust.errors import TrustMalformed
from assent.authorisation.trust.form import MetadataForm, RoleForm, RootForm
from assent.vocabulary import InputError, canonical_bytes, parse_canonical
from assent.vocabulary.envelope import EnvelopeSignature, PublicKey

METADATA_BYTES_MAX = 512_000  # as tuf's own client; 512 keys that all sign take 260,000


class TrustRole(StrEnum):
    """What a metadata file is for."""

    ROOT = "root"
    TIMESTAMP = "timestamp"
    SNAPSHOT = "snapshot"
    TARGETS = "targets"


@dataclass(frozen=True, slots=True)
class KeyQuorum:
    """Any `threshold` of these keys speak for a role.

    Raises:
        TrustMalformed: if nobody, or everybody together, would not be enough.

    """

    keys: frozenset[PublicKey]
    threshold: int

    def __post_init__(self) -> None:
        """Check that the quorum can be met, and not by nobody."""
        if not 1 <= self.threshold <= len(self.keys):
            raise malformed(
                "root", f"{self.threshold} of {len(self.keys)} keys is no quorum"
            )

    @property
    def by_id(self) -> dict[str, PublicKey]:
        """The keys by their ids, sorted."""
        return dict(sorted((key.key_id, key) for key in self.keys))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleQuorums:
    """Who speaks for each role.

    `root` and `targets` are the states' keys, kept offline. `online` keys are the
    agency's: any one of them signs snapshots and timestamps.

    Raises:
        TrustMalformed: if a key of the agency's is also one of the states'.

    """

    root: KeyQuorum
    targets: KeyQuorum
    online: KeyQuorum

    def __post_init__(self) -> None:
        """Keep what is online apart from what is not."""
        if self.online.keys & (self.root.keys | self.targets.keys):
            raise malformed("root", "a key of the states' is also one kept online")

    def of(self, role: TrustRole) -> KeyQuorum:
        """Return who speaks for a role."""
        quorums: Mapping[TrustRole, KeyQuorum] = {
            TrustRole.ROOT: self.root,
            TrustRole.TARGETS: self.targets,
        }
        return quorums.get(role, self.online)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """Which file another one names; the treaty has no version at this level."""

    sha256: str
    length_bytes: int
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMetadata:
    """A metadata file; `message` is what is signed."""

    data: bytes
    role: TrustRole
    version: int
    expires: datetime
    message: bytes
    signatures: tuple[EnvelopeSignature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RootMetadata(SignedMetadata):
    """A root: who speaks for each role."""

    quorums: RoleQuorums


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingMetadata(SignedMetadata):
    """A timestamp, snapshot or targets: each names the next file."""

    names: NamedFile


def parse_root(data: bytes) -> RootMetadata:
    """Return the root that these bytes are.

    Raises:
        TrustMalformed: if they are none.

    """
    metadata = parse_metadata(data)
    if not isinstance(metadata, RootMetadata):
        raise malformed("root", f"it is of the role {metadata.role}")
    return metadata


def parse_listing(data: bytes, role: TrustRole) -> ListingMetadata:
    """Return the timestamp, snapshot or targets that these bytes are.

    Raises:
        TrustMalformed: if they are none, or of another role.

    """
    metadata = parse_metadata(data)
    if not isinstance(metadata, ListingMetadata) or metadata.role is not role:
        raise malformed(role, f"it is of the role {metadata.role}")
    return metadata


def parse_metadata(data: bytes) -> RootMetadata | ListingMetadata:
    """Return the metadata of any role that these bytes are.

    Raises:
        TrustMalformed: if they are none.

    """
    if len(data) > METADATA_BYTES_MAX:
        raise malformed("trust", f"it has more than {METADATA_BYTES_MAX:,} bytes")
    try:
        value = parse_canonical(data)
        form = MetadataForm.model_validate(value)
    except InputError as error:
        raise malformed("trust", error.message) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise malformed("trust", f"{where!r:.200}: {first['msg']:.200}") from None
    signed = form.signed
    if not _are_distinct(line.keyid for line in form.signatures):
        raise malformed("trust", "a key signs twice")
    common: dict[str, Any] = {
        "data": data,
        "role": TrustRole(signed.type_),
        "version": signed.version,
        "expires": signed.expires,
        # What the form lets through, digits and plain names, needs no escapes: TUF's
        # canonical JSON spells it as ours does.
        "message": canonical_bytes(value["signed"]),
        "signatures": tuple(
            EnvelopeSignature(line.keyid, bytes.fromhex(line.sig))
            for line in form.signatures
        ),
    }
    if isinstance(signed, RootForm):
        return RootMetadata(**common, quorums=_quorums(signed))
    return ListingMetadata(
        **common,
        names=NamedFile(
            sha256=signed.names.hashes.sha256,
            length_bytes=signed.names.length,
            version=getattr(signed.names, "version", None),
        ),
    )


def with_signatures(
    metadata: SignedMetadata, lines: Iterable[EnvelopeSignature]
) -> bytes:
    """Return the bytes of metadata with more signatures, one for each key, in order."""
    merged = {line.key_id: line for line in [*metadata.signatures, *lines]}
    return canonical_bytes(
        {
            "signatures": [
                {"keyid": key_id, "sig": merged[key_id].signature.hex()}
                for key_id in sorted(merged)
            ],
            "signed": parse_canonical(metadata.data)["signed"],
        }
    )


def malformed(what: str, why: str) -> TrustMalformed:
    """Return the error that says why something is no metadata."""
    return TrustMalformed(
        f"This is no {what} metadata of a treaty: {why.removesuffix('.')}.",
        remedy="Take the file as the agency publishes it; docs/trust.md explains it.",
    )


def _quorums(form: RootForm) -> RoleQuorums:
    keys = {}
    for key_id, key in form.keys.items():
        # A key under a second name could be counted twice.
        keys[key_id] = PublicKey(bytes.fromhex(key.keyval.public))
        if keys[key_id].key_id != key_id:
            raise malformed("root", f"the key {key_id} is named after another")
    roles = form.roles
    if roles.snapshot != roles.timestamp:
        raise malformed("root", "snapshots and timestamps have different keys")
    return RoleQuorums(
        root=_quorum(roles.root, keys),
        targets=_quorum(roles.targets, keys),
        online=_quorum(roles.timestamp, keys),
    )


def _quorum(form: RoleForm, keys: Mapping[str, PublicKey]) -> KeyQuorum:
    if not _are_distinct(form.keyids):
        raise malformed("root", "a role names a key twice")
    try:
        return KeyQuorum(
            frozenset(keys[key_id] for key_id in form.keyids), form.threshold
        )
    except KeyError:
        raise malformed("root", "a role names a key that is not listed") from None


def _are_distinct(key_ids: Iterable[str]) -> bool:
    seen = list(key_ids)
    return len(set(seen)) == len(seen)

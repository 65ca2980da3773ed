"""Say in words what somebody is about to sign for the root of trust.

metadata (+ the root before it) -> lines

Keys are written in full: a signer compares them with what their holders say.
"""

from assent.authorisation.trust.metadata import (
    KeyQuorum,
    ListingMetadata,
    RootMetadata,
    TrustRole,
    parse_metadata,
    parse_root,
)
from assent.authorisation.trust.signing import signers_of
from assent.vocabulary import format_instant

_NAMES = {
    TrustRole.TIMESTAMP: "It says that this is the newest snapshot",
    TrustRole.SNAPSHOT: "It says that these are the targets in force",
    TrustRole.TARGETS: "It puts this treaty in force, and takes any other out of force",
}

_SPEAKS_FOR = {
    TrustRole.ROOT: "the root itself",
    TrustRole.TARGETS: "the treaty",
    TrustRole.TIMESTAMP: "what is newest",
}


def describe_metadata(data: bytes, former: bytes | None = None) -> list[str]:
    """Return what metadata says, one line for each thing.

    Args:
        data: the metadata.
        former: the newest root that the signer trusts. A root is compared with it;
            other metadata is said to be signed by its keys.

    Raises:
        TrustMalformed: if one of the two is none.
        RootUnsigned, MetadataUnsigned: if one of its signatures is forged.

    """
    metadata = parse_metadata(data)
    root = None if former is None else parse_root(former)
    lines = [
        f"This is {metadata.role} metadata, version {metadata.version}.",
        f"It is in force until {format_instant(metadata.expires)}.",
    ]
    if isinstance(metadata, RootMetadata):
        return [*lines, *_root(metadata, root)]
    return [*lines, *_listing(metadata, root)]


def _root(metadata: RootMetadata, former: RootMetadata | None) -> list[str]:
    if former is None:
        lines = ["There is no former root: check each key with its holder."]
    elif metadata.version == former.version + 1:
        lines = [f"It follows on version {former.version}."]
    else:
        lines = [
            f"WRONG: it does not follow on version {former.version}, which you trust."
        ]
    for role, what in _SPEAKS_FOR.items():
        old = None if former is None else former.quorums.of(role)
        lines += _quorum(what, metadata.quorums.of(role), old)
    if former is not None:
        lines.append(_signed("the former root keys", metadata, former.quorums.root))
    return [*lines, _signed("its own root keys", metadata, metadata.quorums.root)]


def _quorum(what: str, new: KeyQuorum, old: KeyQuorum | None) -> list[str]:
    lines = [f"For {what}, {new.threshold} of {len(new.keys)} keys must sign."]
    if old is None:
        return [*lines, *[f"    {key.text}" for key in new.by_id.values()]]
    if old.threshold != new.threshold:
        lines.append(f"    so far it took {old.threshold} of {len(old.keys)}")
    added = sorted(key.text for key in new.keys - old.keys)
    removed = sorted(key.text for key in old.keys - new.keys)
    lines += [f"    added:   {text}" for text in added]
    lines += [f"    removed: {text}" for text in removed]
    return lines if len(lines) > 1 else [*lines, "    nothing changes"]


def _listing(metadata: ListingMetadata, root: RootMetadata | None) -> list[str]:
    named = metadata.names
    version = "" if named.version is None else f"version {named.version}, "
    lines = [
        f"{_NAMES[metadata.role]}: {version}{named.length_bytes:,} bytes,",
        f"    sha256:{named.sha256}",
    ]
    if root is not None:
        quorum = root.quorums.of(metadata.role)
        lines.append(_signed("the keys of the root", metadata, quorum))
    return lines


def _signed(
    whose: str, metadata: RootMetadata | ListingMetadata, quorum: KeyQuorum
) -> str:
    count = len(signers_of(metadata, quorum))
    return f"Of {whose}, {count} signed so far; {quorum.threshold} are needed."

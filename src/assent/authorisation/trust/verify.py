"""Verify that the states signed a treaty: from one trusted root to the keys in force.

trusted root + TrustMetadata + now (+ SeenVersions) -> TrustedTreaty, or why not

The recipe is the workflow of a TUF client (TUF 1.0.31, section 5), with the signatures
checked by our one rule. What follows from it: a threshold of the states' root keys, and
of each later set of them, handed on to the next; a threshold of the targets keys signed
this treaty; the agency's machines said lately that it is the newest.

What does not follow:

- that the first root is the states': whoever hands it over must be believed in that;
- that nothing newer exists: until the timestamp expires, a mirror can show what was
  true when it was signed;
- anything against a threshold of the states' keys, or a clock that is set back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from assent.authorisation.treaty import Treaty, treaty_of
from assent.authorisation.trust.errors import (
    MetadataExpired,
    MetadataMixed,
    MetadataRolledBack,
    RootExpired,
    RootRolledBack,
    RootSkipped,
    TreatyAltered,
    TreatyRolledBack,
)
from assent.authorisation.trust.metadata import (
    ListingMetadata,
    NamedFile,
    RootMetadata,
    TrustRole,
    malformed,
    parse_listing,
    parse_root,
)
from assent.authorisation.trust.signing import verify_signed
from assent.authorisation.trust.trusted_treaty import (
    ROOTS_MAX,
    SeenVersions,
    TrustedTreaty,
    TrustMetadata,
)
from assent.vocabulary import QuantityInvalid, format_instant, parse_canonical

_NOTHING_SEEN = SeenVersions(root=0, timestamp=0, snapshot=0, targets=0, treaty=0)
_ASK = "Ask the agency for what is newest, by another way than the last time."


def verify_trust(
    root: bytes,
    metadata: TrustMetadata,
    now: datetime,
    seen: SeenVersions | None = None,
) -> TrustedTreaty:
    """Return the treaty that the states signed.

    Args:
        root: the root that is trusted, any version of it.
        metadata: what is shown; roots up to the trusted one are passed over.
        now: the time, aware.
        seen: the `versions` of what was verified last; None for the first time.

    Raises:
        TrustMalformed: if a file is none of its kind.
        RootUnsigned, RootSkipped, RootRolledBack, RootExpired: if the chain of roots
            breaks, or ends too early.
        MetadataUnsigned, MetadataRolledBack, MetadataExpired, MetadataMixed: if a
            timestamp, snapshot or targets is not the one it should be.
        TreatyAltered, TreatyRolledBack: if the treaty is not.
        DocumentInvalid, TreatyInvalid: if the states signed something else.
        QuantityInvalid: if `now` has no time zone.

    """
    # (1) (2) Follow the roots, each signed by the one before it and by itself.
    chain = _root_chain(root, metadata.roots)
    newest = chain[-1]
    # (3) The last is not older than one already seen, and still holds.
    floors = _NOTHING_SEEN if seen is None else _floors(chain, seen)
    _verify_newest(newest, floors.root, now)
    against = _Against(root=newest, floors=floors, now=now)
    # (4) The agency said lately which snapshot is the newest,
    timestamp = _listing(metadata.timestamp, TrustRole.TIMESTAMP, against)
    # (5) this is that snapshot, and it says which targets belong to it,
    snapshot = _listing(metadata.snapshot, TrustRole.SNAPSHOT, against, timestamp.names)
    # (6) these are those targets, which the states signed,
    targets = _listing(metadata.targets, TrustRole.TARGETS, against, snapshot.names)
    # (7) and this is the treaty that they name.
    treaty = _treaty(metadata.treaty, targets.names, floors.treaty)
    parts = (newest, timestamp, snapshot, targets)
    return TrustedTreaty(
        treaty=treaty,
        root=newest.data,
        root_digest=f"sha256:{sha256(root).hexdigest()}",
        versions=SeenVersions(
            treaty=treaty.version, **{part.role.value: part.version for part in parts}
        ),
        expires=min(part.expires for part in parts),
    )


def _root_chain(root: bytes, roots: Sequence[bytes]) -> list[RootMetadata]:
    """Return the trusted root and those that follow it (TUF 5.3.3 to 5.3.9)."""
    if len(roots) > ROOTS_MAX:
        raise malformed("root", f"more than {ROOTS_MAX:,} roots follow one another")
    # (1) The trusted root is whole: its own keys signed it.
    chain = [parse_root(root)]
    verify_signed(chain[0], chain[0].quorums.root, "it")
    for data in roots:
        following, trusted = parse_root(data), chain[-1]
        if len(chain) == 1 and following.version <= trusted.version:
            continue
        # (2) Each next root is one version on, and a threshold of the keys of the root
        #     before it signed it, as well as of its own.
        if following.version != trusted.version + 1:
            raise RootSkipped(
                f"Version {following.version} of the root follows on version"
                f" {trusted.version}.",
                remedy="Ask the agency for all versions, in order.",
            )
        verify_signed(following, trusted.quorums.root, "the root before it")
        verify_signed(following, following.quorums.root, "it")
        chain.append(following)
    return chain


def _verify_newest(newest: RootMetadata, floor: int, now: datetime) -> None:
    if now.utcoffset() is None:
        raise QuantityInvalid("`now` has no time zone.", remedy="Give it in UTC.")
    if newest.version < floor:
        raise RootRolledBack(
            f"The newest root that is shown is version {newest.version}; version"
            f" {floor} was seen before.",
            remedy=_ASK,
        )
    if now >= newest.expires:
        raise RootExpired(
            f"The root, version {newest.version}, was in force until"
            f" {format_instant(newest.expires)}.",
            remedy=f"{_ASK} If there is none, the states have to sign one.",
        )


def _floors(chain: Sequence[RootMetadata], seen: SeenVersions) -> SeenVersions:
    """Return what was seen, but for what only keys that were replaced said.

    A stolen key could have numbered its files so high that no honest one could follow.
    So a floor falls with the keys that set it: once they are too few to sign for the
    role, nothing old can come back either (compare TUF 5.3.11).
    """
    former = next((root for root in chain if root.version == seen.root), None)

    def floor(version: int, role: TrustRole) -> int:
        new = chain[-1].quorums.of(role)
        if former is None:
            return version
        staying = former.quorums.of(role).keys & new.keys
        return version if len(staying) >= new.threshold else 0

    return SeenVersions(
        root=seen.root,
        timestamp=floor(seen.timestamp, TrustRole.TIMESTAMP),
        snapshot=floor(seen.snapshot, TrustRole.SNAPSHOT),
        targets=floor(seen.targets, TrustRole.TARGETS),
        treaty=floor(seen.treaty, TrustRole.TARGETS),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Against:
    """What a listing is verified against."""

    root: RootMetadata
    floors: SeenVersions
    now: datetime


def _listing(
    data: bytes, role: TrustRole, against: _Against, named: NamedFile | None = None
) -> ListingMetadata:
    """Return a timestamp, snapshot or targets (TUF 5.4, 5.5, 5.6)."""
    what = f"The {role} metadata"
    if named is not None and not _is_named(data, named):
        raise _mixed(f"{what} is not the one that the file before it names.")
    listing = parse_listing(data, role)
    if named is not None and listing.version != named.version:
        raise _mixed(
            f"{what} is version {listing.version}, said to be version {named.version}."
        )
    verify_signed(listing, against.root.quorums.of(role), "the root")
    floor: int = getattr(against.floors, role)
    if listing.version < floor:
        raise MetadataRolledBack(
            f"{what} is version {listing.version}; version {floor} was seen before.",
            remedy=_ASK,
        )
    if against.now >= listing.expires:
        raise MetadataExpired(
            f"{what}, version {listing.version}, was in force until"
            f" {format_instant(listing.expires)}.",
            remedy=f"{_ASK} Check the clock, too.",
        )
    return listing


def _is_named(data: bytes, named: NamedFile) -> bool:
    return len(data) == named.length_bytes and sha256(data).hexdigest() == named.sha256


def _mixed(what: str) -> MetadataMixed:
    return MetadataMixed(
        what, remedy="Ask for all files again: these do not belong together."
    )


def _treaty(data: bytes, named: NamedFile, floor: int) -> Treaty:
    """Return the treaty that the targets name (TUF 5.7)."""
    if not _is_named(data, named):
        raise TreatyAltered(
            "The treaty's document is not the one that the states signed.",
            remedy="Ask the agency for the treaty again.",
        )
    treaty = treaty_of(parse_canonical(data))
    if treaty.version < floor:
        raise TreatyRolledBack(
            f"The treaty is version {treaty.version}; version {floor} was seen before.",
            remedy=_ASK,
        )
    return treaty

"""Make the metadata that the states and the agency sign.

who speaks for each role -> root;  treaty -> targets -> snapshot -> timestamp

What is made here is unsigned: `sign_metadata` signs it. Start with a root of version 1.
A change of keys is a next root, which a threshold of the old root keys signs as well as
one of the new; then new targets, snapshot and timestamp if their keys are new too.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from assent.authorisation.treaty import treaty_of
from assent.authorisation.trust.form import TREATY_BYTES_MAX
from assent.authorisation.trust.metadata import (
    RoleQuorums,
    TrustRole,
    malformed,
    parse_listing,
    parse_metadata,
    parse_root,
)
from assent.vocabulary import (
    Plain,
    canonical_bytes,
    format_instant,
    parse_canonical,
)

TREATY_NAME = "treaty.json"
SPEC_VERSION = "1.0.31"  # of TUF


def make_root(quorums: RoleQuorums, expires: datetime, version: int = 1) -> bytes:
    """Return a root that says who speaks for each role.

    Raises:
        TrustMalformed: if it would be beyond a limit.
        QuantityInvalid: if `expires` has no time zone.

    """
    held = {role: quorums.of(role) for role in TrustRole}
    return _unsigned(
        TrustRole.ROOT,
        version,
        expires,
        {
            "consistent_snapshot": True,
            "keys": {
                key_id: {
                    "keytype": "ed25519",
                    "scheme": "ed25519",
                    "keyval": {"public": key.text},
                }
                for quorum in held.values()
                for key_id, key in quorum.by_id.items()
            },
            "roles": {
                role.value: {
                    "keyids": list(quorum.by_id),
                    "threshold": quorum.threshold,
                }
                for role, quorum in held.items()
            },
        },
    )


def next_root(former: bytes, quorums: RoleQuorums, expires: datetime) -> bytes:
    """Return the root that follows on a former one.

    A threshold of the former's root keys must sign it, as well as of the new ones.

    Raises:
        TrustMalformed: if the former is no root, or the new one is beyond a limit.
        QuantityInvalid: if `expires` has no time zone.

    """
    return make_root(quorums, expires, parse_root(former).version + 1)


def make_targets(treaty: bytes, expires: datetime, version: int) -> bytes:
    """Return the targets that name a treaty, by its canonical bytes.

    Raises:
        DocumentInvalid, TreatyInvalid: if that is no treaty, or not canonical.
        TrustMalformed: if it is beyond a limit.
        QuantityInvalid: if `expires` has no time zone.

    """
    if len(treaty) > TREATY_BYTES_MAX:
        raise malformed("targets", f"a treaty has at most {TREATY_BYTES_MAX:,} bytes")
    treaty_of(parse_canonical(treaty))
    named = {TREATY_NAME: _file(treaty)}
    return _unsigned(TrustRole.TARGETS, version, expires, {"targets": named})


def make_snapshot(targets: bytes, expires: datetime, version: int) -> bytes:
    """Return the snapshot that names signed targets.

    Raises:
        TrustMalformed: if those are no targets.
        QuantityInvalid: if `expires` has no time zone.

    """
    named = parse_listing(targets, TrustRole.TARGETS)
    meta = {"targets.json": {**_file(targets), "version": named.version}}
    return _unsigned(TrustRole.SNAPSHOT, version, expires, {"meta": meta})


def make_timestamp(snapshot: bytes, expires: datetime, version: int) -> bytes:
    """Return the timestamp that names a signed snapshot.

    Raises:
        TrustMalformed: if that is no snapshot.
        QuantityInvalid: if `expires` has no time zone.

    """
    named = parse_listing(snapshot, TrustRole.SNAPSHOT)
    meta = {"snapshot.json": {**_file(snapshot), "version": named.version}}
    return _unsigned(TrustRole.TIMESTAMP, version, expires, {"meta": meta})


def _file(data: bytes) -> dict[str, Plain]:
    return {"length": len(data), "hashes": {"sha256": sha256(data).hexdigest()}}


def _unsigned(
    role: TrustRole, version: int, expires: datetime, content: Mapping[str, Plain]
) -> bytes:
    signed: dict[str, Plain] = {
        "_type": role.value,
        "spec_version": SPEC_VERSION,
        "version": version,
        "expires": format_instant(expires),
        **content,
    }
    return parse_metadata(canonical_bytes({"signatures": (), "signed": signed})).data

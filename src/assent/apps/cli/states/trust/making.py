"""`assent trust` root, next-root, targets and join: what states sign apart.

public keys, or a treaty's bytes -> unsigned metadata;  signed copies -> one file
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.adapters.keys.held_keys import KeyKind, KeyOfAnotherKind, read_public
from assent.apps.cli.output.writing import write_new
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    TREATY_BYTES_MAX,
    KeyQuorum,
    RoleQuorums,
    RootMetadata,
    TrustRole,
    describe_metadata,
    join_signatures,
    make_root,
    make_targets,
    next_root,
    parse_metadata,
    parse_root,
    signers_of,
)
from assent.vocabulary import InputError, format_instant, from_posix
from assent.vocabulary.envelope import PublicKey, parse_public_key
from assent.wiring.log import now_s

_PUBLIC = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speakers:
    """Who speaks for the root, the treaty and what is newest, as texts or files."""

    root_keys: tuple[str, ...]
    root_threshold: int | None
    treaty_keys: tuple[str, ...]
    treaty_threshold: int | None
    online: tuple[str, ...]


def root(speakers: Speakers, expires: datetime, out: Path) -> None:
    """Write the first root.

    Raises:
        InputError: if a key or a number is missing, or the file is there.
        TrustMalformed: if a quorum cannot be met.

    """
    if not speakers.root_keys or speakers.root_threshold is None or not speakers.online:
        raise InputError(
            "The first root needs --root-key, --root-threshold and --online.",
            remedy="Give every state's root key, how many must sign, and the agency's.",
        )
    quorum = KeyQuorum(_keys(speakers.root_keys), speakers.root_threshold)
    treaty = _quorum(speakers.treaty_keys, speakers.treaty_threshold, quorum)
    online = KeyQuorum(_keys(speakers.online), 1)
    quorums = RoleQuorums(root=quorum, targets=treaty, online=online)
    _write(make_root(quorums, _until(expires)), out)


def next_after(
    former_file: Path, speakers: Speakers, expires: datetime, out: Path
) -> None:
    """Write the root that follows on another.

    Raises:
        TrustMalformed: if that is none, or a quorum cannot be met.
        InputError: if a key cannot be read, or the file is there.

    """
    data = read_bytes(former_file, METADATA_BYTES_MAX)
    former = parse_root(data).quorums
    quorums = RoleQuorums(
        root=_quorum(speakers.root_keys, speakers.root_threshold, former.root),
        targets=_quorum(
            speakers.treaty_keys,
            speakers.treaty_threshold,
            former.of(TrustRole.TARGETS),
        ),
        online=_quorum(speakers.online, None, former.online),
    )
    _write(next_root(data, quorums, _until(expires)), out, data)


def targets(treaty: Path, version: int, expires: datetime, out: Path) -> None:
    """Write the targets that name a treaty.

    Raises:
        DocumentInvalid, TreatyInvalid: if that is no treaty in canonical bytes.
        InputError: if the file is there.

    """
    data = read_bytes(treaty, TREATY_BYTES_MAX)
    _write(make_targets(data, _until(expires), version), out)


def join(file: Path, copies: Sequence[Path], out: Path) -> None:
    """Write metadata with the signatures of all copies.

    Raises:
        TrustMalformed: if a copy is none, or says anything else.
        InputError: if the file is there.

    """
    data = read_bytes(file, METADATA_BYTES_MAX)
    others = [read_bytes(copy, METADATA_BYTES_MAX) for copy in copies]
    joined = join_signatures(data, others)
    _write(joined, out, last=_what_lacks(joined))


def _what_lacks(joined: bytes) -> str:
    """Say whether enough have signed, as far as the file itself tells."""
    metadata = parse_metadata(joined)
    if not isinstance(metadata, RootMetadata):
        return "How many must sign, `assent trust show --former ROOT` says."
    quorum = metadata.quorums.root
    lacking = quorum.threshold - len(signers_of(metadata, quorum))
    if lacking > 0:
        return f"{lacking} more of its own keys must sign: `assent key sign`."
    if metadata.version == 1:
        return "Enough have signed: it is complete."
    return (
        "Enough of its own keys have signed; whether enough of the former root's have,"
        " `assent trust show --former ROOT` says."
    )


def _quorum(
    keys: Sequence[str], threshold: int | None, otherwise: KeyQuorum
) -> KeyQuorum:
    return KeyQuorum(
        _keys(keys) if keys else otherwise.keys,
        otherwise.threshold if threshold is None else threshold,
    )


def _keys(given: Sequence[str]) -> frozenset[PublicKey]:
    keys = frozenset(map(_key, given))
    if len(keys) < len(given):
        raise InputError(
            "A key is given twice.", remedy="Give the key of each state once."
        )
    return keys


def _key(text: str) -> PublicKey:
    """Return a public key: 64 hexadecimal digits, or a path of a held key."""
    if _PUBLIC.fullmatch(text):
        return parse_public_key(text.lower())
    about = read_public(Path(text))
    if about.kind is not KeyKind.SIGNING:
        raise KeyOfAnotherKind(
            f"The key in {text} is for {about.kind}, not for signing.",
            remedy="Name a signing key.",
        )
    return parse_public_key(about.public)


def _until(expires: datetime) -> datetime:
    aware, now = expires.replace(tzinfo=UTC), from_posix(now_s())
    if aware <= now:
        raise InputError(
            f"{format_instant(aware)} is past: what is signed would count for nobody.",
            remedy="Give a later --expires.",
        )
    return aware


def _write(
    data: bytes,
    out: Path,
    former: bytes | None = None,
    last: str = "Sign it with `assent key sign`.",
) -> None:
    write_new(out, data)
    for line in describe_metadata(data, former):
        sys.stdout.write(f"{line}\n")
    sys.stderr.write(f"Written to {out}. {last}\n")

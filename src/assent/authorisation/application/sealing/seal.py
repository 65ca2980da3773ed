"""Take fields out of a document and leave their salted digests.

document + paths + salts -> Sealed

Inner paths are sealed before outer ones, so a field can be opened without those that
are sealed inside it. The digests of a mapping are sorted, which tells nothing of the
order of its fields. What remains visible: which mapping a field was in, how many fields
it hides at most (decoys blur that), and the place of an element in its array.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from assent.authorisation.application.sealing.disclosure import (
    ALGORITHM,
    DIGESTS,
    ELEMENT,
    RESERVED,
    SALT_BYTES_MIN,
    Disclosure,
    digest_of,
    disclosure_of,
    encode_base64url,
)
from assent.authorisation.application.sealing.errors import (
    PathMustStayPublic,
    PathNotSealable,
    SaltUnsound,
    SealingTooLarge,
)
from assent.vocabulary import DocumentInvalid, Plain, canonical_bytes, parse_canonical
from assent.vocabulary.documents import DEPTH_MAX, Path

ALGORITHM_USED = "sha-256"
FIELDS_MAX = 4_000  # a declaration of 100 stages has 2,000 fields
DECOYS_MAX = 1_000  # in one mapping or array: 43 bytes each, published for ever


@dataclass(frozen=True, slots=True)
class Sealed:
    """The document that may be published, and what opens each field.

    `disclosures` is as secret as the fields are.
    """

    document: Mapping[str, Any]
    disclosures: Mapping[Path, Disclosure] = field(repr=False)


def seal(
    document: Mapping[str, Plain],
    paths: Collection[Path],
    salts: Iterator[bytes],
    *,
    public: Collection[Path] = (),
    decoys: Mapping[Path, int] | None = None,
) -> Sealed:
    """Return the document with the fields at these paths replaced by digests.

    Args:
        document: plain values.
        paths: what to hide; keys of mappings, and places in arrays from 0.
        salts: at least 16 random bytes for each path and each decoy.
        public: paths that must stay readable, whole.
        decoys: how many digests of nothing to add, by the path of a mapping or array.

    Raises:
        DocumentInvalid: if the document has no canonical form.
        PathNotSealable: if a path leads nowhere or stands twice, or the document or a
            path uses the names that sealing keeps for itself.
        PathMustStayPublic: if a path would hide a part of what must stay public.
        SaltUnsound: if a salt is too short, stands twice, or there are too few.
        SealingTooLarge: if there are too many fields or decoys, or it is too deep.

    """
    fresh = _FreshSalts(salts)
    result = _own_copy(document)
    if len(paths) > FIELDS_MAX:
        raise SealingTooLarge(
            f"At most {FIELDS_MAX:,} fields can be sealed; these are {len(paths):,}.",
            remedy="Seal what holds them as one field.",
        )
    _check_names(result, 0)
    _check_paths(paths, public)
    for path in paths:  # all of them, before anything moves
        _holder_of(result, path)
    for place, count in (decoys or {}).items():
        _add_decoys(result, place, count, fresh)
    disclosures = {}
    for path in sorted(paths, key=len, reverse=True):
        disclosures[path] = _replace(_holder_of(result, path), path[-1], fresh)
    result[ALGORITHM] = ALGORITHM_USED
    return Sealed(
        MappingProxyType(result),
        MappingProxyType({path: disclosures[path] for path in paths}),
    )


class _FreshSalts:
    """Salts, each of them once."""

    def __init__(self, salts: Iterator[bytes]) -> None:
        self._salts = salts
        self._used: set[bytes] = set()

    def take(self) -> bytes:
        salt = next(self._salts, None)
        if salt is None or salt in self._used:
            raise SaltUnsound(
                "There are too few salts." if salt is None else "A salt comes twice.",
                remedy="Take the salts from the operating system's generator.",
            )
        if len(salt) < SALT_BYTES_MIN:
            raise SaltUnsound(
                f"A salt has at least {SALT_BYTES_MIN} bytes; this has {len(salt)}.",
                remedy="With a shorter one the hidden value can be guessed.",
            )
        self._used.add(salt)
        return salt


def _own_copy(document: Mapping[str, Plain]) -> dict[str, Any]:
    try:
        copy = parse_canonical(canonical_bytes(document))
    except DocumentInvalid:
        copy = None
    if not isinstance(copy, dict):
        raise DocumentInvalid(
            "What is to be sealed is no mapping of plain values.",
            remedy="Give a declaration or an application as plain values.",
        )
    return copy


def _check_names(value: object, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise SealingTooLarge(
            f"The document nests deeper than {DEPTH_MAX}.", remedy="Flatten it."
        )
    if isinstance(value, dict):
        if used := RESERVED & value.keys():
            raise PathNotSealable(
                f"The document has a field {min(used)!r}, which sealing keeps for"
                " itself.",
                remedy="Name it otherwise; a document is sealed once, with all paths.",
            )
        for item in value.values():
            _check_names(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check_names(item, depth + 1)


def _check_paths(paths: Collection[Path], public: Collection[Path]) -> None:
    if len(set(paths)) != len(paths):
        raise PathNotSealable(
            "A path stands twice among those to be sealed.", remedy="Name it once."
        )
    for path in paths:
        for open_path in public:
            shared = min(len(path), len(open_path))
            if path[:shared] == open_path[:shared]:
                raise PathMustStayPublic(
                    f"Sealing {_shown(path)} would hide {_shown(open_path)}, which the"
                    " public must be able to read.",
                    remedy="Seal only what may be secret.",
                )


def _holder_of(document: dict[str, Any], path: Path) -> Any:  # noqa: ANN401 - a dict or a list
    """Return the mapping or array that a path ends in."""
    holder: Any = document
    for place, key in enumerate(path):
        is_there = (
            isinstance(holder, dict) and type(key) is str and key in holder
        ) or (isinstance(holder, list) and type(key) is int and 0 <= key < len(holder))
        if not is_there:
            break
        if place == len(path) - 1:
            return holder
        holder = holder[key]
    raise PathNotSealable(
        f"There is nothing to seal at {_shown(path)}.",
        remedy="Name a field of a mapping, or a place in an array, that is there.",
    )


def _replace(holder: Any, key: Any, fresh: _FreshSalts) -> Disclosure:  # noqa: ANN401 - see above
    if isinstance(holder, list):
        made = disclosure_of(fresh.take(), None, holder[key])
        holder[key] = {ELEMENT: made.digest}
    else:
        made = disclosure_of(fresh.take(), key, holder.pop(key))
        holder[DIGESTS] = sorted([*holder.get(DIGESTS, []), made.digest])
    return made


def _add_decoys(
    document: dict[str, Any], place: Path, count: int, fresh: _FreshSalts
) -> None:
    """Add digests of salts that nobody keeps (RFC 9901, 4.2.5)."""
    if not 0 <= count <= DECOYS_MAX:
        raise SealingTooLarge(
            f"A mapping takes 0 to {DECOYS_MAX:,} decoys, not {count:,}.",
            remedy="A few more digests than fields are enough.",
        )
    holder = _holder_of(document, place)[place[-1]] if place else document
    made = [digest_of(encode_base64url(fresh.take())) for _ in range(count)]
    if isinstance(holder, list):  # at the end, so that every element keeps its place
        holder.extend({ELEMENT: digest} for digest in made)
    elif isinstance(holder, dict):
        if made:
            holder[DIGESTS] = sorted(made)
    else:
        raise PathNotSealable(
            f"There can be no decoys at {_shown(place)}.",
            remedy="Name a mapping or an array.",
        )


def _shown(path: Path) -> str:
    return ".".join(str(key) for key in path)[:200] or "the whole document"

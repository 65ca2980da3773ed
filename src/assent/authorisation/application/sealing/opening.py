"""Put disclosed fields back where their digests stand, and nowhere else.

sealed document + disclosures -> Opened, or an error; one disclosure -> where it belongs

The steps are those of RFC 9901, 7.1:
(1) every text is a disclosure, and none comes twice;
(2) a field goes into the mapping whose `_sd` holds its digest, an element to the place
    that holds it, and their values are opened in the same way;
(3) no disclosed name is reserved, or that of a field which is there already;
(4) digests that nothing opens stay hidden, and are reported;
(5) no digest stands at two places, and no disclosure is left over.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from assent.authorisation.application.sealing.disclosure import (
    ALGORITHM,
    DIGESTS,
    ELEMENT,
    RESERVED,
    Disclosure,
    parse_disclosure,
)
from assent.authorisation.application.sealing.errors import (
    DigestRepeated,
    DisclosureUnknown,
    NameRepeated,
    SealedMalformed,
    SealingTooLarge,
)
from assent.authorisation.application.sealing.seal import ALGORITHM_USED, FIELDS_MAX
from assent.vocabulary import Plain
from assent.vocabulary.documents import DEPTH_MAX, Path

DIGEST_LENGTH = 43  # characters of base64url for SHA-256
_ALPHABET = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A digest that nothing opened, and the mapping or place it stands in.

    It may be a decoy: nobody but the one who sealed can tell.
    """

    path: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What a document says with the fields that were disclosed.

    Attributes:
        document: plain values, without a trace of sealing; hidden elements of arrays
            are left out.
        hidden: what stays sealed, where it stands in the sealed document.
        found: where each disclosure belongs, by its digest, likewise.

    """

    document: dict[str, Any]
    hidden: tuple[Hidden, ...]
    found: Mapping[str, Path]


def open_fields(document: Mapping[str, Plain], disclosures: Collection[str]) -> Opened:
    """Return the document with the disclosed fields in their places.

    Raises:
        DisclosureMalformed: if a text is no disclosure.
        DisclosureUnknown: if no digest in the document is that of a disclosure, or a
            field's disclosure stands for an element, or the reverse.
        DigestRepeated: if a disclosure or a digest comes twice.
        NameRepeated: if a disclosed field has the name of another.
        SealedMalformed: if the document uses the names of sealing otherwise.
        SealingTooLarge: if there are too many disclosures, or it nests too deep.

    """
    if len(disclosures) > FIELDS_MAX:
        raise SealingTooLarge(
            f"At most {FIELDS_MAX:,} fields can be opened; these are"
            f" {len(disclosures):,}.",
            remedy="Open what you have a question about.",
        )
    parsed = [parse_disclosure(text) for text in disclosures]
    by_digest = {one.digest: one for one in parsed}
    if len(by_digest) != len(parsed):
        raise DigestRepeated(
            "A disclosure comes twice.", remedy="Hand in each of them once."
        )
    algorithm = document.get(ALGORITHM, ALGORITHM_USED)  # 4.1.1: the default
    if algorithm != ALGORITHM_USED:
        raise SealedMalformed(
            f"The document is sealed with {algorithm!r:.60}, not {ALGORITHM_USED}.",
            remedy="Seal it anew; no other algorithm is taken.",
        )
    opening = _Opening(by_digest)
    rest = {key: item for key, item in document.items() if key != ALGORITHM}
    result = opening.mapping(rest, (), 0)
    if left_over := by_digest.keys() - opening.found.keys():
        raise DisclosureUnknown(
            f"{len(left_over)} of {len(parsed)} disclosures belong to nothing in this"
            " document.",
            remedy="They were changed, are of another document, or lie inside a field"
            " whose own disclosure is missing.",
        )
    return Opened(result, tuple(opening.hidden), opening.found)


def verify_disclosure(
    document: Mapping[str, Plain], disclosure: str, *, inside: Collection[str] = ()
) -> tuple[Path, Any]:
    """Return the path and the value that a disclosure shows were declared.

    The value is as it was sealed: fields sealed inside it stay digests.

    Args:
        document: the sealed one.
        disclosure: of one field or element.
        inside: the disclosures of the fields that it was sealed inside, if any.

    Raises:
        DisclosureMalformed: as `open_fields` does, and whatever else that raises.

    """
    one = parse_disclosure(disclosure)
    opened = open_fields(document, [disclosure, *inside])
    return opened.found[one.digest], one.value


@dataclass(slots=True)
class _Opening:
    """One walk through a document."""

    disclosures: Mapping[str, Disclosure]
    found: dict[str, Path] = field(default_factory=dict)
    hidden: list[Hidden] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def value(self, value: object, path: Path, depth: int) -> Any:  # noqa: ANN401 - any plain value
        if depth > DEPTH_MAX:
            raise SealingTooLarge(
                f"The opened document nests deeper than {DEPTH_MAX}.",
                remedy="Open fewer fields, or ask for a flatter document.",
            )
        if isinstance(value, Mapping):
            return self.mapping(value, path, depth)
        if isinstance(value, list | tuple):
            return self.array(value, path, depth)
        return value

    def mapping(
        self, sealed: Mapping[str, Any], path: Path, depth: int
    ) -> dict[str, Any]:
        digests = sealed.get(DIGESTS, [])
        if RESERVED & sealed.keys() - {DIGESTS} or not isinstance(
            digests, list | tuple
        ):
            raise _malformed(path)
        result = {
            key: self.value(item, (*path, key), depth + 1)
            for key, item in sealed.items()
            if key != DIGESTS
        }
        for digest in digests:
            one = self.take(digest, path)
            if one is None:
                continue
            if one.name is None:
                raise _misplaced(path)
            if one.name in result:
                raise NameRepeated(
                    f"{_shown(path)} has a field {one.name!r:.80} already.",
                    remedy="One document would say two things; trust neither.",
                )
            here = (*path, one.name)
            self.found[one.digest] = here
            result[one.name] = self.value(one.value, here, depth + 1)
        return result

    def array(self, sealed: Collection[Any], path: Path, depth: int) -> list[Any]:
        result = []
        for place, item in enumerate(sealed):
            here = (*path, place)
            if not (isinstance(item, Mapping) and ELEMENT in item):
                result.append(self.value(item, here, depth + 1))
                continue
            if len(item) != 1:
                raise _malformed(here)
            one = self.take(item[ELEMENT], here)
            if one is None:
                continue
            if one.name is not None:
                raise _misplaced(here)
            self.found[one.digest] = here
            result.append(self.value(one.value, here, depth + 1))
        return result

    def take(self, digest: object, path: Path) -> Disclosure | None:
        """Note that a digest stands here, and return what opens it."""
        if (
            not isinstance(digest, str)
            or len(digest) != DIGEST_LENGTH
            or not _ALPHABET.issuperset(digest)
        ):
            raise _malformed(path)
        if digest in self.seen:
            raise DigestRepeated(
                f"A digest at {_shown(path)} stands elsewhere too.",
                remedy="One field cannot be at two places; trust neither.",
            )
        self.seen.add(digest)
        if digest not in self.disclosures:
            self.hidden.append(Hidden(path, digest))
        return self.disclosures.get(digest)


def _malformed(path: Path) -> SealedMalformed:
    return SealedMalformed(
        f"{_shown(path)} uses the names of sealing in another way than sealing does.",
        remedy="Take the document as `seal` made it.",
    )


def _misplaced(path: Path) -> DisclosureUnknown:
    return DisclosureUnknown(
        f"The disclosure for {_shown(path)} is of the other kind: a field for an"
        " element, or the reverse.",
        remedy="Whoever sealed the document made it so; trust neither.",
    )


def _shown(path: Path) -> str:
    return ".".join(str(key) for key in path)[:200] or "The document"

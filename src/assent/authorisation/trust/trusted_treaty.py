"""What is shown as the states' keys, and what comes of it once it is verified.

TrustMetadata <-> plain values;  SeenVersions <-> plain values

A bundle that is verified offline carries a `TrustMetadata`. A verifier keeps the newest
root and the `SeenVersions` of a `TrustedTreaty`, so that nothing older deceives it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from assent.authorisation.treaty import Recognition, Treaty
from assent.authorisation.trust.errors import TrustMalformed
from assent.authorisation.trust.form import VERSION_MAX
from assent.vocabulary import Plain

ROOTS_MAX = 1_024  # a change of keys every week for twenty years


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustMetadata:
    """The files that lead from a trusted root to the treaty, believed in nothing.

    Attributes:
        roots: the versions of the root after the first, ascending; those up to the one
            that a verifier holds may be left out.
        timestamp: the file of this role.
        snapshot: the file of this role.
        targets: the file of this role.
        treaty: the treaty's document, in canonical bytes.

    """

    roots: tuple[bytes, ...] = ()
    timestamp: bytes
    snapshot: bytes
    targets: bytes
    treaty: bytes

    @property
    def plain(self) -> dict[str, Plain]:
        """The files as texts, for a JSON document.

        Raises:
            TrustMalformed: if a file is no text.

        """
        try:
            return {
                "roots": [data.decode() for data in self.roots],
                "timestamp": self.timestamp.decode(),
                "snapshot": self.snapshot.decode(),
                "targets": self.targets.decode(),
                "treaty": self.treaty.decode(),
            }
        except UnicodeDecodeError:
            raise _malformed("a file is not UTF-8") from None


def trust_metadata_of(value: Any) -> TrustMetadata:  # noqa: ANN401 - any plain value
    """Return the files of which these values are the `plain`.

    Raises:
        TrustMalformed: if they are none.

    """
    names = [field.name for field in fields(TrustMetadata)]
    if not isinstance(value, Mapping) or set(value) != set(names):
        raise _malformed(f"it must have {', '.join(names)}, and nothing else")
    roots = value["roots"]
    if not isinstance(roots, list | tuple) or len(roots) > ROOTS_MAX:
        raise _malformed(f"its roots are no list of at most {ROOTS_MAX:,}")
    return TrustMetadata(
        roots=tuple(_bytes(text) for text in roots),
        **{name: _bytes(value[name]) for name in names if name != "roots"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVersions:
    """The versions below which a verifier accepts nothing any more."""

    root: int
    timestamp: int
    snapshot: int
    targets: int
    treaty: int

    @property
    def plain(self) -> dict[str, Plain]:
        """The versions as plain values."""
        return asdict(self)


def seen_versions_of(value: Any) -> SeenVersions:  # noqa: ANN401 - any plain value
    """Return the versions of which these values are the `plain`.

    Raises:
        TrustMalformed: if they are none.

    """
    names = {field.name for field in fields(SeenVersions)}
    if (
        not isinstance(value, Mapping)
        or set(value) != names
        or not all(type(v) is int and 1 <= v <= VERSION_MAX for v in value.values())
    ):
        raise _malformed("the versions that were seen are not five whole numbers")
    return SeenVersions(**value)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedTreaty:
    """A treaty that the states signed, as far as a root tells.

    Attributes:
        treaty: the treaty.
        root: the newest root, to start from the next time.
        root_digest: of the root that was trusted at the start: `sha256:` and hex.
        versions: what was seen; nothing older is to be accepted from now on.
        expires: from when on none of this may be relied upon without newer files.
        recognition: why another agency's treaty counts; None for one's own.

    """

    treaty: Treaty
    root: bytes
    root_digest: str
    versions: SeenVersions
    expires: datetime
    recognition: Recognition | None = None


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise _malformed("a file is no text")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _malformed("a file holds half a character") from None


def _malformed(why: str) -> TrustMalformed:
    return TrustMalformed(
        f"These are no files that lead to a treaty: {why}.",
        remedy="Take them as the agency publishes them.",
    )

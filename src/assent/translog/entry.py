"""An official entry: what was decided, about what, when, and which documents say so.

Entry <-> bytes, the same everywhere (canonical JSON, one line without a newline)

    {"developer":"Example Labs","documents":{"permit":{"digest":"sha256:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c","media_type":"application/pdf","size_bytes":48213}},"format":"assent-entry/1","kind":"permit","metadata":{"flop_permitted":"15000000000000000000000000"},"party":"KEN","subject":"permit-2026-0001","time":"2026-03-01T12:00:00Z"}

An entry is public for ever, in every copy of the log. So it holds no document, only the
digests of documents, and metadata that whoever writes the entry means to publish. There
is no field for anything secret. A digest hides a document only if the document cannot
be guessed: from the digest of "approved" anybody finds "approved". Documents that must
stay closed need words in them that nobody can guess.

The log takes any bytes: entries of others may stand between ours, and `parse_entry`
refuses those. That bytes are an entry of ours says nothing of who put them there.
"""  # noqa: E501 - the literal is the format

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from assent.translog.errors import EntryInvalid, EntryTooLarge
from assent.translog.formats.tiles import ENTRY_BYTES_MAX
from assent.vocabulary import InputError, Plain, canonical_bytes, parse_canonical
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.texts import LINE

FORMAT = "assent-entry/1"
_REQUIRED = frozenset({"format", "kind", "subject", "time", "documents", "metadata"})
_OPTIONAL = frozenset({"party", "developer"})
_DOCUMENT = frozenset({"digest", "size_bytes", "media_type"})

# What may stand where. Lengths are such that a line of each can be read on a screen.
_SLUG = re.compile(r"(?=.{1,64}\Z)[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_PARTY = re.compile(r"(?=.{2,32}\Z)[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*")
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
_METADATA_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,127}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
# Text on one line: no controls, nothing that turns the order of letters around, and
# nothing that a version of Unicode could allow and another refuse.
_TEXT = re.compile(LINE.removesuffix("]") + r"\ud800-\udfff]{1,1000}")

_FORMS = {
    _SLUG: "words in lower case joined by hyphens, such as pause-order",
    _PARTY: "a code in capitals, such as KEN",
    _SUBJECT: "letters, digits and ._:/- without spaces, such as permit-2026-0001",
    _METADATA_KEY: "words in lower case joined by underscores, such as flop_permitted",
    _DIGEST: "sha256: and 64 hexadecimal digits in lower case",
    _MEDIA_TYPE: "a media type in lower case, such as application/pdf",
    _TIME: "a time in UTC to the second, such as 2026-03-01T12:00:00Z",
    _TEXT: "one line of text, at most 1,000 characters",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDigest:
    """Which document: the SHA-256 of its bytes (`sha256:` and hex), and what it is.

    Raises:
        EntryInvalid: if a field is not as it must be.

    """

    digest: str
    size_bytes: int
    media_type: str

    def __post_init__(self) -> None:
        """Check the fields."""
        _check(self.digest, _DIGEST, "digest of a document")
        _check(self.media_type, _MEDIA_TYPE, "media type")
        if type(self.size_bytes) is not int or not (
            0 <= self.size_bytes <= INTEGER_SAFE_MAX
        ):
            raise _invalid(f"{self.size_bytes!r:.40} is no size in bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One official entry.

    Args:
        kind: what happened, as a slug: decision, permit, refusal, revocation, …
        subject: the identifier of what the entry is about.
        time: when it happened, in UTC, to the second.
        party: the code of the state or body that acted, in capitals; None if none did.
        developer: the name of the developer concerned; None if there is none.
        documents: from the role a document plays, as a slug, to its digest.
        metadata: what else is to be public, from snake_case names to texts; an amount
            of FLOP is a whole number in decimal digits.

    Raises:
        EntryInvalid: if a field is not as it must be.

    """

    kind: str
    subject: str
    time: datetime
    party: str | None = None
    developer: str | None = None
    documents: Mapping[str, DocumentDigest] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the fields, and keep copies of the mappings that nobody can change."""
        _check(self.kind, _SLUG, "kind of entry")
        _check(self.subject, _SUBJECT, "identifier of a subject")
        if self.party is not None:
            _check(self.party, _PARTY, "code of a party")
        if self.developer is not None:
            _check(self.developer, _TEXT, "name of a developer")
        if self.time.utcoffset() != timedelta(0) or self.time.microsecond:
            raise _invalid(f"{self.time.isoformat()} is no time in UTC, in seconds")
        for role in self.documents:
            _check(role, _SLUG, "role of a document")
        for name, value in self.metadata.items():
            _check(name, _METADATA_KEY, "name of metadata")
            _check(value, _TEXT, f"value of {name}")
        for name in ("documents", "metadata"):
            copy = MappingProxyType(dict(getattr(self, name)))
            object.__setattr__(self, name, copy)

    @property
    def encoded(self) -> bytes:
        """Return the bytes that are logged.

        Raises:
            EntryTooLarge: if there are more than the log can hold.

        """
        whole: dict[str, Plain] = {
            "format": FORMAT,
            "kind": self.kind,
            "subject": self.subject,
            "time": f"{self.time.replace(tzinfo=None).isoformat()}Z",
            "documents": {
                role: {name: getattr(document, name) for name in _DOCUMENT}
                for role, document in self.documents.items()
            },
            "metadata": self.metadata,
        }
        for name in _OPTIONAL:
            if (value := getattr(self, name)) is not None:
                whole[name] = value
        data = canonical_bytes(whole)
        if len(data) > ENTRY_BYTES_MAX:
            raise EntryTooLarge(
                f"The entry about {self.subject} has {len(data):,} bytes; the log holds"
                f" at most {ENTRY_BYTES_MAX:,}.",
                remedy="Store a document with the details and log its digest.",
            )
        return data


def parse_entry(data: bytes) -> Entry:
    """Return the official entry that these bytes are, whose `encoded` they are.

    Raises:
        EntryInvalid: if they are none, or not in canonical form.

    """
    if len(data) > ENTRY_BYTES_MAX:
        raise _invalid(f"it is longer than {ENTRY_BYTES_MAX:,} bytes")
    try:
        value = parse_canonical(data)
    except InputError:
        raise _invalid("it is not JSON in canonical form") from None
    fields = _fields(value, "the entry", _REQUIRED, _OPTIONAL)
    if fields.pop("format") != FORMAT:
        raise _invalid(f"its format is not {FORMAT}")
    if not all(isinstance(fields[name], dict) for name in ("documents", "metadata")):
        raise _invalid("its documents and metadata are no mappings")
    entry = Entry(
        **{
            **fields,
            "time": _time(fields["time"]),
            "documents": {
                role: DocumentDigest(**_fields(document, "a document", _DOCUMENT))
                for role, document in fields["documents"].items()
            },
        }
    )
    if entry.encoded != data:
        raise _invalid("it is not in canonical form")
    return entry


def _fields(
    value: object,
    what: str,
    required: frozenset[str],
    optional: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(f"{what} is no mapping")
    if missing := sorted(required - value.keys()):
        raise _invalid(f"{what} lacks {missing[0]}")
    if unknown := sorted(value.keys() - required - optional):
        raise _invalid(f"{what} has a field {unknown[0]!r:.40} that is unknown")
    return dict(value)


def _time(text: object) -> datetime:
    _check(text, _TIME, "time")
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        raise _invalid(f"{text!r} is no time") from None


def _check(value: object, pattern: re.Pattern[str], what: str) -> None:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise EntryInvalid(
            f"This is no official entry: {value!r:.80} cannot be the {what}.",
            remedy=f"Write {_FORMS[pattern]}.",
        )


def _invalid(why: str) -> EntryInvalid:
    return EntryInvalid(
        f"This is no official entry: {why}.",
        remedy="Log only what `Entry` makes; skip entries that are not official.",
    )

"""What `assent log append` is asked to log: options, a file, or a file of many.

options -> Entry; JSON -> Entry; path -> entries, one a line
"""

import mimetypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assent.adapters.documents import DocumentStore
from assent.translog.entry import DocumentDigest, Entry, parse_entry
from assent.translog.errors import EntryInvalid
from assent.vocabulary import (
    AssentError,
    InputError,
    NotFound,
    canonical_bytes,
    parse_json,
)

LINE_BYTES_MAX = 500_000  # an entry of 65,535 bytes, with every character escaped

_MEDIA_TYPES = mimetypes.MimeTypes()  # Python's own list: the same on every machine
_MEDIA_TYPES.add_type("application/yaml", ".yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryOptions:
    """One entry as the command line states it; times are UTC."""

    kind: str | None
    subject: str | None
    party: str | None
    developer: str | None
    time: datetime | None
    documents: tuple[str, ...]
    metadata: tuple[str, ...]

    @property
    def states_something(self) -> bool:
        """Tell whether any option of an entry was given."""
        return self != NO_OPTIONS


NO_OPTIONS = EntryOptions(
    kind=None,
    subject=None,
    party=None,
    developer=None,
    time=None,
    documents=(),
    metadata=(),
)


def entry_from_options(
    options: EntryOptions, open_documents: Callable[[], DocumentStore], now_s: int
) -> bytes:
    """Return the entry that the options state; its documents are stored first.

    Raises:
        InputError: if they do not state one.
        NotFound: if a document cannot be read.
        StoreUnavailable: if it cannot be stored.

    """
    if options.kind is None or options.subject is None:
        raise InputError(
            "An entry needs a kind and a subject.",
            remedy="Give --kind and --subject, or a file with --entry or --batch.",
        )
    time = options.time or datetime.fromtimestamp(now_s, UTC)
    return Entry(
        kind=options.kind,
        subject=options.subject,
        party=options.party,
        developer=options.developer,
        time=time.replace(tzinfo=UTC),
        documents={
            role: _store(Path(path), open_documents())
            for role, path in _pairs(
                options.documents, "--document", "ROLE=FILE"
            ).items()
        },
        metadata=_pairs(options.metadata, "--metadata", "NAME=TEXT"),
    ).encoded


def entry_from_json(text: str) -> bytes:
    """Return the entry that a JSON text states, in its canonical form.

    Raises:
        EntryInvalid: if it states none.

    """
    try:
        value = parse_json(text).value
        return parse_entry(canonical_bytes(value)).encoded
    except AssentError as error:
        if isinstance(error, EntryInvalid):
            raise
        raise EntryInvalid(
            f"This is no official entry: {error.message}", remedy=error.remedy
        ) from None


def entries_in(path: Path) -> Iterator[bytes]:
    """Yield the entry on each line of a file.

    Raises:
        NotFound: if it cannot be read.
        EntryInvalid: if a line states no entry; the message names the line.

    """
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LINE_BYTES_MAX + 1):
                number += 1
                if line.strip():
                    yield _entry_on(line, f"{path}, line {number}")
    except OSError as error:
        raise _unreadable(path, error) from None


def _entry_on(line: bytes, where: str) -> bytes:
    if len(line) > LINE_BYTES_MAX:
        raise EntryInvalid(
            f"{where} is longer than {LINE_BYTES_MAX:,} bytes.",
            remedy="Write one entry a line, with digests of documents.",
        )
    try:
        return entry_from_json(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise EntryInvalid(
            f"{where}: this is not UTF-8.", remedy="Write the file in UTF-8."
        ) from None
    except EntryInvalid as error:
        raise EntryInvalid(f"{where}: {error.message}", remedy=error.remedy) from None


def _store(path: Path, documents: DocumentStore) -> DocumentDigest:
    try:
        with path.open("rb") as file:
            digest = documents.put(file)
            size_bytes = file.tell()
    except OSError as error:
        raise _unreadable(path, error) from None
    media_type, _ = _MEDIA_TYPES.guess_type(path.name)
    return DocumentDigest(
        digest=digest,
        size_bytes=size_bytes,
        media_type=media_type or "application/octet-stream",
    )


def _pairs(texts: tuple[str, ...], option: str, form: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or name in pairs:
            raise InputError(
                f"{option} {text!r} is not {form}, or its name was given before.",
                remedy=f"Write {option} {form}, each name once.",
            )
        pairs[name] = value
    return pairs


def _unreadable(path: Path, error: OSError) -> AssentError:
    kind = NotFound if isinstance(error, FileNotFoundError) else InputError
    return kind(
        f"{path} cannot be read: {error.strerror}.",
        remedy="Check the path and its permissions.",
    )

"""Documents under the digests that entries of the log name, in a folder or a bucket.

bytes -> digest; digest -> the same bytes, or an error that says why not

A document is at `sha256/ab/abcd…`, below any local folder or any URL that fsspec
knows. It is written whole under another name first, so no reader finds half of one, but
after a power cut while it was put; putting a document again puts a damaged copy right.
What is in a local folder when `put` returns survives a power cut, and only its owner
can read it; elsewhere both are for the service to promise. What a crash leaves can be
removed at any time: files whose names begin with `.writing-`, or in `incoming/` of a
service.

Nothing read is believed: every document is hashed again. Nothing is ever listed or
removed.
"""

import os
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import fsspec
from fsspec.implementations.local import LocalFileSystem

from assent.adapters.files import write_all_durably
from assent.translog.errors import DocumentDamaged, StoreUnavailable
from assent.vocabulary import (
    ComponentMissing,
    DocumentTooLarge,
    InputError,
    NotFound,
)

DOCUMENT_BYTES_MAX = 64 * 2**20  # a scanned dossier; weights and transcripts are not
_CHUNK_BYTES = 2**20
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_WILD = re.compile(r"[*?\[\]]")  # fsspec would take these for patterns
_PASSWORD = re.compile(r":[^@]*@")  # also in the second part of a chained URL
_INCOMING = "incoming"


class DocumentStore:
    """Documents by their digests; for any number of threads and processes."""

    def __init__(self, files: Any, root: str) -> None:  # noqa: ANN401 - fsspec has no types
        """Keep documents below `root` of an fsspec file system."""
        self._files = files
        self._root = root.rstrip("/")
        self._settled: set[Path] = set()  # folders, of which there are 257 at most

    def put(self, document: bytes | BinaryIO) -> str:
        """Store a document and return its digest.

        Args:
            document: its bytes, or a stream that is read to its end.

        Raises:
            DocumentTooLarge: if it is beyond the limit; nothing was stored.
            StoreUnavailable: if the storage refuses or cannot be reached.

        """
        (digest,) = self.put_all([document])
        return digest

    def put_all(self, documents: Sequence[bytes | BinaryIO]) -> list[str]:
        """Store documents, with fewer flushes than one by one; return their digests.

        Raises:
            DocumentTooLarge: if one is beyond the limit; nothing was stored.
            StoreUnavailable: if the storage refuses or cannot be reached; some of them
                may be stored.

        """
        held = [_whole(document) for document in documents]
        named = [(f"sha256:{sha256(data).hexdigest()}", data) for data in held]
        if isinstance(self._files, LocalFileSystem):
            root = Path(self._root or "/")
            # Another process may have made the folders and not come further.
            write_all_durably(
                {root / _place(digest): data for digest, data in named},
                0o600,
                root=root,
                settled=self._settled,
            )
        else:
            for digest, data in named:
                self._upload(digest, data)
        return [digest for digest, _ in named]

    def _upload(self, digest: str, data: bytes) -> None:
        try:
            self._write(f"{self._root}/{_place(digest)}", data)
        except Exception as error:  # noqa: BLE001 - every storage has errors of its own
            raise _refusal(f"Document {digest} cannot be stored", error) from None

    def get(self, digest: str) -> bytes:
        """Return the document with this digest.

        Raises:
            InputError: if that is no digest.
            NotFound: if there is no such document.
            DocumentDamaged: if what is stored there is another.
            StoreUnavailable: if the storage cannot be reached.

        """
        path = f"{self._root}/{_place(digest)}"
        try:
            is_sane = (self._info(path)["size"] or 0) <= DOCUMENT_BYTES_MAX
            data: bytes = self._files.cat_file(path) if is_sane else b""
        except FileNotFoundError:
            raise NotFound(
                f"There is no document {digest}.",
                remedy="Ask whoever logged the digest for the document.",
            ) from None
        except Exception as error:  # noqa: BLE001 - every storage has errors of its own
            raise _refusal(f"Document {digest} cannot be read", error) from None
        if not is_sane or f"sha256:{sha256(data).hexdigest()}" != digest:
            raise DocumentDamaged(
                f"What is stored as document {digest} is not that document.",
                remedy="Put the document again from another copy.",
            )
        return data

    def has(self, digest: str) -> bool:
        """Tell whether there is a document with this digest, without reading it.

        Raises:
            InputError: if that is no digest.
            StoreUnavailable: if the storage cannot be reached.

        """
        path = f"{self._root}/{_place(digest)}"
        try:
            return bool(self._info(path)["type"] == "file")
        except FileNotFoundError:
            return False
        except Exception as error:  # noqa: BLE001 - every storage has errors of its own
            raise _refusal(f"Document {digest} cannot be looked up", error) from None

    def _info(self, path: str) -> Any:  # noqa: ANN401 - fsspec has no types
        # Some file systems answer from a listing that is older than the document.
        self._files.invalidate_cache()
        return self._files.info(path)

    def _write(self, target: str, data: bytes) -> None:
        # An upload that is cut may leave its start: it goes under another name first.
        incoming = f"{self._root}/{_INCOMING}/{secrets.token_hex(16)}"
        for path in (target, incoming):
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        try:
            self._files.pipe_file(incoming, data)
            self._files.mv(incoming, target)
        except BaseException:
            with suppress(Exception):  # the first error is the one to tell
                self._files.rm_file(incoming)
            raise


def open_documents(url: str) -> DocumentStore:
    """Return the document store in a local folder or at a URL that fsspec knows.

    Nothing is made or read yet.

    Raises:
        InputError: if the URL is none that fsspec knows, or holds wildcards or a
            password.
        ComponentMissing: if fsspec needs a package for it that is not installed.
        StoreUnavailable: if the storage cannot be reached.

    """
    verify_documents_url(url)
    if "://" not in url:
        return DocumentStore(LocalFileSystem(), os.path.abspath(url))  # noqa: PTH100 - as the URLs, it stays a text
    scheme = url.partition("://")[0]
    try:
        files, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise ComponentMissing(
            f"Documents at {scheme}:// need a package that is not here: {error}.",
            remedy="Install it, or keep the documents in a local folder.",
        ) from None
    except ValueError:
        raise InputError(
            f"Documents cannot be kept at {scheme}://: fsspec cannot read that URL.",
            remedy="Use a folder, or a URL such as s3://bucket/folder.",
        ) from None
    except Exception as error:  # noqa: BLE001 - every storage has errors of its own
        raise _refusal(f"The store at {scheme}:// cannot be opened", error) from None
    return DocumentStore(files, root)


def verify_documents_url(url: str) -> None:
    """Refuse a URL that no document store may have.

    Raises:
        InputError: if it holds wildcards, or a password: it is kept in a file, and
            appears in lists of processes.

    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return
    if _PASSWORD.search(rest):
        raise InputError(
            f"The {scheme} URL of the document store holds a password.",
            remedy="Leave it out, and give it in fsspec's configuration"
            " (~/.config/fsspec) or its environment variables (FSSPEC_S3_SECRET).",
        )
    if _WILD.search(url):
        raise InputError(
            f"The {scheme} URL of the document store holds one of * ? [ ].",
            remedy="Use a folder without them; give options by environment variables.",
        )


def _refusal(what: str, error: Exception) -> StoreUnavailable:
    """Return our error for one of a storage, without its text.

    That text may repeat the URL, and the URL may hold a credential.
    """
    number = getattr(error, "errno", None)
    reason = f": {os.strerror(number)}" if isinstance(number, int) else ""
    return StoreUnavailable(
        f"{what} ({type(error).__name__}{reason}).",
        remedy="See that the storage can be reached and written to, then try again.",
    )


def _place(digest: str) -> str:
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise InputError(
            f"{digest[:80]!r} is no digest of a document.",
            remedy="Write sha256: and 64 hexadecimal digits in lower case.",
        )
    name = match[1]
    return f"sha256/{name[:2]}/{name}"


def _whole(document: bytes | BinaryIO) -> bytes:
    data = document if isinstance(document, bytes) else _read(document)
    if len(data) > DOCUMENT_BYTES_MAX:
        raise DocumentTooLarge(
            f"The document has more than {DOCUMENT_BYTES_MAX:,} bytes.",
            remedy="Split it, or store it elsewhere and log a list of its digests.",
        )
    return data


def _read(stream: BinaryIO) -> bytes:
    """Return what a stream holds, or one byte more than the limit at least."""
    parts, size = [], 0
    while size <= DOCUMENT_BYTES_MAX and (part := stream.read(_CHUNK_BYTES)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)

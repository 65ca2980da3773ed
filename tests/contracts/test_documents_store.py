"""The same promises by a local folder, a file:// URL and a store that is no folder."""

import io
import os
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import given
from hypothesis import strategies as st

from assent.adapters.documents import (
    DOCUMENT_BYTES_MAX,
    DocumentStore,
    open_documents,
)
from assent.translog.errors import DocumentDamaged, StoreUnavailable
from assent.vocabulary import (
    ComponentMissing,
    DocumentTooLarge,
    InputError,
    NotFound,
)

PAPER = b"%PDF-1.7 a permit"
DIGEST = f"sha256:{sha256(PAPER).hexdigest()}"
PLACE = f"sha256/{DIGEST[7:9]}/{DIGEST[7:]}"


@pytest.fixture(params=["folder", "file", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    place = tmp_path / "documents"
    if request.param != "memory":
        yield f"file://{place}" if request.param == "file" else str(place)
        return
    yield f"memory:/{place}"
    fsspec.filesystem("memory").rm(str(place), recursive=True)


@pytest.fixture
def store(url: str) -> DocumentStore:
    found = open_documents(url)
    found.put(b"another document")
    return found


def _raw(store: DocumentStore) -> tuple[Any, str]:
    """Return the file system and root of a store, to look and meddle behind it."""
    return store._files, store._root  # noqa: SLF001 - what tests do, readers must not


@pytest.mark.parametrize("document", [b"", b"\x00", PAPER, os.urandom(3_000_000)])
def test_what_was_put_is_got(store: DocumentStore, document: bytes) -> None:
    digest = store.put(document)
    assert digest == f"sha256:{sha256(document).hexdigest()}"
    assert store.has(digest)
    assert store.get(digest) == document


def test_another_process_gets_it_too(store: DocumentStore, url: str) -> None:
    digest = store.put(PAPER)
    assert open_documents(url).get(digest) == PAPER


def test_a_stream_is_read_to_its_end(store: DocumentStore) -> None:
    class Slow(io.RawIOBase):
        def __init__(self) -> None:
            self.left = list(PAPER)

        def readable(self) -> bool:
            return True

        def read(self, _size: int = -1) -> bytes:
            return bytes([self.left.pop(0)]) if self.left else b""

    assert store.put(io.BytesIO(PAPER)) == DIGEST
    assert store.put(Slow()) == DIGEST  # type: ignore[arg-type]
    assert store.get(DIGEST) == PAPER


def test_what_was_not_put_is_not_found(store: DocumentStore) -> None:
    assert not store.has(DIGEST)
    with pytest.raises(NotFound, match=DIGEST):
        store.get(DIGEST)


def test_a_store_that_nobody_wrote_to_is_empty(tmp_path: Path) -> None:
    for url in (str(tmp_path / "none"), f"memory://{tmp_path}/none"):
        store = open_documents(url)
        assert not store.has(DIGEST)
        with pytest.raises(NotFound):
            store.get(DIGEST)


def test_putting_twice_is_putting_once(store: DocumentStore) -> None:
    store.put(PAPER)
    files, root = _raw(store)
    before = sorted(files.find(root))
    assert store.put(PAPER) == DIGEST
    assert sorted(files.find(root)) == before
    assert len(before) == 2


def test_a_document_is_below_the_start_of_its_digest(store: DocumentStore) -> None:
    store.put(PAPER)
    files, root = _raw(store)
    assert files.cat_file(f"{root}/{PLACE}") == PAPER


@pytest.mark.parametrize("damage", [b"", PAPER[:-1], PAPER + b"\n", PAPER.swapcase()])
def test_a_damaged_document_is_refused_and_put_right(
    store: DocumentStore, damage: bytes
) -> None:
    store.put(PAPER)
    files, root = _raw(store)
    files.pipe_file(f"{root}/{PLACE}", damage)
    with pytest.raises(DocumentDamaged, match=DIGEST):
        store.get(DIGEST)
    assert store.put(PAPER) == DIGEST
    assert store.get(DIGEST) == PAPER


def test_a_document_under_the_digest_of_another_is_refused(
    store: DocumentStore,
) -> None:
    other = store.put(b"another document")
    store.put(PAPER)
    files, root = _raw(store)
    files.cp_file(f"{root}/sha256/{other[7:9]}/{other[7:]}", f"{root}/{PLACE}")
    with pytest.raises(DocumentDamaged):
        store.get(DIGEST)


def test_something_enormous_in_the_place_of_a_document_is_not_read(
    tmp_path: Path,
) -> None:
    store = open_documents(str(tmp_path))
    store.put(PAPER)
    with (tmp_path / PLACE).open("r+b") as file:
        file.truncate(2**40)  # a hole: it takes no space
    with pytest.raises(DocumentDamaged):
        store.get(DIGEST)


@pytest.mark.parametrize("url", ["memory://large-documents"])
def test_takes_a_document_of_the_limit_and_none_beyond(store: DocumentStore) -> None:
    largest = bytes(DOCUMENT_BYTES_MAX)
    assert store.get(store.put(largest)) == largest
    files, root = _raw(store)
    before = sorted(files.find(root))
    with pytest.raises(DocumentTooLarge):
        store.put(largest + b"x")
    with open("/dev/zero", "rb") as endless, pytest.raises(DocumentTooLarge):  # noqa: PTH123
        store.put(endless)
    assert sorted(files.find(root)) == before
    files.rm(root, recursive=True)


@pytest.mark.parametrize(
    "digest",
    [
        "",
        DIGEST[7:],
        DIGEST[:-1],
        DIGEST + "0",
        DIGEST.upper(),
        DIGEST + "\n",
        f"sha512:{DIGEST[7:]}",
        "sha256:../../../../etc/passwd",
        f"sha256:{'../' * 21}a",
        f"sha256:{'*' * 64}",
        "sha256:" + "\N{FULLWIDTH DIGIT ONE}" * 64,
        "sha256:" + "\x00" * 64,
        "file:///etc/passwd",
        "/etc/passwd",
    ],
)
def test_what_is_no_digest_leads_nowhere(store: DocumentStore, digest: str) -> None:
    with pytest.raises(InputError, match="no digest"):
        store.get(digest)
    with pytest.raises(InputError, match="no digest"):
        store.has(digest)


@given(st.text(max_size=80))
def test_no_text_leads_out_of_the_store(text: str) -> None:
    store = open_documents("memory://nowhere")
    for digest in (text, f"sha256:{text}"):
        with pytest.raises((InputError, NotFound)):
            store.get(digest)


def test_nobody_sees_half_a_document(store: DocumentStore) -> None:
    documents = [bytes([number]) * 400_000 for number in range(4)]
    digests = {f"sha256:{sha256(d).hexdigest()}" for d in documents}
    done = threading.Event()

    def read() -> int:
        found = 0
        while not done.is_set() or not found:
            for digest in digests:
                try:
                    store.get(digest)
                except NotFound:
                    continue
                found += 1
        return found

    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        writers = [pool.submit(store.put, d) for _ in range(4) for d in documents]
        assert {writer.result() for writer in writers} == digests
        done.set()
        assert all(reader.result() for reader in readers)


def test_nothing_is_left_of_a_write_that_failed(tmp_path: Path) -> None:
    store = open_documents(str(tmp_path))
    (tmp_path / PLACE).mkdir(parents=True)  # a folder where the document belongs
    (tmp_path / PLACE / "in the way").touch()
    with pytest.raises(StoreUnavailable, match=PLACE):
        store.put(PAPER)
    assert [path.name for path in (tmp_path / PLACE).parent.iterdir()] == [DIGEST[7:]]
    assert not store.has(DIGEST)


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_file_where_the_folder_should_be_makes_the_store_unavailable(
    tmp_path: Path, scheme: str
) -> None:
    (tmp_path / "documents").write_text("in the way")
    store = open_documents(f"{scheme}{tmp_path}/documents")
    for use in (lambda: store.put(PAPER), lambda: store.get(DIGEST)):
        with pytest.raises(StoreUnavailable):
            use()
    with pytest.raises(StoreUnavailable):
        store.has(DIGEST)


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    store = open_documents(str(tmp_path / "a*b?[c] ~::é"))
    assert store.get(store.put(PAPER)) == PAPER
    assert (tmp_path / "a*b?[c] ~::é" / PLACE).is_file()


# A storage of the test's own, with errors that nobody outside fsspec knows.


class ForeignError(Exception):
    """What a storage's own package raises."""


class Unreachable(MemoryFileSystem):  # type: ignore[misc]
    """A storage whose network is down."""

    def info(self, path: str, **_: object) -> NoReturn:
        """Fail, and repeat a credential."""
        raise ForeignError(f"https://user:secret@bucket/{path}")

    def pipe_file(self, path: str, *_: object, **__: object) -> None:
        """Fail, and repeat a credential."""
        self.info(path)


class Absent(Unreachable):
    """A storage without the bucket."""

    def pipe_file(self, path: str, *_: object, **__: object) -> None:
        """Fail as if a document were not found."""
        raise FileNotFoundError(path)


class Halting(MemoryFileSystem):  # type: ignore[misc]
    """A storage that takes uploads and fails before they have their names."""

    store: dict[str, object] = {}  # noqa: RUF012 - as fsspec has it

    def mv(self, *_: object, **__: object) -> NoReturn:
        """Fail."""
        raise ForeignError


class Closed(MemoryFileSystem):  # type: ignore[misc]
    """A storage that does not let anybody in."""

    def __init__(self) -> None:
        """Fail."""
        raise ForeignError("user:secret")


@pytest.mark.parametrize("kind", [Unreachable, Absent])
def test_an_unreachable_store_is_no_empty_store(kind: type[Unreachable]) -> None:
    store = DocumentStore(kind(), "bucket")
    with pytest.raises(StoreUnavailable) as caught:
        store.put(PAPER)
    assert "secret" not in str(caught.value)
    for use in (store.get, store.has):
        with pytest.raises(StoreUnavailable) as caught:
            use(DIGEST)
        assert "ForeignError" in str(caught.value)
        assert "secret" not in str(caught.value)


def test_an_upload_that_fails_late_leaves_nothing() -> None:
    files = Halting()
    with pytest.raises(StoreUnavailable):
        DocumentStore(files, "bucket").put(PAPER)
    assert not files.store


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("nothing-known://bucket", InputError),
        ("s3://bucket/documents", ComponentMissing),
        ("memory://documents*", InputError),
        ("memory://[documents]", InputError),
        ("closed://bucket", StoreUnavailable),
        ("s3://user:secret@bucket/documents", InputError),
        ("memory://:secret@documents", InputError),
        ("simplecache::ftp://user:se/cret@secret.example/documents", InputError),
    ],
)
def test_an_url_that_cannot_be_used_is_refused_without_repeating_it(
    url: str, error: type[Exception]
) -> None:
    if url.startswith("s3:") and find_spec("s3fs"):
        pytest.skip("the package for it is installed here")
    fsspec.register_implementation("closed", Closed, clobber=True)
    with pytest.raises(error) as caught:
        open_documents(url)
    assert "secret" not in str(caught.value)


def test_a_password_is_shown_another_place() -> None:
    with pytest.raises(InputError, match="password") as caught:
        open_documents("memory://user:secret@bucket")
    assert "fsspec's configuration" in caught.value.remedy


def test_only_their_owner_can_read_documents_in_a_folder(tmp_path: Path) -> None:
    open_documents(str(tmp_path / "documents")).put(PAPER)
    made = [tmp_path / "documents", *(tmp_path / "documents").rglob("*")]
    modes = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in made}
    assert modes == {True: 0o700, False: 0o600}


def test_the_representation_of_a_store_holds_no_credential() -> None:
    assert "secret" not in repr(DocumentStore(Halting(), "user:secret@bucket"))

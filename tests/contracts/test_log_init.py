"""Making a log, however often that fails, and opening one without all of its parts."""

from pathlib import Path

import pytest

from assent.adapters.translog.folder import open_log_folder
from assent.adapters.translog.store import open_log_store
from assent.testing.small_log import witness_key
from assent.translog.errors import PolicyMalformed, StoreUnavailable
from assent.vocabulary import AssentError, InputError, NotFound
from assent.wiring.log import DATABASE_VARIABLE, create_log, open_log

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

ORIGIN = "agency.example/log"
NOBODY = b"quorum none\n"
UNREACHABLE = "postgresql://u:p@127.0.0.1:1/db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where a log is to be."""
    return tmp_path / "log"


def make(folder: Path, *, trust: bytes = NOBODY, documents: str = "documents") -> None:
    create_log(folder, ORIGIN, trust, documents, environment={})


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("log.db")
    }


def fail_to_make(folder: Path) -> None:
    """Make a log whose database cannot be reached."""
    elsewhere = {DATABASE_VARIABLE: UNREACHABLE}
    with pytest.raises(StoreUnavailable):
        create_log(folder, ORIGIN, NOBODY, "documents", environment=elsewhere)


def test_a_log_whose_database_failed_is_made_by_trying_again(folder: Path) -> None:
    fail_to_make(folder)
    with pytest.raises(NotFound):
        open_log_folder(folder)
    keys = (folder / "keys").read_bytes()
    make(folder)
    assert (folder / "keys").read_bytes() == keys
    with open_log(folder, environment={}) as log:
        assert log.publisher.publish(1_700_000_000).head.size == 0


def test_a_log_whose_database_is_there_already_is_made(folder: Path) -> None:
    make(folder)
    before = contents(folder)
    (folder / "log.yaml").unlink()
    make(folder)
    assert contents(folder) == before


def test_a_second_attempt_takes_the_policy_that_it_is_given(folder: Path) -> None:
    fail_to_make(folder)
    make(folder, trust=b"# as agreed\nquorum none\n")
    assert b"# as agreed" in (folder / "policy").read_bytes()


def test_a_log_is_not_made_twice(folder: Path) -> None:
    make(folder)
    before = contents(folder)
    with pytest.raises(InputError, match="holds a log already"):
        make(folder)
    assert contents(folder) == before


def test_keys_of_another_log_are_not_taken(folder: Path) -> None:
    fail_to_make(folder)
    before = contents(folder)
    with pytest.raises(InputError, match="other keys"):
        create_log(folder, "other.example/log", NOBODY, "documents", environment={})
    assert contents(folder) == before


def test_the_database_of_another_log_makes_none(folder: Path) -> None:
    folder.mkdir()
    open_log_store(folder / "log.db", "other.example/log", create=True).close()
    with pytest.raises(AssentError):
        make(folder)
    assert not (folder / "log.yaml").exists()


@pytest.mark.parametrize(
    ("trust", "documents", "error"),
    [
        (b"nonsense\n", "documents", PolicyMalformed),
        (NOBODY, "s3://user:secret@bucket", InputError),
    ],
)
def test_nothing_is_made_of_what_is_wrong_from_the_start(
    folder: Path, trust: bytes, documents: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        make(folder, trust=trust, documents=documents)
    assert not folder.exists()


def test_only_its_owner_can_read_keys_and_documents(folder: Path) -> None:
    make(folder)
    modes = {path.name: oct(path.stat().st_mode)[-3:] for path in folder.iterdir()}
    assert (modes["keys"], modes["documents"]) == ("600", "700")


# Each part is looked at when it is needed.


def test_a_log_is_read_whatever_became_of_its_documents_witnesses_and_keys(
    folder: Path,
) -> None:
    make(folder, documents="nothing-known://bucket")
    with open_log(folder, environment={}) as log:
        log.sequencer.append([b"an entry"])
        log.publisher.publish(1_700_000_000)
    (folder / "keys").unlink()
    with open_log(folder, environment={}) as log:
        assert log.prover.proof(0).encoded
        with pytest.raises(InputError, match="nothing-known"):
            _ = log.documents
        with pytest.raises(NotFound, match="no keys"):
            _ = log.publisher


def test_a_witness_that_cannot_be_asked_stops_no_reader(folder: Path) -> None:
    key = witness_key("w.example/witness").verifier.text
    make(folder, trust=f"witness w {key} ftp://w.example/\nquorum none\n".encode())
    with open_log(folder, environment={}) as log:
        assert log.prover.root(0)
        with log.store.reading() as transaction:
            assert transaction.published_head() is None

"""One's own log, put together: its folder, database, witnesses and the clock.

folder -> OpenLog, ready to append, publish and prove
"""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assent.adapters.documents import DocumentStore, open_documents
from assent.adapters.translog.files import FolderFiles
from assent.adapters.translog.folder import (
    LogFolder,
    create_log_folder,
    open_log_folder,
)
from assent.adapters.translog.store import open_log_store
from assent.adapters.translog.witness_client import HttpWitnesses
from assent.translog.formats.keys import SEED_BYTES, KeyKind, make_signing_key
from assent.translog.keeping.prove import Prover
from assent.translog.keeping.publish import Publisher
from assent.translog.keeping.sequence import Sequencer
from assent.translog.ports import LogStore

DATABASE_VARIABLE = "DATABASE_URL"
LOG_KEY_KINDS = (KeyKind.ED25519, KeyKind.ML_DSA_44_COSIGNATURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLog:
    """One's own log, ready for use."""

    place: LogFolder
    store: LogStore
    files: FolderFiles
    documents: DocumentStore
    sequencer: Sequencer
    prover: Prover
    publisher: Publisher


def now_s() -> int:
    """Return the time in POSIX seconds."""
    return int(time.time())


def create_log(folder: Path, origin: str, trust: bytes, documents: str) -> LogFolder:
    """Make a log: its keys, its folder, and its database.

    Args:
        folder: a folder that holds no log.
        origin: what the log is called, a URL without its scheme.
        trust: lines of a policy on witnesses, groups and the quorum.
        documents: where documents are kept, a folder in this one or an fsspec URL.

    Raises:
        AssentError: of one kind or another, if it cannot be made.

    """
    keys = [
        make_signing_key(origin, kind, secrets.token_bytes(SEED_BYTES))
        for kind in LOG_KEY_KINDS
    ]
    place = create_log_folder(folder, keys, trust, documents)
    open_log_store(_database(place), origin, create=True).close()
    return place


@contextmanager
def open_log(folder: Path) -> Iterator[OpenLog]:
    """Yield the log in a folder, and let go of its database afterwards.

    The database is `log.db` in the folder, unless DATABASE_URL names another.

    Raises:
        NotFound: if there is no log, or no database.
        AssentError: of another kind, if a part of it cannot be used.

    """
    place = open_log_folder(folder)
    store = open_log_store(_database(place), place.origin)
    try:
        files = FolderFiles(place.public)
        yield OpenLog(
            place=place,
            store=store,
            files=files,
            documents=open_documents(place.documents),
            sequencer=Sequencer(store),
            prover=Prover(store),
            publisher=Publisher(
                origin=place.origin,
                keys=place.keys(),
                policy=place.policy,
                store=store,
                files=files,
                witnesses=HttpWitnesses(place.policy, now=now_s),
            ),
        )
    finally:
        store.close()


def _database(place: LogFolder) -> str:
    return os.environ.get(DATABASE_VARIABLE) or str(place.database)

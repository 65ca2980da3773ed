"""One's own log, put together: its folder, database, witnesses and the clock.

folder -> OpenLog, ready to append, publish and prove
"""

import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from assent.adapters.documents import (
    DocumentStore,
    open_documents,
    verify_documents_url,
)
from assent.adapters.translog.files import FolderFiles
from assent.adapters.translog.folder import (
    LogFolder,
    finish_log_folder,
    open_log_folder,
    prepare_log_folder,
)
from assent.adapters.translog.store import back_up_log_store, open_log_store
from assent.adapters.translog.witness_client import HttpWitnesses
from assent.translog.formats.keys import SEED_BYTES, KeyKind, make_signing_key
from assent.translog.keeping.prove import Prover
from assent.translog.keeping.publish import Publisher
from assent.translog.keeping.sequence import Sequencer
from assent.translog.ports import LogStore

DATABASE_VARIABLE = "DATABASE_URL"
LOG_KEY_KINDS = (KeyKind.ED25519, KeyKind.ML_DSA_44_COSIGNATURE)


@dataclass(frozen=True, kw_only=True)
class OpenLog:
    """One's own log, ready for use.

    Whoever only reads it needs neither its keys nor its documents and witnesses, so
    these are looked at when they are asked for.
    """

    place: LogFolder
    store: LogStore
    files: FolderFiles
    sequencer: Sequencer
    prover: Prover

    @cached_property
    def documents(self) -> DocumentStore:
        """Return where documents are.

        Raises:
            AssentError: of one kind or another, if they cannot be got at.

        """
        return open_documents(self.place.documents)

    @cached_property
    def publisher(self) -> Publisher:
        """Return who signs and publishes.

        Raises:
            AssentError: of one kind or another, if the keys cannot be read or a
                witness cannot be asked.

        """
        return Publisher(
            origin=self.place.origin,
            keys=self.place.keys(),
            policy=self.place.policy,
            store=self.store,
            files=self.files,
            witnesses=HttpWitnesses(self.place.policy, now=now_s),
        )


def now_s() -> int:
    """Return the time in POSIX seconds."""
    return int(time.time())


def create_log(
    folder: Path,
    origin: str,
    trust: bytes,
    documents: str,
    *,
    environment: Mapping[str, str] = os.environ,
) -> LogFolder:
    """Make a log: its keys, its policy, its database, and last what says so.

    If that fails or is stopped on the way, make it again: the keys stay the same.

    Args:
        folder: a folder that holds no log.
        origin: what the log is called, a URL without its scheme.
        trust: lines of a policy on witnesses, groups and the quorum.
        documents: where documents are kept, a folder in this one or an fsspec URL.
        environment: where DATABASE_URL may name another database than `log.db`.

    Raises:
        AssentError: of one kind or another, if it cannot be made.

    """
    verify_documents_url(documents)
    keys = [
        make_signing_key(origin, kind, secrets.token_bytes(SEED_BYTES))
        for kind in LOG_KEY_KINDS
    ]
    place = prepare_log_folder(folder, keys, trust, documents)
    open_log_store(_database(place, environment), origin, create=True).close()
    finish_log_folder(place, documents)
    return place


@contextmanager
def open_log(
    folder: Path, *, environment: Mapping[str, str] = os.environ
) -> Iterator[OpenLog]:
    """Yield the log in a folder, and let go of its database afterwards.

    The database is `log.db` in the folder, unless DATABASE_URL names another.

    Raises:
        NotFound: if there is no log, or no database.
        AssentError: of another kind, if a part of it cannot be used.

    """
    place = open_log_folder(folder)
    store = open_log_store(_database(place, environment), place.origin)
    try:
        yield OpenLog(
            place=place,
            store=store,
            files=FolderFiles(place.public),
            sequencer=Sequencer(store),
            prover=Prover(store),
        )
    finally:
        store.close()


def back_up_log(folder: Path, target: Path) -> None:
    """Copy the database of the log in a folder; see `back_up_log_store`.

    Raises:
        InputError: if the target is there, or PostgreSQL keeps the log.
        AssentError: of another kind, if there is no log, or it cannot be copied.

    """
    place = open_log_folder(folder)
    back_up_log_store(_database(place, os.environ), place.origin, target)


def _database(place: LogFolder, environment: Mapping[str, str]) -> str | Path:
    return environment.get(DATABASE_VARIABLE) or place.database

"""The log that its benchmarks write: entries like real ones, and no witnesses.

numbers -> entries; folder -> database, publisher

It needs no more of `bench` than where the repository is, so that a process which is
measured holds nothing else.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from assent.adapters.translog.files import FolderFiles
from assent.adapters.translog.store import open_log_store
from assent.translog.formats.keys import KeyKind, make_signing_key
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.keeping.publish import Publisher
from assent.translog.ports import Collected, HeldHead, LogStore

ORIGIN = "agency.example/log"
SEED = sha256(b"the key of a log that is thrown away").digest()
KEY = make_signing_key(ORIGIN, KeyKind.ED25519, SEED)
POLICY = parse_policy(f"log {KEY.verifier.text}\nquorum none\n".encode())
BATCH = 4096  # what GroupCommit appends at most at once
TIME_S = 1_800_000_000


class NoWitnesses:
    """Implements `ports.Witnesses` where none is asked."""

    def held(self, origin: str) -> Sequence[HeldHead]:
        """Return nothing."""
        del origin
        return ()

    def collect(
        self,
        signed: SignedTreeHead,
        prove: Callable[[int], list[bytes]],
        is_enough: Callable[[Sequence[SignatureLine]], bool],
    ) -> Collected:
        """Return no line at all."""
        del signed, prove, is_enough
        return Collected(())


def entries(start: int, end: int) -> list[bytes]:
    """Return entries of 200 bytes, no two alike: what is said of a signed permit."""
    return [
        json.dumps(
            {
                "digest": f"sha256:{sha256(b'%d' % number).hexdigest()}",
                "issuer": "permits.agency.example",
                "kind": "permit",
                "run": f"developer-{number % 997:03}/run-{number:09}",
                "time": "2027-03-01T12:00:00Z",
            },
            separators=(",", ":"),
        ).encode()
        for number in range(start, end)
    ]


def short_entries(start: int, end: int) -> list[bytes]:
    """Return entries of 100 bytes, no two alike: a digest and a run."""
    return [
        f'{{"digest":"sha256:{sha256(b"%d" % n).hexdigest()}","run":"{n:07}"}}'.encode()
        for n in range(start, end)
    ]


def entries_in_batches(start: int, end: int, size: int) -> list[list[bytes]]:
    """Return entries in batches."""
    return [entries(i, min(i + size, end)) for i in range(start, end, size)]


@contextmanager
def open_store(place: str | Path) -> Iterator[LogStore]:
    """Give a new database of the log."""
    store = open_log_store(str(place), ORIGIN, create=True)
    try:
        yield store
    finally:
        store.close()


def publisher(store: LogStore, public: Path) -> Publisher:
    """Return who publishes the log into a folder."""
    return Publisher(
        origin=ORIGIN,
        keys=(KEY,),
        policy=POLICY,
        store=store,
        files=FolderFiles(public),
        witnesses=NoWitnesses(),
    )

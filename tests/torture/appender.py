"""Append under load, publish in between, and say what is durable, until killed.

one line of JSON on stdin -> lines on stdout, each written at once:

    ready 4100               so many entries were there already
    acked 3 17 4211          entry 17 of thread 3 is durable, at index 4211
    asked 4300 9f2c…         witnesses are about to see this tree head
    published 4300
    refused StoreUnavailable
    broken SplitView …       never: the log did what no honest log does
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future  # noqa: TC003 - one import style
from dataclasses import dataclass
from pathlib import Path

from assent.adapters.translog.files import FolderFiles
from assent.adapters.translog.group_commit import GroupCommit
from assent.adapters.translog.store import open_log_store
from assent.adapters.translog.witness_client import HttpWitnesses
from assent.testing.small_log import ORIGIN
from assent.translog.errors import LogDamaged, LogMisbehaved
from assent.translog.formats.keys import KeyKind, SigningKey, make_signing_key
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.keeping.publish import Publisher
from assent.translog.keeping.sequence import Sequencer
from assent.translog.ports import Collected, HeldHead, LogStore
from assent.vocabulary import AssentError

KEYS: tuple[SigningKey, ...] = tuple(
    make_signing_key(ORIGIN, kind, bytes([7] * 32))
    for kind in (KeyKind.ED25519, KeyKind.ML_DSA_44_COSIGNATURE)
)
IN_FLIGHT = 24  # entries of one thread that wait for their flush together
_PAUSE_S = 0.02
_BREATH_S = 0.03  # between them, so that publishing comes to its end now and then


def entry_of(thread: int, number: int) -> bytes:
    """Return an entry that no other thread and number has, of some length."""
    return b"%d %d " % (thread, number) + b"." * (number * 7919 % 400)


@dataclass(frozen=True)
class Task:
    """What to do: where the log is, and where each thread goes on.

    `again` are entries that were acknowledged before: they must keep their index.
    """

    place: str
    public: str
    policy: str
    first: list[int]
    again: list[tuple[int, int]]


def say(*words: object) -> None:
    """Write a line at once; a killed process leaves it whole or not at all."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def main() -> None:
    """Do it until killed."""
    task = Task(**json.loads(sys.stdin.readline()))
    store = open_log_store(task.place, ORIGIN)
    group = GroupCommit(Sequencer(store).append)
    with store.reading() as transaction:
        say("ready", transaction.size())
    for thread, number in task.again:
        _wait(group, thread, number, group.submit(entry_of(thread, number)))
    for thread, first in enumerate(task.first):
        arguments = (group, thread, first)
        threading.Thread(target=_append, args=arguments, daemon=True).start()
    while True:
        _publish(task, store)
        time.sleep(_PAUSE_S)


def _append(group: GroupCommit, thread: int, first: int) -> None:
    while True:
        numbers = range(first, first + IN_FLIGHT)
        waiting = [group.submit(entry_of(thread, number)) for number in numbers]
        for number, future in zip(numbers, waiting, strict=True):
            _wait(group, thread, number, future)
        first += IN_FLIGHT
        time.sleep(_BREATH_S)


def _wait(group: GroupCommit, thread: int, number: int, future: "Future[int]") -> None:
    """Say when an entry is durable; append it again until it is."""
    while True:
        try:
            say("acked", thread, number, future.result())
        except LogDamaged as error:
            _give_up(error)
        except AssentError as error:
            say("refused", type(error).__name__)
            time.sleep(_PAUSE_S)
            future = group.submit(entry_of(thread, number))
        else:
            return


class _ToldWitnesses:
    """Witnesses over HTTP; what they are asked is said first."""

    def __init__(self, witnesses: HttpWitnesses) -> None:
        """Ask these."""
        self._witnesses = witnesses

    def held(self, origin: str) -> Sequence[HeldHead]:
        """Return what they hold."""
        return self._witnesses.held(origin)

    def collect(
        self,
        signed: SignedTreeHead,
        prove: Callable[[int], list[bytes]],
        is_enough: Callable[[Sequence[SignatureLine]], bool],
    ) -> Collected:
        """Ask for cosignatures."""
        say("asked", signed.head.size, signed.head.root.hex())
        return self._witnesses.collect(signed, prove, is_enough)


def _publish(task: Task, store: LogStore) -> None:
    policy = parse_policy(Path(task.policy).read_bytes())  # witnesses move
    witnesses = HttpWitnesses(policy, now=lambda: int(time.time()), wait_s=2)
    publisher = Publisher(
        origin=ORIGIN,
        keys=KEYS,
        policy=policy,
        store=store,
        files=FolderFiles(Path(task.public)),
        witnesses=_ToldWitnesses(witnesses),
    )
    try:
        say("published", publisher.publish(int(time.time())).head.size)
    except (LogMisbehaved, LogDamaged) as error:
        _give_up(error)
    except AssentError as error:
        say("refused", type(error).__name__)


def _give_up(error: AssentError) -> None:
    say("broken", type(error).__name__, error)
    os._exit(3)


if __name__ == "__main__":
    main()

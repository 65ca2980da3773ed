"""A meter's folder: what it signed, what it may be doing, and that it runs once.

folder + chain -> where the chain stands, and FLOP that nobody accounted for

    readings.jsonl   one signed batch a line, only ever added to
    reserved.json    {"carried":null,"chain":{…},"flop_reserved":"412316860416000","format":"assent-meter-reserve/1"}
    lock             held while the meter runs

The reserve is written before the work: up to this total the run may be, whatever
happens. A meter that is killed leaves a reserve above the total of its last reading, or
of the checkpoint that it carried on from, and the next one charges the difference. A batch is in the file before anybody
is told of it, so a line cut off by a crash was never sent and is dropped.
"""  # noqa: E501 - the literal is the format

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assent.adapters.files import make_folder, read_bytes, write_durably
from assent.supervision.metering import (
    Carried,
    ChainHead,
    ChainId,
    parse_readings,
)
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import (
    AssentError,
    CaseChanged,
    DocumentInvalid,
    InputError,
    canonical_bytes,
    parse_canonical,
)
from assent.vocabulary.envelope import (
    ENVELOPE_BYTES_MAX,
    Envelope,
    parse_envelope,
    verify_envelope,
)

READINGS, RESERVED, LOCK = "readings.jsonl", "reserved.json", "lock"
FORMAT = "assent-meter-reserve/1"
_RESERVED_BYTES_MAX = 4_000
_MODE = 0o600


class MeterRunsAlready(CaseChanged):
    """Another process meters into the same folder."""


class MeterFolderDamaged(DocumentInvalid):
    """A meter's folder was changed, or parts of it are gone."""


class MeterFolderOfAnotherJob(InputError):
    """A meter's folder holds the readings of another run, job or key."""


@dataclass(slots=True)
class MeterFolder:
    """An open folder; close it.

    Attributes:
        path: where it is.
        chain: whose readings it takes.
        head: where the chain stands on the disk; None before its first reading.
        flop_reserved: the total up to which the run may be, by what is on the disk.
        carried: the checkpoint that the reserve was made after, if there was one.

    """

    path: Path
    chain: ChainId
    head: ChainHead | None = None
    flop_reserved: int = 0
    carried: Carried | None = None
    _lock: int = -1
    _file: int = -1
    _size: int = 0

    @staticmethod
    def open(path: Path, chain: ChainId) -> "MeterFolder":
        """Open a folder, or make it.

        Raises:
            MeterRunsAlready: if another process has it open.
            MeterFolderOfAnotherJob: if it is of another chain.
            MeterFolderDamaged: if what a meter wrote there cannot be read.
            StoreUnavailable: if the disk refuses.

        """
        make_folder(path, 0o700)
        folder = MeterFolder(path, chain)
        try:
            folder._take_lock()
            folder._open_readings()
            folder._read_reserve()
        except BaseException:
            folder.close()
            raise
        return folder

    def append(self, envelope: Envelope, head: ChainHead) -> None:
        """Add a signed batch; it is durable when this returns.

        Raises:
            StoreUnavailable: if the disk refuses; nothing was added.

        """
        line = envelope.encoded + b"\n"
        try:
            # Whatever a write that failed has left is overwritten.
            os.ftruncate(self._file, self._size)
            written = 0
            while written < len(line):
                written += os.pwrite(self._file, line[written:], self._size + written)
            os.fsync(self._file)
        except OSError as error:
            raise self._unwritable(READINGS, error) from None
        self._size += len(line)
        self.head = head

    def reserve(self, flop_total: int, carried: Carried | None) -> None:
        """Say durably that the run may be up to this total.

        Raises:
            StoreUnavailable: if the disk refuses; the reserve before holds.

        """
        write_durably(
            self.path / RESERVED,
            canonical_bytes(
                {
                    "format": FORMAT,
                    "chain": self.chain.plain,
                    "flop_reserved": str(flop_total),
                    "carried": None if carried is None else carried.plain,
                }
            ),
            _MODE,
        )
        self.flop_reserved, self.carried = flop_total, carried

    def batches_from(self, place: int) -> Iterator[tuple[Envelope, int]]:
        """Go through the batches from a place in the file on, each with its end.

        Raises:
            MeterFolderDamaged: if a line is none.

        """
        with (self.path / READINGS).open("rb") as file:
            file.seek(place)
            while file.tell() < self._size:
                envelope = self._parse(file.readline(ENVELOPE_BYTES_MAX + 1))
                yield envelope, file.tell()

    def close(self) -> None:
        """Let go of the folder."""
        for descriptor in (self._file, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._lock = -1

    def _take_lock(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            self._lock = os.open(self.path / LOCK, flags, _MODE)
            # A record lock: a data loader's processes do not inherit it.
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MeterRunsAlready(
                f"Another process meters into {self.path}.",
                remedy="End it first; two meters of one key fork its chain.",
            ) from None
        except OSError as error:
            raise self._unwritable(LOCK, error) from None

    def _open_readings(self) -> None:
        path = self.path / READINGS
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._file = os.open(path, flags, _MODE)
            end = os.fstat(self._file).st_size
            start = max(0, end - 2 * ENVELOPE_BYTES_MAX)
            tail = os.pread(self._file, end - start, start)
            whole = tail[: tail.rfind(b"\n") + 1]
            self._size = start + len(whole)
            if self._size != end:
                os.ftruncate(self._file, self._size)
                os.fsync(self._file)
        except OSError as error:
            raise self._unwritable(READINGS, error) from None
        if self._size:
            self._read_head(whole[:-1].rpartition(b"\n")[2])

    def _read_head(self, line: bytes) -> None:
        envelope = self._parse(line)
        try:
            last, made = parse_readings(envelope.payload)[-1]
            is_signed = verify_envelope(
                envelope, envelope.payload_type, [last.chain.meter]
            )
        except AssentError as error:
            raise self._damaged(READINGS, error.message) from None
        if not is_signed:
            raise self._damaged(READINGS, "its last batch is not signed.")
        self._check_chain(last.chain)
        self.head = last.head_with(made)

    def _read_reserve(self) -> None:
        path = self.path / RESERVED
        if not path.exists():
            if self.head is not None:
                raise self._damaged(RESERVED, "It is gone.")
            return
        try:
            value: Any = parse_canonical(read_bytes(path, _RESERVED_BYTES_MAX))
            flop_reserved = int(value["flop_reserved"])
            chain, held = value["chain"], value["carried"]
            carried = None
            if held is not None:
                carried = Carried(
                    digest=held["digest"], flop_total=int(held["flop_total"])
                )
        except (AssentError, KeyError, TypeError, ValueError):
            raise self._damaged(RESERVED, "It is no reserve of a meter.") from None
        if chain != self.chain.plain:
            raise self._of_another()
        self.flop_reserved, self.carried = flop_reserved, carried

    def _check_chain(self, chain: ChainId) -> None:
        if chain != self.chain:
            raise self._of_another()

    def _parse(self, line: bytes) -> Envelope:
        try:
            return parse_envelope(line.removesuffix(b"\n"))
        except AssentError as error:
            raise self._damaged(READINGS, error.message) from None

    def _of_another(self) -> MeterFolderOfAnotherJob:
        return MeterFolderOfAnotherJob(
            f"{self.path} holds readings of another run, permit, job or key.",
            remedy="Give each job a folder of its own, and keep the old one.",
        )

    def _damaged(self, name: str, why: str) -> MeterFolderDamaged:
        return MeterFolderDamaged(
            f"{self.path / name} was damaged or changed: {why}",
            remedy="Keep the folder for the inspectors, and begin a new job with a"
            " folder of its own.",
        )

    def _unwritable(self, name: str, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(
            f"{self.path / name} cannot be written: {error.strerror}.",
            remedy="Make space, or see to the disk and its permissions.",
        )

"""An agency whose cases, log, documents and witnesses are files, and tell each step.

AgencyPlace -> KeptOffice; every call of a port says what it is about to do, or did

A step is a name: `announce` tells its own, the ports tell the rest. Whoever listens may
stop there for good.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from tests.own_log import KEY, WITNESS_KEYS

from assent.adapters.agency import LogRecords
from assent.adapters.docket import open_docket
from assent.adapters.documents import open_documents
from assent.adapters.translog.files import FolderFiles
from assent.adapters.translog.store import open_log_store
from assent.adapters.translog.witness_store import WitnessStore
from assent.authorisation.docket import Docket, DocketTransaction
from assent.authorisation.secretariat import Office
from assent.testing.memory_records import MemoryRecords
from assent.testing.office import MORNING, SimulatedOffice
from assent.testing.small_log import ORIGIN
from assent.testing.witnesses import MemoryWitness, MemoryWitnesses
from assent.translog.formats.note import SignatureLine
from assent.translog.formats.policy import Policy, parse_policy
from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.formats.tiles import TREE_HEAD_PATH
from assent.translog.formats.witness_exchange import CosignRequest
from assent.translog.keeping.publish import Publisher
from assent.translog.ports import Collected, HeldHead
from assent.translog.witness import Refusal, cosign_next

Step = Callable[[str], None]
POLICY: Policy = parse_policy(MemoryRecords.policy_text().encode())
OF_ANNOUNCE = ("read", "append", "publish", "prove", "record", "done")
OF_PORTS = (
    "put",
    "stored",
    "appended",
    "write tile",
    "tile written",
    "ask witnesses",
    "witness cosigned",
    "witnesses answered",
    "write tree head",
    "tree head written",
    "published",
    "proved",
    "commit",
    "committed",
)
STEPS = (*OF_ANNOUNCE, *OF_PORTS)


@dataclass(frozen=True, kw_only=True)
class AgencyPlace:
    """Where an agency is: its folder, and the databases of its cases and its log."""

    folder: str
    cases: str
    entries: str

    @property
    def public(self) -> Path:
        """The log's public files."""
        return Path(self.folder) / "public"

    @property
    def documents(self) -> Path:
        """The documents that the log names."""
        return Path(self.folder) / "documents"

    @property
    def witnesses(self) -> list[Path]:
        """What each witness remembers."""
        return [Path(self.folder) / f"w{n}.db" for n in range(len(WITNESS_KEYS))]

    @property
    def plain(self) -> dict[str, str]:
        """The place as plain values."""
        return asdict(self)

    def make(self) -> "AgencyPlace":
        """Make everything, empty; the witnesses follow the log."""
        Path(self.folder).mkdir(parents=True, exist_ok=True)
        open_docket(self.cases, create=True).close()
        open_log_store(self.entries, ORIGIN, create=True).close()
        for path, key in zip(self.witnesses, WITNESS_KEYS, strict=True):
            store = WitnessStore.make(path, [key.verifier])
            store.trust([(ORIGIN, KEY.verifier)])
            store.close()
        return self


@dataclass
class KeptOffice(SimulatedOffice):
    """A made-up agency over real stores; `step` is told what happens."""

    kept: LogRecords | None = None
    witnesses: list[MemoryWitness] = field(default_factory=list)
    step: Step = lambda _: None

    @property
    def office(self) -> Office:
        """The office over what is kept."""
        assert self.kept is not None
        return replace(super().office, records=self.kept)


@contextmanager
def kept_office(
    place: AgencyPlace, now: datetime, step: Step = lambda _: None
) -> Iterator[KeptOffice]:
    """Yield the agency at a place; its root is the same at any time."""
    docket = open_docket(place.cases)
    store = open_log_store(place.entries, ORIGIN)
    memories = [WitnessStore(path) for path in place.witnesses]
    agency = KeptOffice(docket=_Docket(docket, step), step=step)
    witnesses = [
        _Witness((key,), (KEY.verifier,), memory=memory, step=step)
        for key, memory in zip(WITNESS_KEYS, memories, strict=True)
    ]

    agency.witnesses += witnesses

    def publisher() -> Publisher:
        return Publisher(
            origin=ORIGIN,
            keys=(KEY,),
            policy=POLICY,
            store=store,
            files=_Files(place.public, step),
            witnesses=_Witnesses(
                witnesses, lambda: int(agency.now.timestamp()), step=step
            ),
        )

    documents = open_documents(str(place.documents))
    agency.kept = _Records(documents, store, publisher)
    agency.kept.step = step
    agency.wait(seconds=(now - MORNING).total_seconds())
    try:
        yield agency
    finally:
        for memory in memories:
            memory.close()
        store.close()
        docket.close()


class _Docket:
    """Cases that tell before and after each commit."""

    def __init__(self, docket: Docket, step: Step) -> None:
        self._docket, self._step = docket, step
        self.reading = docket.reading
        self.close = docket.close

    @contextmanager
    def writing(self) -> Iterator[DocketTransaction]:
        with self._docket.writing() as transaction:
            yield transaction
            self._step("commit")
        self._step("committed")


class _Records(LogRecords):
    """Records that tell before and after each of their calls."""

    step: Step = staticmethod(lambda _: None)

    def put(self, document: bytes) -> str:
        self.step("put")
        digest = super().put(document)
        self.step("stored")
        return digest

    def put_all(self, documents: Sequence[bytes]) -> list[str]:
        self.step("put")
        digests = super().put_all(documents)
        self.step("stored")
        return digests

    def append(self, entries: Sequence[bytes]) -> list[int]:
        indices = super().append(entries)
        self.step("appended")
        return indices

    def publish(self, time_s: int) -> None:
        super().publish(time_s)
        self.step("published")

    def prove(self, index: int) -> bytes:
        proof = super().prove(index)
        self.step("proved")
        return proof


class _Files(FolderFiles):
    """Public files that tell before and after each is written."""

    def __init__(self, folder: Path, step: Step) -> None:
        super().__init__(folder)
        self._step = step

    def write(self, path: str, data: bytes) -> None:
        what = "tree head" if path == TREE_HEAD_PATH else "tile"
        self._step(f"write {what}")
        super().write(path, data)
        self._step(f"{what} written")


@dataclass
class _Witness(MemoryWitness):
    """A witness that remembers in a file."""

    memory: WitnessStore | None = None
    step: Step = lambda _: None

    def look(self) -> None:
        """See what was cosigned last, by this process or another."""
        assert self.memory is not None
        head = self.memory.held(ORIGIN)
        self.held = {} if head is None else {ORIGIN: head}

    def answer(
        self, request: CosignRequest, time_s: int
    ) -> tuple[SignatureLine, ...] | Refusal:
        assert self.memory is not None
        lines = cosign_next(request, self.memory, self.keys, time_s)
        self.step("witness cosigned")
        return lines


class _Witnesses(MemoryWitnesses):
    """Witnesses that tell before and after they are asked."""

    def __init__(
        self, witnesses: Sequence[_Witness], now: Callable[[], int], *, step: Step
    ) -> None:
        super().__init__(witnesses, now)
        self._mine, self._step = witnesses, step

    def held(self, origin: str) -> list[HeldHead]:
        for witness in self._mine:
            witness.look()
        return super().held(origin)

    def collect(
        self,
        signed: SignedTreeHead,
        prove: Callable[[int], list[bytes]],
        is_enough: Callable[[Sequence[SignatureLine]], bool],
    ) -> Collected:
        self._step("ask witnesses")
        for witness in self._mine:
            witness.look()
        collected = super().collect(signed, prove, is_enough)
        self._step("witnesses answered")
        return collected

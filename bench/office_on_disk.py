"""An agency at work on real stores: its cases, log and documents lie on the disk.

place of the databases + folder -> an office that plays all parts, as in the tests

Members' and witnesses' keys are in the process. What is made of them is real: votes are
signed, and two witnesses cosign every tree head, as the treaty asks.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assent.adapters.docket import open_docket
from assent.adapters.documents import open_documents
from assent.adapters.translog.files import FolderFiles
from assent.adapters.translog.store import open_log_store
from assent.authorisation.application import application_of, start_review
from assent.authorisation.docket import Event, RecordedEvent
from assent.authorisation.review import (
    Judgement,
    answer_of,
    assess_practice,
    judge_safety_case,
    review_file_of,
    safety_case_of,
)
from assent.authorisation.secretariat import Office, file_application
from assent.testing.applications import application_form
from assent.testing.law import practice_policy, questionnaire
from assent.testing.memory_records import MemoryRecords
from assent.testing.office import OFFICER, SimulatedOffice
from assent.testing.small_log import ORIGIN, log_key
from assent.testing.witnesses import MemoryWitnesses
from assent.translog.formats.policy import parse_policy
from assent.translog.keeping.publish import Publisher
from assent.translog.ports import LogStore


class RecordsOnDisk(MemoryRecords):
    """Documents in a folder, and a log whose public files are in another."""

    def __init__(self, store: LogStore, folder: Path) -> None:
        """Begin with what the store holds."""
        super().__init__(store)
        self._kept = open_documents(str(folder / "documents"))
        (folder / "public").mkdir(parents=True)
        self._publisher = Publisher(
            origin=ORIGIN,
            keys=(log_key(),),
            policy=parse_policy(self.policy_text().encode()),
            store=store,
            files=FolderFiles(folder / "public"),
            witnesses=MemoryWitnesses(self.witnesses, lambda: self.time_s),
        )

    def put(self, document: bytes) -> str:
        """Store a document durably and return its digest."""
        return self._kept.put(document)

    def put_all(self, documents: Sequence[bytes]) -> list[str]:
        """Store documents durably and return their digests."""
        return self._kept.put_all(documents)

    def get(self, digest: str) -> bytes:
        """Return the document with this digest."""
        return self._kept.get(digest)

    def publish(self, time_s: int) -> None:
        """Make everything appended public, cosigned."""
        self.time_s = time_s
        self._publisher.publish(time_s)


@dataclass
class OfficeOnDisk(SimulatedOffice):
    """The office of the tests, at work as `assent` has it.

    It reads its treaty once, files an application in one act, and records what an
    officer found in one.
    """

    _opened: Office | None = field(init=False, default=None)
    _filed: int = field(init=False, default=0)

    @property
    def office(self) -> Office:
        """The office, opened when it is first needed."""
        if self._opened is None:
            self._opened = super().office
        return self._opened

    def apply(self, **changes: Any) -> str:  # noqa: ANN401 - any field
        """File an application of a run of its own, and start its review."""
        self._filed += 1
        name = f"Example Labs {self._filed}"
        form = application_form(**changes)
        form["developer"]["name"] = name
        case_id = file_application(self.office, application_of(form), name, self.now)
        self.act(case_id, start_review, OFFICER)
        return case_id

    def assess(self, case_id: str, practices: Iterable[str] | None = None) -> None:
        """Have an officer find the gates in place and accept the safety case."""
        asked, made = questionnaire(), safety_case_of(application_form()["safety_case"])
        answers = [
            answer_of(
                {
                    "practice": gate.practice,
                    "status": "in_place",
                    "evidence": ["risk-assessment"],
                    "side": "officer",
                    "assessor": OFFICER,
                    "assessed": self.now.date().isoformat(),
                    "note": "",
                },
                asked,
            )
            for gate in practice_policy().gates
            if practices is None or gate.practice in practices
        ]
        judgements = [
            Judgement(
                case_digest=made.digest,
                claim=claim.id,
                accepted=True,
                reason="read with care",
                by=OFFICER,
            )
            for claim in made.claims
        ]

        def found(events: list[RecordedEvent]) -> list[Event]:
            file = review_file_of(events)
            return [
                *(assess_practice(file, a, asked, self.now, OFFICER) for a in answers),
                *(
                    judge_safety_case(file, judged, made, self.now, OFFICER)
                    for judged in judgements
                ),
            ]

        self.office.act(case_id, found)


@contextmanager
def office_on_disk(place: str | Path, folder: Path) -> Iterator[OfficeOnDisk]:
    """Give a new office.

    Args:
        place: of the cases and the log: PostgreSQL's URL, or a folder for SQLite.
        folder: for documents and the log's public files.

    """
    folder.mkdir(parents=True, exist_ok=True)
    cases = place / "cases.db" if isinstance(place, Path) else place
    log = place / "log.db" if isinstance(place, Path) else place
    with (
        closing(open_docket(cases, create=True)) as docket,
        closing(open_log_store(log, ORIGIN, create=True)) as store,
    ):
        yield OfficeOnDisk(docket=docket, records=RecordsOnDisk(store, folder))

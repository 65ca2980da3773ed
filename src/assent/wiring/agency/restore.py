"""Make an agency again from a copy, held against the public log.

copy + the newest public log -> an agency whose cases lack nothing that was logged

What the log holds of a case must be in the restored cases, to the digest. What was
written down after the copy was made, and never logged, is lost, and nothing shows it.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from assent.adapters.agency import (
    AgencyFolder,
    finish_agency_folder,
    open_agency_folder,
    read_service_keys,
)
from assent.adapters.docket import (
    import_docket,
    open_docket,
    rebuild_cards,
    verify_against,
)
from assent.adapters.docket.dump import LINE_BYTES_MAX, export_docket
from assent.adapters.translog.files import reader_for
from assent.adapters.translog.folder import open_log_folder
from assent.adapters.translog.store import open_log_store
from assent.translog.formats.policy import verify_tree_head_by_policy
from assent.translog.keeping.fsck import catch_up, rebuild
from assent.translog.reading import read_tree_head
from assent.vocabulary import NotFound
from assent.wiring.agency.anchors import anchors_of, entries_of
from assent.wiring.agency.back_up import (
    CASES_DATABASE,
    CASES_LINES,
    HEAD,
    LOG_FILES,
    SECRET,
    copy_file,
    copy_folder,
    own_files,
    require_empty,
)
from assent.wiring.agency.open import cases_under, database_of, open_agency
from assent.wiring.agency.reach import restore_reach
from assent.wiring.agency.trust import VERSIONS_SKIPPED, keep_fresh
from assent.wiring.log import DATABASE_VARIABLE, OpenLog, open_log

_PUBLIC = 0o644


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What was restored and verified.

    Attributes:
        events: how many events of cases there are.
        entries: how many entries the log holds.
        anchors: how many events the log confirms.
        missing_documents: documents that entries name and the copy does not have.

    """

    events: int
    entries: int
    anchors: int
    missing_documents: tuple[str, ...]


def restore_agency(  # noqa: PLR0913 - from where, to where, against what, and when
    backup: Path,
    folder: Path,
    time: datetime,
    *,
    public_log: str | None = None,
    step: Callable[[str], None] = lambda _: None,
    environment: Mapping[str, str] = os.environ,
) -> Restored:
    """Make an agency from a copy, or nothing at all in that folder.

    Args:
        backup: what `back_up_agency` made.
        folder: a new folder, or an empty one.
        time: now.
        public_log: a folder or URL of the log's public files, or of a mirror's, that
            is newer than the copy.
        step: told of each step, for progress.
        environment: where DATABASE_URL may name another, empty database.

    Raises:
        InputError: if the folder, or the database, holds something.
        NotFound: if the copy is none, or not complete.
        DocketBehind: if the log holds what the cases lack, naming it.
        DocketDamaged, CaseDamaged, LogDamaged: if the copy was changed.
        AssentError: of another kind, if something cannot be read or written.

    """
    source = open_agency_folder(backup)
    require_empty(folder)
    place = replace(source, folder=folder, cases=cases_under(environment))
    try:
        return _restore(source, place, public_log, time, step, environment)
    except BaseException:
        # It was empty: what is there is ours, and no agency.
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _restore(  # noqa: PLR0913, PLR0917 - as above
    source: AgencyFolder,
    place: AgencyFolder,
    public_log: str | None,
    time: datetime,
    step: Callable[[str], None],
    environment: Mapping[str, str],
) -> Restored:
    step("files")
    _copy_files(source, place)
    step("log")
    _restore_log(source, place, public_log, environment)
    with open_log(place.log, environment=environment) as log:
        step("cases")
        with closing(
            open_docket(database_of(place, environment), create=True)
        ) as docket:
            with _lines(source.folder) as lines:
                events = import_docket(docket, lines)
            step("cases against the log")
            anchors = verify_against(docket, anchors_of(log.store))
        step("public files of the log")
        if log.prover.size():
            rebuild(log.store, log.files, [own.key for own in log.place.policy.logs])
        missing = tuple(_missing_documents(log))
        entries = log.prover.size()
    step("gates and acknowledgements")
    restore_reach(source.folder, place, environment)
    step("trust")
    online = read_service_keys(place.service_keys)["online"]
    keep_fresh(place, online, time, skipped=VERSIONS_SKIPPED)
    finish_agency_folder(place)
    with open_agency(place.folder, at=time, environment=environment) as agency:
        rebuild_cards(agency.office.docket, lambda _: agency.office.card)
    return Restored(
        events=events, entries=entries, anchors=anchors, missing_documents=missing
    )


def _copy_files(source: AgencyFolder, place: AgencyFolder) -> None:
    for name in LOG_FILES:
        copy_file(source.log / name, place.log / name, _mode(name))
    for name in own_files(source):
        copy_file(source.folder / name, place.folder / name, _mode(name))
    copy_folder(source.trust, place.trust, mode=_PUBLIC)
    copy_folder(source.day_books, place.day_books)
    copy_folder(source.log / "documents", place.log / "documents")


def _mode(name: str) -> int:
    return SECRET if name.startswith("service-keys") or name == "keys" else _PUBLIC


def _restore_log(
    source: AgencyFolder,
    place: AgencyFolder,
    public_log: str | None,
    environment: Mapping[str, str],
) -> None:
    """Fill the log from its public files, the shorter copy first."""
    log = open_log_folder(place.log)
    own = source.log / "public"
    places = [str(own)] if (own / HEAD).exists() else []
    readers = [reader_for(found) for found in (*places, *filter(None, [public_log]))]
    database = environment.get(DATABASE_VARIABLE) or log.database
    log.public.mkdir(parents=True, exist_ok=True)
    with closing(open_log_store(database, log.origin, create=True)) as store:
        by_size = [
            (
                verify_tree_head_by_policy(
                    read_tree_head(reader), log.policy, origin=log.origin
                ).signed.head.size,
                number,
            )
            for number, reader in enumerate(readers)
        ]
        for _, number in sorted(by_size):
            catch_up(store, readers[number], log.policy, origin=log.origin)


@contextmanager
def _lines(backup: Path) -> Iterator[Iterable[bytes]]:
    """Yield the cases in a copy as lines, from either form."""
    lines, database = backup / CASES_LINES, backup / CASES_DATABASE
    with ExitStack() as stack:
        if lines.exists():
            try:
                file = stack.enter_context(lines.open("rb"))
            except OSError:
                raise NotFound(
                    f"{lines} cannot be read.", remedy="See to its permissions."
                ) from None
            yield iter(lambda: file.readline(LINE_BYTES_MAX), b"")
        else:
            yield export_docket(stack.enter_context(open_docket(database)))


def _missing_documents(log: OpenLog) -> Iterator[str]:
    seen = set()
    for entry in entries_of(log.store):
        for document in entry.documents.values():
            if document.digest not in seen and not log.documents.has(document.digest):
                yield document.digest
            seen.add(document.digest)

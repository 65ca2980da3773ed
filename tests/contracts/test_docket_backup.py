"""Cases backed up, exported, imported, made again, and held against the public log."""

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assent.adapters.docket import (
    CaseFinding,
    DocketBehind,
    DocketDamaged,
    back_up_docket,
    check_docket,
    export_docket,
    import_docket,
    open_docket,
    rebuild_cards,
    verify_against,
)
from assent.adapters.docket.dump import WholeDocket
from assent.authorisation.docket import Card, CaseDamaged, Docket, Event, RecordedEvent
from assent.testing.memory_docket import MemoryDocket
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import InputError, NotFound, Plain, canonical_bytes

T = datetime(2026, 3, 1, 12, tzinfo=UTC)
CASES = ("application-2026-0001", "consultation-2026-0001", "permit-2026-0001")
Make = Callable[[], WholeDocket]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Return what makes a new database of cases."""
    with ExitStack() as opened:

        def make_one() -> WholeDocket:
            if request.param == "memory":
                return MemoryDocket()
            where = str(tmp_path / f"{len(list(tmp_path.glob('*.db')))}.db")
            if request.param == "postgresql":
                server = request.getfixturevalue("server")
                where = opened.enter_context(server.database())
            return opened.enter_context(open_docket(where, create=True))

        yield make_one


def _card(events: Sequence[RecordedEvent]) -> Card:
    return Card(
        case_id=events[0].case_id,
        kind="application",
        state=events[-1].event.kind,
        title="Ein Modell é",
        developer="Example Labs",
        waiting_for="officer",
        due=T if len(events) > 1 else None,
        opened=events[0].event.time,
        updated=events[-1].event.time,
        events=len(events),
        details={"n": [len(events)]},
    )


def _derive(_: str) -> Callable[[Sequence[RecordedEvent]], Card]:
    return _card


def _write(docket: Docket, case_id: str, count: int = 1) -> None:
    with docket.writing() as transaction:
        events = transaction.events(case_id)
        for number in range(count):
            event = Event(kind="noted", time=T, actor="KEN", body={"é": [number, {}]})
            events += transaction.append(case_id, len(events), [event])
        transaction.put_card(_card(events))
        transaction.next_number(case_id[:-5])


def _fill(docket: Docket) -> None:
    for count, case_id in enumerate(CASES, start=1):
        _write(docket, case_id, count)


def _all(docket: WholeDocket) -> list[object]:
    with docket.reading() as transaction:
        events = [transaction.events(case_id) for case_id in transaction.case_ids()]
        return [events, transaction.cards(), transaction.series()]


# Exporting and importing.


def test_what_is_exported_can_be_imported(make: Make) -> None:
    first, second = make(), make()
    _fill(first)
    lines = list(export_docket(first))
    assert import_docket(second, lines) == 6
    assert _all(second) == _all(first)
    assert list(export_docket(second)) == lines
    assert all(line == canonical_bytes(json.loads(line)) + b"\n" for line in lines)
    assert json.loads(lines[-1]) == {
        "digest": f"sha256:{hashlib.sha256(b''.join(lines[:-1])).hexdigest()}",
        "lines": len(lines) - 1,
    }
    with second.writing() as transaction:
        assert transaction.next_number("permit-2026") == 2


def test_an_empty_database_is_exported_too(make: Make) -> None:
    lines = list(export_docket(make()))
    assert len(lines) == 2
    assert import_docket(make(), lines) == 0


def test_cases_move_from_one_database_to_the_other(
    tmp_path: Path, postgresql_url: str
) -> None:
    with (
        open_docket(tmp_path / "cases.db", create=True) as sqlite,
        open_docket(postgresql_url, create=True) as postgresql,
    ):
        _fill(sqlite)
        with (tmp_path / "export").open("wb") as file:
            file.writelines(export_docket(sqlite))
        with (tmp_path / "export").open("rb") as file:
            import_docket(postgresql, file)
        assert list(export_docket(postgresql)) == list(export_docket(sqlite))


def test_nothing_is_imported_over_cases(make: Make) -> None:
    docket = make()
    _fill(docket)
    lines = list(export_docket(docket))
    before = _all(docket)
    with pytest.raises(InputError, match="already"):
        import_docket(docket, lines)
    assert _all(docket) == before


def _ended(lines: list[bytes]) -> list[bytes]:
    """Give lines that were changed an end that fits them."""
    hashed = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
    end: dict[str, Plain] = {"digest": f"sha256:{hashed}", "lines": len(lines) - 1}
    return [*lines[:-1], canonical_bytes(end) + b"\n"]


def _changed(line: bytes, **changes: Any) -> bytes:  # noqa: ANN401 - any plain value
    return canonical_bytes({**json.loads(line), **changes}) + b"\n"


TAMPERED: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "emptied": lambda _: [],
    "no end": lambda lines: lines[:-1],
    "no start": lambda lines: _ended(lines[1:]),
    "two starts": lambda lines: _ended([lines[0], *lines]),
    "another version": lambda lines: _ended([b'{"docket":2}\n', *lines[1:]]),
    "more after the end": lambda lines: [*lines, lines[1]],
    "two ends": lambda lines: [*lines, lines[-1]],
    "a line left out": lambda lines: [*lines[:3], *lines[4:]],
    "an event left out": lambda lines: _ended([*lines[:2], *lines[3:]]),
    "an event twice": lambda lines: _ended([*lines[:3], *lines[2:]]),
    "swapped": lambda lines: _ended([lines[0], *lines[4:6], *lines[2:4], *lines[6:]]),
    "an event changed": lambda lines: _ended(
        [*lines[:2], _changed(lines[2], actor="NOR"), *lines[3:]]
    ),
    "no event": lambda lines: _ended([lines[0], b'{"case_id":"x"}\n', *lines[1:]]),
    "a case of a number": lambda lines: _ended(
        [lines[0], _changed(lines[1], case_id=7), *lines[2:]]
    ),
    "a body of a list": lambda lines: _ended(
        [lines[0], _changed(lines[1], body=[]), *lines[2:]]
    ),
    "no card": lambda lines: _ended([*lines[:7], b'{"card":[]}\n', *lines[7:]]),
    "a card of less": lambda lines: _ended([*lines[:7], b'{"card":{}}\n', *lines[7:]]),
    "no series": lambda lines: _ended(
        [*lines[:-1], b'{"last":"1","series":"a"}\n', lines[-1]]
    ),
    "a series of minus one": lambda lines: _ended(
        [*lines[:-1], b'{"last":-1,"series":"a"}\n', lines[-1]]
    ),
    "not canonical": lambda lines: _ended([lines[0], b" " + lines[1], *lines[2:]]),
    "no JSON": lambda lines: _ended([lines[0], b"\xff\n", *lines[1:]]),
    "deep": lambda lines: _ended([lines[0], b"[" * 90_000 + b"\n", *lines[1:]]),
    "cut": lambda lines: [*lines[:-1], lines[-1][:-1]],
    "one long line": lambda _: [b"x" * 7_000_000 + b"\n"],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_lines_that_were_tampered_with_are_refused_and_nothing_is_written(
    make: Make, how: str
) -> None:
    source, docket = MemoryDocket(), make()
    _fill(source)
    lines = list(export_docket(source))
    with pytest.raises(DocketDamaged):
        import_docket(docket, TAMPERED[how](lines))
    assert _all(docket) == [[], [], {}]
    import_docket(docket, lines)


def test_an_export_is_one_state_while_others_write(tmp_path: Path) -> None:
    with open_docket(tmp_path / "cases.db", create=True) as docket:
        _fill(docket)
        lines = export_docket(docket)
        some = [next(lines) for _ in range(3)]
        writing = threading.Thread(target=_write, args=(docket, CASES[2], 5))
        writing.start()
        writing.join()
        import_docket(copy := MemoryDocket(), [*some, *lines])
        with copy.reading() as transaction:
            assert len(transaction.events(CASES[2])) == 3


# Backing up.


def test_a_backup_holds_what_a_copied_file_lacks(tmp_path: Path) -> None:
    place = tmp_path / "cases.db"
    with open_docket(place, create=True) as docket:
        _fill(docket)
        back_up_docket(place, tmp_path / "backup.db")
        back_up_docket(str(place), tmp_path / "again.db")
        shutil.copy(place, tmp_path / "copied.db")
        with open_docket(tmp_path / "backup.db") as backup:
            assert _all(backup) == _all(docket)
            _write(backup, CASES[0])
            assert check_docket(backup, _derive) == []
    with pytest.raises((NotFound, DocketDamaged)):
        open_docket(tmp_path / "copied.db")


def test_a_backup_overwrites_nothing(tmp_path: Path, postgresql_url: str) -> None:
    open_docket(tmp_path / "cases.db", create=True).close()
    (tmp_path / "backup.db").write_bytes(b"precious")
    with pytest.raises(InputError, match="already"):
        back_up_docket(tmp_path / "cases.db", tmp_path / "backup.db")
    assert (tmp_path / "backup.db").read_bytes() == b"precious"
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        back_up_docket(tmp_path / "cases.db", tmp_path / "none" / "backup.db")
    with pytest.raises(NotFound):
        back_up_docket(tmp_path / "none.db", tmp_path / "new.db")
    with pytest.raises(InputError, match="PostgreSQL"):
        back_up_docket(postgresql_url, tmp_path / "new.db")
    assert {path.name for path in tmp_path.iterdir()} == {"cases.db", "backup.db"}


# Held against the public log.


def _anchors(docket: Docket) -> list[tuple[str, int, str]]:
    with docket.reading() as transaction:
        return [
            (case_id, event.number, event.digest)
            for case_id in transaction.case_ids()
            for event in transaction.events(case_id)
        ]


def test_a_store_that_has_what_was_logged_is_not_behind(make: Make) -> None:
    docket = make()
    _fill(docket)
    anchors = _anchors(docket)
    _write(docket, CASES[0])
    assert verify_against(docket, iter(anchors)) == 6
    assert verify_against(docket, []) == 0


def test_an_old_backup_is_behind_what_was_logged(make: Make) -> None:
    newer, older = make(), make()
    _fill(newer)
    import_docket(older, list(export_docket(newer)))
    _write(newer, CASES[1])
    _write(newer, "permit-2026-0002", 20)
    with pytest.raises(DocketBehind) as caught:
        verify_against(older, _anchors(newer))
    assert "event 3 of consultation-2026-0001" in caught.value.message
    assert "event 1 of permit-2026-0002" in caught.value.message
    assert "and 16 more" in caught.value.message


def test_another_history_is_behind_what_was_logged(make: Make) -> None:
    docket = make()
    _fill(docket)
    logged = [(CASES[2], 2, "sha256:" + "0" * 64)]
    with pytest.raises(DocketBehind, match="event 2 of permit-2026-0001"):
        verify_against(docket, logged)


# Checked, and made again.


def test_what_is_wrong_with_a_case_is_found_and_cards_are_made_again(
    make: Make,
) -> None:
    docket = make()
    _fill(docket)
    assert check_docket(docket, _derive) == []
    with docket.writing() as transaction:
        events = transaction.events(CASES[0])
        transaction.put_card(replace(_card(events), state="granted"))
        transaction.append("permit-2026-0009", 0, [events[0].event])
        transaction.put_card(replace(_card(events), case_id="permit-2026-0010"))
    assert check_docket(docket, _derive) == [
        CaseFinding(case_id=CASES[0], what="Its card is not what its events make."),
        CaseFinding(case_id="permit-2026-0009", what="It has no card."),
        CaseFinding(case_id="permit-2026-0010", what="There is a card, and no event."),
    ]
    assert rebuild_cards(docket, _derive) == 4
    left = [finding.case_id for finding in check_docket(docket, _derive)]
    assert left == ["permit-2026-0010"]


def test_a_broken_chain_is_found(tmp_path: Path) -> None:
    with open_docket(tmp_path / "cases.db", create=True) as docket:
        from assent.adapters.docket.records import EventRecord  # noqa: PLC0415 - once set up

        _fill(docket)
        with docket._used(docket._writer) as connection:  # noqa: SLF001 - nobody may
            rows = EventRecord.objects.using(connection.alias)
            rows.filter(case_id=CASES[2], number=2).delete()
            rows.filter(case_id=CASES[1], number=1).update(actor="NOR")
        found = check_docket(docket, _derive)
        assert [finding.case_id for finding in found] == [CASES[1], CASES[2]]
        with pytest.raises(CaseDamaged):
            rebuild_cards(docket, _derive)
        with pytest.raises(CaseDamaged):
            verify_against(docket, [(CASES[2], 1, "sha256:" + "0" * 64)])

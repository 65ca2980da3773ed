"""Official entries: one encoding, public fields and nothing else."""

import json
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.translog import entry as documented
from assent.translog.entry import DocumentDigest, Entry, parse_entry
from assent.translog.errors import EntryInvalid, EntryTooLarge
from assent.translog.formats.tiles import ENTRY_BYTES_MAX

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PERMIT = DocumentDigest(
    digest=f"sha256:{'0f' * 32}", size_bytes=48_213, media_type="application/pdf"
)
ENTRY = Entry(
    kind="permit",
    party="KEN",
    developer="Example Labs",
    subject="permit-2026-0001",
    time=NOON,
    documents={"permit": PERMIT},
    metadata={"flop_permitted": "15000000000000000000000000"},
)


def test_the_documented_entry_is_one() -> None:
    (literal,) = literals(documented)
    entry = parse_entry(literal.removesuffix("\n").encode())
    digest = entry.documents["permit"].digest
    document = replace(PERMIT, digest=digest)
    assert entry == replace(ENTRY, documents={"permit": document})
    assert entry.encoded == literal.removesuffix("\n").encode()


def test_what_is_written_is_read_again() -> None:
    assert parse_entry(ENTRY.encoded) == ENTRY


def test_an_entry_can_be_about_no_party_developer_or_document() -> None:
    entry = Entry(kind="notice", subject="notice-1", time=NOON)
    assert b"party" not in entry.encoded
    assert b"developer" not in entry.encoded
    assert parse_entry(entry.encoded) == entry


def test_what_was_checked_cannot_be_changed() -> None:
    metadata = {"note": "public"}
    entry = replace(ENTRY, metadata=metadata)
    metadata["note"] = "else"
    assert entry.metadata["note"] == "public"
    with pytest.raises(TypeError):
        entry.metadata["note"] = "else"  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        entry.kind = "refusal"  # type: ignore[misc]


def test_the_same_time_in_another_object_is_the_same_entry() -> None:
    zone = timezone(timedelta(0), "GMT")
    assert replace(ENTRY, time=NOON.astimezone(zone)).encoded == ENTRY.encoded


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_every_time_has_one_spelling(time: str) -> None:
    entry = replace(ENTRY, time=datetime.fromisoformat(time))
    assert f'"time":"{time}"'.encode() in entry.encoded
    assert parse_entry(entry.encoded) == entry


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "pause-order"),
        ("kind", "x"),
        ("party", "US-CA"),
        ("party", "IAEA"),
        ("developer", "Лаборатория №1 (研究所) & Söhne"),
        ("developer", "می‌خواهم"),  # with a joiner that Persian needs
        ("subject", "https:permit/2026.7_b"),
        ("metadata", {"flop": "0", "title_2": "x" * 1000}),
    ],
)
def test_accepts(field: str, value: Any) -> None:  # noqa: ANN401 - values of any field
    entry = replace(ENTRY, **{field: value})
    assert parse_entry(entry.encoded) == entry


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", ""),
        ("kind", "Permit"),
        ("kind", "pause order"),
        ("kind", "pause--order"),
        ("kind", "-permit"),
        ("kind", "permit\n"),
        ("kind", "k" * 65),
        ("kind", None),
        ("party", ""),
        ("party", "K"),
        ("party", "ken"),
        ("party", "\u041aEN"),
        ("party", "A" * 33),
        ("developer", ""),
        ("developer", "two\nlines"),
        ("developer", "tab\there"),
        ("developer", "\u202egnp.exe"),
        ("developer", "zero\u2028line"),
        ("developer", "\ud800"),
        ("developer", "x" * 1001),
        ("developer", 7),
        ("subject", ""),
        ("subject", "a b"),
        ("subject", "../etc/passwd"),
        ("subject", "x" * 129),
        ("time", datetime(2026, 3, 1, 12)),  # noqa: DTZ001 - that is what is wrong
        ("time", NOON.astimezone(timezone(timedelta(hours=1)))),
        ("time", NOON + timedelta(microseconds=1)),
        ("documents", {"": PERMIT}),
        ("documents", {"The Permit": PERMIT}),
        ("metadata", {"Flop": "1"}),
        ("metadata", {"flop permitted": "1"}),
        ("metadata", {"": "1"}),
        ("metadata", {"flop": ""}),
        ("metadata", {"flop": 10**25}),
        ("metadata", {"flop": 1.5e25}),
        ("metadata", {"flop": None}),
        ("metadata", {"flop": ["1"]}),
        ("metadata", {"note": "a\x00b"}),
        ("metadata", {"note": "x" * 1001}),
    ],
)
def test_refuses(field: str, value: Any) -> None:  # noqa: ANN401 - values of any field
    with pytest.raises(EntryInvalid):
        replace(ENTRY, **{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("digest", "0f" * 32),
        ("digest", f"sha256:{'0F' * 32}"),
        ("digest", f"sha256:{'0f' * 31}"),
        ("digest", f"sha256:{'0f' * 33}"),
        ("digest", f"sha512:{'0f' * 32}"),
        ("digest", f"sha256:{'0f' * 32}\n"),
        ("size_bytes", -1),
        ("size_bytes", 2**53),
        ("size_bytes", 1.0),
        ("size_bytes", True),
        ("size_bytes", "1"),
        ("media_type", "pdf"),
        ("media_type", "application/PDF"),
        ("media_type", "text/plain; charset=utf-8"),
        ("media_type", ""),
    ],
)
def test_refuses_a_document_with(field: str, value: Any) -> None:  # noqa: ANN401
    with pytest.raises(EntryInvalid):
        replace(PERMIT, **{field: value})


def _bent(change: dict[str, Any], *, without: str = "") -> bytes:
    """Return the entry as canonical JSON with some fields changed."""
    value = {**json.loads(ENTRY.encoded), **change}
    value.pop(without, None)
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


DOCUMENT = json.loads(ENTRY.encoded)["documents"]["permit"]
NOT_OURS = {
    "no bytes": b"",
    "other bytes": b"\xff\x00",
    "a byte order mark": b"\xef\xbb\xbf" + ENTRY.encoded,
    "text": b"permit granted",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "an empty object": b"{}",
    "half an entry": ENTRY.encoded[:-1],
    "two entries": ENTRY.encoded * 2,
    "a newline behind": ENTRY.encoded + b"\n",
    "spaces": json.dumps(json.loads(ENTRY.encoded), sort_keys=True).encode(),
    "another order": json.dumps(
        dict(reversed(json.loads(ENTRY.encoded).items())), separators=(",", ":")
    ).encode(),
    "an escape that is not needed": ENTRY.encoded.replace(b"permit-", b"permi\\u0074-"),
    "a key twice": ENTRY.encoded.replace(b'"kind"', b'"kind":"permit","kind"'),
    "an unknown field": _bent({"secret": "x"}),
    "another format": _bent({"format": "assent-entry/2"}),
    "no format": _bent({}, without="format"),
    "no kind": _bent({}, without="kind"),
    "no metadata": _bent({}, without="metadata"),
    "no documents": _bent({}, without="documents"),
    "a party of null": _bent({"party": None}),
    "a kind of number": _bent({"kind": 1}),
    "a time of number": _bent({"time": 1}),
    "a time with an offset": _bent({"time": "2026-03-01T12:00:00+00:00"}),
    "a time with fractions": _bent({"time": "2026-03-01T12:00:00.5Z"}),
    "a time without seconds": _bent({"time": "2026-03-01T12:00Z"}),
    "a time that never was": _bent({"time": "2026-02-30T12:00:00Z"}),
    "an hour that never was": _bent({"time": "2026-02-03T24:00:00Z"}),
    "digits of another script": _bent({"time": "٢026-03-01T12:00:00Z"}),
    "a list of documents": _bent({"documents": []}),
    "a list of metadata": _bent({"metadata": []}),
    "a document by digest alone": _bent({"documents": {"permit": PERMIT.digest}}),
    "a document and more": _bent({"documents": {"permit": {**DOCUMENT, "url": "x"}}}),
    "a document and less": _bent({"documents": {"permit": {"digest": PERMIT.digest}}}),
    "a size in text": _bent(
        {"documents": {"permit": {**DOCUMENT, "size_bytes": "48213"}}}
    ),
    "a size with a fraction": ENTRY.encoded.replace(b"48213", b"48213.0"),
    "a size with an exponent": ENTRY.encoded.replace(b"48213", b"48213e0"),
    "a number that never ends": ENTRY.encoded.replace(b"48213", b"4" * 10_000),
    "metadata in metadata": _bent({"metadata": {"a": {"b": "c"}}}),
    "not a number": _bent({"metadata": {"a": float("nan")}}),
    "half a character": ENTRY.encoded.replace(b"Example", b"\\ud800"),
    "endless depth": b"[" * 60_000,
    "endless objects": b'{"a":' * 10_000,
    "more than an entry can have": _bent({"developer": "x" * ENTRY_BYTES_MAX}),
}


@pytest.mark.parametrize("data", NOT_OURS.values(), ids=NOT_OURS.keys())
def test_refuses_bytes_that_are_not_ours(data: bytes) -> None:
    with pytest.raises(EntryInvalid) as caught:
        parse_entry(data)
    assert len(caught.value.message) < 200
    caught.value.message.encode()


def test_the_largest_entry_is_what_the_log_can_hold() -> None:
    metadata = {f"note_{number}": "x" * 1000 for number in range(64)}
    left = ENTRY_BYTES_MAX - len(replace(ENTRY, metadata=metadata).encoded)
    last = {**metadata, "last": "x" * (left - len(',"last":""'))}
    largest = replace(ENTRY, metadata=last)
    assert len(largest.encoded) == ENTRY_BYTES_MAX
    assert parse_entry(largest.encoded) == largest
    too_large = replace(ENTRY, metadata={**last, "last": last["last"] + "x"})
    with pytest.raises(EntryTooLarge):
        _ = too_large.encoded
    with pytest.raises(EntryInvalid, match="longer"):
        parse_entry(_bent({"metadata": dict(too_large.metadata)}))


@pytest.mark.parametrize("size_bytes", [0, 2**53 - 1])
def test_a_document_can_be_empty_or_enormous(size_bytes: int) -> None:
    document = replace(PERMIT, size_bytes=size_bytes)
    entry = replace(ENTRY, documents={"permit": document})
    assert parse_entry(entry.encoded) == entry


@given(st.binary(max_size=300))
def test_whatever_comes_is_refused(data: bytes) -> None:
    with pytest.raises(EntryInvalid):
        parse_entry(data)


@given(st.integers(0), st.integers(0, 255))
def test_what_is_read_was_written_just_so(place: int, value: int) -> None:
    data = bytearray(ENTRY.encoded)
    data[place % len(data)] = value
    try:
        entry = parse_entry(bytes(data))
    except EntryInvalid:
        return
    assert entry.encoded == data


TEXT = st.from_regex(r"\A[a-zäあ 0-9.,:%\"\\/-]{1,30}\Z")


@given(
    kind=st.from_regex(r"\A[a-z]{1,8}(-[a-z0-9]{1,8}){0,3}\Z"),
    developer=st.none() | TEXT,
    time=st.datetimes(timezones=st.just(UTC)).map(lambda t: t.replace(microsecond=0)),
    sizes=st.lists(st.integers(0, 2**53 - 1), max_size=4),
    metadata=st.dictionaries(st.from_regex(r"\A[a-z][a-z0-9_]{0,9}\Z"), TEXT),
)
def test_every_entry_is_read_as_it_was_written(
    kind: str,
    developer: str | None,
    time: datetime,
    sizes: list[int],
    metadata: dict[str, str],
) -> None:
    entry = Entry(
        kind=kind,
        subject="x",
        time=time,
        developer=developer,
        documents={
            f"role-{number}": replace(PERMIT, size_bytes=size)
            for number, size in enumerate(sizes)
        },
        metadata=metadata,
    )
    assert parse_entry(entry.encoded) == entry

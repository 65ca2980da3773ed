"""Signed notes are read in their one spelling or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.translog.errors import NoteMalformed
from assent.translog.formats import note
from assent.translog.formats.encoding import encode_base64
from assent.translog.formats.keys import KeyKind, make_signing_key, parse_verifier_key
from assent.translog.formats.note import (
    NOTE_BYTES_MAX,
    SIGNATURES_MAX,
    Note,
    SignatureLine,
    parse_note,
    parse_signature_lines,
)
from assent.vocabulary.signatures import verify_ed25519

KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
TEXT = "This is an example message.\n"
LINE = SignatureLine("example.com/foo", b"\x53\x0d\x90\x3a", b"s" * 64)
B64 = encode_base64(LINE.key_id + LINE.signature)

texts = st.text(
    alphabet=st.one_of(
        st.sampled_from("a\n\N{EM DASH} "), st.characters(codec="utf-8")
    ),
    max_size=40,
).map(lambda text: "".join(c for c in text if c >= " " or c == "\n") + "\n")
lines = st.builds(
    SignatureLine,
    st.sampled_from(["a", "example.com/log", "日本"]),
    st.binary(min_size=4, max_size=4),
    st.binary(min_size=1, max_size=80),
)


def test_the_note_of_the_docstring_is_read_and_verifies() -> None:
    (literal,) = literals(note)
    parsed = parse_note(literal.encode())
    assert parsed.text == TEXT
    assert parsed.encoded == literal.encode()
    (line,) = parsed.signatures
    key = parse_verifier_key(KEY)
    assert line.is_by(key)
    verify_ed25519(key.public_key, line.signature, parsed.signed_bytes)


@given(texts, st.lists(lines, min_size=1, max_size=4))
def test_a_note_comes_back(text: str, signatures: list[SignatureLine]) -> None:
    whole = Note(text, tuple(signatures))
    assert parse_note(whole.encoded) == whole


@given(
    st.lists(st.sampled_from([TEXT, "\n", "x", LINE.text, " ", "\r", "=", B64, "— "]))
)
def test_whatever_is_read_encodes_to_the_same_bytes(parts: list[str]) -> None:
    data = "".join(parts).encode()
    try:
        assert parse_note(data).encoded == data
    except NoteMalformed as error:
        assert error.remedy


@given(st.binary(max_size=60))
def test_any_bytes_are_a_note_or_refused_by_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(NoteMalformed):
        parse_note(data)


def test_the_text_may_hold_empty_lines_and_lines_that_look_like_signatures() -> None:
    text = f"a\n\n{LINE.text}\n\n"
    parsed = parse_note(f"{text}\n{LINE.text}".encode())
    assert parsed == Note(text, (LINE,))


def test_a_text_of_one_empty_line_is_a_text() -> None:
    assert parse_note(f"\n\n{LINE.text}".encode()) == Note("\n", (LINE,))


GOOD = f"{TEXT}\n{LINE.text}"


def _line(row: str) -> str:
    return f"{TEXT}\n{row}"


BAD = {
    "nothing": "",
    "a text alone": TEXT,
    "no signature": f"{TEXT}\n",
    "no text": f"\n{LINE.text}",
    "no empty line": f"{TEXT}{LINE.text}",
    "no newline at the end": GOOD.removesuffix("\n"),
    "one newline too many": f"{GOOD}\n",
    "an empty line among the signatures": f"{GOOD}\n\n{LINE.text}extra\n",
    "CRLF": GOOD.replace("\n", "\r\n"),
    "a tab": "tab\t" + GOOD,
    "a null": GOOD.replace("example message", "example\0message"),
    "an escape": GOOD.replace("example message", "\x1b[1m"),
    "a space after a line": _line(f"— a {B64} \n"),
    "a second space": _line(f"— a  {B64}\n"),
    "no space": _line(f"—a {B64}\n"),
    "a hyphen": _line(f"- a {B64}\n"),
    "an en dash": _line(f"\N{EN DASH} a {B64}\n"),
    "no name": _line(f"—  {B64}\n"),
    "no signature after the name": _line("— a \n"),
    "a name with a plus": _line(f"— a+b {B64}\n"),
    "a name with a no-break space": _line(f"— a\N{NO-BREAK SPACE}b {B64}\n"),
    "a name of 256 bytes": _line(f"— {'x' * 256} {B64}\n"),
    "base64 without padding": _line("— a AAAAAAA\n"),
    "base64 with stray bits": _line("— a AAAAAAB=\n"),
    "base64 for URLs": _line("— a AAAAA__-\n"),
    "base64 with a space inside": _line(f"— a {B64[:8]} {B64[8:]}\n"),
    "a key ID without a signature": _line("— a AAAAAA==\n"),
    "less than a key ID": _line("— a AAAA\n"),
    "a good line and a bad one": f"{GOOD}— \n",
    "other words between the signatures": f"{GOOD}and so on\n",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_other_spellings_are_refused(text: str) -> None:
    assert parse_note(GOOD.encode())
    with pytest.raises(NoteMalformed):
        parse_note(text.encode())


@pytest.mark.parametrize(
    "data", [b"\xff" + GOOD.encode(), b"\xc0\x80" + GOOD.encode(), b"\xed\xa0\x80\n\n"]
)
def test_a_note_is_utf_8(data: bytes) -> None:
    with pytest.raises(NoteMalformed, match="UTF-8"):
        parse_note(data)


def test_characters_beyond_the_ascii_controls_are_allowed() -> None:
    text = "DEL \x7f, C1 \x85, \N{LINE SEPARATOR}, \N{ZERO WIDTH SPACE}, 日本\n"
    data = f"{text}\n{LINE.text}".encode()
    assert parse_note(data).text == text


def test_64_signatures_are_read_and_65_refused() -> None:
    data = f"{TEXT}\n{LINE.text * SIGNATURES_MAX}"
    assert len(parse_note(data.encode()).signatures) == SIGNATURES_MAX == 64
    with pytest.raises(NoteMalformed, match="64"):
        parse_note((data + LINE.text).encode())


def test_64_signatures_of_ml_dsa_44_fit_and_more_bytes_are_refused() -> None:
    key = make_signing_key("w", KeyKind.ML_DSA_44_COSIGNATURE, bytes(32)).verifier
    line = SignatureLine("x" * 255, key.key_id, bytes(8 + 2420))
    data = Note(TEXT, (line,) * SIGNATURES_MAX).encoded
    padding = b"x" * (NOTE_BYTES_MAX - len(data))
    assert parse_note(padding + data).signatures == (line,) * SIGNATURES_MAX
    with pytest.raises(NoteMalformed, match="524,288"):
        parse_note(b"x" + padding + data)


def test_a_signature_is_added_once() -> None:
    other = SignatureLine("w", b"abcd", b"1")
    whole = Note(TEXT, (LINE,)).with_signatures(other, LINE, other)
    assert whole.signatures == (LINE, other)


def test_a_line_is_by_a_key_only_with_its_name_and_its_id() -> None:
    key = make_signing_key("a", KeyKind.ED25519, bytes(32)).verifier
    other = make_signing_key("b", KeyKind.ED25519, bytes(32)).verifier
    assert SignatureLine("a", key.key_id, b"1").is_by(key)
    assert not SignatureLine("b", key.key_id, b"1").is_by(key)
    assert not SignatureLine("a", other.key_id, b"1").is_by(key)


def test_signature_lines_are_read_without_a_note() -> None:
    assert parse_signature_lines(LINE.text * 2) == (LINE, LINE)
    for bad in ("", "\n", LINE.text + "\n", "\n" + LINE.text, LINE.text[:-1]):
        with pytest.raises(NoteMalformed):
            parse_signature_lines(bad)

"""Cases of `note.json`: which bytes are a signed note, and what is in it."""

from base64 import b64decode

from tests.vectors.translog.cases.case import Case, bad, good, ours
from tests.vectors.translog.parties import b64, line

TEXT = "This is an example message.\n"
ID = bytes.fromhex("530d903a")
SIGNATURE = bytes(range(64))
LINE = line("example.com/foo", ID, SIGNATURE)
B64 = b64(ID + SIGNATURE)
EXAMPLE = (
    "This is an example message.\n\n\N{EM DASH} example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu"
    "72IneyaQM=\n"
)
Line = tuple[str, bytes, bytes]


def cases() -> list[Case]:
    return [*_good(), *_bad_frames(), *_bad_characters(), *_bad_lines(), *_ours()]


def _accepted(name: str, description: str, text: str, *lines: Line) -> Case:
    rows = "".join(line(*row) for row in lines)
    signatures = [
        {"name": owner, "key_id": key_id.hex(), "signature": b64(signature)}
        for owner, key_id, signature in lines
    ]
    expected = {"text": text, "signatures": signatures}
    return good(name, description, f"{text}\n{rows}", expected=expected)


def _good() -> list[Case]:
    one: Line = ("example.com/foo", ID, SIGNATURE)
    other: Line = ("example.com/foo", b"\0\0\0\1", b"\xff" * 72)
    signature = EXAMPLE.splitlines()[-1].split(" ")[2]
    found = {
        "text": TEXT,
        "signatures": [
            {
                "name": "example.com/foo",
                "key_id": ID.hex(),
                "signature": b64(b64decode(signature)[4:]),
            }
        ],
    }
    last = "the text ends at the last empty line"
    return [
        good("specification-example", "C2SP signed-note", EXAMPLE, expected=found),
        _accepted("one-signature", "the plainest note", TEXT, one),
        _accepted("two-signatures", "one name, two keys", TEXT, one, other),
        _accepted("same-line-twice", "nothing forbids a repetition", TEXT, one, one),
        _accepted("empty-line-in-text", last, "a\n\nb\n", one),
        _accepted("empty-line-at-end-of-text", last, "a\n\n", one),
        _accepted("two-empty-lines-at-end-of-text", last, "a\n\n\n", one),
        _accepted("text-is-one-empty-line", last, "\n", one),
        _accepted("signature-line-in-text", last, f"a\n\n{LINE}", one),
        _accepted(
            "space-is-a-line", "a line of a space is not empty", "a\n \nb\n", one
        ),
        _accepted("text-not-ascii", "any UTF-8", "\u65e5\u672c \U0001f5ff\n", one),
        _accepted("byte-order-mark", "a character like others", "\ufeffa\n", one),
        _accepted("delete-in-text", "U+007F is no control below U+0020", "\x7f\n", one),
        _accepted(
            "c1-control-in-text", "U+0085 likewise, and no newline", "\x85\n", one
        ),
        _accepted("line-separator-in-text", "U+2028 is no newline", "a\u2028b\n", one),
        _accepted(
            "name-not-ascii", "any but spaces", TEXT, ("\u65e5\u672c", ID, b"12")
        ),
        _accepted("name-is-a-dash", "any but spaces", TEXT, ("\u2014", ID, b"12")),
        _accepted(
            "name-with-zero-width-space",
            "U+200B is invisible and no space by Unicode",
            TEXT,
            ("a\u200bb", ID, b"12"),
        ),
        _accepted("name-255-bytes", "long names", TEXT, ("x" * 255, ID, b"12")),
        _accepted("signature-of-one-byte", "the least there is", TEXT, ("a", ID, b"1")),
        _accepted(
            "16-signatures",
            "the number that every verifier must read",
            TEXT,
            *((f"w{n}.example", bytes([0, 0, 0, n]), bytes(72)) for n in range(16)),
        ),
    ]


def _bad_frames() -> list[Case]:
    frame = "frame"
    return [
        bad("nothing", "no bytes at all", "", frame),
        bad("only-text", "no signatures", TEXT, frame),
        bad("no-signature-line", "the empty line ends the note", f"{TEXT}\n", frame),
        bad("no-text", "the text needs a newline of its own", f"\n{LINE}", frame),
        bad("no-empty-line", "the line belongs to the text", f"{TEXT}{LINE}", frame),
        bad("cut-off", "no newline at the end", f"{TEXT}\n{LINE}"[:-1], frame),
        bad(
            "empty-line-at-end", "the text would end there", f"{TEXT}\n{LINE}\n", frame
        ),
        bad(
            "empty-line-between-signatures",
            "the first line belongs to the text, and what follows is no signature",
            f"{TEXT}\n{LINE}\n\n{LINE}x\n",
            frame,
        ),
    ]


def _bad_characters() -> list[Case]:
    whole = f"{TEXT}\n{LINE}"
    encoded = whole.encode()
    return [
        bad("crlf", "carriage returns", whole.replace("\n", "\r\n"), "character"),
        bad("crlf-in-text", "one is enough", f"a\r\n\n{LINE}", "character"),
        bad("tab", "U+0009", f"a\tb\n\n{LINE}", "character"),
        bad("null", "U+0000", f"a\0b\n\n{LINE}", "character"),
        bad(
            "escape", "U+001B, which moves terminals", f"\x1b[2J\n\n{LINE}", "character"
        ),
        bad("unit-separator", "U+001F, the last", f"\x1f\n\n{LINE}", "character"),
        bad(
            "control-in-name",
            "also in a line by an unknown key",
            f"{TEXT}\n\N{EM DASH} a\x01b {B64}\n",
            "character",
        ),
        bad("lone-byte", "0xFF is never UTF-8", b"\xff" + encoded, "utf-8"),
        bad(
            "overlong",
            "0xC0 0xAF, a slash in two bytes",
            b"\xc0\xaf" + encoded,
            "utf-8",
        ),
        bad("surrogate", "U+D800 as three bytes", b"\xed\xa0\x80" + encoded, "utf-8"),
        bad(
            "beyond-unicode",
            "0xF4 0x90 0x80 0x80, U+110000",
            b"\xf4\x90\x80\x80" + encoded,
            "utf-8",
        ),
        bad("half-a-character", "two of three bytes", b"\xe2\x80\n" + encoded, "utf-8"),
    ]


def _row(name: str, description: str, row: str, error: str) -> Case:
    return bad(name, description, f"{TEXT}\n{row}\n", error)


def _bad_lines() -> list[Case]:
    dash = "\N{EM DASH}"
    given = f"{TEXT}\n{LINE}"
    return [
        bad("other-words-after", "every line is a signature", f"{given}x\n", "line"),
        bad("other-words-before", "likewise", f"{TEXT}\nx\n{LINE}", "line"),
        _row("hyphen", "U+002D is no em dash", f"- a {B64}", "line"),
        _row("en-dash", "U+2013 is no em dash", f"\N{EN DASH} a {B64}", "line"),
        _row("no-space-after-dash", "one space", f"{dash}a {B64}", "line"),
        _row("two-spaces-after-dash", "the name is empty", f"{dash}  {B64}", "name"),
        _row("two-spaces-after-name", "not base64", f"{dash} a  {B64}", "base64"),
        _row("space-at-end", "not base64", f"{dash} a {B64} ", "base64"),
        _row("no-signature", "a name alone", f"{dash} a", "base64"),
        _row("empty-signature", "a name and a space", f"{dash} a ", "base64"),
        _row("no-name", "the name is what is missing", f"{dash} {B64}", "line"),
        _row(
            "plus-in-name",
            "it separates the parts of keys",
            f"{dash} a+b {B64}",
            "name",
        ),
        _row("no-break-space-in-name", "U+00A0", f"{dash} a\xa0b {B64}", "name"),
        _row("next-line-in-name", "U+0085 is a space", f"{dash} a\x85b {B64}", "name"),
        _row("em-space-in-name", "U+2003", f"{dash} a\u2003b {B64}", "name"),
        _row("wide-space-in-name", "U+3000", f"{dash} a\u3000b {B64}", "name"),
        _row("line-separator-in-name", "U+2028", f"{dash} a\u2028b {B64}", "name"),
        _row("base64-not-padded", "RFC 4648, 3.2", f"{dash} a AAAAAAA", "base64"),
        _row("base64-padded-twice", "too much", f"{dash} a AAAAAAA==", "base64"),
        _row("base64-for-urls", "section 5, not 4", f"{dash} a AAAAA__-", "base64"),
        _row("base64-with-a-dot", "no such letter", f"{dash} a AAAAA.AA", "base64"),
        _row(
            "hexadecimal", "an odd number of letters", f"{dash} a {ID.hex()}1", "base64"
        ),
        _row("three-bytes", "less than a key ID", f"{dash} a AAAA", "length"),
    ]


def _ours() -> list[Case]:
    dash = "\N{EM DASH}"
    many = "".join(line(f"w{n}.example", ID, b"12") for n in range(65))
    return [
        ours(
            _row(
                "stray-bits-in-base64", "RFC 4648, 3.5", f"{dash} a AAAAAAB=", "base64"
            )
        ),
        ours(
            _row(
                "key-id-alone",
                "a signature of no bytes",
                f"{dash} a AAAAAA==",
                "length",
            )
        ),
        ours(_row("name-256-bytes", "our limit", f"{dash} {'x' * 256} {B64}", "name")),
        ours(bad("65-signatures", "our limit is 64", f"{TEXT}\n{many}", "limit")),
    ]

"""Lines of words: the syntax in which policies and quorums are written.

octets -> Statements, one for each line that says something (C2SP tlog-policy)

    # Two of the three are enough.
    group X-witnesses 2 X1 X2 X3

Words stand between spaces and tabs. They are opaque octets, whatever alphabet somebody
meant by them; here they are texts in which every octet that is not UTF-8 has a stand-in
(Python's surrogateescape), so two words are equal just if all their octets are.
`quorum` and `policy` say what statements mean.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from assent.translog.errors import PolicyMalformed

POLICY_BYTES_MAX = 2_000_000  # 256 logs and 256 witnesses with keys of ML-DSA-44: 1 MB
_ALLOWED = bytes([0x09, 0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)])
_SHOWN_MAX = 60  # characters of a word that a message repeats


@dataclass(frozen=True, slots=True)
class Statement:
    """The words of one line, at least one, and the line's number from 1."""

    line: int
    words: tuple[str, ...]

    @property
    def keyword(self) -> str:
        """Return the first word, which says what the others are."""
        return self.words[0]

    def malformed(self, why: str) -> PolicyMalformed:
        """Return the error that names this line and what is wrong with it."""
        return malformed(why, line=self.line)


def parse_statements(data: bytes) -> list[Statement]:
    """Return the statements in a file; empty lines and comments are none.

    A last line without its newline counts, as it does for other readers of policies.

    Raises:
        PolicyMalformed: if the file is too long, or holds an octet that may not be.

    """
    if len(data) > POLICY_BYTES_MAX:
        raise malformed(f"it is longer than {POLICY_BYTES_MAX:,} bytes")
    if stray := data.translate(None, _ALLOWED):
        line = data.count(b"\n", 0, data.index(stray[:1])) + 1
        raise malformed(f"the octet {stray[0]:#04x} may not be in it", line=line)
    rows = enumerate((row.split() for row in data.split(b"\n")), start=1)
    return [
        Statement(line, tuple(decode_word(word) for word in words))
        for line, words in rows
        if words and not words[0].startswith(b"#")
    ]


def encode_statements(rows: Iterable[Iterable[str]]) -> bytes:
    """Return a file with one statement a line, from the words of each."""
    return b"".join(
        b" ".join(encode_word(word) for word in row) + b"\n" for row in rows
    )


def decode_word(octets: bytes) -> str:
    """Return the text that stands for these octets and no others."""
    return octets.decode("utf-8", "surrogateescape")


def encode_word(word: str) -> bytes:
    """Return the octets that a text stands for."""
    return word.encode("utf-8", "surrogateescape")


def show(word: str) -> str:
    """Return a word as a message may repeat it: quoted, escaped and not too long."""
    return repr(word if len(word) <= _SHOWN_MAX else f"{word[:_SHOWN_MAX]}…")


def malformed(why: str, *, line: int | None = None) -> PolicyMalformed:
    """Return the error that says what is wrong, and in which line."""
    place = f"Line {line} of this policy is wrong" if line else "This is no policy"
    return PolicyMalformed(
        f"{place}: {why}.",
        remedy="Mend it, or get the policy again from whoever wrote it.",
    )

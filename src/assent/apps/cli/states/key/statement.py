"""Say in words what a signed statement is, so that its signer can read it.

Envelope -> lines

Every field is shown, for every field is signed. A statement whose type assent does not
know is refused unless the signer names the type: nobody signs what nobody can explain.
"""

import json
from collections.abc import Iterator
from hashlib import sha256

from assent.vocabulary import DocumentInvalid, InputError, Refused, parse_canonical
from assent.vocabulary.envelope import Envelope

VOTE_TYPE = "application/vnd.assent.vote+json"
KNOWN = {  # type of payload: what it is, and what signing it does
    "application/vnd.assent.permit+json": (
        "A PERMIT to train. Your signature counts towards the quorum that grants it.",
        "Members sign permits by voting: `assent vote cast` shows the proposal too.",
    ),
    "application/vnd.assent.permit-change+json": (
        "A CHANGE TO A PERMIT. Your signature counts towards the quorum that makes it.",
        "Members sign changes by voting: `assent vote cast` shows the proposal too.",
    ),
    "application/vnd.assent.pause-order+json": (
        "AN ORDER to pause or to resume. Your signature is your vote for it.",
        "Members sign orders with `assent pause sign`, which says what stops.",
    ),
    "application/vnd.assent.lease+json": (
        "A LEASE: for a short time, jobs of a permitted run may start at a site.",
    ),
}
LINES_MAX = 2_000  # more than anybody reads on a screen
DEPTH_MAX = 30
_DIGITS_GROUPED = 7  # a number longer than this is hard to read


class StatementUnexplained(Refused):
    """What a statement says cannot be shown, so it is not signed."""


def describe_statement(envelope: Envelope, payload_type: str | None) -> list[str]:
    """Return what an envelope states, one line for each thing.

    Args:
        envelope: believed in nothing.
        payload_type: the type that the signer named, if any.

    Raises:
        InputError: if the signer named another type.
        StatementUnexplained: if assent does not know the type and the signer named
            none, if it is a vote, or if what it says cannot be shown.

    """
    if payload_type is not None and payload_type != envelope.payload_type:
        raise InputError(
            f"The statement is of type {envelope.payload_type}, not {payload_type!r}.",
            remedy="Sign the statement that you meant.",
        )
    if envelope.payload_type == VOTE_TYPE:
        raise StatementUnexplained(
            "This is a vote, which does not show what is voted on.",
            remedy="Vote with `assent vote cast`, which shows the proposal.",
        )
    headline = KNOWN.get(envelope.payload_type)
    if headline is None and payload_type is None:
        raise StatementUnexplained(
            f"assent cannot say what a statement of type {envelope.payload_type} is.",
            remedy=f"If you know, give --type {envelope.payload_type}.",
        )
    return [
        *(headline or (f"A STATEMENT OF THE TYPE {envelope.payload_type}.",)),
        *_fields(envelope.payload, is_known=headline is not None),
        f"SHA-256 of all this: {sha256(envelope.payload).hexdigest()}",
        f"signatures so far, not verified: {len(envelope.signatures)}",
    ]


def _fields(payload: bytes, *, is_known: bool) -> list[str]:
    try:
        value = parse_canonical(payload)
    except DocumentInvalid:
        if not is_known:
            return [f"{len(payload):,} bytes that assent cannot read"]
        raise StatementUnexplained(
            "The statement is not in canonical JSON, as its type demands.",
            remedy="Ask for it again; do not sign this.",
        ) from None
    lines: list[str] = []
    for line in _lines(value, "", 0):
        if len(lines) == LINES_MAX:
            raise StatementUnexplained(
                f"The statement has more than {LINES_MAX:,} fields.",
                remedy="Ask for one that can be read.",
            )
        lines.append(line)
    return lines


def _lines(value: object, path: str, depth: int) -> Iterator[str]:
    if depth > DEPTH_MAX:
        raise StatementUnexplained(
            f"The statement nests deeper than {DEPTH_MAX}.",
            remedy="Ask for one that can be read.",
        )
    if isinstance(value, dict) and value:
        for key, item in value.items():
            name = key if key.isidentifier() else _quoted(key)
            yield from _lines(item, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list) and value:
        for place, item in enumerate(value, 1):
            yield from _lines(item, f"{path} {place}", depth + 1)
    else:
        yield f"{path}: {_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, str):
        is_long_number = value.isascii() and value.isdigit() and value[0] != "0"
        if is_long_number and len(value) > _DIGITS_GROUPED:
            return f"{value} (about {value[0]}.{value[1:4]}e{len(value) - 1})"
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    return str(value)


def _quoted(text: str) -> str:
    """Quote a foreign text, so that none of it passes for a line of ours."""
    quoted = json.dumps(text, ensure_ascii=False)
    for count in (64, 16, 4):  # rows of spaces would push the rest to another line
        quoted = quoted.replace(" " * count, f"<{count} spaces>")
    return quoted

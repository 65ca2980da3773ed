"""Cases of `cosignature.json`: who cosigned a tree head or a subtree, and when."""

from dataclasses import replace

from tests.edwards25519 import NEUTRAL, ORDER, encode
from tests.vectors.translog.cases.case import Case, bad, good, ours
from tests.vectors.translog.parties import (
    ED25519,
    LOG,
    ML_DSA_W,
    TIME_S,
    TREE,
    W1,
    W2,
    Head,
    Party,
    b64,
    cosignature,
    cosigned_message,
    head_message,
    head_of,
    log_signature,
    note,
    subtree_cosignature,
)

HEAD = head_of(14)
SIGNED = log_signature(LOG, HEAD)
LATEST_S = 2**63 - 1


def cases() -> list[Case]:
    return [
        *_good_heads(),
        *_bad_heads(W1),
        *_bad_heads(ML_DSA_W),
        *_bad_ed25519(),
        *_bad_ml_dsa_44(),
        *_good_subtrees(),
        *_bad_subtrees(),
    ]


def _accepted(
    name: str,
    description: str,
    given: str,
    cosigners: dict[Party, int],
    *,
    head: Head = HEAD,
) -> Case:
    expected = {
        "cosigners": [
            {
                "key": by.ref,
                "time_s": str(time_s),
                "message": b64(head_message(by, head, time_s)),
            }
            for by, time_s in cosigners.items()
        ]
    }
    keys = [by.ref for by in (W1, W2, ML_DSA_W)]
    return good(name, description, given, witness_keys=keys, expected=expected)


def _refused(name: str, description: str, given: str, error: str) -> Case:
    keys = [by.ref for by in (W1, W2, ML_DSA_W)]
    return bad(name, description, given, error, witness_keys=keys)


def _good_heads() -> list[Case]:
    extended = head_of(14, "one extension")
    empty = head_of(0)
    unknown = Party("w9.example", W1.kind, W1.seed)
    renewed = Party(W1.name, W1.kind, bytes(32))
    by_both = (cosignature(W1, HEAD, TIME_S + 1), cosignature(ML_DSA_W, HEAD))
    twice = (cosignature(W1, HEAD, TIME_S + 9), cosignature(W1, HEAD, TIME_S))
    found = []
    for kind, by in (("ed25519", W1), ("ml-dsa-44", ML_DSA_W)):
        found += [
            _accepted(
                kind,
                "one witness",
                note(HEAD.text, SIGNED, cosignature(by, HEAD)),
                {by: TIME_S},
            ),
            _accepted(
                f"{kind}-alone",
                "the log's signature is another matter",
                note(HEAD.text, cosignature(by, HEAD)),
                {by: TIME_S},
            ),
            _accepted(
                f"{kind}-first-second",
                "time 1",
                note(HEAD.text, cosignature(by, HEAD, 1)),
                {by: 1},
            ),
            _accepted(
                f"{kind}-last-second",
                "time 2**63 - 1",
                note(HEAD.text, cosignature(by, HEAD, LATEST_S)),
                {by: LATEST_S},
            ),
            _accepted(
                f"{kind}-no-entries",
                "size 0",
                note(empty.text, cosignature(by, empty)),
                {by: TIME_S},
                head=empty,
            ),
            _accepted(
                f"{kind}-extension",
                "covered by Ed25519 and not by ML-DSA-44",
                note(extended.text, cosignature(by, extended)),
                {by: TIME_S},
                head=extended,
            ),
        ]
    return [
        *found,
        _accepted(
            "both-kinds",
            "two witnesses",
            note(HEAD.text, SIGNED, *by_both),
            {W1: TIME_S + 1, ML_DSA_W: TIME_S},
        ),
        _accepted(
            "twice",
            "one witness at two times: the later",
            note(HEAD.text, *twice),
            {W1: TIME_S + 9},
        ),
        _accepted("none", "the log alone", note(HEAD.text, SIGNED), {}),
        _accepted(
            "unknown-witness",
            "ignored",
            note(HEAD.text, cosignature(unknown, HEAD), cosignature(W1, HEAD)),
            {W1: TIME_S},
        ),
        _accepted(
            "other-key-of-a-witness",
            "an ID that is not known: ignored",
            note(HEAD.text, cosignature(renewed, HEAD)),
            {},
        ),
        _accepted(
            "garbage-by-unknown",
            "ignored",
            note(HEAD.text, unknown.line(b"x"), cosignature(W2, HEAD)),
            {W2: TIME_S},
        ),
        _accepted(
            "extension-not-covered",
            "an ML-DSA-44 cosignature of the same tree without the extension",
            note(extended.text, cosignature(ML_DSA_W, HEAD)),
            {ML_DSA_W: TIME_S},
            head=extended,
        ),
    ]


def _timed(by: Party, message: bytes, time_s: int = TIME_S) -> str:
    return by.line(time_s.to_bytes(8, "big") + by.sign(message))


def _bad_heads(by: Party) -> list[Case]:
    kind = "ed25519" if by is W1 else "ml-dsa-44"
    raw = by.sign(head_message(by, HEAD, TIME_S))
    time = TIME_S.to_bytes(8, "big")
    good_line = by.line(time + raw)
    later = by.line((TIME_S + 1).to_bytes(8, "big") + raw)

    def refused(name: str, description: str, error: str, *lines: str) -> Case:
        return _refused(f"{kind}-{name}", description, note(HEAD.text, *lines), error)

    def of(name: str, description: str, head: Head) -> Case:
        return refused(name, description, "cosignature", cosignature(by, head))

    beyond = _timed(by, head_message(by, HEAD, 2**63), 2**63)
    zero = _timed(by, head_message(by, HEAD, 0), 0)
    return [
        of("of-another-size", "copied from size 13", replace(HEAD, size=13)),
        of(
            "of-another-root", "copied from a split view", replace(HEAD, root=bytes(32))
        ),
        of("of-another-origin", "copied from another log", replace(HEAD, origin="a")),
        refused("of-another-time", "the time is covered", "cosignature", later),
        refused(
            "little-endian-time",
            "the time is big-endian",
            "cosignature",
            by.line(TIME_S.to_bytes(8, "little") + raw),
        ),
        refused(
            "zeros", "no signature", "cosignature", by.line(time + bytes(len(raw)))
        ),
        refused("cut", "a byte short", "length", by.line(time + raw[:-1])),
        refused("longer", "a byte long", "length", by.line(time + raw + b"\0")),
        refused("without-time", "a bare signature", "length", by.line(raw)),
        refused("time-alone", "eight bytes", "length", by.line(time)),
        refused("beyond-last-second", "time 2**63, though signed", "time", beyond),
        ours(
            refused("time-zero", "tells nothing of the newest tree head", "time", zero)
        ),
        ours(
            refused(
                "forged-after-good",
                "the note SHOULD be rejected",
                "cosignature",
                good_line,
                later,
            )
        ),
        ours(
            refused(
                "forged-before-good",
                "the note SHOULD be rejected",
                "cosignature",
                later,
                good_line,
            )
        ),
    ]


def _bad_ed25519() -> list[Case]:
    head, time = f"cosignature/v1\ntime {TIME_S}\n", TIME_S.to_bytes(8, "big")
    raw = W1.sign(head_message(W1, HEAD, TIME_S))
    s = int.from_bytes(raw[32:], "little") + ORDER
    extended = head_of(14, "one extension")
    log_key = Party(W1.name, ED25519, W1.seed)

    def refused(name: str, description: str, row: str) -> Case:
        return _refused(name, description, note(HEAD.text, row), "cosignature")

    def over(name: str, description: str, message: str) -> Case:
        return refused(name, description, _timed(W1, message.encode()))

    return [
        over("ed25519-plain", "signed as a log signs: the text alone", HEAD.text),
        over("ed25519-without-header", "no first line", f"time {TIME_S}\n{HEAD.text}"),
        over(
            "ed25519-without-time-line",
            "no second line",
            f"cosignature/v1\n{HEAD.text}",
        ),
        over(
            "ed25519-other-header",
            "a version there is not",
            f"cosignature/v2\ntime {TIME_S}\n{HEAD.text}",
        ),
        over(
            "ed25519-time-with-zero",
            "the time in two spellings",
            f"cosignature/v1\ntime 0{TIME_S}\n{HEAD.text}",
        ),
        over("ed25519-without-last-newline", "of the text", f"{head}{HEAD.text}"[:-1]),
        over(
            "ed25519-with-log-signature",
            "the text alone is covered",
            f"{head}{note(HEAD.text, SIGNED)}",
        ),
        over(
            "ed25519-first-three-lines",
            "extension lines are covered too; these are of a head with one",
            f"{head}{extended.text}",
        ),
        refused(
            "ed25519-s-plus-order",
            "S is not below the order of the group",
            W1.line(time + raw[:32] + s.to_bytes(32, "little")),
        ),
        refused(
            "ed25519-r-of-small-order",
            "a forgery",
            W1.line(time + encode(NEUTRAL) + raw[32:]),
        ),
        _refused(
            "ed25519-extension-left-out",
            "covered: only the first three lines were",
            note(extended.text, cosignature(W1, HEAD)),
            "cosignature",
        ),
        _accepted(
            "key-for-logs",
            "the same key with its ID for plain notes: unknown",
            note(HEAD.text, log_signature(log_key, HEAD)),
            {},
        ),
    ]


def _bad_ml_dsa_44() -> list[Case]:
    name, origin, size, root = ML_DSA_W.name, HEAD.origin, HEAD.size, HEAD.root
    right = cosigned_message(name, TIME_S, origin, 0, size, root)
    renamed = cosigned_message("w9.example", TIME_S, origin, 0, size, root)
    started = cosigned_message(name, TIME_S, origin, 1, size, root)
    text = head_message(W1, HEAD, TIME_S)
    messages = {
        "other-cosigner": (renamed, "the cosigner's name is covered"),
        "other-start": (started, "a tree starts at 0"),
        "other-label": (right.replace(b"v1", b"v2"), "a version there is not"),
        "label-without-null": (right.replace(b"\n\0", b"\n", 1), "12 bytes"),
        "names-not-measured": (
            right.replace(bytes([len(name)]) + name.encode(), name.encode()),
            "each name follows its length in a byte",
        ),
        "little-endian": (
            right.replace(size.to_bytes(8, "big"), size.to_bytes(8, "little")),
            "numbers are big-endian",
        ),
        "text": (text, "signed as by Ed25519"),
    }
    return [
        _refused(
            f"ml-dsa-44-{what}",
            why,
            note(HEAD.text, _timed(ML_DSA_W, message)),
            "cosignature",
        )
        for what, (message, why) in messages.items()
    ]


def _subtree(
    start: int, end: int, root: bytes | None = None, by: Party = ML_DSA_W
) -> dict[str, str]:
    value = TREE.mth(start, end) if root is None else root
    return {
        "origin": LOG.name,
        "start": str(start),
        "end": str(end),
        "hash": b64(value),
        "key": by.ref,
    }


def _good_subtrees() -> list[Case]:
    ranges = [
        (0, 8, "complete-subtree", "eight leaves"),
        (8, 13, "subtree-of-five", "as C2SP tlog-witness has it"),
        (5, 6, "subtree-of-a-leaf", "any leaf is a subtree"),
        (0, 14, "subtree-is-the-tree", "from 0 to its size, and no time"),
        (256, 300, "subtree-far-right", "a multiple of 64"),
    ]
    found = []
    for start, end, name, description in ranges:
        root = TREE.mth(start, end)
        message = cosigned_message(ML_DSA_W.name, 0, LOG.name, start, end, root)
        found.append(
            good(
                name,
                description,
                subtree_cosignature(ML_DSA_W, LOG.name, start, end, root),
                subtree=_subtree(start, end),
                expected={"message": b64(message)},
            )
        )
    return found


def _bad_subtrees() -> list[Case]:
    root = TREE.mth(8, 13)
    good_line = subtree_cosignature(ML_DSA_W, LOG.name, 8, 13, root)
    whole = TREE.mth(0, 14)

    def refused(
        name: str, description: str, row: str, subtree: dict[str, str], error: str
    ) -> Case:
        return bad(f"subtree-{name}", description, row, error, subtree=subtree)

    def timed(start: int, end: int, value: bytes) -> str:
        return _timed(
            ML_DSA_W,
            cosigned_message(ML_DSA_W.name, TIME_S, LOG.name, start, end, value),
        )

    forged = "cosignature"
    return [
        refused("other-start", "of [8, 13)", good_line, _subtree(12, 13, root), forged),
        refused("other-end", "of [8, 13)", good_line, _subtree(8, 12, root), forged),
        refused("other-hash", "of [8, 13)", good_line, _subtree(8, 13, whole), forged),
        refused(
            "other-origin",
            "of another log",
            subtree_cosignature(ML_DSA_W, "other.example/log", 8, 13, root),
            _subtree(8, 13),
            forged,
        ),
        refused(
            "with-time",
            "only trees from 0 have one",
            timed(8, 13, root),
            _subtree(8, 13),
            "time",
        ),
        ours(
            refused(
                "tree-with-time",
                "a cosignature of the tree head, taken for one of a subtree",
                timed(0, 14, whole),
                _subtree(0, 14),
                "time",
            )
        ),
        refused(
            "ed25519",
            "that kind cosigns no subtrees",
            W1.line(
                bytes(8) + W1.sign(cosigned_message(W1.name, 0, LOG.name, 8, 13, root))
            ),
            _subtree(8, 13, by=W1),
            "kind",
        ),
        refused(
            "cut",
            "a byte short",
            ML_DSA_W.line(bytes(8 + 2419)),
            _subtree(8, 13),
            "length",
        ),
        ours(
            refused(
                "not-a-subtree",
                "[1, 3) is in no tree",
                subtree_cosignature(ML_DSA_W, LOG.name, 1, 3, root),
                _subtree(1, 3, root),
                "subtree",
            )
        ),
        ours(
            refused(
                "empty",
                "no leaves are no subtree",
                subtree_cosignature(ML_DSA_W, LOG.name, 8, 8, root),
                _subtree(8, 8, root),
                "subtree",
            )
        ),
    ]

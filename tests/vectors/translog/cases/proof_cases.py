"""Cases of `proof.json`: which proofs show an entry to be in a log."""

from dataclasses import replace

from tests.rfc6962 import leaf_hash
from tests.vectors.translog.cases.case import Case, bad, good, ours
from tests.vectors.translog.parties import (
    ENTRIES,
    LOG,
    ML_DSA_LOG,
    ML_DSA_W,
    OTHER_LOG,
    STRANGER,
    TREE,
    W1,
    W2,
    W3,
    Head,
    Party,
    b64,
    cosignature,
    hash_lines,
    head_of,
    log_signature,
    note,
    signed,
)

MARK = "c2sp.org/tlog-proof@v1\n"
HEAD = head_of(14)
ENTRY = ENTRIES[9]
HASHES = TREE.path(9, 0, 14)
LOG_ALONE = f"log {LOG.vkey}\nquorum none\n"
TWO_OF_THREE = (
    f"log {LOG.vkey}\n"
    f"witness X1 {W1.vkey}\nwitness X2 {W2.vkey}\nwitness X3 {W3.vkey}\n"
    "group g 2 X1 X2 X3\nquorum g\n"
)
ML_DSA_POLICY = f"log {ML_DSA_LOG.vkey}\nwitness X4 {ML_DSA_W.vkey}\nquorum X4\n"


def cases() -> list[Case]:
    return [
        *_places(),
        *_extras(),
        *_policies(),
        *_bad_forms(),
        *_bad_heads(),
        *_bad_hashes(),
        *_quorum_missed(),
        *_ours(),
    ]


def proof(
    index: int | str = 9,
    hashes: str | None = None,
    given: str | None = None,
    *,
    extra: str = "",
) -> str:
    middle = hash_lines(HASHES) if hashes is None else hashes
    tail = signed(HEAD, LOG) if given is None else given
    return f"{MARK}{extra}index {index}\n{middle}\n{tail}"


def _accepted(  # noqa: PLR0913 - what goes in and what comes out
    name: str,
    description: str,
    text: str,
    *,
    index: int = 9,
    size: int = 14,
    extra: bytes = b"",
    policy: str = LOG_ALONE,
    entry: bytes | None = None,
    cosigners: tuple[str, ...] = (),
    hashes: int | None = None,
) -> Case:
    count = len(TREE.path(index, 0, size)) if hashes is None else hashes
    return good(
        name,
        description,
        text,
        policy=policy,
        entry=b64(ENTRIES[index] if entry is None else entry),
        expected={
            "index": str(index),
            "size": str(size),
            "hashes": count,
            "extra": b64(extra),
            "cosigners": list(cosigners),
        },
    )


def _refused(  # noqa: PLR0913 - what goes in
    name: str,
    description: str,
    text: str | bytes,
    error: str,
    *,
    policy: str = LOG_ALONE,
    entry: bytes = ENTRY,
) -> Case:
    return bad(name, description, text, error, policy=policy, entry=b64(entry))


def _of(index: int, size: int) -> str:
    hashes = hash_lines(TREE.path(index, 0, size))
    return proof(index, hashes, signed(head_of(size), LOG))


def _places() -> list[Case]:
    places = [
        (0, 1, "the only leaf: no hashes"),
        (0, 2, "the left of two"),
        (1, 2, "the right of two"),
        (2, 3, "the last of an odd number"),
        (6, 7, "the right edge, level by level"),
        (0, 14, "the first"),
        (13, 14, "the last"),
        (9, 14, "in the middle"),
        (255, 256, "the last of a full tile"),
        (256, 257, "the first of the next"),
        (299, 300, "the last of many"),
    ]
    return [
        _accepted(
            f"leaf-{index}-of-{size}",
            description,
            _of(index, size),
            index=index,
            size=size,
        )
        for index, size, description in places
    ]


def _extras() -> list[Case]:
    extended = head_of(14, "one extension")
    return [
        _accepted(
            "extra-is-something-else",
            "opaque by the format: what it is does not matter",
            proof(extra=f"extra {b64(b'else')}\n"),
            extra=b"else",
        ),
        _accepted(
            "extra-is-the-entry",
            "as assent carries it",
            proof(extra=f"extra {b64(ENTRY)}\n"),
            extra=ENTRY,
        ),
        _single("long-entry", "65,535 bytes would be too", b"x" * 1000),
        _single("empty-entry", "an entry of no bytes", b""),
        _accepted(
            "head-with-extension",
            "the first empty line ends the hashes",
            proof(given=signed(extended, LOG)),
        ),
    ]


def _single(name: str, description: str, entry: bytes) -> Case:
    head = Head(LOG.name, 1, leaf_hash(entry))
    text = proof(
        0, "", signed(head, LOG), extra=f"extra {b64(entry)}\n" if entry else ""
    )
    return _accepted(name, description, text, index=0, size=1, entry=entry, extra=entry)


def _cosigned(*witnesses: Party, head: Head = HEAD, by: Party = LOG) -> str:
    lines = [cosignature(witness, head) for witness in witnesses]
    return note(head.text, log_signature(by, head), *lines)


def _policies() -> list[Case]:
    both = f"log {OTHER_LOG.vkey}\n{LOG_ALONE}"
    unknown = _cosigned(ML_DSA_W)
    return [
        _accepted(
            "quorum",
            "two of three witnesses",
            proof(given=_cosigned(W1, W3)),
            policy=TWO_OF_THREE,
            cosigners=("X1", "X3"),
        ),
        _accepted(
            "more-than-the-quorum",
            "all three",
            proof(given=_cosigned(W1, W2, W3)),
            policy=TWO_OF_THREE,
            cosigners=("X1", "X2", "X3"),
        ),
        _accepted(
            "ml-dsa-44",
            "log and witness",
            proof(given=_cosigned(ML_DSA_W, by=ML_DSA_LOG)),
            policy=ML_DSA_POLICY,
            cosigners=("X4",),
        ),
        _accepted("two-logs-known", "the proof says which", proof(), policy=both),
        _accepted("unknown-witness", "ignored", proof(given=unknown)),
    ]


def _bad_forms() -> list[Case]:
    whole, form = proof(), "proof-form"
    hashes = hash_lines(HASHES)
    short, long = b64(HASHES[0][:31]), b64(HASHES[0] + b"\0")
    first, rest = hash_lines(HASHES[:1]), hash_lines(HASHES[1:])
    index = ["09", "+9", "-9", " 9", "9 ", "0x9", ""]
    return [
        _refused("nothing", "no bytes", "", form),
        _refused(
            "no-mark", "the first line is missing", whole.removeprefix(MARK), form
        ),
        _refused("other-version", "not v1", whole.replace("@v1", "@v2"), form),
        _refused("space-after-mark", "exactly", whole.replace("@v1", "@v1 "), form),
        _refused("byte-order-mark", "exactly", f"\ufeff{whole}", form),
        _refused("crlf", "carriage returns", whole.replace("\n", "\r\n"), form),
        _refused(
            "no-index",
            "straight to the hashes",
            f"{MARK}{hashes}\n{signed(HEAD, LOG)}",
            form,
        ),
        _refused(
            "index-twice",
            "the second is no hash",
            whole.replace("index 9", "index 9\nindex 9"),
            form,
        ),
        _refused("index-in-capitals", "exactly", whole.replace("index", "Index"), form),
        *(
            _refused(f"index-{number}", f"{text[:25]!r} is no index", proof(text), form)
            for number, text in enumerate(index, start=1)
        ),
        _refused("extra-without-space", "no index line", proof(extra="extra\n"), form),
        _refused(
            "extra-after-index",
            "no hash",
            proof(hashes=f"extra {b64(ENTRY)}\n{hashes}"),
            form,
        ),
        _refused(
            "extra-twice",
            "no index line",
            proof(extra=f"extra {b64(ENTRY)}\n" * 2),
            form,
        ),
        _refused(
            "extra-not-base64", "no padding", proof(extra="extra AAAAAAA\n"), form
        ),
        _refused("hash-of-31-bytes", "cut", proof(hashes=f"{short}\n{rest}"), form),
        _refused("hash-of-33-bytes", "long", proof(hashes=f"{long}\n{rest}"), form),
        _refused(
            "hash-with-space",
            "at its end",
            proof(hashes=f"{first[:-1]} \n{rest}"),
            form,
        ),
        _refused(
            "hash-hexadecimal",
            "64 digits",
            proof(hashes=f"{HASHES[0].hex()}\n{rest}"),
            form,
        ),
        _refused(
            "hashes-in-one-line", "one a line", proof(hashes=first[:-1] + rest), form
        ),
        _refused(
            "empty-line-between-hashes",
            "the tree head would start there",
            proof(hashes=f"{first}\n{rest}"),
            "tree-head",
        ),
        _refused(
            "two-empty-lines",
            "the tree head would start with one",
            proof(hashes=f"{hashes}\n"),
            "tree-head",
        ),
        _refused(
            "no-empty-line",
            "the tree head is no hash",
            whole.replace(f"\n\n{LOG.name}", f"\n{LOG.name}"),
            form,
        ),
        _refused(
            "no-tree-head",
            "it ends after the hashes",
            f"{MARK}index 9\n{hashes}\n",
            "note",
        ),
        _refused(
            "64-hashes",
            "no tree is so deep",
            proof(hashes=hash_lines([bytes(32)] * 64)),
            form,
        ),
        _refused("not-ascii", "an index in wide digits", proof("\uff19"), form),
        _refused("not-utf-8", "0xFF", whole.encode().replace(b"index", b"\xff"), form),
    ]


def _bad_heads() -> list[Case]:
    text = signed(HEAD, LOG)
    forged = note(HEAD.text, LOG.line(bytes(64)))
    other = signed(replace(HEAD, origin=OTHER_LOG.name), OTHER_LOG)
    return [
        _refused("cut-off", "no newline at the end", proof()[:-1], "note"),
        _refused(
            "no-signature", "the note is cut", proof(given=HEAD.text + "\n"), "note"
        ),
        _refused(
            "size-with-leading-zero",
            "no tree head",
            proof(given=text.replace("\n14\n", "\n014\n")),
            "tree-head",
        ),
        _refused(
            "unsigned", "by a stranger", proof(given=signed(HEAD, STRANGER)), "unsigned"
        ),
        _refused("forged", "by nobody", proof(given=forged), "signature"),
        _refused(
            "other-size",
            "signed for 14",
            proof(given=text.replace("\n14\n", "\n15\n")),
            "signature",
        ),
        _refused(
            "log-not-known", "the policy names another", proof(given=other), "origin"
        ),
        _refused(
            "policy-of-another-log",
            "it names one",
            proof(),
            "origin",
            policy=f"log {OTHER_LOG.vkey}\nquorum none\n",
        ),
    ]


def _bad_hashes() -> list[Case]:
    flipped = [bytes([HASHES[0][0] ^ 1]) + HASHES[0][1:], *HASHES[1:]]
    swapped = [HASHES[1], HASHES[0], *HASHES[2:]]
    wrong, root = "inclusion", HEAD.root

    def refused(
        name: str, description: str, hashes: list[bytes], index: int | str = 9
    ) -> Case:
        return _refused(name, description, proof(index, hash_lines(hashes)), wrong)

    return [
        _refused("another-entry", "of index 8", proof(), wrong, entry=ENTRIES[8]),
        _refused(
            "the-leaf-hash-itself",
            "given as the entry",
            proof(),
            wrong,
            entry=leaf_hash(ENTRY),
        ),
        refused("a-bit-flipped", "in the first hash", flipped),
        refused("hashes-swapped", "the order is from the leaf up", swapped),
        refused("hash-left-out", "one too few", HASHES[:-1]),
        refused("no-hashes", "all left out", []),
        refused("hash-added", "one too many", [*HASHES, root]),
        refused("63-hashes", "as many as may be, and too many", [bytes(32)] * 63),
        refused("other-index", "8 is its sibling", HASHES, 8),
        refused("index-is-the-size", "the last is 13", HASHES, 14),
        refused("index-beyond-the-size", "the last is 13", HASHES, 2**63 - 1),
        _refused(
            "index-in-empty-tree",
            "there are no leaves",
            proof(0, "", signed(head_of(0), LOG)),
            wrong,
            entry=b"",
        ),
        _refused(
            "node-as-an-entry",
            "the two hashes of a node, given as an entry, do not hash like one",
            proof(4, hash_lines(HASHES[1:]), signed(HEAD, LOG)),
            wrong,
            entry=TREE.leaves[8] + TREE.leaves[9],
        ),
    ]


def _quorum_missed() -> list[Case]:
    copied = cosignature(W2, replace(HEAD, size=13))
    renamed = Party(W1.name, W1.kind, bytes(32))

    def refused(name: str, description: str, given: str, error: str) -> Case:
        return _refused(
            name, description, proof(given=given), error, policy=TWO_OF_THREE
        )

    return [
        refused("no-witness", "two are needed", signed(HEAD, LOG), "quorum"),
        refused("one-witness", "two are needed", _cosigned(W1), "quorum"),
        refused(
            "one-witness-twice",
            "counts once",
            note(
                HEAD.text,
                log_signature(LOG, HEAD),
                cosignature(W1, HEAD, 1),
                cosignature(W1, HEAD, 2),
            ),
            "quorum",
        ),
        refused(
            "one-witness-and-a-stranger",
            "two are needed",
            _cosigned(W1, ML_DSA_W),
            "quorum",
        ),
        refused(
            "one-witness-and-another-key",
            "of a witness's name",
            _cosigned(W2, renamed),
            "quorum",
        ),
        refused(
            "cosignatures-without-the-log",
            "witnesses do not replace it",
            note(HEAD.text, cosignature(W1, HEAD), cosignature(W2, HEAD)),
            "unsigned",
        ),
        refused(
            "copied-cosignature",
            "of size 13",
            note(HEAD.text, log_signature(LOG, HEAD), cosignature(W1, HEAD), copied),
            "cosignature",
        ),
    ]


def _ours() -> list[Case]:
    copied = cosignature(W3, replace(HEAD, size=13))
    more = note(
        HEAD.text,
        log_signature(LOG, HEAD),
        cosignature(W1, HEAD),
        cosignature(W2, HEAD),
        copied,
    )
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = b64(HASHES[0])
    stray = f"{text[:-2]}{letters[letters.index(text[-2]) + 1]}=\n"
    return [
        ours(
            _refused(
                "copied-cosignature-beyond-the-quorum",
                "the note SHOULD be rejected",
                proof(given=more),
                "cosignature",
                policy=TWO_OF_THREE,
            )
        ),
        ours(
            _refused(
                "hash-with-stray-bits",
                "RFC 4648, 3.5",
                proof(hashes=stray + hash_lines(HASHES[1:])),
                "proof-form",
            )
        ),
        ours(
            _refused(
                "extra-empty",
                "the line is left out where there is no extra data",
                proof(extra="extra \n"),
                "proof-form",
            )
        ),
        *(
            ours(_refused(name, "ours are below 2**63", proof(text), "proof-form"))
            for name, text in {
                "index-2-63": str(2**63),
                "index-2-64": str(2**64),
                "index-of-200-digits": "9" * 200,
            }.items()
        ),
    ]

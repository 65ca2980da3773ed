"""Cases of `checkpoint.json`: which notes are tree heads of a log, and are believed."""

from dataclasses import replace

from tests.edwards25519 import NEUTRAL, ORDER, encode
from tests.vectors.translog.cases.case import Case, bad, good, ours
from tests.vectors.translog.parties import (
    COSIGNER,
    ED25519,
    LOG,
    ML_DSA_44,
    ML_DSA_LOG,
    OLD_LOG,
    OTHER_LOG,
    STRANGER,
    W1,
    Head,
    Party,
    b64,
    cosignature,
    cosigned_message,
    head_of,
    line,
    log_signature,
    note,
    party,
    signed,
)

HEAD = head_of(14)
ROOT = b64(HEAD.root)
EMPTY = head_of(0)


def cases() -> list[Case]:
    return [
        *_sizes(),
        *_keys(),
        *_texts(),
        *_bad_signatures(),
        *_forged_beside_good(),
        *_bad_sizes(),
        *_bad_roots(),
        *_bad_texts(),
        *_ours(),
    ]


def _accepted(  # noqa: PLR0913 - what a case is made of
    name: str,
    description: str,
    head: Head,
    given: str,
    *,
    trusted: tuple[Party, ...] = (LOG,),
    signers: tuple[Party, ...] = (LOG,),
) -> Case:
    expected = {
        "origin": head.origin,
        "size": str(head.size),
        "root": b64(head.root),
        "extensions": list(head.extensions),
        "signed_by": [by.ref for by in signers],
    }
    keys = [key.ref for key in trusted]
    return good(
        name, description, given, origin=head.origin, log_keys=keys, expected=expected
    )


def _refused(  # noqa: PLR0913 - what a case is made of
    name: str,
    description: str,
    given: str,
    error: str,
    *,
    trusted: tuple[Party, ...] = (LOG,),
    origin: str = LOG.name,
) -> Case:
    keys = [key.ref for key in trusted]
    return bad(name, description, given, error, origin=origin, log_keys=keys)


def _sizes() -> list[Case]:
    largest = Head(LOG.name, 2**63 - 1, bytes(range(32)))
    return [
        _accepted("ed25519", "the plainest tree head", HEAD, signed(HEAD, LOG)),
        _accepted("no-entries", "size 0, the empty root", EMPTY, signed(EMPTY, LOG)),
        _accepted("one-entry", "size 1", head_of(1), signed(head_of(1), LOG)),
        _accepted(
            "size-2-63-minus-1", "the largest of ours", largest, signed(largest, LOG)
        ),
        _refused(
            "no-entries-and-a-root",
            "the root of no entries is the SHA-256 of nothing",
            signed(replace(EMPTY, root=HEAD.root), LOG),
            "tree-head",
        ),
    ]


def _keys() -> list[Case]:
    both, renamed = signed(HEAD, LOG, OLD_LOG), Party("key.example", ED25519, LOG.seed)
    twice = note(HEAD.text, *[log_signature(LOG, HEAD)] * 2)
    noise = [
        line(LOG.name, bytes(4), b"x"),
        line("nobody.example", LOG.key_id, bytes(64)),
        line(LOG.name, W1.key_id, b"short"),
    ]
    ignored = note(HEAD.text, *noise, log_signature(LOG, HEAD), *noise)
    witnessed = note(HEAD.text, log_signature(LOG, HEAD), cosignature(W1, HEAD))
    three = (LOG, ML_DSA_LOG, OLD_LOG)
    return [
        _accepted(
            "ml-dsa-44",
            "SHOULD be so",
            HEAD,
            signed(HEAD, ML_DSA_LOG),
            trusted=(ML_DSA_LOG,),
            signers=(ML_DSA_LOG,),
        ),
        _accepted(
            "both-kinds",
            "any one is enough",
            HEAD,
            signed(HEAD, LOG, ML_DSA_LOG),
            trusted=three,
            signers=(LOG, ML_DSA_LOG),
        ),
        _accepted(
            "new-key-of-two", "rotation: only the new key is trusted", HEAD, both
        ),
        _accepted(
            "old-key-of-two",
            "rotation: only the old key is trusted",
            HEAD,
            both,
            trusted=(OLD_LOG,),
            signers=(OLD_LOG,),
        ),
        _accepted(
            "two-keys-trusted",
            "rotation: both are",
            HEAD,
            both,
            trusted=(LOG, OLD_LOG),
            signers=(LOG, OLD_LOG),
        ),
        _accepted(
            "one-of-two-keys-signed",
            "the other need not",
            HEAD,
            signed(HEAD, LOG),
            trusted=(OLD_LOG, LOG),
        ),
        _accepted("same-line-twice", "both are good", HEAD, twice),
        _accepted(
            "lines-by-unknown-keys",
            "ignored: other name, other ID, too short",
            HEAD,
            ignored,
        ),
        _accepted("cosigned", "a witness is an unknown key here", HEAD, witnessed),
        _accepted(
            "key-named-otherwise",
            "SHOULD match the origin, and does not",
            HEAD,
            signed(HEAD, renamed),
            trusted=(renamed,),
            signers=(renamed,),
        ),
    ]


def _texts() -> list[Case]:
    extended = head_of(14, "one extension", "and two")
    looks_signed = head_of(14, "\N{EM DASH} a b")
    spaced = replace(HEAD, origin="go.sum database tree")
    plus = replace(HEAD, origin="a+b")
    foreign = replace(HEAD, origin="\u65e5\u672c.example")
    number = replace(HEAD, origin="14")
    long = replace(HEAD, origin="x" * 255)
    return [
        _accepted("extension-lines", "opaque", extended, signed(extended, LOG)),
        _accepted(
            "extension-of-a-space",
            "not empty",
            head_of(14, " "),
            signed(head_of(14, " "), LOG),
        ),
        _accepted(
            "extension-like-a-signature",
            "before the last empty line",
            looks_signed,
            signed(looks_signed, LOG),
        ),
        _accepted(
            "origin-with-spaces", "SHOULD NOT, yet is one", spaced, signed(spaced, LOG)
        ),
        _accepted(
            "origin-with-plus", "SHOULD NOT, yet is one", plus, signed(plus, LOG)
        ),
        _accepted("origin-not-ascii", "any text", foreign, signed(foreign, LOG)),
        _accepted("origin-is-a-number", "any text", number, signed(number, LOG)),
        _accepted(
            "origin-255-bytes", "what ML-DSA-44 can name", long, signed(long, LOG)
        ),
    ]


def _bad_signatures() -> list[Case]:
    good_line = log_signature(LOG, HEAD)
    raw = LOG.sign(HEAD.text.encode())
    s = int.from_bytes(raw[32:], "little") + ORDER
    changed = note(head_of(13).text, good_line)
    other_head = cosignature(ML_DSA_LOG, head_of(13))
    misnamed = OTHER_LOG.sign(HEAD.text.encode())

    def by_log(name: str, description: str, signature: bytes, error: str) -> Case:
        return _refused(name, description, note(HEAD.text, LOG.line(signature)), error)

    return [
        _refused("unsigned", "by a stranger alone", signed(HEAD, STRANGER), "unsigned"),
        _refused(
            "no-key-trusted",
            "nobody is believed",
            signed(HEAD, LOG),
            "unsigned",
            trusted=(),
        ),
        _refused(
            "other-key-of-that-name",
            "an ID that is not trusted",
            signed(HEAD, OLD_LOG),
            "unsigned",
        ),
        _refused(
            "same-key-for-another-use",
            "a cosigner's ID",
            signed(HEAD, Party(LOG.name, COSIGNER, LOG.seed)),
            "unsigned",
        ),
        _refused(
            "cosigned-only",
            "a witness is no log",
            note(HEAD.text, cosignature(W1, HEAD)),
            "unsigned",
        ),
        _refused(
            "other-origin",
            "of a log that was not asked for",
            signed(replace(HEAD, origin=OTHER_LOG.name), LOG),
            "origin",
        ),
        _refused(
            "origin-in-capitals",
            "compared byte by byte",
            signed(replace(HEAD, origin=LOG.name.upper()), LOG),
            "origin",
        ),
        _refused(
            "other-text", "signed for size 14, shown for 13", changed, "signature"
        ),
        _refused(
            "by-another-key",
            "under this log's name and ID",
            note(HEAD.text, LOG.line(misnamed)),
            "signature",
        ),
        by_log("zeros", "no signature", bytes(64), "signature"),
        by_log("63-bytes", "cut", raw[:63], "signature"),
        by_log("65-bytes", "longer", raw + b"\0", "signature"),
        by_log(
            "without-last-newline",
            "the text was signed without its last newline",
            LOG.sign(HEAD.text.removesuffix("\n").encode()),
            "signature",
        ),
        by_log(
            "with-empty-line",
            "the text was signed with the separating line",
            LOG.sign(f"{HEAD.text}\n".encode()),
            "signature",
        ),
        by_log(
            "s-plus-order",
            "S is not below the order of the group",
            raw[:32] + s.to_bytes(32, "little"),
            "signature",
        ),
        by_log(
            "r-of-small-order",
            "a forgery for no key that we know",
            encode(NEUTRAL) + raw[32:],
            "signature",
        ),
        _refused(
            "ml-dsa-44-of-another-size",
            "signed for size 13, shown for 14",
            note(HEAD.text, other_head),
            "signature",
            trusted=(ML_DSA_LOG,),
        ),
        _refused(
            "ml-dsa-44-cut",
            "a line as short as Ed25519's",
            note(HEAD.text, ML_DSA_LOG.line(bytes(72))),
            "signature",
            trusted=(ML_DSA_LOG,),
        ),
    ]


def _forged_beside_good() -> list[Case]:
    good_line, forged = log_signature(LOG, HEAD), LOG.line(bytes(64))
    old_forged = OLD_LOG.line(bytes(64))
    return [
        ours(
            _refused(
                "forged-after-good",
                "by one key; the note SHOULD be rejected",
                note(HEAD.text, good_line, forged),
                "signature",
            )
        ),
        ours(
            _refused(
                "forged-before-good",
                "by one key; the note SHOULD be rejected",
                note(HEAD.text, forged, good_line),
                "signature",
            )
        ),
        ours(
            _refused(
                "forged-by-other-trusted-key",
                "the note SHOULD be rejected",
                note(HEAD.text, good_line, old_forged),
                "signature",
                trusted=(LOG, OLD_LOG),
            )
        ),
        _accepted(
            "forged-by-key-not-trusted",
            "ignored",
            HEAD,
            note(HEAD.text, good_line, old_forged),
        ),
    ]


def _text_case(name: str, description: str, text: str) -> Case:
    return _refused(
        name, description, note(text, LOG.line(LOG.sign(text.encode()))), "tree-head"
    )


def _bad_sizes() -> list[Case]:
    sizes = {
        "size-empty": "",
        "size-with-leading-zero": "014",
        "size-00": "00",
        "size-with-plus": "+14",
        "size-negative": "-14",
        "size-with-space-before": " 14",
        "size-with-space-after": "14 ",
        "size-hexadecimal": "0xe",
        "size-with-point": "14.0",
        "size-with-exponent": "1e1",
        "size-with-comma": "1,400",
        "size-with-underscore": "1_4",
        "size-in-wide-digits": "\uff11\uff14",
        "size-in-arabic-digits": "\u0661\u0664",
    }
    return [
        *(
            _text_case(name, "no ASCII decimal", f"{LOG.name}\n{size}\n{ROOT}\n")
            for name, size in sizes.items()
        ),
        *(
            ours(
                _text_case(
                    name,
                    "ours are below 2**63, so that databases hold them",
                    f"{LOG.name}\n{size}\n{ROOT}\n",
                )
            )
            for name, size in {
                "size-2-63": 2**63,
                "size-2-64": 2**64,
                "size-of-200-digits": int("9" * 200),
            }.items()
        ),
    ]


def _bad_roots() -> list[Case]:
    high = b64(b"\xff" * 32)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stray = f"{ROOT[:-2]}{letters[letters.index(ROOT[-2]) + 1]}="
    roots = {
        "root-empty": "",
        "root-of-31-bytes": b64(HEAD.root[:31]),
        "root-of-33-bytes": b64(HEAD.root + b"\0"),
        "root-not-padded": ROOT[:-1],
        "root-padded-twice": f"{ROOT}=",
        "root-for-urls": high.replace("/", "_"),
        "root-hexadecimal": HEAD.root.hex(),
        "root-with-space-before": f" {ROOT}",
        "root-with-space-after": f"{ROOT} ",
    }
    return [
        *(
            _text_case(name, "no base64 of 32 bytes", f"{LOG.name}\n14\n{root}\n")
            for name, root in roots.items()
        ),
        ours(
            _text_case(
                "root-with-stray-bits", "RFC 4648, 3.5", f"{LOG.name}\n14\n{stray}\n"
            )
        ),
    ]


def _bad_texts() -> list[Case]:
    texts = {
        "no-root": (f"{LOG.name}\n14\n", "two lines of three"),
        "origin-empty": (f"\n14\n{ROOT}\n", "its line is empty"),
        "size-and-root-swapped": (f"{LOG.name}\n{ROOT}\n14\n", "out of order"),
        "empty-line-after-origin": (f"{LOG.name}\n\n14\n{ROOT}\n", "no line is empty"),
        "extension-empty": (f"{HEAD.text}\n", "an empty fourth line"),
        "extension-after-empty-line": (f"{HEAD.text}\none\n", "an empty fourth line"),
    }
    return [
        *(
            _text_case(name, description, text)
            for name, (text, description) in texts.items()
        ),
        _refused(
            "crlf", "carriage returns", signed(HEAD, LOG).replace("\n", "\r\n"), "note"
        ),
        _refused("no-note", "a tree head without signatures", HEAD.text, "note"),
        _refused("cut-off", "no newline at the end", signed(HEAD, LOG)[:-1], "note"),
        _refused(
            "text-after-signatures",
            "every line is a signature",
            f"{signed(HEAD, LOG)}x\n",
            "note",
        ),
    ]


def _ours() -> list[Case]:
    long = party("x" * 256, ED25519)
    head = replace(HEAD, origin=long.name)
    timeless = cosigned_message(
        ML_DSA_LOG.name, 0, HEAD.origin, 0, HEAD.size, HEAD.root
    )
    without_time = ML_DSA_LOG.line(bytes(8) + ML_DSA_LOG.sign(timeless))
    assert ML_DSA_LOG.kind == ML_DSA_44
    extended = head_of(14, "one extension")
    wordy = head_of(14, "x" * 4096)
    return [
        ours(
            _refused(
                "extension-under-ml-dsa-44",
                "the signature leaves the line out, so anybody may have added it",
                signed(extended, ML_DSA_LOG),
                "unsigned",
                trusted=(ML_DSA_LOG,),
            )
        ),
        ours(
            _refused(
                "text-over-4-kib",
                "a tree head is short; what is cosigned and kept must be",
                signed(wordy, LOG),
                "tree-head",
            )
        ),
        ours(
            _refused(
                "origin-256-bytes",
                "more than ML-DSA-44 can name",
                signed(head, LOG),
                "tree-head",
                origin=head.origin,
            )
        ),
        ours(
            _refused(
                "ml-dsa-44-without-time",
                "a log that tells no time cosigned a"
                " subtree, and says nothing of its newest tree",
                note(HEAD.text, without_time),
                "signature",
                trusted=(ML_DSA_LOG,),
            )
        ),
    ]

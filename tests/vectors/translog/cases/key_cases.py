"""Cases of `key.json`: which texts are keys, and of what."""

from tests.edwards25519 import (
    NEUTRAL,
    PRIME,
    SQRT_OF_MINUS_ONE,
    D,
    Point,
    encode,
    square_root,
)
from tests.vectors.translog.cases.case import Case, bad, good, ours
from tests.vectors.translog.parties import (
    COSIGNER,
    ED25519,
    LOG,
    ML_DSA_44,
    Party,
    b64,
    party,
    vkey,
)

NAME = LOG.name
EXAMPLE = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
GO_SIGNING_KEY = (
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
)
GO_VERIFIER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
LONG = party(NAME, ML_DSA_44)


def cases() -> list[Case]:
    return [
        *_verifiers(),
        *_bad_forms(),
        *_bad_material(),
        *_flawed_points(),
        *_signers(),
    ]


def _verifier(name: str, description: str, owner: Party) -> Case:
    expected = {
        "name": owner.name,
        "kind": owner.kind,
        "key_id": owner.key_id.hex(),
        "public_key": b64(owner.public_key),
    }
    return good(name, description, owner.vkey, is_secret=False, expected=expected)


def _verifiers() -> list[Case]:
    public_key = bytes.fromhex(
        "e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4"
    )
    expected = {
        "name": "example.com/foo",
        "kind": ED25519,
        "key_id": "530d903a",
        "public_key": b64(public_key),
    }
    both = party(NAME, ED25519)
    with_plus = next(
        made
        for n in range(100)
        if (made := Party(NAME, ED25519, bytes([n] * 32))).vkey.count("+") > 3
    )
    low_id = next(
        made
        for n in range(10_000)
        if (made := Party(f"w{n}.example", ED25519, bytes(32))).key_id[0] == 0
    )
    return [
        good(
            "specification-example",
            "C2SP signed-note",
            EXAMPLE,
            is_secret=False,
            expected=expected,
        ),
        _verifier("ed25519", "signs notes, 0x01", LOG),
        _verifier(
            "ed25519-cosigner", "cosigns tree heads, 0x04", party(NAME, COSIGNER)
        ),
        _verifier(
            "same-key-for-cosignatures",
            "the key of `ed25519` for another use has another ID",
            Party(NAME, COSIGNER, both.seed),
        ),
        _verifier("ml-dsa-44", "cosigns trees and subtrees, 0x06", LONG),
        _verifier("plus-in-base64", "only two plus signs part the parts", with_plus),
        _verifier("key-id-with-leading-zero", "eight digits always", low_id),
        _verifier("name-not-ascii", "any but spaces", party("\u65e5\u672c", ED25519)),
        _verifier("name-of-a-letter", "need be no URL", party("a", ED25519)),
        _verifier("name-255-bytes", "long names", party("x" * 255, ED25519)),
    ]


def _refused(name: str, description: str, text: str, error: str) -> Case:
    return bad(name, description, text, error, is_secret=False)


def _bad_forms() -> list[Case]:
    key_id = LOG.key_id.hex()
    material = b64(b"\1" + LOG.public_key)
    name, form = NAME, "form"
    low_id = _verifiers()[6]["input"]
    return [
        _refused("nothing", "no text", "", form),
        _refused("name-alone", "one part of three", name, form),
        _refused("two-parts", "no material", f"{name}+{key_id}", form),
        _refused("no-key-id", "two parts of three", f"{name}+{material}", form),
        _refused("empty-key-id", "eight digits", f"{name}++{material}", "key-id"),
        _refused(
            "empty-name", "a name is never empty", f"+{key_id}+{material}", "name"
        ),
        _refused("empty-material", "not even a kind", f"{name}+{key_id}+", form),
        _refused("newline-at-end", "one line, without its end", f"{LOG.vkey}\n", form),
        _refused("space-before", "not part of a name", f" {LOG.vkey}", "name"),
        _refused("space-after", "not base64", f"{LOG.vkey} ", form),
        _refused(
            "upper-case-key-id",
            "the digits a to f are small",
            f"{name}+{key_id.upper()}+{material}",
            "key-id",
        ),
        _refused(
            "short-key-id", "leading zero left out", low_id.replace("+0", "+"), "key-id"
        ),
        _refused(
            "long-key-id", "a zero too many", f"{name}+0{key_id}+{material}", "key-id"
        ),
        _refused(
            "other-key-id", "of another key", f"{name}+00000000+{material}", "key-id"
        ),
        _refused("other-name", "the ID covers the name", f"x{LOG.vkey}", "key-id"),
        _refused("space-in-name", "U+0020", _spelled("two words"), "name"),
        _refused("no-break-space-in-name", "U+00A0", _spelled("a\xa0b"), "name"),
        _refused("tab-in-name", "U+0009", _spelled("a\tb"), "name"),
        _refused("newline-in-name", "U+000A", _spelled("a\nb"), "name"),
        ours(_refused("name-256-bytes", "our limit", _spelled("x" * 256), "name")),
    ]


def _spelled(name: str) -> str:
    return vkey(name, ED25519, LOG.public_key)


def _bad_material() -> list[Case]:
    public_key, long_text = LOG.public_key, LONG.vkey
    assert long_text.endswith("=")
    assert not long_text.endswith("==")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters[letters.index(long_text[-2]) + 1]
    length, kind = "length", "kind"
    return [
        _refused("base64-not-padded", "RFC 4648, 3.2", long_text[:-1], "form"),
        _refused("base64-padded-twice", "too much", f"{long_text}=", "form"),
        _refused(
            "base64-padded-for-nothing", "33 bytes need none", f"{LOG.vkey}=", "form"
        ),
        ours(
            _refused("stray-bits", "RFC 4648, 3.5", f"{long_text[:-2]}{last}=", "form"),
        ),
        _refused("one-byte-short", "31", vkey(NAME, ED25519, public_key[:31]), length),
        _refused(
            "one-byte-long", "33", vkey(NAME, ED25519, public_key + b"\0"), length
        ),
        _refused("no-key", "a kind alone", vkey(NAME, ED25519, b""), length),
        _refused("ml-dsa-44-short", "32", vkey(NAME, ML_DSA_44, public_key), length),
        _refused(
            "ml-dsa-44-one-byte-short",
            "1,311",
            vkey(NAME, ML_DSA_44, LONG.public_key[:-1]),
            length,
        ),
        _refused(
            "ed25519-of-1312-bytes", "32", vkey(NAME, ED25519, LONG.public_key), length
        ),
        *(
            ours(_refused(f"kind-{n:#04x}", why, vkey(NAME, n, public_key), kind))
            for n, why in [
                (2, "ECDSA, which we do not use"),
                (5, "RFC 6962 tree heads"),
            ]
        ),
        *(
            _refused(f"kind-{n:#04x}", why, vkey(NAME, n, public_key), kind)
            for n, why in [(0, "none"), (3, "reserved"), (0xFF, "needs a longer mark")]
        ),
    ]


def _flawed_points() -> list[Case]:
    """Return keys that verify nothing, or anything; RFC 8032 leaves them open."""
    x, y = _point_of_order_eight()
    small = {
        "order-1": NEUTRAL,
        "order-2": (0, PRIME - 1),
        "order-4": (SQRT_OF_MINUS_ONE, 0),
        "order-4-negative": (PRIME - SQRT_OF_MINUS_ONE, 0),
        "order-8": (x, y),
        "order-8-negative-x": (PRIME - x, y),
        "order-8-negative-y": (x, PRIME - y),
        "order-8-negative": (PRIME - x, PRIME - y),
    }
    flawed = {f"small-{name}": encode(point) for name, point in small.items()}
    odd = {
        "y-is-the-prime": PRIME.to_bytes(32, "little"),
        "y-is-all-ones": b"\xff" * 32,
        "zero-x-with-a-sign": (1 | 1 << 255).to_bytes(32, "little"),
    }
    return [
        *(
            ours(
                _refused(
                    name,
                    "one of the eight points of small order",
                    vkey(NAME, ED25519, value),
                    "small-order",
                )
            )
            for name, value in flawed.items()
        ),
        ours(
            _refused(
                "small-order-1-cosigner",
                "witnesses are held to the same",
                vkey(NAME, COSIGNER, encode(NEUTRAL)),
                "small-order",
            )
        ),
        *(
            ours(
                _refused(
                    name,
                    "a second encoding of some point",
                    vkey(NAME, ED25519, value),
                    "point-not-canonical",
                )
            )
            for name, value in odd.items()
        ),
    ]


def _point_of_order_eight() -> Point:
    """Return a point whose x**2 is -y**2, which makes its double one of order four."""
    root = square_root(1 + D) or 0
    for x_square in ((1 + sign * root) * pow(D, -1, PRIME) % PRIME for sign in (1, -1)):
        x, y = square_root(x_square), square_root(-x_square % PRIME)
        if x is not None and y is not None:
            return x, y
    raise ArithmeticError


def _signer(name: str, description: str, text: str, verifier: str) -> Case:
    return good(
        name, description, text, is_secret=True, expected={"verifier_key": verifier}
    )


def _signers() -> list[Case]:
    """Return signing keys as Go's note package writes them; C2SP names no form."""
    key_id, secret = LOG.key_id.hex(), b64(b"\1" + LOG.seed)
    short = b64(b"\1" + LOG.seed[:31])

    def refused(name: str, description: str, text: str, error: str) -> Case:
        return ours(bad(name, description, text, error, is_secret=True))

    return [
        _signer(
            "signing-go-example",
            "of Go's note package",
            GO_SIGNING_KEY,
            GO_VERIFIER_KEY,
        ),
        *(
            _signer(f"signing-{name}", "its seed alone", owner.signing_key, owner.vkey)
            for name, owner in [
                ("ed25519", LOG),
                ("cosigner", party(NAME, COSIGNER)),
                ("ml-dsa-44", LONG),
            ]
        ),
        refused("signing-verifier-key", "the public half", LOG.vkey, "form"),
        refused(
            "signing-no-mark",
            "not marked as secret",
            f"{NAME}+{key_id}+{secret}",
            "form",
        ),
        refused("signing-newline", "one line", f"{LOG.signing_key}\n", "form"),
        refused(
            "signing-other-key-id",
            "of another key",
            f"PRIVATE+KEY+{NAME}+00000000+{secret}",
            "key-id",
        ),
        refused(
            "signing-short-seed",
            "31 bytes",
            f"PRIVATE+KEY+{NAME}+{key_id}+{short}",
            "length",
        ),
        refused(
            "signing-empty-name",
            "a name is never empty",
            f"PRIVATE+KEY++{key_id}+{secret}",
            "name",
        ),
    ]

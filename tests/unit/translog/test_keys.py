"""Keys have one spelling each, and a secret stays where it is."""

import traceback
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.translog.errors import KeyMalformed
from assent.translog.formats import keys
from assent.translog.formats.encoding import (
    decode_base64,
    decode_decimal,
    encode_base64,
)
from assent.translog.formats.keys import (
    KeyKind,
    SigningKey,
    VerifierKey,
    check_name,
    is_name,
    make_signing_key,
    parse_signing_key,
    parse_verifier_key,
)

SEED = bytes(range(32))
NAME = "agency.example/log"
KINDS = list(KeyKind)
ED25519_KINDS = [KeyKind.ED25519, KeyKind.ED25519_COSIGNATURE]
kinds = st.sampled_from(KINDS)
names = st.text(min_size=1, max_size=30).filter(is_name)
seeds = st.binary(min_size=32, max_size=32)


def _spelled(name: str, material: bytes, key_id: str | None = None) -> str:
    made = sha256(name.encode() + b"\n" + material).digest()[:4].hex()
    return f"{name}+{key_id or made}+{encode_base64(material)}"


GOOD = make_signing_key(NAME, KeyKind.ED25519, SEED).verifier
LONG = make_signing_key(NAME, KeyKind.ML_DSA_44_COSIGNATURE, SEED).verifier
GOOD_MATERIAL = encode_base64(bytes([1]) + GOOD.public_key)


# The two encodings


@given(st.binary(max_size=80))
def test_base64_comes_back(value: bytes) -> None:
    assert decode_base64(encode_base64(value)) == value


@given(st.text(alphabet="ABCZaz09+/=-_ \n\r\tÀ", max_size=12))
def test_base64_that_is_read_is_in_its_one_spelling(text: str) -> None:
    value = decode_base64(text)
    assert value is None or encode_base64(value) == text


@pytest.mark.parametrize(
    "text", ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "QQ==QQ==", "Q Q=", "Qﬀ==", "_-8="]
)
def test_other_spellings_in_base64_are_refused(text: str) -> None:
    assert decode_base64(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("7", 7),
        ("10", 10),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        ("9" * 19, None),
        ("1" + "0" * 30, None),
        *((bad, None) for bad in ("", "00", "07", "+7", "-7", " 7", "7 ", "7\n")),
        *(
            (bad, None)
            for bad in ("7_0", "0x7", "1e3", "1.0", "\N{ARABIC-INDIC DIGIT SEVEN}")
        ),
    ],
)
def test_a_number_has_one_spelling(text: str, value: int | None) -> None:
    assert decode_decimal(text) == value


# Verifier keys


def test_the_keys_of_the_docstring_are_read() -> None:
    (text,) = literals(keys)
    key = parse_verifier_key(text.strip())
    assert (key.name, key.kind) == ("example.com/foo", KeyKind.ED25519)
    assert key.key_id.hex() == "530d903a"
    assert key.text == text.strip()


@given(names, kinds, seeds)
def test_a_verifier_key_comes_back(name: str, kind: KeyKind, seed: bytes) -> None:
    key = make_signing_key(name, kind, seed).verifier
    again = parse_verifier_key(key.text)
    assert again == key
    assert again.text == key.text
    assert (
        again.key_id
        == sha256(name.encode() + b"\n" + bytes([kind]) + key.public_key).digest()[:4]
    )


def test_one_key_has_another_id_for_another_name_or_use() -> None:
    made = [
        make_signing_key(name, kind, SEED).verifier.key_id
        for name in (NAME, "w.example")
        for kind in KINDS
    ]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "++",
        NAME,
        f"{NAME}+{GOOD.key_id.hex()}",
        f"{NAME}+{GOOD_MATERIAL}",
        f"{NAME}++{GOOD_MATERIAL}",
        f"+{GOOD.key_id.hex()}+{GOOD_MATERIAL}",
        GOOD.text + "\n",
        " " + GOOD.text,
        GOOD.text + " ",
        LONG.text.rstrip("="),
        LONG.text + "=",
        GOOD.text + "=",
        GOOD.text.replace(NAME, NAME + "2"),
        f"{NAME}+{GOOD.key_id.hex().upper()}+{GOOD_MATERIAL}",
        f"{NAME}+0{GOOD.key_id.hex()}+{GOOD_MATERIAL}",
        f"{NAME}+00000000+{GOOD_MATERIAL}",
        f"{NAME}+{GOOD.key_id.hex()}+",
        _spelled("two words", b"\1" + GOOD.public_key),
        _spelled("no\N{NO-BREAK SPACE}break", b"\1" + GOOD.public_key),
        _spelled("bell\7", b"\1" + GOOD.public_key),
        _spelled("x" * 256, b"\1" + GOOD.public_key),
        _spelled(NAME, b"\1"),
        _spelled(NAME, b"\1" + GOOD.public_key[:31]),
        _spelled(NAME, b"\1" + GOOD.public_key + b"\0"),
        _spelled(NAME, b"\6" + GOOD.public_key),
        _spelled(NAME, b"\1" + bytes(1312)),
        *(_spelled(NAME, bytes([n]) + GOOD.public_key) for n in (0, 2, 3, 5, 7, 255)),
    ],
)
def test_anything_else_is_no_verifier_key(text: str) -> None:
    with pytest.raises(KeyMalformed) as refusal:
        parse_verifier_key(text)
    assert refusal.value.remedy


@pytest.mark.parametrize("kind", ED25519_KINDS)
@pytest.mark.parametrize(
    ("public_key", "flaw"),
    [
        (bytes(32), "small order"),
        (b"\1" + bytes(31), "small order"),
        (b"\xff" * 32, "canonical"),
        ((2**255 - 19).to_bytes(32, "little"), "canonical"),
    ],
    ids=["order 4", "neutral", "all ones", "the prime"],
)
def test_a_key_that_never_verifies_anything_is_refused(
    kind: KeyKind, public_key: bytes, flaw: str
) -> None:
    with pytest.raises(KeyMalformed, match=flaw):
        parse_verifier_key(_spelled(NAME, bytes([kind]) + public_key))


@given(st.text(max_size=120))
def test_any_text_is_a_verifier_key_or_refused_by_an_error_of_ours(text: str) -> None:
    with pytest.raises(KeyMalformed):
        parse_verifier_key(text)


# Names


@pytest.mark.parametrize(
    "name", ["a", "example.com/log42", "oid/1.3.6.1", "日本", "é", "x" * 255, "-", "—"]
)
def test_a_name_may_be_almost_anything(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "a b", "a+b", "+", "a\n", "a\t", "\0", "\x1f", "\x85", "\N{EM SPACE}"),
        *("a\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}", "\N{LINE SEPARATOR}"),
        *("x" * 256, "é" * 128, "\ud800"),
    ],
    ids=ascii,
)
def test_a_name_may_not_break_a_signature_line(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(KeyMalformed):
        check_name(name)


# Signing keys


@given(names, kinds, seeds)
def test_a_signing_key_comes_back(name: str, kind: KeyKind, seed: bytes) -> None:
    key = make_signing_key(name, kind, seed)
    assert parse_signing_key(key.secret_text()) == key
    assert key.secret_text().startswith(
        f"PRIVATE+KEY+{name}+{key.verifier.key_id.hex()}+"
    )


def test_a_signing_key_is_written_as_go_writes_it() -> None:
    # The example in the documentation of golang.org/x/mod/sumdb/note.
    text = (
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    )
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = parse_signing_key(text)
    assert key.verifier == parse_verifier_key(vkey)
    assert key.secret_text() == text


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_has_32_bytes(length: int) -> None:
    with pytest.raises(KeyMalformed, match="32 bytes"):
        make_signing_key(NAME, KeyKind.ED25519, bytes(length))


def test_a_signing_key_needs_a_name() -> None:
    with pytest.raises(KeyMalformed):
        make_signing_key("two words", KeyKind.ED25519, SEED)


def _everything_said(error: BaseException) -> str:
    """Return all that a log could show of an error, its whole chain included."""
    said = ""
    cause: BaseException | None = error
    while cause is not None:
        said += "".join(traceback.format_exception_only(cause)) + repr(cause)
        said += repr(getattr(cause, "remedy", ""))
        cause = cause.__context__
    return said


def _shows_secret(said: str, key: SigningKey) -> bool:
    secret = encode_base64(bytes([key.kind]) + key.seed)
    runs = {secret[i : i + 6] for i in range(len(secret) - 5)}
    return key.seed.hex() in said or any(run in said for run in runs)


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_in_no_repr_and_no_text_but_its_own(kind: KeyKind) -> None:
    key = make_signing_key(NAME, kind, SEED)
    key.sign(b"so that the private key is there")
    for shown in (repr(key), str(key), f"{key}", repr([key]), repr(key.verifier)):
        assert not _shows_secret(shown, key)
        assert repr(SEED) not in shown
    assert _shows_secret(key.secret_text(), key)
    assert not _shows_secret(key.verifier.text, key)


@given(kinds, seeds, st.data())
def test_a_damaged_signing_key_is_refused_without_showing_it(
    kind: KeyKind, seed: bytes, data: st.DataObject
) -> None:
    key = make_signing_key(NAME, kind, seed)
    text = key.secret_text()
    place = data.draw(st.integers(0, len(text) - 1))
    replacement = data.draw(st.sampled_from(["", "+", " ", "A", "=", "++", "\n"]))
    damaged = text[:place] + replacement + text[place + 1 :]
    try:
        assert parse_signing_key(damaged) == key
        assert damaged == text
    except KeyMalformed as error:
        assert not _shows_secret(_everything_said(error), key)


@pytest.mark.parametrize(
    "shuffled",
    [
        "PRIVATE+KEY+{secret}",
        "PRIVATE+KEY+{secret}+{id}+{name}",
        "PRIVATE+KEY+{secret}+{id}+{secret}",
        "PRIVATE+KEY+{name}+{secret}+{id}",
        "PRIVATE+KEY+{name}{secret}",
        "{secret}",
        "{name}+{id}+{secret}",
    ],
)
@given(kinds, seeds)
def test_a_shuffled_signing_key_is_refused_without_showing_it(
    shuffled: str, kind: KeyKind, seed: bytes
) -> None:
    key = make_signing_key(NAME, kind, seed)
    secret = encode_base64(bytes([kind]) + seed)
    text = shuffled.format(name=NAME, id=key.verifier.key_id.hex(), secret=secret)
    with pytest.raises(KeyMalformed) as refusal:
        parse_signing_key(text)
    assert not _shows_secret(_everything_said(refusal.value), key)


def test_a_verifier_key_is_no_signing_key_nor_the_reverse() -> None:
    key = make_signing_key(NAME, KeyKind.ED25519, SEED)
    with pytest.raises(KeyMalformed, match="PRIVATE"):
        parse_signing_key(key.verifier.text)
    with pytest.raises(KeyMalformed) as refusal:
        parse_verifier_key(key.secret_text())
    assert not _shows_secret(_everything_said(refusal.value), key)


def test_ed25519_signs_the_same_twice_and_ml_dsa_44_does_not() -> None:
    lengths = []
    for kind in KINDS:
        key = make_signing_key(NAME, kind, SEED)
        first, second = key.sign(b"m"), key.sign(b"m")
        assert (first == second) == (kind in ED25519_KINDS)
        lengths.append(len(first))
    assert lengths == [64, 64, 2420]


def test_the_public_key_is_as_long_as_its_kind_says() -> None:
    for kind in KINDS:
        verifier = make_signing_key(NAME, kind, SEED).verifier
        assert isinstance(verifier, VerifierKey)
        assert len(verifier.public_key) == kind.public_key_bytes

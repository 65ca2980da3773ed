"""What pyrage makes and opens is age v1, and nothing of it leaks."""

import base64
import os
import re
import traceback
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assent.adapters.keys.age_files import (
    AgeFileInvalid,
    Identity,
    IdentityInvalid,
    NotAddressedToKey,
    PassphraseWrong,
    RecipientInvalid,
    decrypt_with,
    decrypt_with_passphrase,
    encrypt_to,
    encrypt_with_passphrase,
    new_identity,
)
from assent.vocabulary import AssentError, DocumentTooLarge, InputError

SECRET = b"learning rate 0.0003"
PHRASE = "seven green lamps at noon"
INSPECTOR = new_identity()
OTHER = new_identity()

# From the published test vectors of age (C2SP CCTV, `x25519`): a key, and the stanza in
# which the file key YELLOW SUBMARINE is wrapped for it.
PUBLISHED = Identity(
    "AGE-SECRET-KEY-1XMWWC06LY3EE5RYTXM9MFLAZ2U56JJJ36S0MYPDRWSVLUL66MV4QX3S7F6"
)
STANZA = (
    b"-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n"
    b"EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n"
)


def test_a_file_put_together_after_the_specification_opens() -> None:
    key = b"YELLOW SUBMARINE"
    header = b"age-encryption.org/v1\n" + STANZA + b"---"
    tag = HMAC(_derived(key, b"", b"header"), SHA256())
    tag.update(header)
    line = base64.b64encode(tag.finalize()).rstrip(b"=")
    nonce = bytes(range(16))
    cipher = ChaCha20Poly1305(_derived(key, nonce, b"payload"))
    chunk = cipher.encrypt(bytes(11) + b"\x01", SECRET, None)  # the first is the last
    data = header + b" " + line + b"\n" + nonce + chunk
    assert decrypt_with(data, PUBLISHED) == SECRET


def _derived(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(key)


@pytest.fixture(scope="module")
def locked() -> bytes:
    """Return a file for a passphrase; each costs a second."""
    return encrypt_with_passphrase(SECRET, PHRASE)


def test_each_recipient_opens_the_file_alone() -> None:
    data = encrypt_to(SECRET, [INSPECTOR.recipient, OTHER.recipient])
    assert decrypt_with(data, INSPECTOR) == SECRET
    assert decrypt_with(data, OTHER) == SECRET


def test_the_file_is_age_v1_and_names_no_recipient() -> None:
    data = encrypt_to(SECRET, [INSPECTOR.recipient, INSPECTOR.recipient])
    header, _, rest = data.partition(b"\n--- ")
    lines = header.split(b"\n")
    assert lines[0] == b"age-encryption.org/v1"
    # One X25519 stanza: an ephemeral share of 32 bytes, a wrapped key of 32. A second
    # one may be grease, which readers must pass over.
    assert re.fullmatch(rb"-> X25519 [A-Za-z0-9+/]{43}", lines[1])
    assert re.fullmatch(rb"[A-Za-z0-9+/]{43}", lines[2])
    assert data.count(b"-> X25519 ") == 1
    # Then the header's tag, a nonce of 16 bytes, and chunks with tags of 16.
    tag, _, payload = rest.partition(b"\n")
    assert re.fullmatch(rb"[A-Za-z0-9+/]{43}", tag)
    assert len(payload) == 16 + len(SECRET) + 16
    assert INSPECTOR.recipient.encode() not in data
    assert SECRET not in data


def test_the_work_for_a_passphrase_is_stated_and_worth_a_second(locked: bytes) -> None:
    match = re.match(rb"age-encryption.org/v1\n-> scrypt \S{22} (\d+)\n", locked)
    assert match is not None
    assert int(match[1]) >= 16
    assert decrypt_with_passphrase(locked, PHRASE) == SECRET


def test_a_key_that_is_not_named_opens_nothing(locked: bytes) -> None:
    data = encrypt_to(SECRET, [OTHER.recipient])
    with pytest.raises(NotAddressedToKey):
        decrypt_with(data, INSPECTOR)
    with pytest.raises(NotAddressedToKey):
        decrypt_with(locked, INSPECTOR)


def test_a_wrong_passphrase_opens_nothing(locked: bytes) -> None:
    with pytest.raises(PassphraseWrong):
        decrypt_with_passphrase(locked, PHRASE.upper())


def test_a_file_for_keys_asks_for_no_passphrase() -> None:
    data = encrypt_to(SECRET, [INSPECTOR.recipient])
    with pytest.raises(AgeFileInvalid, match="for keys"):
        decrypt_with_passphrase(data, PHRASE)


def test_a_file_cut_short_or_changed_anywhere_is_refused() -> None:
    data = encrypt_to(SECRET, [INSPECTOR.recipient])
    for place in range(len(data)):
        with pytest.raises((AgeFileInvalid, NotAddressedToKey)):
            decrypt_with(data[:place], INSPECTOR)
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises((AgeFileInvalid, NotAddressedToKey)):
            decrypt_with(bytes(changed), INSPECTOR)
    with pytest.raises(AgeFileInvalid):
        decrypt_with(data + b"\0", INSPECTOR)


def test_a_locked_file_cut_short_is_damaged_and_not_a_wrong_passphrase(
    locked: bytes,
) -> None:
    with pytest.raises(AgeFileInvalid, match="cut short"):
        decrypt_with_passphrase(locked[:-1], PHRASE)


@pytest.mark.parametrize("factor", [b"22", b"30", b"63", b"99"])
def test_a_file_that_asks_for_endless_work_is_refused_at_once(
    factor: bytes, locked: bytes
) -> None:
    costly = re.sub(rb"(-> scrypt \S{22}) \d+", rb"\1 " + factor, locked)
    with pytest.raises(AgeFileInvalid, match="rounds"):
        decrypt_with_passphrase(costly, PHRASE)


def test_a_header_of_endless_recipients_is_refused_at_once() -> None:
    stanza = b"-> X25519 " + b"A" * 43 + b"\n" + b"A" * 43 + b"\n"
    data = b"age-encryption.org/v1\n" + stanza * 10_000 + b"--- " + b"A" * 43 + b"\n"
    with pytest.raises(AgeFileInvalid, match="no binary age file"):
        decrypt_with(data, INSPECTOR)


def test_as_many_recipients_as_are_allowed_fit_into_a_header() -> None:
    crowd = [new_identity() for _ in range(128)]
    data = encrypt_to(b"", [one.recipient for one in crowd])
    assert decrypt_with(data, crowd[-1]) == b""
    with pytest.raises(RecipientInvalid, match="129"):
        encrypt_to(b"", [one.recipient for one in [*crowd, OTHER]])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        "ssh-ed25519 AAAA",
        INSPECTOR.recipient[:-1],
        INSPECTOR.recipient.upper(),
        f"{INSPECTOR.recipient}\n",
        f"{INSPECTOR.recipient[:-1]}é",
        INSPECTOR.secret,
    ],
    ids=[
        "nothing",
        "the beginning alone",
        "an SSH key",
        "cut short",
        "in capitals",
        "with a line break",
        "with another letter",
        "a secret",
    ],
)
def test_what_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(RecipientInvalid):
        encrypt_to(SECRET, [INSPECTOR.recipient, text])


def test_a_mistyped_recipient_fails_its_checksum() -> None:
    last = INSPECTOR.recipient[-1]
    mistyped = INSPECTOR.recipient[:-1] + ("q" if last != "q" else "p")
    with pytest.raises(RecipientInvalid):
        encrypt_to(SECRET, [mistyped])


def test_nobody_is_no_recipient() -> None:
    with pytest.raises(RecipientInvalid, match="not to 0"):
        encrypt_to(SECRET, [])


def test_files_beyond_the_limit_are_refused() -> None:
    with pytest.raises(DocumentTooLarge):
        encrypt_to(bytes(64_000_001), [INSPECTOR.recipient])
    with pytest.raises(DocumentTooLarge):
        decrypt_with(bytes(65_000_001), INSPECTOR)


@pytest.mark.parametrize("passphrase", ["", "\udc80"])
def test_what_is_no_passphrase_is_refused(passphrase: str) -> None:
    with pytest.raises(InputError):
        encrypt_with_passphrase(SECRET, passphrase)


def test_no_secret_appears_in_what_is_shown_or_raised(locked: bytes) -> None:
    assert INSPECTOR.secret not in repr(INSPECTOR)
    mistyped = INSPECTOR.secret[:-1]
    attempts: list[Any] = [
        lambda: decrypt_with(SECRET, Identity(mistyped)),
        lambda: decrypt_with(os.urandom(64), INSPECTOR),
        lambda: decrypt_with(encrypt_to(SECRET, [OTHER.recipient]), INSPECTOR),
        lambda: decrypt_with_passphrase(locked, "another " + PHRASE),
    ]
    for attempt in attempts:
        with pytest.raises(AssentError) as caught:
            attempt()
        shown = "".join(traceback.format_exception(caught.value))
        told = f"{caught.value.message} {caught.value.remedy} {caught.value!r}"
        for secret in (INSPECTOR.secret, mistyped, PHRASE, SECRET.decode()):
            assert secret not in shown + told
    with pytest.raises(IdentityInvalid):
        _ = Identity(mistyped).recipient

"""Keys at rest: written once, opened by the passphrase alone, found out if changed."""

import os
import traceback
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from assent.adapters.keys import held_keys as documented
from assent.adapters.keys.age_files import (
    PassphraseWrong,
    decrypt_with,
    decrypt_with_passphrase,
    encrypt_to,
    encrypt_with_passphrase,
    new_identity,
)
from assent.adapters.keys.held_keys import (
    KeyFileDamaged,
    KeyFileExists,
    KeyKind,
    KeyOfAnotherKind,
    new_held_identity,
    new_held_key,
    read_public,
    unlock,
    unlock_identity,
)
from assent.adapters.keys.secret_files import (
    PassphraseUnfit,
    SecretExposed,
    check_new_passphrase,
    read_passphrase,
)
from assent.vocabulary import (
    AssentError,
    InputError,
    NotFound,
    canonical_bytes,
    parse_canonical,
)
from assent.vocabulary.envelope import Envelope, verify_envelope
from assent.vocabulary.signatures import verify_ed25519

PHRASE = "seven green lamps at noon"
SEED = sha256(b"a seed for tests").digest()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a signing key's file; making one costs a second."""
    path = tmp_path_factory.mktemp("keys") / "made" / "KEN.key"
    new_held_key(path, name="KEN", passphrase=PHRASE, seed=SEED, created=NOON)
    return path


@pytest.fixture(scope="module")
def opening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an opening key's file."""
    path = tmp_path_factory.mktemp("keys") / "inspector.key"
    identity = new_identity()
    new_held_identity(
        path, name="inspector-1", passphrase=PHRASE, identity=identity, created=NOON
    )
    return path


def changed(path: Path, target: Path, data: bytes) -> Path:
    target.write_bytes(data)
    target.chmod(path.stat().st_mode & 0o777)
    return target


def test_a_key_is_found_again_and_signs(signing: Path) -> None:
    about = read_public(signing)
    held = unlock(signing, PHRASE)
    assert (about.name, about.kind, about.created) == ("KEN", KeyKind.SIGNING, NOON)
    assert (about.public, about.key_id) == (held.key.text, held.key.key_id)
    verify_ed25519(held.key.public, held.sign(b"text"), b"text")
    envelope = Envelope(b"{}", "application/json").signed_by(held)
    signed = verify_envelope(envelope, "application/json", [held.key])
    assert signed == {held.key.key_id}


def test_an_inspector_opens_what_was_encrypted_to_the_key_it_shows(
    opening: Path,
) -> None:
    about = read_public(opening)
    assert (about.kind, about.key_id) == (KeyKind.OPENING, None)
    data = encrypt_to(b"secret", [about.public])
    assert decrypt_with(data, unlock_identity(opening, PHRASE)) == b"secret"


def test_the_file_is_for_its_owner_and_holds_no_seed(signing: Path) -> None:
    assert signing.stat().st_mode & 0o777 == 0o600
    assert signing.parent.stat().st_mode & 0o777 == 0o700
    data = signing.read_bytes()
    assert SEED not in data
    assert SEED.hex().encode() not in data
    line, _, locked = data.partition(b"\n")
    inside = parse_canonical(decrypt_with_passphrase(locked, PHRASE))
    assert inside == {**parse_canonical(line), "secret": SEED.hex()}


def test_the_documented_line_is_like_the_one_written(signing: Path) -> None:
    line = parse_canonical(signing.read_bytes().partition(b"\n")[0])
    assert documented.__doc__ is not None
    for name in line:
        assert f'"{name}":' in documented.__doc__


def test_a_key_is_never_overwritten(signing: Path) -> None:
    before = signing.read_bytes()
    with pytest.raises(KeyFileExists):
        new_held_key(signing, name="KEN", passphrase=PHRASE, seed=SEED, created=NOON)
    assert signing.read_bytes() == before


def test_a_wrong_passphrase_is_its_own_error(signing: Path) -> None:
    with pytest.raises(PassphraseWrong):
        unlock(signing, PHRASE.title())


def test_a_key_does_only_what_it_is_for(signing: Path, opening: Path) -> None:
    with pytest.raises(KeyOfAnotherKind):
        unlock(opening, PHRASE)
    with pytest.raises(KeyOfAnotherKind):
        unlock_identity(signing, PHRASE)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_that_others_can_read_is_refused(
    mode: int, signing: Path, tmp_path: Path
) -> None:
    copy = changed(signing, tmp_path / "copy", signing.read_bytes())
    copy.chmod(mode)
    for attempt in (lambda: read_public(copy), lambda: unlock(copy, PHRASE)):
        with pytest.raises(SecretExposed) as caught:
            attempt()
        assert f"chmod 600 {copy}" in caught.value.remedy


def test_a_file_cut_short_is_damaged_wherever_it_is_cut(
    signing: Path, tmp_path: Path
) -> None:
    data = signing.read_bytes()
    for length in (0, 1, 100, data.index(b"\n"), data.index(b"---"), len(data) - 1):
        copy = changed(signing, tmp_path / "copy", data[:length])
        with pytest.raises(KeyFileDamaged):
            unlock(copy, PHRASE)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "NOR"},
        {"public": "00" * 32},
        {"created": "2027-03-01T12:00:00Z"},
        {"kind": "opening"},
        {"more": "x"},
        {"name": "\u202e"},
        {"name": 7},
    ],
)
def test_a_changed_public_line_is_found_out(
    change: dict[str, Any], signing: Path, tmp_path: Path
) -> None:
    line, _, locked = signing.read_bytes().partition(b"\n")
    value = parse_canonical(line) | change
    copy = changed(signing, tmp_path / "copy", canonical_bytes(value) + b"\n" + locked)
    with pytest.raises(KeyFileDamaged):
        unlock(copy, PHRASE)


def test_a_public_key_replaced_with_its_id_is_found_out_when_unlocked(
    signing: Path, tmp_path: Path
) -> None:
    other = new_held_key(
        tmp_path / "other", name="KEN", passphrase=PHRASE, seed=SEED[::-1], created=NOON
    )
    locked = signing.read_bytes().partition(b"\n")[2]
    line = canonical_bytes(other.plain)
    copy = changed(signing, tmp_path / "copy", line + b"\n" + locked)
    assert read_public(copy) == other  # nothing vouches for it yet
    with pytest.raises(KeyFileDamaged, match="first line"):
        unlock(copy, PHRASE)
    inside = canonical_bytes({**other.plain, "secret": SEED.hex()})
    locked = encrypt_with_passphrase(inside, PHRASE)
    copy = changed(signing, tmp_path / "copy", line + b"\n" + locked)
    with pytest.raises(KeyFileDamaged, match="not that of its secret"):
        unlock(copy, PHRASE)


def test_what_is_no_file_is_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path, tmp_path / "nul\0"):
        with pytest.raises(NotFound):
            read_public(path)


@pytest.mark.parametrize("name", ["", "K E", "-x", "a/b", "K\u202eN", "x" * 65])
def test_a_name_that_could_mislead_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        new_held_key(
            tmp_path / "key", name=name, passphrase=PHRASE, seed=SEED, created=NOON
        )
    assert not list(tmp_path.iterdir())


def test_a_seed_of_another_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="32 bytes"):
        new_held_key(
            tmp_path / "key", name="K", passphrase=PHRASE, seed=SEED[1:], created=NOON
        )


@pytest.mark.parametrize(
    "passphrase", ["", "short", "eleven-char", "a" * 40, "tab\tand twelve", "x y" * 400]
)
def test_an_unfit_passphrase_protects_no_new_key(
    passphrase: str, tmp_path: Path
) -> None:
    with pytest.raises(PassphraseUnfit) as caught:
        new_held_key(
            tmp_path / "key", name="K", passphrase=passphrase, seed=SEED, created=NOON
        )
    assert not passphrase or passphrase not in caught.value.message
    check_new_passphrase("twelve chars")


def test_a_passphrase_is_the_first_line_of_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(f"{PHRASE}\r\nsecond line\n".encode())
    path.chmod(0o600)
    assert read_passphrase(path) == PHRASE
    path.chmod(0o644)
    with pytest.raises(SecretExposed):
        read_passphrase(path)
    for data in (b"", b"\nx", b"\xff" * 20):
        path.chmod(0o600)
        path.write_bytes(data)
        with pytest.raises(PassphraseUnfit):
            read_passphrase(path)


def test_a_passphrase_comes_through_a_pipe_too() -> None:
    out, into = os.pipe()
    os.write(into, f"{PHRASE}\n".encode())
    os.close(into)
    assert read_passphrase(Path(f"/proc/self/fd/{out}")) == PHRASE
    os.close(out)


def test_no_secret_is_shown_or_raised(signing: Path, opening: Path) -> None:
    held, identity = unlock(signing, PHRASE), unlock_identity(opening, PHRASE)
    secrets = (SEED.hex(), str(SEED), PHRASE, identity.secret)
    shown = [repr(held), str(held), repr(identity), repr(read_public(signing))]
    for attempt in (
        lambda: unlock(signing, f"{PHRASE}!"),
        lambda: unlock(opening, PHRASE),
        lambda: new_held_key(
            signing, name="KEN", passphrase=PHRASE, seed=SEED, created=NOON
        ),
    ):
        with pytest.raises(AssentError) as caught:
            attempt()
        shown += traceback.format_exception(caught.value)
        shown += [caught.value.remedy]
    assert not [secret for secret in secrets if secret in "".join(shown)]

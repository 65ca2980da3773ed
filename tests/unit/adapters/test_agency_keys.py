"""Keys of rehearsals and of machines: opened by the library, closed to others."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assent.adapters.agency import read_service_keys, write_service_keys
from assent.adapters.agency.rehearsal_keys import new_rehearsal_key
from assent.adapters.keys.age_files import PassphraseWrong, decrypt_with, encrypt_to
from assent.adapters.keys.held_keys import (
    KeyFileDamaged,
    KeyKind,
    read_public,
    unlock,
    unlock_identity,
)
from assent.vocabulary import InputError, NotFound
from assent.vocabulary.signatures import verify_ed25519

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PASSPHRASE = "in plain sight"  # noqa: S105 - a rehearsal's


def test_a_rehearsal_key_signs_as_any_held_key(tmp_path: Path) -> None:
    path = tmp_path / "KEN.key"
    about = new_rehearsal_key(path, "KEN", PASSPHRASE, NOW, KeyKind.SIGNING)
    held = unlock(path, PASSPHRASE)
    assert read_public(path) == about
    assert (held.name, held.key.text) == ("KEN", about.public)
    verify_ed25519(held.key.public, held.sign(b"yes"), b"yes")


def test_a_rehearsal_inspector_opens_what_is_encrypted_to_it(tmp_path: Path) -> None:
    path = tmp_path / "inspector.key"
    about = new_rehearsal_key(path, "inspector", PASSPHRASE, NOW, KeyKind.OPENING)
    closed = encrypt_to(b"a secret field", [about.public])
    assert decrypt_with(closed, unlock_identity(path, PASSPHRASE)) == b"a secret field"


def test_no_two_rehearsal_keys_are_the_same(tmp_path: Path) -> None:
    made = [
        new_rehearsal_key(tmp_path / f"{n}", "KEN", PASSPHRASE, NOW, KeyKind.SIGNING)
        for n in range(20)
    ]
    assert len({about.public for about in made}) == 20


def test_a_rehearsal_key_is_closed_to_other_passphrases_and_never_replaced(
    tmp_path: Path,
) -> None:
    path = tmp_path / "KEN.key"
    new_rehearsal_key(path, "KEN", PASSPHRASE, NOW, KeyKind.SIGNING)
    with pytest.raises(PassphraseWrong):
        unlock(path, "another one")
    with pytest.raises(InputError, match=r"a key .* already"):
        new_rehearsal_key(path, "KEN", PASSPHRASE, NOW, KeyKind.SIGNING)
    assert path.stat().st_mode & 0o77 == 0
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(KeyFileDamaged):
        unlock(path, PASSPHRASE)


def test_machines_keys_come_back_and_are_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "service-keys"
    write_service_keys(path, {"status": b"1" * 32, "lease": b"2" * 32})
    found = read_service_keys(path)
    assert found["status"].seed == b"1" * 32
    assert "1" * 32 not in repr(found)
    assert (b"1" * 32).hex() not in repr(found)
    verify_ed25519(found["lease"].key.public, found["lease"].sign(b"lease"), b"lease")
    with pytest.raises(InputError, match="holds keys already"):
        write_service_keys(path, {"status": b"3" * 32})


@pytest.mark.parametrize(
    "text",
    ["", "status", "status zz", "status 00", "status 00 11", "é" * 10, "\x00\n" * 9],
)
def test_refuses_machines_keys_that_are_damaged(tmp_path: Path, text: str) -> None:
    path = tmp_path / "service-keys"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(InputError, match="cannot be read"):
        read_service_keys(path)


def test_refuses_machines_keys_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "service-keys"
    with pytest.raises(NotFound):
        read_service_keys(path)
    write_service_keys(path, {"status": b"1" * 32})
    path.chmod(0o640)
    with pytest.raises(InputError, match="Others can read"):
        read_service_keys(path)

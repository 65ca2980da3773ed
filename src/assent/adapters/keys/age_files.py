"""Files that only named recipients, or whoever knows a passphrase, can open (age v1).

bytes + recipients -> age file;  age file + identity -> bytes

Any `age` tool opens these files, and we open any binary age file to X25519 keys. A file
says nothing of who wrote it: whatever is decrypted is still to be verified. No message
repeats a key, a passphrase or what was encrypted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyrage  # type: ignore[import-untyped] # ships no types

from assent.vocabulary import DocumentInvalid, DocumentTooLarge, InputError, Refused

PLAIN_BYTES_MAX = 64_000_000  # evidence: a long report with figures has 20 million
AGE_BYTES_MAX = 65_000_000  # the same with its tags (16 bytes for each 64 KiB)
RECIPIENTS_MAX = 128  # inspectors of one application
HEADER_BYTES_MAX = 32_768  # 128 recipients take 14,000: each costs a multiplication
WORK_FACTOR_MAX = 21  # scrypt then takes 2 GiB and five seconds
_FIRST_LINE = b"age-encryption.org/v1\n"
_HEADER_END = b"\n--- "
_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")
_SCRYPT = re.compile(rb"-> scrypt [A-Za-z0-9+/]{22} ([1-9][0-9]?)\n")


class RecipientInvalid(InputError):
    """A text is no public key of age's that we encrypt to."""


class IdentityInvalid(InputError):
    """A text is no secret key of age's."""


class AgeFileInvalid(DocumentInvalid):
    """Bytes are no age file, or one that was cut short or changed."""


class NotAddressedToKey(Refused):
    """An age file is sound as far as can be seen, and for other keys."""


class PassphraseWrong(Refused):
    """The passphrase does not open the file, or the file was changed."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A secret key that opens files; `repr` hides it."""

    secret: str = field(repr=False)

    @property
    def recipient(self) -> str:
        """The public key, `age1…`.

        Raises:
            IdentityInvalid: if the secret is none.

        """
        return str(_read_identity(self).to_public())


def new_identity() -> Identity:
    """Return a new secret key, from the operating system's generator."""
    return Identity(str(pyrage.x25519.Identity.generate()))


def encrypt_to(data: bytes, recipients: Sequence[str]) -> bytes:
    """Return an age file that each of the recipients can open alone.

    Args:
        data: what to encrypt.
        recipients: public keys, `age1…`; at least one.

    Raises:
        RecipientInvalid: if there is none, too many, or one is no X25519 key.
        DocumentTooLarge: if there is too much data.

    """
    distinct = sorted(set(recipients))
    if not 1 <= len(distinct) <= RECIPIENTS_MAX:
        raise RecipientInvalid(
            f"A file is encrypted to 1 to {RECIPIENTS_MAX} recipients, not to"
            f" {len(distinct)}.",
            remedy="Name the inspectors who are to read it.",
        )
    _check_size(data, PLAIN_BYTES_MAX)
    return bytes(pyrage.encrypt(data, [_read_recipient(text) for text in distinct]))


def decrypt_with(data: bytes, identity: Identity) -> bytes:
    """Return what an age file holds for this key.

    Raises:
        IdentityInvalid: if the identity is none.
        AgeFileInvalid: if this is no age file, or it was cut short or changed.
        NotAddressedToKey: if it is for other keys, or for a passphrase.
        DocumentTooLarge: if it is too large.

    """
    secret = _read_identity(identity)
    header = _check_header(data)
    try:
        return bytes(pyrage.decrypt(data, [secret]))
    except pyrage.DecryptError as error:
        if _SCRYPT.search(header) or "No matching keys" in str(error):
            raise NotAddressedToKey(
                "This file is not encrypted to your key.",
                remedy="Ask the sender to encrypt it to your recipient (age1…), as"
                " `assent key show` prints it.",
            ) from None
        raise _damaged() from None


def encrypt_with_passphrase(data: bytes, passphrase: str) -> bytes:
    """Return an age file that a passphrase opens, at the cost of a second's work.

    Raises:
        DocumentTooLarge: if there is too much data.
        InputError: if the passphrase is empty or no text.

    """
    _check_size(data, PLAIN_BYTES_MAX)
    try:
        passphrase.encode()
    except UnicodeEncodeError:
        raise _no_text() from None
    if not passphrase:
        raise _no_text()
    return bytes(pyrage.passphrase.encrypt(data, passphrase))


def decrypt_with_passphrase(data: bytes, passphrase: str) -> bytes:
    """Return what an age file holds for a passphrase.

    Raises:
        AgeFileInvalid: if this is no age file for a passphrase, it was cut short or
            changed, or it asks for more work than any honest one.
        PassphraseWrong: if the passphrase does not open it.
        DocumentTooLarge: if it is too large.

    """
    header = _check_header(data)
    costs = _SCRYPT.search(header)
    if costs is None:
        raise AgeFileInvalid(
            "This file is for keys, not for a passphrase.", remedy="Use your key."
        )
    if int(costs[1]) > WORK_FACTOR_MAX:
        raise AgeFileInvalid(
            f"This file asks for 2**{int(costs[1])} rounds of work; the limit is"
            f" 2**{WORK_FACTOR_MAX}.",
            remedy="Encrypt it again on an ordinary machine, if it is yours.",
        )
    try:
        return bytes(pyrage.passphrase.decrypt(data, passphrase))
    except UnicodeEncodeError:
        raise _no_text() from None
    except pyrage.DecryptError as error:
        if str(error) == "Decryption failed":
            raise PassphraseWrong(
                "The passphrase does not open this file.",
                remedy="Type it again; check the keyboard's layout and capitals.",
            ) from None
        raise _damaged() from None


def _read_recipient(text: str) -> object:
    is_spelt_so = _RECIPIENT.fullmatch(text) is not None
    try:
        return pyrage.x25519.Recipient.from_str(text if is_spelt_so else "")
    except pyrage.RecipientError:
        raise RecipientInvalid(
            f"{text!r:.90} is no X25519 recipient of age's.",
            remedy="Copy the whole text that begins with age1; it has 62 characters.",
        ) from None


def _read_identity(identity: Identity) -> pyrage.x25519.Identity:
    try:
        return pyrage.x25519.Identity.from_str(identity.secret)
    except (pyrage.IdentityError, UnicodeEncodeError):
        raise IdentityInvalid(
            "This is no secret key of age's.",
            remedy="It begins with AGE-SECRET-KEY-1 and has 74 characters.",
        ) from None


def _check_header(data: bytes) -> bytes:
    """Return the header, once it is known to be short enough to be worth reading."""
    _check_size(data, AGE_BYTES_MAX)
    end = data.find(_HEADER_END, 0, HEADER_BYTES_MAX)
    if not data.startswith(_FIRST_LINE) or end < 0:
        raise AgeFileInvalid(
            "This is no binary age file.",
            remedy="Give the file as it was encrypted; take off an armor with"
            " `age -d` or have it sent in binary.",
        )
    return data[: end + 1]


def _check_size(data: bytes, bytes_max: int) -> None:
    if len(data) > bytes_max:
        raise DocumentTooLarge(
            f"There are {len(data):,} bytes to encrypt or decrypt; the limit is"
            f" {bytes_max:,}.",
            remedy="Split it, or send a description of it.",
        )


def _damaged() -> AgeFileInvalid:
    return AgeFileInvalid(
        "This age file was cut short or changed.",
        remedy="Ask for it again, or take it from a backup.",
    )


def _no_text() -> InputError:
    return InputError(
        "The passphrase is empty, or no text.", remedy="Type one of several words."
    )

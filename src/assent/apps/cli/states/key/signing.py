"""`assent key sign`: say what a file states, ask, and add a signature.

file + key -> the same file with one more signature

The bytes are read once: what is shown is what is signed.
"""

import sys
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.adapters.keys.held_keys import read_public
from assent.apps.cli.output.writing import verify_new, write_new
from assent.apps.cli.states.key.screen import confirm_and_unlock
from assent.apps.cli.states.key.statement import describe_statement
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    RootMetadata,
    describe_metadata,
    parse_metadata,
    parse_root,
    sign_metadata,
)
from assent.vocabulary import DocumentInvalid, InputError, parse_json
from assent.vocabulary.envelope import ENVELOPE_BYTES_MAX, parse_envelope


class KeyNotAsked(InputError):
    """A key is none of those whose signatures count on what is signed."""


def sign(  # noqa: PLR0913 - what the command may be asked
    file: Path,
    key_file: Path,
    out: Path | None,
    *,
    former: Path | None,
    payload_type: str | None,
    yes: bool,
    passphrase_file: Path | None,
) -> None:
    """Sign a statement in its envelope, or metadata of the root of trust."""
    if out is not None:
        verify_new(out)
    data = read_bytes(file, max(ENVELOPE_BYTES_MAX, METADATA_BYTES_MAX))
    is_metadata = _is_metadata(data)
    if is_metadata and payload_type is not None:
        raise InputError("Trust metadata has no --type.", remedy="Leave it out.")
    if not is_metadata and former is not None:
        raise InputError(
            "Only trust metadata is compared with a former root.",
            remedy="Leave out --former.",
        )
    if is_metadata:
        root = None if former is None else read_bytes(former, METADATA_BYTES_MAX)
        words = describe_metadata(data, root)
        _verify_asked_for(data, root, key_file)
    else:
        envelope = parse_envelope(data)
        words = describe_statement(envelope, payload_type)
    signer = confirm_and_unlock(words, key_file, passphrase_file, yes=yes)
    signed = (
        sign_metadata(data, signer)
        if is_metadata
        else envelope.signed_by(signer).encoded
    )
    if out is None:
        sys.stdout.buffer.write(signed)
    else:
        write_new(out, signed)
    sys.stderr.write(f"Signed with key {signer.key.key_id}.\n")


def _verify_asked_for(data: bytes, root: bytes | None, key_file: Path) -> None:
    """Refuse a key whose signature would count for nobody.

    A root is signed by its own keys and by those of the root before it; all else by
    those that a root names. Without that root nobody can tell.

    Raises:
        KeyNotAsked: if the key is none of them.

    """
    metadata = parse_metadata(data)
    own = isinstance(metadata, RootMetadata)
    quorums = [metadata.quorums] if isinstance(metadata, RootMetadata) else []
    if root is not None:
        quorums.append(parse_root(root).quorums)
    if not quorums:
        sys.stderr.write(
            "NOT CHECKED: without --former, the root, nobody can tell whether your key"
            " is asked for.\n"
        )
        return
    about = read_public(key_file)
    if not any(about.key_id in found.of(metadata.role).by_id for found in quorums):
        raise KeyNotAsked(
            f"The key of {about.name}, {about.key_id}, is none of those that are to"
            f" sign this {metadata.role} metadata: the signature would count for"
            " nobody.",
            remedy="Sign with the key that the root names."
            + (
                " A key of the root before it signs with --former."
                if own and root is None
                else ""
            ),
        )


def _is_metadata(data: bytes) -> bool:
    try:
        value = parse_json(data.decode()).value
    except UnicodeDecodeError:
        value = None
    if isinstance(value, dict) and "payload" in value:
        return False
    if isinstance(value, dict) and "signed" in value:
        return True
    raise DocumentInvalid(
        "This is neither a statement in its envelope nor trust metadata.",
        remedy="Name a file that was made to be signed.",
    )

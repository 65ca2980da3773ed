"""`assent key sign`: say what a file states, ask, and add a signature.

file + key -> the same file with one more signature

The bytes are read once: what is shown is what is signed.
"""

import sys
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.apps.cli.output.writing import verify_new, write_new
from assent.apps.cli.states.key.screen import confirm_and_unlock
from assent.apps.cli.states.key.statement import describe_statement
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    describe_metadata,
    sign_metadata,
)
from assent.vocabulary import DocumentInvalid, InputError, parse_json
from assent.vocabulary.envelope import ENVELOPE_BYTES_MAX, parse_envelope


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

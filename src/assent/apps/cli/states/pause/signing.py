"""`assent pause sign`: say in words what an order does, ask, and add a signature.

order's file + key (+ root and metadata) -> the same with one more signature

The file is read once: what is shown is what is signed.
"""

from pathlib import Path

from assent.adapters.files import read_bytes
from assent.adapters.keys.held_keys import read_public
from assent.apps.cli.output.speaking import tell
from assent.apps.cli.output.writing import verify_new
from assent.apps.cli.permit.output import write
from assent.apps.cli.states.key.screen import confirm_and_unlock
from assent.apps.cli.states.key.signing import KeyNotAsked
from assent.apps.cli.states.pause.words import describe_order
from assent.apps.cli.states.vote.trust import trusted_if_given
from assent.authorisation.treaty import Treaty
from assent.authorisation.treaty.summary import quorum_in_words
from assent.supervision.pause import (
    ORDER_TYPE,
    NotAnOrder,
    PauseOrder,
    parse_order,
    verify_draft,
)
from assent.vocabulary.envelope import ENVELOPE_BYTES_MAX, parse_envelope
from assent.wiring.agency import now

_UNCHECKED = (
    "NOT CHECKED: without --root and --trust nobody knows whether this is an order of"
    " your treaty, nor whether your signature would count."
)


def sign(  # noqa: PLR0913, PLR0917 - what the command may be asked
    file: Path,
    key: Path,
    out: Path,
    root: Path | None,
    trust: Path | None,
    passphrase_file: Path | None,
    *,
    yes: bool,
) -> None:
    """Add a member's signature to an order.

    Raises:
        OrderRefused, KeyNotAsked: if the signature would not count.
        NotConfirmed: if the key's holder does not say yes.
        AssentError: of another kind, if a file is not what it must be.

    """
    verify_new(out)
    envelope = parse_envelope(read_bytes(file, ENVELOPE_BYTES_MAX))
    if envelope.payload_type != ORDER_TYPE:
        raise NotAnOrder(
            f"{file} is of type {envelope.payload_type:.120}, and no order.",
            remedy="Name what `assent pause draft` wrote; do not sign this.",
        )
    order = parse_order(envelope.payload)
    trusted = trusted_if_given(root, trust, now())
    words = [*describe_order(order), "Your signature is your vote."]
    if trusted is None:
        words.append(_UNCHECKED)
    else:
        words += _checked(order, trusted.treaty, key)
    signer = confirm_and_unlock(words, key, passphrase_file, yes=yes)
    signed = envelope.signed_by(signer)
    write(out, signed.encoded)
    tell(f"Signatures so far, not verified: {len(signed.signatures)}.")


def _checked(order: PauseOrder, treaty: Treaty, key: Path) -> list[str]:
    """Refuse, before the passphrase is asked for, what would not count."""
    verify_draft(order, treaty, now())
    about = read_public(key)
    holder = treaty.member_keys(now()).get(about.key_id or "")
    eligible = treaty.eligible(order.matter, now()) - order.excluded
    if holder is None or holder[0] not in eligible:
        whose = "no member's in force" if holder is None else f"of {holder[0]}"
        raise KeyNotAsked(
            f"The key in {key} is {whose}: it does not count in a matter of"
            f" {order.matter}.",
            remedy="Sign with the key that the treaty names now.",
        )
    return [
        *(
            f"needed of {organ.title}: {quorum_in_words(organ.approve)}"
            for organ in treaty.organs_of(order.matter)
        ),
        "Checked: this signature will count.",
    ]

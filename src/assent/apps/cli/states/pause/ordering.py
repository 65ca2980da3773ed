"""`assent pause draft`, `resume`, `terminate`, `issue`, `gate`: the agency's side.

what is to stop -> an order to sign;  signed copies -> an order in the feed
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from assent.adapters.files import read_bytes
from assent.apps.cli.output.naming import naming
from assent.apps.cli.output.speaking import show, tell
from assent.apps.cli.output.writing import verify_new
from assent.apps.cli.permit.output import write
from assent.apps.cli.states.pause.words import describe_order
from assent.authorisation.permit.fields import SLUG, text_of
from assent.supervision.pause import (
    GateRecord,
    PauseOrder,
    draft_pause,
    draft_resume,
    draft_termination,
    issue_order,
    parse_scope,
)
from assent.vocabulary import InputError, NotFound
from assent.vocabulary.envelope import (
    ENVELOPE_BYTES_MAX,
    Envelope,
    parse_envelope,
    parse_public_key,
)
from assent.wiring.agency import now, open_agency
from assent.wiring.pause import open_reach


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How an order stops what it stops, and who stands aside."""

    is_emergency: bool
    grace_s: int
    kill_after_s: int
    excluded: tuple[str, ...]


def draft(folder: Path, scope: str, reason: str, out: Path, terms: Terms) -> None:
    """Write the next order, to pause, for members to sign."""
    verify_new(out)
    wanted = parse_scope(scope)
    with open_agency(folder) as agency:
        order = draft_pause(
            agency.office,
            wanted,
            reason,
            now(),
            is_emergency=terms.is_emergency,
            grace_s=terms.grace_s,
            kill_after_s=terms.kill_after_s,
            excluded=terms.excluded,
        )
    _write(order, out)


def resume(  # noqa: PLR0913 - what the command may be asked
    folder: Path,
    number: int,
    reason: str,
    out: Path,
    excluded: tuple[str, ...],
    *,
    on_appeal: bool,
) -> None:
    """Write the next order, to end a pause order, for members to sign."""
    verify_new(out)
    with open_agency(folder) as agency:
        order = draft_resume(
            agency.office,
            number,
            reason,
            now(),
            on_appeal=on_appeal,
            excluded=excluded,
        )
    _write(order, out)


def terminate(
    folder: Path, run_id: str, reason: str, out: Path, excluded: tuple[str, ...]
) -> None:
    """Write the next order, to end one run for good, for members to sign."""
    verify_new(out)
    with open_agency(folder) as agency:
        order = draft_termination(
            agency.office, run_id, reason, now(), excluded=excluded
        )
    _write(order, out)


def issue(folder: Path, files: list[Path]) -> None:
    """Put signed copies together, and issue the order.

    Raises:
        InputError: if they are not copies of one order.
        OrderRefused: if too few members signed, or the order has no effect.
        AssentError: of another kind, if it cannot be issued.

    """
    envelope = _together(files)
    with open_agency(folder) as agency:
        issued = issue_order(agency.office, envelope, now())
    show(*describe_order(issued.order))
    what = "Issued" if issued.is_new else "Issued before"
    tell(
        f"{what}: position {issued.position} of the feed. `assent agency work` brings"
        " it to the public log."
    )


def register_gate(  # noqa: PLR0913 - all that is known of a gate
    folder: Path,
    name: str,
    key: str | None,
    url: str | None,
    relay: str | None,
    *,
    drop: bool,
) -> None:
    """Register a gate, or forget it.

    Raises:
        InputError: if its name, key or address is none.
        NotFound: if there is no such gate to forget, no such relay, or no agency.

    """
    with open_reach(folder) as store:
        if drop:
            if not store.drop_gate(name):
                raise NotFound(f"There is no gate {name!r:.100}.", remedy="Check it.")
            return
        if key is None:
            raise InputError(
                "A gate is known by its key.", remedy="Give --key, or --drop."
            )
        if url is not None and (
            urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc
        ):
            raise InputError(
                f"{url!r:.120} is no address.", remedy="Write https://HOST/PATH."
            )
        if relay is not None and relay not in store.relays():
            raise NotFound(
                f"There is no relay {relay!r:.100}.",
                remedy="Register it: `assent pause relay register`.",
            )
        public = parse_public_key(key)
        store.put_gates(GateRecord(text_of(name, SLUG, "name"), public, url, relay))


def _write(order: PauseOrder, out: Path) -> None:
    show(*describe_order(order))
    write(out, order.unsigned.encoded)
    tell("Send it to members; each runs `assent pause sign`.")


def _together(files: list[Path]) -> Envelope:
    found: Envelope | None = None
    for file in files:
        with naming(file):
            one = parse_envelope(read_bytes(file, ENVELOPE_BYTES_MAX))
        if found is not None and (one.payload, one.payload_type) != (
            found.payload,
            found.payload_type,
        ):
            raise InputError(
                f"{file} is another order than {files[0]}.",
                remedy="Give signed copies of one order.",
            )
        found = one if found is None else found.with_signatures(one.signatures)
    if found is None:
        raise InputError("No file was named.", remedy="Name the signed order.")
    return found

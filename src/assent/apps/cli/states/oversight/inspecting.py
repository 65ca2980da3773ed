"""`assent oversight name`, `pause`, `appeal`: inspectors, and what a developer may say.

permit + inspector -> named;  permit + reason + key -> an order to issue;
permit + grounds + key -> a signed appeal
"""

from datetime import datetime
from pathlib import Path

from assent.apps.cli.output.speaking import show, tell
from assent.apps.cli.output.writing import verify_new
from assent.apps.cli.permit.output import write
from assent.apps.cli.states.key.screen import confirm_and_unlock
from assent.apps.cli.states.pause.words import describe_order
from assent.authorisation.permit import Permit
from assent.authorisation.secretariat import Office, read_permit
from assent.supervision.oversight import (
    RunAppeal,
    name_inspector,
    parse_appeal,
    withdraw_inspector,
)
from assent.supervision.pause import (
    Scope,
    ScopeKind,
    draft_pause,
    file_appeal,
    issued_orders,
)
from assent.vocabulary import NotFound
from assent.vocabulary.envelope import Envelope
from assent.wiring.agency import now, open_agency


def name(
    agency: Path, permit_id: str, inspector: str, actor: str, *, withdraw: bool
) -> None:
    """Name an inspector on a run, or take it off."""
    time = now()
    with open_agency(agency, at=time) as opened:
        change = withdraw_inspector if withdraw else name_inspector
        change(opened.office, permit_id, inspector, actor, time)
    inspects = "inspects it no more" if withdraw else "inspects the run"
    tell(f"{permit_id}: {inspector} {inspects}.")


def pause(  # noqa: PLR0913, PLR0917 - what the command may be asked
    agency: Path,
    permit_id: str,
    reason: str,
    out: Path,
    key: Path,
    passphrase_file: Path | None,
    *,
    yes: bool,
) -> None:
    """Draw up an inspector's order to pause one run, and sign it."""
    verify_new(out)
    time = now()
    with open_agency(agency, at=time) as opened:
        run_id = read_permit(opened.office, permit_id).permit.run_id
        scope = Scope(kind=ScopeKind.RUN, name=run_id)
        order = draft_pause(opened.office, scope, reason, time, by_inspector=True)
    words = [*describe_order(order), "You sign it alone, as an inspector of the run."]
    signer = confirm_and_unlock(words, key, passphrase_file, yes=yes)
    write(out, order.unsigned.signed_by(signer).encoded)
    tell("Issue it with `assent pause issue`: gates stop the run then.")


def appeal(  # noqa: PLR0913, PLR0917 - what the command may be asked
    agency: Path,
    permit_id: str,
    number: int,
    grounds: str,
    out: Path,
    key: Path,
    passphrase_file: Path | None,
    *,
    yes: bool,
) -> None:
    """Write and sign a developer's appeal against an order."""
    verify_new(out)
    time = now()
    with open_agency(agency, at=time) as opened:
        permit = read_permit(opened.office, permit_id).permit
        made = _appeal(opened.office, permit, number, grounds, time)
    words = [
        f"You appeal, for {permit.developer.name}, against order {made.order}.",
        f"It holds the run {made.run_id} of {made.permit_id}.",
        f"Grounds: {made.grounds}",
        "An appeal lets nothing go on until it is granted.",
    ]
    signer = confirm_and_unlock(words, key, passphrase_file, yes=yes)
    write(out, made.signed_by(signer).encoded)


def file(agency: Path, envelope: Envelope, actor: str) -> None:
    """File an appeal."""
    permit_id = parse_appeal(envelope.payload).permit_id
    time = now()
    with open_agency(agency, at=time) as opened:
        made = file_appeal(opened.office, envelope, actor, time)
    aside = ", ".join(sorted(made.deciders))
    show(
        f"The appeal for {permit_id} against order {made.order} is to be decided by"
        f" {made.due}" + (f", without {aside}, who gave the order." if aside else ".")
    )


def _appeal(
    office: Office, permit: Permit, number: int, grounds: str, time: datetime
) -> RunAppeal:
    orders = issued_orders(office)
    if not 1 <= number <= len(orders):
        raise NotFound(f"No order {number} was issued.", remedy="See `pause show`.")
    return RunAppeal(
        permit_id=permit.permit_id,
        run_id=permit.run_id,
        order=number,
        order_digest=orders[number - 1].digest,
        grounds=grounds,
        made=time,
    )

"""Whether members of the treaty gave an order: the steps of docs/spec/pause-order.md.

signed order + Treaty + now (+ proof) -> VerifiedOrder, or the reason why not

What is verified is still to take effect: `effective`, `lapses` and the order's place
among the others are for the register (`register.py`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from assent.authorisation.permit import (
    LoggedPaper,
    PermitNotLogged,
    PermitQuorumNotMet,
    SignerRecused,
    verify_logged,
    verify_signers,
)
from assent.authorisation.permit.status import CLOCK_SKEW_S
from assent.authorisation.treaty import Matter, Treaty
from assent.supervision.pause.errors import (
    NotAnOrder,
    OrderBeyondMatter,
    OrderFromTheFuture,
    OrderLapsed,
    OrderLapseWrong,
    OrderNotLogged,
    OrderNotYetEffective,
    OrderOfAnotherAgency,
    OrderQuorumNotMet,
    OrderSignerExcluded,
    OrderUnderAnotherTreaty,
)
from assent.supervision.pause.order import ORDER_TYPE, PauseOrder, parse_order
from assent.supervision.pause.scope import MATTERS, ScopeKind
from assent.vocabulary import format_instant
from assent.vocabulary.envelope import Envelope, verify_envelope

ENTRY_KIND = "pause-order"
PAPER_ROLE = "pause-order"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedOrder:
    """An order that members gave.

    Attributes:
        order: what it says.
        digest: of the order, which the next one names.
        signers: the members who signed.
        logged: where the public log holds it and since when; None if no proof came.

    """

    order: PauseOrder
    digest: str
    signers: tuple[str, ...]
    logged: LoggedPaper | None


def verify_order(
    envelope: Envelope, treaty: Treaty, now: datetime, proof: bytes | None = None
) -> VerifiedOrder:
    """Return an order, if the treaty's members gave it.

    Args:
        envelope: the signed order.
        treaty: the agency's, as the reader trusts it.
        now: the instant.
        proof: that the public log holds it, if there is one.

    Raises:
        NotAnOrder, OrderMalformed: if it is no order.
        OrderOfAnotherAgency, OrderUnderAnotherTreaty: if the treaty does not speak for
            it.
        OrderBeyondMatter, OrderLapseWrong, MatterUnknown: if the treaty knows no such
            order.
        OrderFromTheFuture: if it is dated later than now.
        OrderNotLogged, ProofMalformed, LogRefused: if the proof is not of this order.
        SignatureInvalid: if a key in force is said to have signed, and has not.
        OrderSignerExcluded: if a member signed who stands aside.
        OrderQuorumNotMet: if those who signed are too few.

    """
    # (1) It is an order.
    if envelope.payload_type != ORDER_TYPE:
        raise NotAnOrder(
            f"This is of type {envelope.payload_type:.120}, and no order to pause or"
            " resume.",
            remedy="Take the order's own file.",
        )
    order = parse_order(envelope.payload)
    # (2) to (4) It could take effect, if enough members sign it.
    verify_draft(order, treaty, now)
    # (5) The public log holds it, if a proof says so.
    logged = None if proof is None else _verify_logged(envelope, order, treaty, proof)
    # (6) Enough members signed: by keys in force when witnesses saw it; before that,
    #     by keys in force now.
    at = now if logged is None else logged.witnessed
    return VerifiedOrder(
        order=order,
        digest=order.digest,
        signers=_verify_signers(envelope, order, treaty, at),
        logged=logged,
    )


def verify_draft(order: PauseOrder, treaty: Treaty, now: datetime) -> None:
    """Check that an order could take effect, if enough members signed it.

    Raises:
        OrderOfAnotherAgency, OrderUnderAnotherTreaty, OrderBeyondMatter,
        OrderLapseWrong, MatterUnknown, OrderFromTheFuture: see `verify_order`.

    """
    # (2) It is of this agency and this treaty, or an earlier version of it.
    _verify_treaty(order, treaty)
    # (3) The treaty knows such an order, and it ends when such orders end.
    check_matter(order, treaty)
    # (4) It was drawn up before now.
    if order.issued > now + timedelta(seconds=CLOCK_SKEW_S):
        raise OrderFromTheFuture(
            f"{order.order_id} is dated {format_instant(order.issued)}; it is"
            f" {format_instant(now)}.",
            remedy="Set this machine's clock; if it is right, tell the agency.",
        )


def verify_effect(verified: VerifiedOrder, now: datetime) -> None:
    """Check that an order, taken by itself, has effect at an instant (step 7).

    Raises:
        OrderNotYetEffective, OrderLapsed: if it is not its time.
        OrderNotLogged: if it lets runs go on, and the public log is not shown to hold
            it.

    """
    order = verified.order
    if now < order.effective:
        raise OrderNotYetEffective(
            f"{order.order_id} takes effect {format_instant(order.effective)}; it is"
            f" {format_instant(now)}.",
            remedy="Keep it; it takes effect by itself.",
        )
    verify_not_lapsed(order, now)
    if order.is_resume and verified.logged is None:
        raise OrderNotLogged(
            f"{order.order_id} lets runs go on, and no proof shows it in the public"
            " log.",
            remedy="Wait for the agency to log it: a resume counts in public only.",
        )


def verify_not_lapsed(order: PauseOrder, now: datetime) -> None:
    """Check that an order has not ended by itself.

    Raises:
        OrderLapsed: if it has.

    """
    if order.lapses is not None and now >= order.lapses:
        raise OrderLapsed(
            f"{order.order_id} ended {format_instant(order.lapses)}; it is"
            f" {format_instant(now)}.",
            remedy="A further pause needs a further order.",
        )


def check_matter(order: PauseOrder, treaty: Treaty) -> None:
    """Hold an order against the procedure that it names.

    Raises:
        OrderBeyondMatter: if the matter does not reach what the order does.
        OrderLapseWrong: if it does not end when the treaty says.
        MatterUnknown: if the treaty lets nobody decide the matter.

    """
    days = treaty.procedure(order.matter).lapses_after_days
    allowed = _matters(order)
    if order.matter not in allowed:
        raise OrderBeyondMatter(
            f"{order.order_id} is to {order.action} {order.scope.words:.200}, which is"
            f" no matter of {order.matter}.",
            remedy=f"Draw it up as a matter of {' or '.join(sorted(allowed))}.",
        )
    if not order.is_pause:
        return
    if days is None and order.lapses is not None:
        why = "does not end by itself"
    elif days is not None and (
        order.lapses is None or order.lapses > order.issued + timedelta(days=days)
    ):
        why = f"ends at most {days} days after it was drawn up"
    else:
        return
    raise OrderLapseWrong(
        f"{order.order_id} has no effect: a matter of {order.matter} {why}.",
        remedy="Draw it up again by the procedure that the treaty gives for it.",
    )


def _matters(order: PauseOrder) -> set[Matter]:
    """Return the matters that reach what an order does."""
    if order.is_resume:
        return {Matter.RESUME, Matter.APPEAL}
    if not order.is_pause:
        return {Matter.TERMINATION}
    alone = order.scope.kind is ScopeKind.RUN
    return {MATTERS[order.scope.kind], Matter.EMERGENCY_PAUSE} | (
        {Matter.INSPECTOR_PAUSE} if alone else set()
    )


def _verify_treaty(order: PauseOrder, treaty: Treaty) -> None:
    if order.agency != treaty.agency:
        raise OrderOfAnotherAgency(
            f"{order.order_id} is by {order.agency}; the treaty is of {treaty.agency}.",
            remedy="Only the agency that grants permits here gives orders here.",
        )
    is_later = order.treaty_version > treaty.version
    if is_later or (
        order.treaty_version == treaty.version and order.treaty_digest != treaty.digest
    ):
        raise OrderUnderAnotherTreaty(
            f"{order.order_id} was drawn up under version {order.treaty_version} of the"
            f" treaty, {order.treaty_digest}; what is trusted is version"
            f" {treaty.version}, {treaty.digest}.",
            remedy="Fetch the newest trust metadata and verify it again.",
        )


def _verify_logged(
    envelope: Envelope, order: PauseOrder, treaty: Treaty, proof: bytes
) -> LoggedPaper:
    about = (ENTRY_KIND, order.order_id, PAPER_ROLE)
    try:
        return verify_logged(envelope, proof, treaty.log_policy, about)
    except PermitNotLogged as error:
        raise OrderNotLogged(
            error.message, remedy="Fetch the order and its proof from the agency again."
        ) from None


def _verify_signers(
    envelope: Envelope, order: PauseOrder, treaty: Treaty, at: datetime
) -> tuple[str, ...]:
    if order.matter is Matter.INSPECTOR_PAUSE:
        return _verify_inspector(envelope, order, treaty, at)
    try:
        return verify_signers(envelope, treaty, order.matter, order.excluded, at)
    except SignerRecused as error:
        raise OrderSignerExcluded(
            error.message, remedy="Have the order drawn up and signed without them."
        ) from None
    except PermitQuorumNotMet as error:
        raise OrderQuorumNotMet(
            error.message, remedy="Collect the signatures that are lacking."
        ) from None


def _verify_inspector(
    envelope: Envelope, order: PauseOrder, treaty: Treaty, at: datetime
) -> tuple[str, ...]:
    """Return the inspectors in office who signed; one is enough to stop one run."""
    holders = treaty.inspector_keys(at)
    keys = [
        holders[one.key_id][1] for one in envelope.signatures if one.key_id in holders
    ]
    signed = verify_envelope(envelope, ORDER_TYPE, keys)
    if not signed:
        raise OrderQuorumNotMet(
            f"No inspector in office signed {order.order_id} at {format_instant(at)}.",
            remedy="Have an inspector of the run sign it: `assent oversight pause`.",
        )
    return tuple(sorted({holders[key_id][0] for key_id in signed}))

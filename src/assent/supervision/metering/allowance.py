"""What a meter may still let happen, and whether the next step would go beyond.

Allowance + FLOP so far + FLOP of the next step + now -> Stop, or None

A meter stops *before* the step that would cross a line, never after it. Its answer is a
courtesy to an honest developer, whose run ends with a checkpoint instead of being shut
off: the gate at the site is what enforces.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from assent.vocabulary import format_count, format_instant


class StopKind(StrEnum):
    """Why a run stops."""

    CAP = "cap"
    OVERSIGHT_POINT = "oversight point"
    LEASE_LAPSED = "lease lapsed"
    PAUSE_ORDER = "pause order"
    WEIGHTS_CAP = "weights cap"
    UNMETERED = "unmetered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """That a run stops, in words, and what its developer can do."""

    kind: StopKind
    words: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Lines that a meter does not cross; `None` is a line that is not there.

    Attributes:
        flop_max: the highest total of the run that this job may reach: what the run
            had spent when the job was admitted, and the job's own maximum.
        oversight_flop: the total at the next oversight point that is not passed.
        oversight_at: the next oversight date that is not passed.
        oversight_loss: the next loss of oversight that is not passed.
        evaluations: what is due there.
        expires: the instant at which the lease lapses.
        permit_ends: the instant at which the permit ends; no gate tells it.
        order: the pause order that is in force.
        weights_max: weights that the model may have in total.

    """

    flop_max: int
    oversight_flop: int | None = None
    oversight_at: datetime | None = None
    oversight_loss: Decimal | None = None
    evaluations: tuple[str, ...] = ()
    expires: datetime | None = None
    permit_ends: datetime | None = None
    order: str | None = None
    weights_max: int | None = None

    def updated(self, said: "Allowance") -> "Allowance":
        """Return these lines as a gate tells them anew.

        Leases are renewed and oversight points passed while a job runs, so those are
        the gate's to tell, and an order too. Caps it can narrow and never widen.
        """
        weights = [
            one.weights_max for one in (self, said) if one.weights_max is not None
        ]
        return Allowance(
            flop_max=min(self.flop_max, said.flop_max),
            oversight_flop=said.oversight_flop,
            oversight_at=said.oversight_at,
            oversight_loss=said.oversight_loss,
            evaluations=said.evaluations,
            expires=self.expires if said.expires is None else said.expires,
            permit_ends=self.permit_ends,
            order=said.order,
            weights_max=min(weights, default=None),
        )


def decide_stop(  # noqa: PLR0913 - what a decision rests on, each by its name
    allowance: Allowance,
    flop_total: int,
    flop_next_step: int,
    now: datetime,
    *,
    weights: int | None = None,
    loss: Decimal | None = None,
) -> Stop | None:
    """Return why the next step may not be done; None if it may.

    Args:
        allowance: the lines.
        flop_total: FLOP of the run so far.
        flop_next_step: FLOP of the next step.
        now: the instant.
        weights: of the model, in total; None if they are not known.
        loss: the lowest that the loop reported; None if it reported none.

    """
    if allowance.order is not None:
        return Stop(
            kind=StopKind.PAUSE_ORDER,
            words=f"Pause order {allowance.order} is in force.",
            remedy="Save a checkpoint and end the job; wait for the order that lifts"
            " it, or ask the agency.",
        )
    if (stop := _stop_at_point(allowance, now, loss)) is not None:
        return stop
    if allowance.expires is not None and now >= allowance.expires:
        return Stop(
            kind=StopKind.LEASE_LAPSED,
            words=f"The lease lapsed {format_instant(allowance.expires)}.",
            remedy="Fetch the next lease and start the job again from its checkpoint.",
        )
    if allowance.permit_ends is not None and now >= allowance.permit_ends:
        return Stop(
            kind=StopKind.LEASE_LAPSED,
            words=f"The permit ended {format_instant(allowance.permit_ends)}.",
            remedy="Apply to vary the permit, and go on from the checkpoint.",
        )
    if (stop := _stop_of_weights(allowance, weights)) is not None:
        return stop
    return _stop_of_flop(allowance, flop_total + flop_next_step)


def _stop_of_weights(allowance: Allowance, weights: int | None) -> Stop | None:
    if (
        weights is not None
        and allowance.weights_max is not None
        and weights > allowance.weights_max
    ):
        return Stop(
            kind=StopKind.WEIGHTS_CAP,
            words=f"The model has {weights:,} weights; the permit is for at most"
            f" {allowance.weights_max:,}.",
            remedy="Train the model that was declared, or apply to vary the permit.",
        )
    return None


def _stop_at_point(
    allowance: Allowance, now: datetime, loss: Decimal | None
) -> Stop | None:
    """Return why a date or a loss of oversight stops the run."""
    at, at_loss = allowance.oversight_at, allowance.oversight_loss
    if at is not None and now >= at:
        return _at_point(allowance, f"The oversight date {format_instant(at)} is past.")
    if at_loss is not None and loss is not None and loss <= at_loss:
        return _at_point(
            allowance, f"The loss is {loss:f}; the oversight point is at {at_loss:f}."
        )
    return None


def _at_point(allowance: Allowance, words: str) -> Stop:
    due = ", ".join(allowance.evaluations) or "what the permit says"
    return Stop(
        kind=StopKind.OVERSIGHT_POINT,
        words=words,
        remedy=f"Have these evaluations passed, then go on from the checkpoint: {due}.",
    )


def _stop_of_flop(allowance: Allowance, flop_then: int) -> Stop | None:
    if flop_then > allowance.flop_max:
        return Stop(
            kind=StopKind.CAP,
            words=f"The next step would take the run to {format_count(flop_then)} FLOP;"
            f" the job may reach {format_count(allowance.flop_max)}.",
            remedy="End here, or apply to vary the permit.",
        )
    point = allowance.oversight_flop
    if point is not None and flop_then > point:
        return _at_point(
            allowance,
            f"The next step would take the run past the oversight point at"
            f" {format_count(point)} FLOP.",
        )
    return None

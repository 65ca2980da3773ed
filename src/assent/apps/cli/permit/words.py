"""Say in words what a permit states, or a change of one.

Permit -> lines; PermitChange -> lines

Every field is told, for every field is signed. Foreign texts are as they came: whoever
prints them makes them visible.
"""

from decimal import Decimal

from assent.authorisation.permit import Action, Permit, PermitChange
from assent.vocabulary import format_count, format_instant

_PPM_IN_PERCENT = 10_000
_DONE = {
    Action.SUSPEND: "SUSPEND",
    Action.REINSTATE: "REINSTATE",
    Action.REVOKE: "REVOKE, for ever,",
}


def describe_permit(permit: Permit) -> list[str]:
    """Return what a permit states, one line for each thing."""
    caps = permit.caps
    replaced = (
        []
        if permit.supersedes is None
        else [f"in place of the version whose digest is {permit.supersedes}"]
    )
    return [
        f"PERMIT {permit.permit_id}, version {permit.version}, of {permit.agency}",
        *replaced,
        f"decision: {permit.decision_id}, as a matter of {permit.matter}",
        f"voted on until {format_instant(permit.decide_by)} at the latest",
        f"developer: {permit.developer.name}, by the key {permit.developer.key.text}",
        f"run: {permit.run_id}",
        f"at most {caps.flop:,} FLOP ({format_count(caps.flop)})",
        f"at most {caps.weights:,} weights ({format_count(caps.weights)})",
        *(
            f"at most {count:,} chips of {kind} at one time"
            for kind, count in caps.chips.items()
        ),
        *(f"at the site {site}" for site in caps.sites),
        f"from {format_instant(caps.not_before)}",
        f"until {format_instant(caps.not_after)}; from then on nothing may run",
        *_oversight(permit),
        *_conditions(permit),
        f"signatures that do not count: {_listed(sorted(permit.excluded))}",
        f"applied for in {permit.case_id}, {permit.application_digest}",
        f"treaty: version {permit.treaty_version}, {permit.treaty_digest}",
        f"rulebook: {permit.rulebook_title}, {permit.rulebook_hash}",
        (
            f"status: place {permit.status_index} of {permit.status_uri}, no older than"
            f" {permit.max_staleness_s:,} seconds"
        ),
        f"leases of {permit.lease_s:,} seconds",
    ]


def describe_change(change: PermitChange) -> list[str]:
    """Return what a change of a permit states, one line for each thing."""
    ends = (
        "it does not end by itself"
        if change.lapses is None
        else f"it ends by itself at {format_instant(change.lapses)}"
    )
    return [
        f"{_DONE[change.action]} {change.permit_id}, version {change.permit_version}",
        f"that is the version with the digest {change.permit_digest}",
        f"by {change.agency}, in {change.decision_id}, as a matter of {change.matter}",
        f"because: {change.reason}",
        ends,
        f"signatures that do not count: {_listed(sorted(change.excluded))}",
    ]


def _oversight(permit: Permit) -> list[str]:
    percent = Decimal(permit.oversight_flop_share_ppm) / _PPM_IN_PERCENT
    return [
        f"{percent:f} % of the compute is set aside for overseers",
        *(
            f"stops at {point.at_flop:,} FLOP until these are passed:"
            f" {_listed(point.evaluations)}"
            for point in permit.oversight_points
        ),
        *(
            f"stops {date.where} until these are passed: {_listed(date.evaluations)}"
            for date in permit.oversight_dates
        ),
        *(
            f"stops {loss.where} until these are passed: {_listed(loss.evaluations)}"
            for loss in permit.oversight_losses
        ),
        f"due before the model leaves the run: {_listed(permit.evaluations_due)}",
    ]


def _conditions(permit: Permit) -> list[str]:
    lines = []
    for made in permit.conditions:
        limit = made.limit
        bound = (
            "" if limit is None else f" ({limit.quantity}: at most {limit.at_most:,})"
        )
        lines.append(f"on condition {made.id}: {made.text}{bound}")
    return lines or ["on no condition"]


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names) or "none"

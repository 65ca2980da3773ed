"""`assent measure propose`: put a change of a permit to the vote.

permit + what is to change -> a measure's case, and the proposal that members read
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assent.apps.cli.output.writing import verify_new
from assent.apps.cli.permit.output import show, write
from assent.authorisation.permit import Caps
from assent.authorisation.review import ballot_of
from assent.authorisation.secretariat import Motion, propose_measure, read_permit
from assent.authorisation.treaty import Matter
from assent.vocabulary import InputError, format_instant, parse_count
from assent.wiring.agency import open_agency
from assent.wiring.agency.open import now


@dataclass(frozen=True, kw_only=True)
class CapsChange:
    """New caps as they were typed; None or empty where the old ones stay."""

    flop: str | None
    weights: str | None
    chips: tuple[str, ...]
    sites: tuple[str, ...]
    not_before: datetime | None
    not_after: datetime | None

    @property
    def is_any(self) -> bool:
        """Tell whether a cap is to change."""
        return self != CapsChange(
            flop=None, weights=None, chips=(), sites=(), not_before=None, not_after=None
        )

    def applied_to(self, caps: Caps) -> Caps:
        """Return caps with the changes.

        Raises:
            InputError: if a change cannot be read, or leaves nothing permitted.

        """
        changes: dict[str, Any] = {
            name: parse_count(text, name=f"--{name}")
            for name, text in (("flop", self.flop), ("weights", self.weights))
            if text is not None
        }
        if self.chips:
            changes["chips"] = {
                kind: parse_count(count, name="--chip")
                for kind, count in (_pair(text, "--chip") for text in self.chips)
            }
        if self.sites:
            changes["sites"] = self.sites
        for name in ("not_before", "not_after"):
            if (given := getattr(self, name)) is not None:
                changes[name] = given.replace(tzinfo=UTC)
        return replace(caps, **changes)


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A motion as it was typed."""

    matter: str
    reason: str
    exclude: tuple[str, ...]
    changes: CapsChange


def propose(agency: Path, permit_id: str, moved: Moved, actor: str, out: Path) -> None:
    """Put a measure to the vote, and write its proposal."""
    verify_new(out)
    time = now()
    excluded = dict(_pair(text, "--exclude") for text in moved.exclude)
    with open_agency(agency, at=time) as opened:
        caps = None
        if moved.changes.is_any:
            caps = moved.changes.applied_to(
                read_permit(opened.office, permit_id).permit.caps
            )
        motion = Motion(
            matter=Matter(moved.matter),
            reason=moved.reason,
            caps=caps,
            excluded=excluded,
        )
        measure_id = propose_measure(opened.office, permit_id, motion, actor, time)
        proposal = ballot_of(opened.office.read(measure_id)).open_proposal
    write(out, proposal.encoded)
    show(
        f"{measure_id}: {proposal.title}, until {format_instant(proposal.closes)}",
        f"Members read it with `assent vote show` and vote with `assent vote cast`;"
        f" record what they send with `assent vote record … {measure_id}`.",
    )


def _pair(text: str, option: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise InputError(
            f"{option} {text!r:.80} has not two parts.",
            remedy=f"Write {option} NAME=VALUE.",
        )
    return name, value

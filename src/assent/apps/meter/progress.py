"""FLOP used against the permit, for people and progress bars.

FLOP + Allowance -> text, numbers
"""

from dataclasses import dataclass

from assent.supervision.metering import Allowance
from assent.vocabulary import format_count


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; `str` gives one line."""

    flop_total: int
    allowance: Allowance

    @property
    def share(self) -> float:
        """What part of the cap is used, from 0."""
        return self.flop_total / max(1, self.allowance.flop_max)

    @property
    def postfix(self) -> dict[str, str]:
        """The same for `tqdm.set_postfix`, or fields of a rich progress bar."""
        return {"FLOP": format_count(self.flop_total), "permit": f"{self.share:.2%}"}

    def __str__(self) -> str:
        """Return `4.12e+20 FLOP of 4.00e+25 (0.00 %); stops at 1.00e+25`."""
        point = self.allowance.oversight_flop
        until = "" if point is None else f"; oversight point at {format_count(point)}"
        return (
            f"{format_count(self.flop_total)} FLOP of"
            f" {format_count(self.allowance.flop_max)} ({self.share:.2%}){until}"
        )

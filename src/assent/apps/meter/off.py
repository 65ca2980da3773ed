"""The meter of a loop that is not metered: every step may be done, nothing is kept.

ASSENT_METER=off -> MeterOff

Whoever switches the meter off has no readings to show, and a gate that waits for them
stops the job.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from assent.apps.meter.measure import Measure
from assent.apps.meter.meter import Meter
from assent.apps.meter.ranks import Alone
from assent.compute import Architecture
from assent.supervision.metering import Allowance, FlopPerBatch
from assent.vocabulary.quantities import COUNT_MAX

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class MeterOff(Meter):
    """Counts nothing and refuses nothing."""

    __slots__ = ()

    @staticmethod
    def make() -> "MeterOff":
        """Return one."""
        return MeterOff(
            run_id="",
            allowance=Allowance(flop_max=COUNT_MAX),
            measure=Measure(FlopPerBatch(Architecture(family="none", stacks=()))),
            ranks=Alone(),
            now=lambda: _NEVER,
            keeper=None,
        )

    def step(self, batch: object) -> bool:  # noqa: ARG002 - as `Meter.step`
        """Let it be done."""
        return True

    def add(self, batch: object) -> None:
        """Let it pass."""

    def end_step(self) -> bool:
        """Let the next be done."""
        return True

    def report_loss(self, loss: float) -> None:
        """Let it pass."""

    def state_dict(self) -> dict[str, object]:
        """Return nothing."""
        return {}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Take nothing."""

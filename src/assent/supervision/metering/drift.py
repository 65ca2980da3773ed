"""Does what a meter counted sit with the chips and the time that it names?

readings + accelerators -> Reconciliation, or None where no chips are named

The same comparison that an assessment makes of a declaration (`compute.hardware`), now
of what was metered. A meter counts hardware FLOP at the upper end and the band of
whole public runs is of model FLOP, so a meter lies a little higher in it.
"""

from collections import Counter
from collections.abc import Iterable

from assent.compute.hardware import (
    AcceleratorTable,
    ChipUse,
    Reconciliation,
    reconcile,
)
from assent.supervision.metering.errors import HardwareUnknown
from assent.supervision.metering.reading import Reading
from assent.vocabulary import AssentError, Interval

_MS_PER_S = 1_000


def check_drift(
    readings: Iterable[Reading], accelerators: AcceleratorTable
) -> Reconciliation | None:
    """Return how counted FLOP sit with chip time; None if a reading names no chips.

    Charged FLOP are left out: nobody performed them for certain. The chip time of
    readings without a step stays in: chips that were held and idle are a finding.

    Raises:
        HardwareUnknown: if a kind of chips is not in the table, or its peak is unknown.

    """
    flop, chip_ms = 0, Counter[str]()
    for reading in readings:
        if not reading.hardware.chips:
            return None
        flop += reading.flop - reading.flop_charged
        for kind, count in reading.hardware.chips.items():
            chip_ms[kind] += count * reading.hardware.wall_ms
    if not chip_ms.total():
        return None
    try:
        uses = [
            ChipUse(
                accelerator=accelerators.find(kind),
                count=1,
                duration_s=-(-held_ms // _MS_PER_S),
            )
            for kind, held_ms in chip_ms.items()
        ]
        return reconcile(Interval.point(flop), uses)
    except AssentError as error:
        raise HardwareUnknown(error.message, remedy=error.remedy) from None

"""What the chips that readings name can have done at most.

Hardware of readings + accelerators -> FLOP, or None where no chips are named

N × L × H: chips, seconds, dense peak of the fastest training format (`compute.hardware`
has the source of the formula and of every peak). Where no chips are named, nothing
bounds the count, and whoever asks is told so.
"""

from collections.abc import Iterable

from assent.compute.hardware import AcceleratorTable
from assent.supervision.metering.errors import HardwareUnknown
from assent.supervision.metering.reading import Hardware
from assent.vocabulary import AssentError

_MS_PER_S = 1_000


def flop_ceiling_of(
    hardware: Iterable[Hardware], accelerators: AcceleratorTable
) -> int | None:
    """Return the FLOP that stretches of work cannot have passed, rounded up.

    Raises:
        HardwareUnknown: if a kind of chips is not in the table, or its peak is unknown.

    """
    flop_ms = 0
    for part in hardware:
        if not part.chips:
            return None
        flop_ms += part.wall_ms * sum(
            count * _peak_flop_per_s(kind, accelerators)
            for kind, count in part.chips.items()
        )
    return -(-flop_ms // _MS_PER_S)


def _peak_flop_per_s(kind: str, accelerators: AcceleratorTable) -> int:
    try:
        return accelerators.find(kind).peak_training().flop_per_s
    except AssentError as error:
        raise HardwareUnknown(error.message, remedy=error.remedy) from None

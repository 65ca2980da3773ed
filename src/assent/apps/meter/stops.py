"""Why a meter stops a run for reasons of its own, and how it raises that if asked to.

-> Stop, TrainingMustStop
"""

from assent.supervision.metering import Stop, StopKind
from assent.vocabulary import Refused

NO_SIZE = Stop(
    kind=StopKind.UNMETERED,
    words="The FLOP of a step cannot be told, and no step before it shows how many.",
    remedy="See meter.problems; give the shape of the batch.",
)
NO_RESERVE = Stop(
    kind=StopKind.UNMETERED,
    words="The meter cannot write what it reserves, so nobody would know of the step.",
    remedy="See meter.problems and to the disk; start again from the checkpoint.",
)
OTHER_RANK = Stop(
    kind=StopKind.UNMETERED,
    words="The first rank stops the run.",
    remedy="See meter.stop at the first rank.",
)


class TrainingMustStop(Refused):
    """A step may not be done; raised only if the meter was asked to raise."""

"""The meter in a training loop: counts before each step, signs, and says when to stop.

permit + model + batches -> signed readings in a folder, and at a gate

Importing this imports no torch. `huggingface`, `lightning` and `torch_loop` fit it into
training loops.
"""

from assent.apps.meter.batches import shape_of
from assent.apps.meter.keeping import (
    GateSocket,
    MeterFailed,
    MeterFolder,
    MeterFolderDamaged,
    MeterFolderOfAnotherJob,
    MeterRunsAlready,
    Rhythm,
)
from assent.apps.meter.meter import Meter
from assent.apps.meter.open import meter
from assent.apps.meter.state import StateMalformed, StateOfAnotherRun
from assent.apps.meter.stops import TrainingMustStop

__all__ = [
    "GateSocket",
    "Meter",
    "MeterFailed",
    "MeterFolder",
    "MeterFolderDamaged",
    "MeterFolderOfAnotherJob",
    "MeterRunsAlready",
    "Rhythm",
    "StateMalformed",
    "StateOfAnotherRun",
    "TrainingMustStop",
    "meter",
    "shape_of",
]

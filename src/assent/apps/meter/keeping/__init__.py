"""What a meter keeps beside the loop: readings on the disk, its key, its gate.

what the loop counts -> a durable chain of readings
"""

from assent.adapters.keys.machine_key import open_machine_key
from assent.apps.meter.keeping.folder import (
    MeterFolder,
    MeterFolderDamaged,
    MeterFolderOfAnotherJob,
    MeterRunsAlready,
)
from assent.apps.meter.keeping.gate_socket import GateSocket
from assent.apps.meter.keeping.gate_talk import GateTalk
from assent.apps.meter.keeping.keeper import Keeper, MeterFailed, Rhythm
from assent.apps.meter.keeping.tally import Stopwatch

__all__ = [
    "GateSocket",
    "GateTalk",
    "Keeper",
    "MeterFailed",
    "MeterFolder",
    "MeterFolderDamaged",
    "MeterFolderOfAnotherJob",
    "MeterRunsAlready",
    "Rhythm",
    "Stopwatch",
    "open_machine_key",
]

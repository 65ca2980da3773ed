"""What a run has used, counted in its own training loop and signed.

architecture + batches -> readings, chained and signed
signed readings + where their chain stands -> VerifiedReadings, or the reason why not
"""

from assent.supervision.metering.allowance import (
    Allowance,
    Stop,
    StopKind,
    decide_stop,
)
from assent.supervision.metering.batch import (
    READINGS_MAX,
    READINGS_TYPE,
    chain_of,
    parse_readings,
    sign_readings,
)
from assent.supervision.metering.ceiling import flop_ceiling_of
from assent.supervision.metering.count import BatchShape, FlopPerBatch
from assent.supervision.metering.drift import check_drift
from assent.supervision.metering.errors import (
    ExchangeMalformed,
    HardwareUnknown,
    ReadingBackInTime,
    ReadingChainBroken,
    ReadingForked,
    ReadingFromTheFuture,
    ReadingImpossible,
    ReadingOfAnotherMeter,
    ReadingOfAnotherRun,
    ReadingReplayed,
    ReadingsMalformed,
    ReadingsMissing,
    ReadingsRefused,
    ReadingStepsWrong,
    ReadingsUnsigned,
    ReadingTotalsWrong,
    ShapeUnknown,
    WrongReadings,
)
from assent.supervision.metering.exchange import (
    LINE_BYTES_MAX,
    Batch,
    GateLink,
    Head,
    Hello,
    NotBelieved,
    Permitted,
    parse_from_gate,
    parse_from_meter,
)
from assent.supervision.metering.reading import (
    START,
    Carried,
    ChainHead,
    ChainId,
    Hardware,
    Reading,
)
from assent.supervision.metering.verify import VerifiedReadings, verify_readings

__all__ = [
    "LINE_BYTES_MAX",
    "READINGS_MAX",
    "READINGS_TYPE",
    "START",
    "Allowance",
    "Batch",
    "BatchShape",
    "Carried",
    "ChainHead",
    "ChainId",
    "ExchangeMalformed",
    "FlopPerBatch",
    "GateLink",
    "Hardware",
    "HardwareUnknown",
    "Head",
    "Hello",
    "NotBelieved",
    "Permitted",
    "Reading",
    "ReadingBackInTime",
    "ReadingChainBroken",
    "ReadingForked",
    "ReadingFromTheFuture",
    "ReadingImpossible",
    "ReadingOfAnotherMeter",
    "ReadingOfAnotherRun",
    "ReadingReplayed",
    "ReadingStepsWrong",
    "ReadingTotalsWrong",
    "ReadingsMalformed",
    "ReadingsMissing",
    "ReadingsRefused",
    "ReadingsUnsigned",
    "ShapeUnknown",
    "Stop",
    "StopKind",
    "VerifiedReadings",
    "WrongReadings",
    "chain_of",
    "check_drift",
    "decide_stop",
    "flop_ceiling_of",
    "parse_from_gate",
    "parse_from_meter",
    "parse_readings",
    "sign_readings",
    "verify_readings",
]

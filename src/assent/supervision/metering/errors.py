"""Why readings of a meter are not believed, each with its own class."""

from assent.vocabulary import InputError, Refused


class ReadingsMalformed(InputError):
    """This is no batch of readings, or one beyond its limits."""


class ShapeUnknown(InputError):
    """What a step is made of cannot be told, so its FLOP cannot be counted."""


class ExchangeMalformed(InputError):
    """A line between a meter and a gate is none of their exchange."""


class ReadingsRefused(Refused):
    """Readings that are well formed and are not believed."""


class WrongReadings(ReadingsRefused):
    """A signed statement of another type was put in the readings' place."""


class ReadingsUnsigned(ReadingsRefused):
    """The meter that the readings name did not sign them."""


class ReadingOfAnotherMeter(ReadingsRefused):
    """A reading is of a meter other than the job's."""


class ReadingOfAnotherRun(ReadingsRefused):
    """A reading is of another run, another permit or another job."""


class ReadingReplayed(ReadingsRefused):
    """A reading was taken in before."""


class ReadingForked(ReadingsRefused):
    """A meter signed two readings of one number: it was cloned or set back."""


class ReadingsMissing(ReadingsRefused):
    """There is a gap before a reading, or between two."""


class ReadingChainBroken(ReadingsRefused):
    """A reading does not name the one before it by its digest."""


class ReadingTotalsWrong(ReadingsRefused):
    """The numbers of a reading do not add up with those of the one before."""


class ReadingStepsWrong(ReadingsRefused):
    """Steps are left out, or told twice without a checkpoint that was resumed."""


class ReadingBackInTime(ReadingsRefused):
    """A reading begins before the one before it ends, or lasts longer than it may."""


class ReadingFromTheFuture(ReadingsRefused):
    """A reading ends later than it is now."""


class HardwareUnknown(ReadingsRefused):
    """A reading names chips whose peak nobody knows."""


class ReadingImpossible(ReadingsRefused):
    """The chips that a reading names cannot have done so much in that time."""

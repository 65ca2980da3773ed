"""What is wrong with a treaty, or not allowed by it."""

from assent.vocabulary import InputError, Refused


class TreatyInvalid(InputError):
    """The document of a treaty contradicts itself or lacks what it must say."""


class MatterUnknown(Refused):
    """The treaty gives nobody the power to decide on this."""


class CalendarEnds(InputError):
    """A working calendar does not reach the date that is asked for."""

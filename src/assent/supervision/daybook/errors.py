"""Why a day book is not believed, or not yet."""

from assent.vocabulary import InputError, NotAllowed, Refused


class DayBookMalformed(InputError):
    """This is no day book."""


class DayBookEarly(NotAllowed):
    """The day books before this one have not come; it is kept until they do."""


class DayBookRefused(Refused):
    """A day book that is well formed and changes nothing."""


class DayBookOfUnknownGate(DayBookRefused):
    """The agency knows no gate of this name."""


class DayBookUnsigned(DayBookRefused):
    """The gate's key did not sign it."""


class DayBookOfAnotherSite(DayBookRefused):
    """The gate spoke for another site, or party, before."""


class DayBookForked(DayBookRefused):
    """The gate signed something else under the same number."""


class DayBookRewritten(DayBookRefused):
    """It follows on books that are not those which the gate signed before."""


class DayBookEntriesWrong(DayBookRefused):
    """The entries or owners that come with it are not those that were signed."""


class DayBookOutOfTime(DayBookRefused):
    """Its times cannot be true."""


class DayBookRepeats(DayBookRefused):
    """It writes an entry that the gate wrote before."""


class DayBookNotAsLogged(DayBookRefused):
    """The public log holds another head of this day."""

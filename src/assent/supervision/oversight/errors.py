"""Why a report is not believed, or an oversight point not passed."""

from assent.vocabulary import InputError, NotAllowed, NotFound, Refused


class ReportMalformed(InputError):
    """This is no evaluation report."""


class ReportRefused(Refused):
    """An evaluation report that is well formed and opens nothing."""


class ReportUnsigned(ReportRefused):
    """No inspector in office signed it."""


class ReportOfAnother(ReportRefused):
    """It is of another permit, another run, or another oversight point."""


class InspectorConflicted(ReportRefused):
    """The inspector has an interest in the developer, or declared none at all."""


class ReportUntimely(ReportRefused):
    """It was signed before the permit, or in the future."""


class NoPointAhead(NotAllowed):
    """The permit has no oversight point that was not passed."""


class RunUnknown(NotFound):
    """Nothing has happened that begins a run of this name."""

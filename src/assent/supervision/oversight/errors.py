"""Why a report, an appeal or an inspector is refused, or a point not passed."""

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


class InspectorNotInOffice(Refused):
    """The treaty names no such inspector, or not now."""


class InspectorUndeclared(Refused):
    """The inspector has not said whether it has an interest in the developer."""


class InspectorNotNamed(Refused):
    """The inspector is not named on the case of this run."""


class AppealMalformed(InputError):
    """This is no appeal."""


class AppealRefused(Refused):
    """An appeal that is well formed and is not heard."""


class AppealUnsigned(AppealRefused):
    """The developer's key did not sign it."""


class AppealOfAnother(AppealRefused):
    """It is of another run, or against an order that does not hold it."""


class AppealUntimely(AppealRefused):
    """It is dated later than now."""


class AppealOpen(NotAllowed):
    """An appeal against the same order is open already."""


class RequestMalformed(InputError):
    """This is no request for an evaluation job."""


class RequestRefused(Refused):
    """A request that is well formed and lets no job start."""


class RequestUnsigned(RequestRefused):
    """No inspector in office signed it."""


class RequestOfAnother(RequestRefused):
    """It is of another run, or another site."""


class RequestUntimely(RequestRefused):
    """It does not hold yet, or no more."""

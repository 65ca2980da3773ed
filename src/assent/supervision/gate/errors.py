"""Why a gate cannot do what it was asked."""

from assent.vocabulary import AssentError, InputError, Refused


class PapersMissing(Refused):
    """The gate holds no permit, or no lease of it, that holds now."""


class LeaseRolledBack(Refused):
    """The newest lease at hand is older than one that was used before."""


class MeterOfAnother(Refused):
    """Another meter speaks for the job already."""


class SiteInvalid(InputError):
    """A gate's own settings cannot be used."""


class GateUnreachable(AssentError):
    """No gate answers; jobs that must ask one may not start."""

"""Why a permit, a lease or a status list is not believed."""

from assent.vocabulary import InputError, Refused


class PermitMalformed(InputError):
    """This is no permit, or no bundle of one."""


class PermitRefused(Refused):
    """A permit that is well formed and lets nobody train."""


class WrongPaper(PermitRefused):
    """A signed statement of another type was put in a permit's place."""


class AgencyUnknown(PermitRefused):
    """The permit is of an agency that the trusted root does not speak for."""


class PermitQuorumNotMet(PermitRefused):
    """Fewer members signed than the treaty asks for."""


class SignerRecused(PermitRefused):
    """A member signed that stands aside in this case."""


class PermitNotLogged(PermitRefused):
    """The public log does not hold this permit."""


class CapBeyondMatter(PermitRefused):
    """The cap is larger than the procedure that was followed may grant."""


class PermitNotYetValid(PermitRefused):
    """The permit's first day is still to come."""


class PermitExpired(PermitRefused):
    """The permit's last day is over."""


class PermitRevoked(PermitRefused):
    """The status list says that the permit is not valid any more."""


class PermitSuspended(PermitRefused):
    """The status list says that the permit is suspended."""


class PermitSuperseded(PermitRefused):
    """A later version of the permit stands in its place."""


class StatusInvalid(PermitRefused):
    """The status list is forged, of another permit's list, or too short."""


class StatusStale(PermitRefused):
    """The status list is older than the permit allows."""


class LeaseRefused(PermitRefused):
    """A lease that does not hold, here or now."""


class LeaseLapsed(LeaseRefused):
    """The lease has ended and was not renewed."""

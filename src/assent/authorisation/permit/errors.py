"""Why a permit, a lease or a status list is not believed."""

from assent.vocabulary import InputError, NotAllowed, Refused


class PermitMalformed(InputError):
    """This is no permit, or no bundle of one."""


class PermitRefused(Refused):
    """A permit that is well formed and lets nobody train."""


class ChangeMalformed(InputError):
    """This is no change of a permit that could be voted on."""


class LeaseMalformed(InputError):
    """This is no lease."""


class StatusMalformed(InputError):
    """This is no status list, or one beyond its limits."""


class StepNotAllowed(NotAllowed):
    """A permit cannot take this step from where it stands."""


class WrongPaper(PermitRefused):
    """A signed statement of another type was put in a permit's place."""


class AgencyUnknown(PermitRefused):
    """The permit is of an agency that the trusted root does not speak for."""


class TreatyDiffers(PermitRefused):
    """The permit was decided under a treaty other than the one that is trusted."""


class PermitQuorumNotMet(PermitRefused):
    """Fewer members signed than the treaty asks for."""


class SignerRecused(PermitRefused):
    """A member signed that stands aside in this case."""


class ChangeRefused(PermitRefused):
    """A change of a permit that is signed and has no effect."""


class PermitNotLogged(PermitRefused):
    """The public log does not hold this permit."""


class DecidedTooLate(PermitRefused):
    """The log got to hold the permit long after the vote was over."""


class CapBeyondMatter(PermitRefused):
    """The cap is larger than the procedure that was followed may grant."""


class CapBeyondRecognition(PermitRefused):
    """The cap is larger than permits of that agency are recognised for."""


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


class StatusMissing(PermitRefused):
    """No status list came along, so nobody can tell whether the permit still holds."""


class StatusInvalid(PermitRefused):
    """The status list is forged, of another permit's list, or too short."""


class StatusStale(PermitRefused):
    """The status list is older than the permit allows."""


class LeaseRefused(PermitRefused):
    """A lease that does not hold, here or now."""


class LeaseUnsigned(LeaseRefused):
    """No key in force of the treaty's lease service signed the lease."""


class LeaseOfAnotherPermit(LeaseRefused):
    """The lease is of another permit, or of another version of this one."""


class LeaseElsewhere(LeaseRefused):
    """The lease is of another site."""


class LeaseTooWide(LeaseRefused):
    """The lease allows more than its permit, or for longer."""


class LeaseNotYetValid(LeaseRefused):
    """The lease begins later."""


class LeaseLapsed(LeaseRefused):
    """The lease has ended and was not renewed."""

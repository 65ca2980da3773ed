"""Why a job does not start."""

from assent.vocabulary import InputError, Refused


class JobMalformed(InputError):
    """This is no job that a scheduler could run."""


class OwnersInvalid(InputError):
    """The register of owners does not say who owns whom, or contradicts itself."""


class AdmissionRefused(Refused):
    """A job that may not start. The default is no."""


class AccountUnknown(AdmissionRefused):
    """Nobody registered whose account it is, so nothing can be added up."""


class PermitMissing(AdmissionRefused):
    """With this job its owner would be beyond what needs no permit."""


class JobHeld(AdmissionRefused):
    """A pause order covers the job."""


class RunTerminated(AdmissionRefused):
    """A quorum terminated the run: nothing is admitted for it any more."""


class PermitOfAnother(AdmissionRefused):
    """The permit is another developer's, or another permit than the job names."""


class ChipsBeyondPermit(AdmissionRefused):
    """The run would use more chips at a time than its permit allows, or others."""


class JobBeyondPermit(AdmissionRefused):
    """The job could run on after the permit's last instant."""


class AllowanceExceeded(AdmissionRefused):
    """The job could use more than the run has left at this site."""


class ReserveKept(AdmissionRefused):
    """Training would eat into what is kept for the run's overseers."""


class ReserveExceeded(AdmissionRefused):
    """An evaluation could use more than its request, or the overseers' reserve."""


class RequestUsed(AdmissionRefused):
    """Another job was admitted by the inspector's request."""


class PointReached(AdmissionRefused):
    """The run came to an oversight point that is not passed."""


class MaximumUnenforceable(AdmissionRefused):
    """The job's own maximum could be used up before anybody could stop it."""


class JobKnown(AdmissionRefused):
    """A job of this name was admitted before, as another job."""

"""Why what a scheduler says of a job cannot be read."""

from assent.supervision.admission import AdmissionRefused, JobMalformed
from assent.vocabulary import AssentError


class ClaimMalformed(JobMalformed):
    """A job's claim of a permit is written so that it cannot be read."""


class SchedulerMalformed(JobMalformed):
    """This is not how the scheduler describes a job."""


class ChipsUnnamed(AdmissionRefused):
    """The gate's settings do not say which accelerator the scheduler means."""


class SchedulerUnknown(AdmissionRefused):
    """The gate's settings say nothing of this scheduler."""


class SchedulerUnavailable(AssentError):
    """The scheduler does not answer; what runs is not known."""

"""Why something is not written into the books."""

from assent.vocabulary import AssentError, InputError, NotAllowed


class EntryInvalid(InputError):
    """An entry whose postings do not add up to nothing, or are not of its kind."""


class EntryConflicts(NotAllowed):
    """An entry of the same name says something else; what was written stays."""


class CorrectionRefused(NotAllowed):
    """A correction of what others signed, or to less than meters signed."""


class JobNotOpen(NotAllowed):
    """The job was not admitted here, or has ended."""


class BooksDamaged(AssentError):
    """What the books hold is not what was written."""

"""What can be wrong with a database of cases, beside what `ports.Docket` names.

a database -> DocketDamaged, DocketBehind
"""

from assent.vocabulary import AssentError, Refused

DAMAGED_REMEDY = "Write nothing to it any more, and restore a backup."


class DocketDamaged(AssentError):
    """The database of cases, or a file exported from one, contradicts itself."""


class DocketBehind(Refused):
    """The public log knows of events that the database of cases does not have."""

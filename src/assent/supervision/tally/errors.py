"""Why an agency's tally is not taken."""

from assent.vocabulary import InputError, Refused


class TallyMalformed(InputError):
    """This is no tally."""


class TallyRefused(Refused):
    """A tally that is well formed and changes nothing."""


class TallyUnsigned(TallyRefused):
    """The treaty's lease service did not sign it."""


class TallyOfAnotherGate(TallyRefused):
    """It is for another gate, or of another agency."""


class TallyEarly(TallyRefused):
    """It was made in the future."""


class TallyRolledBack(TallyRefused):
    """A newer one is held, or another of the same number."""

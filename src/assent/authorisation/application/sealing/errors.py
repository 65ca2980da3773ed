"""What can be wrong with sealing, and with what is said to open a seal.

InputError: what was asked for cannot be done; Refused: what was shown is not believed
"""

from assent.vocabulary import DocumentInvalid, DocumentTooLarge, InputError, Refused


class PathNotSealable(InputError):
    """A path leads nowhere, stands twice, or is the whole document."""


class PathMustStayPublic(InputError):
    """Sealing this path would hide what the public must be able to read."""


class SaltUnsound(InputError):
    """A salt is too short, was used already, or there are too few of them."""


class SealingTooLarge(DocumentTooLarge):
    """More fields, deeper nesting or longer values than the limits allow."""


class SealedMalformed(DocumentInvalid):
    """A document uses the names of sealing in another way than sealing does."""


class DisclosureMalformed(DocumentInvalid):
    """A text is no disclosure, or a file is none of disclosures."""


class DisclosureUnknown(Refused):
    """No digest in the document is that of this disclosure."""


class DigestRepeated(Refused):
    """A digest, or a disclosure, stands at two places: it could be read in two ways."""


class NameRepeated(Refused):
    """A disclosed field has the name of another: one of them would be lost."""


class DisclosuresForAnother(Refused):
    """A file of disclosures is for another application."""

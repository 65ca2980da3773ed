"""Why the states' keys, as somebody shows them, are not believed."""

from assent.vocabulary import InputError, Refused


class TrustMalformed(InputError):
    """This is no trust metadata of the form that we write, or beyond a limit."""


class TrustRefused(Refused):
    """Trust metadata that is well formed and not believed."""


class RootUnsigned(TrustRefused):
    """Too few of the root keys signed a root, its own or those of the one before."""


class RootSkipped(TrustRefused):
    """A version of the root is missing between two others."""


class RootExpired(TrustRefused):
    """The newest root that was shown is over."""


class RootRolledBack(TrustRefused):
    """The newest root that was shown is older than one already seen."""


class MetadataUnsigned(TrustRefused):
    """Too few of its role's keys signed a timestamp, snapshot or targets."""


class MetadataExpired(TrustRefused):
    """A timestamp, snapshot or targets is over: what is newer may be withheld."""


class MetadataRolledBack(TrustRefused):
    """A timestamp, snapshot or targets is older than one already seen."""


class MetadataMixed(TrustRefused):
    """A snapshot or targets is not the one that the metadata above it names."""


class TreatyAltered(TrustRefused):
    """The treaty's document is not the one that the states signed."""


class TreatyRolledBack(TrustRefused):
    """The treaty is an older version than one already seen."""


class NotRecognised(TrustRefused):
    """The other agency's permits do not count here, or not now."""

"""The one tree of errors: what went wrong, where, and the remedy.

Every error that leaves assent is an `AssentError`. `apps/cli/exit_codes.py` holds the
one table from a class of this tree to an exit code.
"""


class AssentError(Exception):
    """The root. `str(error)` is what happened and where; `remedy` is what to do."""

    def __init__(self, message: str, *, remedy: str) -> None:
        """Keep what happened (one or more sentences) and what the reader can do."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class InputError(AssentError):
    """What was handed in cannot be used as it is; nothing was changed."""


class QuantityInvalid(InputError):
    """A number, unit or date is malformed, out of range or of the wrong unit."""


class DocumentInvalid(InputError):
    """A YAML or JSON document is malformed, or does not fit its schema."""


class DocumentTooLarge(InputError):
    """A document, or something inside it, is beyond its limit."""


class NotFound(InputError):
    """A name refers to nothing we have: a file, an instrument, an accelerator."""


class FactsMissing(InputError):
    """A result cannot be computed honestly without facts that were not given."""


class ArchitectureUnknown(FactsMissing):
    """A model's configuration is of a kind that we have no formula for."""


class OperationUncounted(AssentError):
    """A counter met an operation it has no formula for, and refuses to guess."""


class ComponentMissing(AssentError):
    """An optional part of the installation is needed and absent."""


class RulebookInvalid(AssentError):
    """An instrument breaks the rules that every instrument must keep."""


class SignatureInvalid(AssentError):
    """A signature, or the key it is checked with, breaks the one pinned rule."""


class Refused(AssentError):
    """Something well formed is not believed, or not allowed: the default is no."""


class NotAllowed(InputError):
    """What was asked for is not open to this person, or not in this state."""


class CaseChanged(AssentError):
    """Somebody else wrote to the same case meanwhile; nothing was written."""

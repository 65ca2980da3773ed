"""The words every stage shares: quantities, documents, canonical bytes, errors.

Nothing here knows of compute, law or permits. Every other package imports from here,
and this one imports from none of them.
"""

from assent.vocabulary.canonical import (
    Plain,
    canonical_bytes,
    digest,
    parse_canonical,
)
from assent.vocabulary.documents import (
    Document,
    Path,
    parse_json,
    parse_yaml,
)
from assent.vocabulary.errors import (
    ArchitectureUnknown,
    AssentError,
    CaseChanged,
    ComponentMissing,
    DocumentInvalid,
    DocumentTooLarge,
    FactsMissing,
    InputError,
    NotAllowed,
    NotFound,
    OperationUncounted,
    QuantityInvalid,
    Refused,
    RulebookInvalid,
    SignatureInvalid,
)
from assent.vocabulary.quantities import (
    COUNT_MAX,
    Interval,
    format_count,
    format_interval,
    parse_count,
)
from assent.vocabulary.times import format_instant, from_posix, parse_instant

__all__ = [
    "COUNT_MAX",
    "ArchitectureUnknown",
    "AssentError",
    "CaseChanged",
    "ComponentMissing",
    "Document",
    "DocumentInvalid",
    "DocumentTooLarge",
    "FactsMissing",
    "InputError",
    "Interval",
    "NotAllowed",
    "NotFound",
    "OperationUncounted",
    "Path",
    "Plain",
    "QuantityInvalid",
    "Refused",
    "RulebookInvalid",
    "SignatureInvalid",
    "canonical_bytes",
    "digest",
    "format_count",
    "format_instant",
    "format_interval",
    "from_posix",
    "parse_canonical",
    "parse_count",
    "parse_instant",
    "parse_json",
    "parse_yaml",
]

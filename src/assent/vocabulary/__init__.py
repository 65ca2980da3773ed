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
    ComponentMissing,
    DocumentInvalid,
    DocumentTooLarge,
    FactsMissing,
    InputError,
    NotFound,
    OperationUncounted,
    QuantityInvalid,
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

__all__ = [
    "COUNT_MAX",
    "ArchitectureUnknown",
    "AssentError",
    "ComponentMissing",
    "Document",
    "DocumentInvalid",
    "DocumentTooLarge",
    "FactsMissing",
    "InputError",
    "Interval",
    "NotFound",
    "OperationUncounted",
    "Path",
    "Plain",
    "QuantityInvalid",
    "RulebookInvalid",
    "SignatureInvalid",
    "canonical_bytes",
    "digest",
    "format_count",
    "format_interval",
    "parse_canonical",
    "parse_count",
    "parse_json",
    "parse_yaml",
]

"""Secret fields: sealed one by one, opened one by one, by whoever holds the salt.

document + paths + salts -> Sealed: the document with digests, and a disclosure a path
sealed document + disclosures -> Opened: what they say, and what stays hidden

The shape is that of SD-JWT (RFC 9901), without the token. A salted digest is a
commitment: it hides a value as well as its salt is kept, and no longer. It is no
zero-knowledge proof. It shows what was declared, not that it is true.
"""

from assent.authorisation.application.sealing.disclosure import (
    ALGORITHM,
    Disclosure,
    parse_disclosure,
)
from assent.authorisation.application.sealing.disclosure_file import (
    DisclosureFile,
    parse_disclosure_file,
)
from assent.authorisation.application.sealing.errors import (
    DigestRepeated,
    DisclosureMalformed,
    DisclosuresForAnother,
    DisclosureUnknown,
    NameRepeated,
    PathMustStayPublic,
    PathNotSealable,
    SaltUnsound,
    SealedMalformed,
    SealingTooLarge,
)
from assent.authorisation.application.sealing.opening import (
    Hidden,
    Opened,
    open_fields,
    verify_disclosure,
)
from assent.authorisation.application.sealing.seal import Sealed, seal

__all__ = [
    "ALGORITHM",
    "DigestRepeated",
    "Disclosure",
    "DisclosureFile",
    "DisclosureMalformed",
    "DisclosureUnknown",
    "DisclosuresForAnother",
    "Hidden",
    "NameRepeated",
    "Opened",
    "PathMustStayPublic",
    "PathNotSealable",
    "SaltUnsound",
    "Sealed",
    "SealedMalformed",
    "SealingTooLarge",
    "open_fields",
    "parse_disclosure",
    "parse_disclosure_file",
    "seal",
    "verify_disclosure",
]

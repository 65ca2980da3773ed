"""The root of trust: by which keys the states say what their treaty is.

trusted root + TrustMetadata + now -> TrustedTreaty
"""

from assent.authorisation.trust.describe import describe_metadata
from assent.authorisation.trust.errors import (
    MetadataExpired,
    MetadataMixed,
    MetadataRolledBack,
    MetadataUnsigned,
    NotRecognised,
    RootExpired,
    RootRolledBack,
    RootSkipped,
    RootUnsigned,
    TreatyAltered,
    TreatyRolledBack,
    TrustMalformed,
    TrustRefused,
)
from assent.authorisation.trust.form import TREATY_BYTES_MAX
from assent.authorisation.trust.make import (
    make_root,
    make_snapshot,
    make_targets,
    make_timestamp,
    next_root,
)
from assent.authorisation.trust.metadata import (
    METADATA_BYTES_MAX,
    KeyQuorum,
    RoleQuorums,
    RootMetadata,
    TrustRole,
    parse_listing,
    parse_metadata,
    parse_root,
)
from assent.authorisation.trust.recognise import verify_recognised
from assent.authorisation.trust.signing import (
    join_signatures,
    sign_metadata,
    signers_of,
)
from assent.authorisation.trust.trusted_treaty import (
    ROOTS_MAX,
    SeenVersions,
    TrustedTreaty,
    TrustMetadata,
    seen_versions_of,
    trust_metadata_of,
)
from assent.authorisation.trust.verify import verify_trust

__all__ = [
    "METADATA_BYTES_MAX",
    "ROOTS_MAX",
    "TREATY_BYTES_MAX",
    "KeyQuorum",
    "MetadataExpired",
    "MetadataMixed",
    "MetadataRolledBack",
    "MetadataUnsigned",
    "NotRecognised",
    "RoleQuorums",
    "RootExpired",
    "RootMetadata",
    "RootRolledBack",
    "RootSkipped",
    "RootUnsigned",
    "SeenVersions",
    "TreatyAltered",
    "TreatyRolledBack",
    "TrustMalformed",
    "TrustMetadata",
    "TrustRefused",
    "TrustRole",
    "TrustedTreaty",
    "describe_metadata",
    "join_signatures",
    "make_root",
    "make_snapshot",
    "make_targets",
    "make_timestamp",
    "next_root",
    "parse_listing",
    "parse_metadata",
    "parse_root",
    "seen_versions_of",
    "sign_metadata",
    "signers_of",
    "trust_metadata_of",
    "verify_recognised",
    "verify_trust",
]

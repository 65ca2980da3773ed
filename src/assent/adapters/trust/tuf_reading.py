"""Hold metadata against the TUF project's own reading of it, before it is published.

metadata -> nothing, or TrustMalformed

Verifying reads metadata by itself, strictly and fast. What an agency publishes is meant
for any client of TUF, so here the project's library must read it too, and find that the
very same bytes were signed.
"""

import json
from typing import Any

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata

from assent.authorisation.trust import TrustMalformed
from assent.vocabulary import canonical_bytes


def verify_read_by_tuf(data: bytes) -> None:
    """Refuse metadata that a client of TUF would read otherwise.

    Raises:
        TrustMalformed: if it is none, or TUF spells what is signed otherwise.

    """
    try:
        signed = json.loads(data)["signed"]
        is_same = Metadata[Any].from_bytes(data).signed_bytes == canonical_bytes(signed)
    except (RepositoryError, KeyError, TypeError, ValueError):
        is_same = False
    if not is_same:
        raise TrustMalformed(
            "Other clients of TUF would not read this metadata as it is meant.",
            remedy="Make it again with `assent trust`; do not edit it.",
        )

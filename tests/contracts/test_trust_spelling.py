"""What is signed in trust metadata is, byte for byte, what the TUF project signs.

our metadata -> the same message from `tuf` and from us
"""

from typing import Any

import pytest
from tuf.api.metadata import Metadata

from assent.authorisation.trust import TrustRole
from assent.authorisation.trust.metadata import parse_metadata
from assent.testing.trust import SimulatedTrust
from assent.vocabulary import parse_canonical


@pytest.mark.parametrize("role", TrustRole)
def test_the_message_is_the_one_that_tuf_signs(role: TrustRole) -> None:
    trust = SimulatedTrust()
    trust.rotate()
    data = trust.roots[-1] if role is TrustRole.ROOT else getattr(trust, role.value)
    assert isinstance(data, bytes)
    theirs = Metadata[Any].from_dict(parse_canonical(data)).signed_bytes
    assert parse_metadata(data).message == theirs

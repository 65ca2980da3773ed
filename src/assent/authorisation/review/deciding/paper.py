"""The paper that takes effect if a proposal is approved, and is signed with each vote.

payload + type -> Paper -> the DSSE message that every approving member signs

A vote to grant a permit signs two things at once: the vote, and the very permit. So
when enough have approved, the permit is signed by as many, and no second ceremony can
give it other words. This module knows nothing of what the paper says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from assent.authorisation.review.deciding.errors import ProposalMalformed
from assent.vocabulary import Plain, canonical_bytes
from assent.vocabulary.envelope import Envelope

VOTE_TYPE = "application/vnd.assent.vote+json"


@dataclass(frozen=True, slots=True)
class Paper:
    """A payload as plain values, and its media type.

    `unsigned` is the paper in its envelope, without signatures.

    Raises:
        ProposalMalformed: if it is a vote: whoever approved it would have voted on
            another proposal too.

    """

    payload_type: str
    payload: Mapping[str, Plain]
    unsigned: Envelope = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep a copy that nobody can change."""
        if self.payload_type == VOTE_TYPE:
            raise ProposalMalformed(
                "A vote is not a paper that could be approved.",
                remedy="Propose what takes effect, such as a permit.",
            )
        object.__setattr__(self, "payload", MappingProxyType(dict(self.payload)))
        unsigned = Envelope(canonical_bytes(self.payload), self.payload_type)
        object.__setattr__(self, "unsigned", unsigned)

    @property
    def plain(self) -> dict[str, Plain]:
        """The paper as a part of a proposal."""
        return {"payload_type": self.payload_type, "payload": self.payload}

"""What is voted on, to the letter.

Proposal <-> canonical JSON, whose digest every vote names

    {"agency":"agency.example","case_digest":"sha256:…","case_id":"application-2026-0001","closes":"2026-04-20T23:59:59Z","decision_id":"decision-2026-0001","excluded":{"NOR":"owns shares of the developer"},"format":"assent-proposal/1","matter":"permit","opens":"2026-04-01T09:00:00Z","paper":{"payload":{…},"payload_type":"application/vnd.assent.permit+json"},"provisos":["…"],"reasons":["…"],"review_digest":"sha256:…","title":"…","treaty":{"digest":"sha256:…","version":3}}

A proposal always asks for something: to grant, to suspend, to revoke. What is not
approved in time is refused; nobody needs to vote for a refusal.
"""  # noqa: E501 - the literal is the format

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from assent.authorisation.review.deciding.errors import ProposalMalformed
from assent.authorisation.review.deciding.paper import Paper
from assent.authorisation.treaty import Matter
from assent.vocabulary import (
    AssentError,
    Plain,
    canonical_bytes,
    digest,
    format_instant,
    parse_canonical,
    parse_instant,
)

FORMAT = "assent-proposal/1"
PROPOSAL_BYTES_MAX = 1_000_000  # what one event of a case may hold
_FIELDS = frozenset(
    {
        "agency",
        "case_digest",
        "case_id",
        "closes",
        "decision_id",
        "excluded",
        "format",
        "matter",
        "opens",
        "paper",
        "provisos",
        "reasons",
        "review_digest",
        "title",
        "treaty",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A decision put to the vote.

    Attributes:
        agency: whose decision it will be.
        decision_id: its identifier, such as decision-2026-0001.
        matter: which procedure of the treaty applies.
        case_id: the application or permit it is about.
        case_digest: of the last event of the case that the proposal takes account of.
        title: what is decided, in one line.
        treaty_version: the treaty it was drawn up under, and its digest.
        treaty_digest: see `treaty_version`.
        review_digest: of the review that it rests on.
        reasons: why, in sentences.
        provisos: conditions in sentences; those that machines check are in the paper.
        excluded: members whose votes do not count, and why.
        opens: the first instant at which a vote counts, and the last.
        closes: see `opens`.
        paper: what takes effect.
        digest: of all of it: the digest that every vote names.

    """

    agency: str
    decision_id: str
    matter: Matter
    case_id: str
    case_digest: str
    title: str
    treaty_version: int
    treaty_digest: str
    review_digest: str
    reasons: tuple[str, ...]
    provisos: tuple[str, ...]
    excluded: Mapping[str, str] = field(default_factory=dict)
    opens: datetime
    closes: datetime
    paper: Paper
    digest: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep a copy of the mapping, and refuse a vote that is never open."""
        object.__setattr__(self, "excluded", MappingProxyType(dict(self.excluded)))
        if self.closes <= self.opens:
            raise ProposalMalformed(
                f"The vote on {self.decision_id} closes before it opens.",
                remedy="Give members time to vote.",
            )
        object.__setattr__(self, "digest", digest(self.plain))

    @property
    def plain(self) -> dict[str, Plain]:
        """The proposal as plain values."""
        return {
            "format": FORMAT,
            "agency": self.agency,
            "decision_id": self.decision_id,
            "matter": self.matter.value,
            "case_id": self.case_id,
            "case_digest": self.case_digest,
            "title": self.title,
            "treaty": {"version": self.treaty_version, "digest": self.treaty_digest},
            "review_digest": self.review_digest,
            "reasons": self.reasons,
            "provisos": self.provisos,
            "excluded": self.excluded,
            "opens": format_instant(self.opens),
            "closes": format_instant(self.closes),
            "paper": self.paper.plain,
        }

    @property
    def encoded(self) -> bytes:
        """The canonical bytes."""
        return canonical_bytes(self.plain)


def parse_proposal(data: bytes) -> Proposal:
    """Return the proposal whose `encoded` these bytes are.

    Raises:
        ProposalMalformed: if they are none.

    """
    if len(data) > PROPOSAL_BYTES_MAX:
        raise _malformed(f"it has more than {PROPOSAL_BYTES_MAX:,} bytes")
    try:
        proposal = proposal_of(parse_canonical(data))
    except AssentError as error:
        raise _malformed(error.message) from None
    if proposal.encoded != data:
        raise _malformed("it is in another spelling")
    return proposal


def proposal_of(value: Any) -> Proposal:  # noqa: ANN401 - any plain value
    """Return the proposal that plain values describe.

    Raises:
        ProposalMalformed: if they describe none.

    """
    if not isinstance(value, dict) or value.keys() != _FIELDS:
        raise _malformed("a field is missing, or there is one too many")
    if value["format"] != FORMAT:
        raise _malformed(f"its format is not {FORMAT}")
    try:
        proposal = Proposal(
            agency=value["agency"],
            decision_id=value["decision_id"],
            matter=Matter(value["matter"]),
            case_id=value["case_id"],
            case_digest=value["case_digest"],
            title=value["title"],
            treaty_version=value["treaty"]["version"],
            treaty_digest=value["treaty"]["digest"],
            review_digest=value["review_digest"],
            reasons=tuple(value["reasons"]),
            provisos=tuple(value["provisos"]),
            excluded=value["excluded"],
            opens=parse_instant(value["opens"]),
            closes=parse_instant(value["closes"]),
            paper=Paper(value["paper"]["payload_type"], value["paper"]["payload"]),
        )
        is_same = canonical_bytes(proposal.plain) == canonical_bytes(value)
    except (AssentError, KeyError, TypeError, ValueError) as error:
        raise _malformed(f"a field is not what it must be ({error})") from None
    if not is_same or not _is_text(proposal):
        raise _malformed("a field is not what it must be")
    return proposal


def _is_text(proposal: Proposal) -> bool:
    texts = [
        proposal.agency,
        proposal.decision_id,
        proposal.case_id,
        proposal.case_digest,
        proposal.title,
        proposal.treaty_digest,
        proposal.review_digest,
        *proposal.reasons,
        *proposal.provisos,
        *proposal.excluded,
        *proposal.excluded.values(),
        proposal.paper.payload_type,
    ]
    return all(isinstance(text, str) for text in texts) and (
        type(proposal.treaty_version) is int
    )


def _malformed(why: str) -> ProposalMalformed:
    return ProposalMalformed(
        f"This is no proposal: {why.removesuffix('.')}.",
        remedy="Take the agency's file as it is.",
    )

"""Why a vote does not count, or a decision is not believed."""

from assent.vocabulary import InputError, Refused


class ProposalMalformed(InputError):
    """This is no proposal that could be voted on."""


class VoteMalformed(InputError):
    """This is no vote, or one that lacks a part."""


class VoteRefused(Refused):
    """A vote that does not count, whoever sends it."""


class VoteOnAnotherDecision(VoteRefused):
    """A vote was cast on another proposal, or on other words of this one."""


class VoteUnsigned(VoteRefused):
    """No key in force of the member who is said to vote has signed."""


class VoterRecused(VoteRefused):
    """The member stands aside in this case; its vote cannot count."""


class VoterNotEligible(VoteRefused):
    """Whoever votes has no vote on this matter."""


class VoteTooLate(VoteRefused):
    """The vote was closed, or not open yet."""


class VotedTwice(VoteRefused):
    """The member voted before; the first vote stands."""


class RecordInvalid(Refused):
    """A record of a decision is not what its votes and the treaty make of it."""

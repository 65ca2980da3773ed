"""What is wrong with a review policy."""

from assent.vocabulary import InputError


class PolicyInvalid(InputError):
    """The document of a review policy lacks what it must say, or contradicts itself."""


class PolicyNotInForce(InputError):
    """A case is weighed on a day on which the policy did not hold yet."""

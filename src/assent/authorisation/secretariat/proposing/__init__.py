"""From a case under review to a proposal that members vote on.

Office + case -> Weighed -> Proposal of a permit, or of a change of one
"""

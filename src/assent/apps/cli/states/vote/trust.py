"""The treaty by which a member or a counter judges, read from files.

root + folder of metadata -> TrustedTreaty, or none if neither was given
"""

from datetime import datetime
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.adapters.trust import TrustFolder
from assent.authorisation.review.deciding import Proposal
from assent.authorisation.treaty import Treaty
from assent.authorisation.trust import METADATA_BYTES_MAX, TrustedTreaty, verify_trust
from assent.vocabulary import InputError, Refused


class ProposalElsewhere(Refused):
    """A proposal of another agency, or under a treaty that is not the trusted one."""


def trusted_by(root: Path, trust: Path, now: datetime) -> TrustedTreaty:
    """Return the treaty to which a root leads.

    Raises:
        AssentError: whatever `verify_trust` raises, or a file that cannot be read.

    """
    metadata = TrustFolder(trust).read()
    return verify_trust(read_bytes(root, METADATA_BYTES_MAX), metadata, now)


def trusted_if_given(
    root: Path | None, trust: Path | None, now: datetime
) -> TrustedTreaty | None:
    """Return the treaty to which a root leads; None if nothing was given.

    Raises:
        InputError: if only one of the two was given.
        AssentError: as `trusted_by`.

    """
    if root is None and trust is None:
        return None
    if root is None or trust is None:
        raise InputError(
            "Only one of --root and --trust was given.",
            remedy="Give both: the root that you trust, and what leads on from it.",
        )
    return trusted_by(root, trust, now)


def verify_is_of(proposal: Proposal, treaty: Treaty) -> None:
    """Refuse a proposal that is not of a treaty, or of a version nobody here knows.

    Raises:
        ProposalElsewhere: if it is not.

    """
    if proposal.agency != treaty.agency:
        raise ProposalElsewhere(
            f"{proposal.decision_id} is of {proposal.agency:.120}; the trusted root"
            f" speaks for {treaty.agency}.",
            remedy="Do not vote on it; ask your agency what it put to the vote.",
        )
    is_same = proposal.treaty_digest == treaty.digest
    if proposal.treaty_version > treaty.version or (
        proposal.treaty_version == treaty.version and not is_same
    ):
        raise ProposalElsewhere(
            f"{proposal.decision_id} was drawn up under version"
            f" {proposal.treaty_version} of the treaty, {proposal.treaty_digest:.80};"
            f" what is trusted is version {treaty.version}, {treaty.digest}.",
            remedy="Fetch the newest trust metadata; if it differs still, do not vote.",
        )

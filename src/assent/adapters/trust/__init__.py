"""The root of trust on disk: what an agency publishes, what a verifier remembers."""

from assent.adapters.trust.folder import TrustFolder
from assent.adapters.trust.state import TrustState

__all__ = ["TrustFolder", "TrustState"]

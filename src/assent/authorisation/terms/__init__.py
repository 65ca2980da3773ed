"""What is asked for and what is permitted, in the same words.

Developer, Caps, OversightPoint -> plain values
"""

from assent.authorisation.terms.terms import Caps, Developer, OversightPoint

__all__ = ["Caps", "Developer", "OversightPoint"]

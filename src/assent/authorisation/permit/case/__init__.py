"""A permit's case: every act on it, and where it stands.

RecordedEvents -> PermitCase, Card
"""

from assent.authorisation.permit.case.card import permit_card
from assent.authorisation.permit.case.case import PermitCase, advance, due, fold

__all__ = ["PermitCase", "advance", "due", "fold", "permit_card"]

"""An officer's judgement of one claim of a safety case.

plain value -> Judgement <-> plain values of an event; judgements -> claims not accepted
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assent.authorisation.review.safety_case.case import SafetyCase
from assent.authorisation.review.shape import (
    Label,
    Line,
    Name,
    Part,
    fields_of,
    read_form,
)
from assent.vocabulary import InputError, Plain


class JudgementInvalid(InputError):
    """A judgement lacks a part, or is of no claim of the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether a claim is accepted, and why; of the case with that digest only."""

    case_digest: str
    claim: str
    accepted: bool
    reason: str
    by: str

    @property
    def plain(self) -> dict[str, Plain]:
        """The judgement as plain values."""
        return {
            "case_digest": self.case_digest,
            "claim": self.claim,
            "accepted": self.accepted,
            "reason": self.reason,
            "by": self.by,
        }


class _Judgement(Part):
    case_digest: str
    claim: Label
    accepted: bool
    reason: Line
    by: Name


def judgement_of(value: Any, case: SafetyCase | None = None) -> Judgement:  # noqa: ANN401 - any plain value
    """Return the judgement that plain values describe.

    Args:
        value: the judgement, as `Judgement.plain` writes it.
        case: whose claim it must be of, if it is given.

    Raises:
        JudgementInvalid: if they describe none, or none of this case.

    """
    form = read_form(_Judgement, value, JudgementInvalid, "judgement of a claim")
    if case is not None and (
        form.case_digest != case.digest
        or form.claim not in {claim.id for claim in case.claims}
    ):
        raise JudgementInvalid(
            f"{form.claim} is no claim of the safety case {case.digest}.",
            remedy="Judge the claims of the case that is before the agency now.",
        )
    return Judgement(**fields_of(form))


def unaccepted_claims(
    case: SafetyCase, judgements: Mapping[str, Judgement]
) -> dict[str, str | None]:
    """Return the claims that do not stand, with the reason; None if nobody judged.

    A judgement of an earlier case is none of this one. The top claim stands on the
    others, so one that is not accepted takes it down, whatever was said of it.
    """
    found: dict[str, str | None] = {}
    for claim in case.claims:
        said = judgements.get(claim.id)
        if said is None or said.case_digest != case.digest:
            found[claim.id] = None
        elif not said.accepted:
            found[claim.id] = said.reason
    return found

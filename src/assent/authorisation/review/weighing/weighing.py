"""What a review came to: a verdict, its reasons, and what would go into a permit.

Weighing -> plain document and digest, which a proposal names; sentences for people

    {"conditions":[…],"developer":"Example Labs","findings":[…],"flop":"…","format":"assent-review/1","matter":"permit","policy":{"digest":"sha256:…","id":"founding"},"verdict":"may_be_proposed",…}

No verdict grants anything: the best is that the members may vote.
"""  # noqa: E501 - the literal is the format

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256

from assent.authorisation.review.responsibility import Responsibility
from assent.authorisation.review.run import RunFinding
from assent.authorisation.review.shape import Level
from assent.authorisation.terms import OversightPoint
from assent.authorisation.treaty import Matter
from assent.vocabulary import Plain, canonical_bytes

FORMAT = "assent-review/1"


class Verdict(StrEnum):
    """What may be done with the case."""

    REFUSE = "refuse"
    ASK = "ask"
    MAY_BE_PROPOSED = "may_be_proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something unknown that must be known. `of` is the applicant or an officer."""

    of: str
    about: str
    text: str

    @property
    def plain(self) -> dict[str, Plain]:
        """The question as plain values."""
        return {"of": self.of, "about": self.about, "text": self.text}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionDue:
    """A proviso of the permit; `quantity` and `at_most` are None if in words alone."""

    id: str
    text: str
    quantity: str | None
    at_most: int | None

    @property
    def plain(self) -> dict[str, Plain]:
        """The condition as plain values, in the shape that a permit has it."""
        limit: dict[str, Plain] | None = None
        if self.quantity is not None and self.at_most is not None:
            limit = {"quantity": self.quantity, "at_most": str(self.at_most)}
        return {"id": self.id, "text": self.text, "limit": limit}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """The result of a review on a day.

    Attributes:
        on: the day.
        policy_id: by which policy, and its digest.
        policy_digest: see `policy_id`.
        practices_digest: of the questionnaire.
        developer: who is to train.
        flop: the cap that was asked for.
        responsibility: of the developer, as officers found.
        findings: those that count, one for each property.
        features: that the run is stated to have.
        safety_case_digest: of the case that was judged; None if there is none.
        verdict: what may be done.
        reasons: for a refusal; every one, not the first.
        is_never_allowed: whether the run is of a class that the policy allows to
            nobody, which no panel can mend.
        questions: what is unknown.
        matter: by which procedure it may be decided.
        conditions: that a permit would carry.
        oversight_flop_share_ppm: of the run's FLOP.
        oversight_points: where the run would stop.
        evaluations_due: before the model leaves the run.

    """

    on: date
    policy_id: str
    policy_digest: str
    practices_digest: str
    developer: str
    flop: int
    responsibility: Responsibility
    findings: tuple[RunFinding, ...]
    features: frozenset[str]
    safety_case_digest: str | None
    verdict: Verdict
    reasons: tuple[str, ...]
    is_never_allowed: bool
    questions: tuple[Question, ...]
    matter: Matter
    conditions: tuple[ConditionDue, ...]
    oversight_flop_share_ppm: int
    oversight_points: tuple[OversightPoint, ...]
    evaluations_due: tuple[str, ...]
    encoded: bytes = field(init=False, repr=False, compare=False)
    digest: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the canonical bytes once, and the digest that a proposal names."""
        object.__setattr__(self, "encoded", canonical_bytes(self.plain))
        digest = f"sha256:{sha256(self.encoded).hexdigest()}"
        object.__setattr__(self, "digest", digest)

    @property
    def plain(self) -> dict[str, Plain]:
        """The whole review as plain values."""
        return {
            "format": FORMAT,
            "on": self.on.isoformat(),
            "policy": {"id": self.policy_id, "digest": self.policy_digest},
            "practices_digest": self.practices_digest,
            "developer": self.developer,
            "flop": str(self.flop),
            "responsibility": self.responsibility.plain,
            "findings": [finding.plain for finding in self.findings],
            "features": sorted(self.features),
            "safety_case_digest": self.safety_case_digest,
            "verdict": self.verdict.value,
            "reasons": list(self.reasons),
            "is_never_allowed": self.is_never_allowed,
            "questions": [question.plain for question in self.questions],
            "matter": self.matter.value,
            "conditions": [made.plain for made in self.conditions],
            "oversight": {
                "flop_share_ppm": self.oversight_flop_share_ppm,
                "points": [point.plain for point in self.oversight_points],
            },
            "evaluations_due": list(self.evaluations_due),
        }

    @property
    def provisos(self) -> tuple[str, ...]:
        """The conditions in sentences, as a proposal lists them."""
        return tuple(made.text for made in self.conditions)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The review in words, for people who decide or are refused."""
        headings = {
            Verdict.REFUSE: "The case is refused by the rules of the review policy.",
            Verdict.ASK: "The case cannot be put to the vote before more is known.",
            Verdict.MAY_BE_PROPOSED: (
                f"The case may be put to the vote as a matter of {self.matter}."
                " Only the members can grant it."
            ),
        }
        spoken = {Level.HIGH, Level.UNKNOWN, Level.UNACCEPTABLE}
        return (
            headings[self.verdict],
            *self.reasons,
            *(f"To the {asked.of}: {asked.text}" for asked in self.questions),
            self.responsibility.sentence,
            *(
                f"{found.about.replace('_', ' ')} is {found.level}: {found.reason}"
                f" ({found.by})."
                for found in self.findings
                if found.level in spoken
            ),
            *(f"Condition: {made.text}" for made in self.conditions),
        )

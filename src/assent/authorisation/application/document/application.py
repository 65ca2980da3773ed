"""The application: what a developer puts before the agency, as one document.

Application -> plain values -> digest; `parse` reads it back

    {"assent":"application/1","assessment":{…},"cloned_from":null,"consultation":null,"declaration":{…},"developer":{"key":"…","name":"Example Labs"},"evidence":[…],"matter":"permit","oversight":{"flop_share_ppm":10000,"points":[…]},"practices":{…},"provider":"Example Cloud","purpose":"…","requested":{"chips":{"h100_sxm":"1024"},"flop":"40000000000000000000000000",…},"run_id":"…","run_properties":{…},"safety_case":{…},"title":"…"}

All of it is the developer's word. A digest shows that two people read the same
document, not that what it says is true.
"""  # noqa: E501 - the literal is the format

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from assent.authorisation.application.document.form import FORMAT
from assent.authorisation.terms import (
    Caps,
    Developer,
    OversightDate,
    OversightLoss,
    OversightPeriod,
    OversightPoint,
    dates_within,
)
from assent.authorisation.treaty import Matter
from assent.vocabulary import Plain, canonical_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentSummary:
    """What an assessment came to, and the digest of the whole of it.

    Attributes:
        digest: of the assessment's document.
        on: the date whose law applies, as YYYY-MM-DD.
        rulebook_title: which law, exactly, and its hash.
        rulebook_hash: see `rulebook_title`.
        family: of models, as the assessment read it; None if it is not disclosed.
        flop_low: the run's operations at least and at most; None if no upper bound is
            known.
        flop_high: see `flop_low`.
        rules: keys of the rules that bind.

    """

    digest: str
    on: str
    rulebook_title: str
    rulebook_hash: str
    family: str | None
    flop_low: int
    flop_high: int | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A document in the document store, by its digest.

    `dated` is the day it is of, as YYYY-MM-DD; None for the day it was handed in. A
    sealed one is encrypted; `visible_to` names the inspectors who can open it.
    """

    id: str
    title: str
    role: str
    digest: str
    media_type: str
    size_bytes: int
    dated: str | None = None
    is_sealed: bool = False
    visible_to: tuple[str, ...] = ()

    @property
    def plain(self) -> dict[str, Plain]:
        """The reference as plain values."""
        return {
            "id": self.id,
            "title": self.title,
            "role": self.role,
            "digest": self.digest,
            "media_type": self.media_type,
            "size_bytes": self.size_bytes,
            "dated": self.dated,
            "is_sealed": self.is_sealed,
            "visible_to": list(self.visible_to),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationReference:
    """The consultation before, by its case and the digest of its last event."""

    case_id: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OversightPlan:
    """Compute set aside for overseers in parts per million, and where the run stops."""

    flop_share_ppm: int
    points: tuple[OversightPoint, ...]
    dates: tuple[OversightDate, ...] = ()
    losses: tuple[OversightLoss, ...] = ()
    every: OversightPeriod | None = None

    def dates_in(self, caps: Caps) -> tuple[OversightDate, ...]:
        """Return all dates within the time of caps; one that is named counts first."""
        period = () if self.every is None else self.every.dates_in(caps)
        found = {one.at: one for one in (*period, *self.dates)}
        return dates_within(found.values(), caps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One version of an application.

    Attributes:
        matter: what is asked for: a permit, or a horizon exception.
        developer: who would train.
        title: of the run, for people, and what it is for.
        purpose: see `title`.
        provider: who runs the sites; empty if that is not known yet.
        run_id: the developer's name for the run, as in the declaration.
        declaration: the declared run, in which fields may be sealed.
        assessment: what the rulebook made of it.
        requested: the caps that are asked for.
        practices: how the developer works, for the review's questionnaire.
        run_properties: what kind of run it is, for the review's findings.
        safety_case: why it is safe, for the review to judge.
        evidence: documents.
        consultation: a consultation that went before.
        cloned_from: the case that this application began as a copy of.
        oversight: what the developer offers overseers.
        encoded: the canonical bytes of the document.
        digest: of these, which reviews and permits name.

    """

    matter: Matter
    developer: Developer
    title: str
    run_id: str
    purpose: str = ""
    provider: str = ""
    declaration: Mapping[str, Plain] | None = None
    assessment: AssessmentSummary | None = None
    requested: Caps | None = None
    practices: Mapping[str, Plain] = field(default_factory=dict)
    run_properties: Mapping[str, Plain] = field(default_factory=dict)
    safety_case: Mapping[str, Plain] | None = None
    evidence: tuple[Evidence, ...] = ()
    consultation: ConsultationReference | None = None
    cloned_from: str | None = None
    oversight: OversightPlan | None = None
    encoded: bytes = field(init=False, repr=False, compare=False)
    digest: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the bytes and their digest once: they are asked for at every act."""
        object.__setattr__(self, "encoded", canonical_bytes(self.plain))
        digest = f"sha256:{sha256(self.encoded).hexdigest()}"
        object.__setattr__(self, "digest", digest)

    @property
    def plain(self) -> dict[str, Plain]:
        """The document as plain values."""
        consultation = self.consultation
        return {
            "assent": FORMAT,
            "matter": self.matter.value,
            "developer": self.developer.plain,
            "title": self.title,
            "run_id": self.run_id,
            "purpose": self.purpose,
            "provider": self.provider,
            "declaration": _dict(self.declaration),
            "assessment": _assessment(self.assessment),
            "requested": None if self.requested is None else self.requested.plain,
            "practices": dict(self.practices),
            "run_properties": dict(self.run_properties),
            "safety_case": _dict(self.safety_case),
            "evidence": [one.plain for one in self.evidence],
            "consultation": None
            if consultation is None
            else {"case_id": consultation.case_id, "digest": consultation.digest},
            "cloned_from": self.cloned_from,
            "oversight": _oversight(self.oversight),
        }


def _dict(value: Mapping[str, Plain] | None) -> dict[str, Plain] | None:
    return None if value is None else dict(value)


def _assessment(summary: AssessmentSummary | None) -> dict[str, Plain] | None:
    if summary is None:
        return None
    high = summary.flop_high
    return {
        "digest": summary.digest,
        "on": summary.on,
        "rulebook_title": summary.rulebook_title,
        "rulebook_hash": summary.rulebook_hash,
        "family": summary.family,
        "flop_low": str(summary.flop_low),
        "flop_high": None if high is None else str(high),
        "rules": list(summary.rules),
    }


def _oversight(plan: OversightPlan | None) -> dict[str, Plain] | None:
    if plan is None:
        return None
    return {
        "flop_share_ppm": plan.flop_share_ppm,
        "points": [point.plain for point in plan.points],
        **({"dates": [one.plain for one in plan.dates]} if plan.dates else {}),
        **({"losses": [one.plain for one in plan.losses]} if plan.losses else {}),
        **({} if plan.every is None else {"every": plan.every.plain}),
    }

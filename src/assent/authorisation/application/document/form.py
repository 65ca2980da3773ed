"""The document of an application as it is written down: each field and its limits.

plain values (from YAML or JSON) -> ApplicationForm, every field checked for its shape

Practices, properties of the run and the safety case are mappings here; the review,
which judges them, also says what is in them. Whether enough is filled in to submit is
for `completeness` to say: a draft may lack a lot.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from assent.authorisation.terms import parse_loss
from assent.authorisation.treaty import Matter
from assent.vocabulary import (
    AssentError,
    canonical_bytes,
    parse_canonical,
    parse_count,
    parse_instant,
)
from assent.vocabulary.envelope import parse_public_key
from assent.vocabulary.texts import LINE, LINES, NAME_LENGTH_MAX

FORMAT = "application/1"
TEXT_LENGTH_MAX = 20_000  # five pages; what is longer is evidence
EVIDENCE_MAX = 1_000  # 50 practices with twenty documents each
KINDS_OF_CHIP_MAX = 100  # all that one run mixes, ten times over
SITES_MAX = 500  # more than any developer trains at
RULES_MAX = 1_000  # every rule of a rulebook can bind
POINTS_MAX = 1_000  # one for each thousandth of a run
NAMES_MAX = 100  # inspectors of one document, evaluations at one point
APPLIED_FOR = frozenset({Matter.PERMIT, Matter.HORIZON_EXCEPTION})
DEPTH_MAX = 30  # with what is around it within the 40 that our readers take


def _ours(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let a parser of ours speak in pydantic's way."""

    def read(value: Any) -> Any:  # noqa: ANN401 - foreign input
        try:
            return parse(value)
        except AssentError as error:
            raise ValueError(error.message) from None

    return read


def _distinct(value: list[str]) -> list[str]:
    if len(set(value)) != len(value):
        raise ValueError("an evaluation stands twice")
    return value


def plain_mapping(value: Any) -> Any:  # noqa: ANN401 - foreign input
    """Return a mapping as it comes back from canonical bytes, fractions as texts.

    Raises:
        QuantityInvalid, ValueError: if it holds what is not plain, or is too deep.

    """
    if not isinstance(value, Mapping):
        return value
    return parse_canonical(canonical_bytes(_portable(value, DEPTH_MAX)))


def _portable(value: Any, depth: int) -> Any:  # noqa: ANN401 - walks plain values of any shape
    if depth < 0:
        raise ValueError(f"nested deeper than {DEPTH_MAX}")
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a key that is no text")
        return {key: _portable(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(item, depth - 1) for item in value]
    return repr(value) if isinstance(value, float) else value


Line = Annotated[str, Field(pattern=rf"^{LINE}{{1,300}}$")]
# What a permit will name has the form that a permit demands.
Name = Annotated[str, Field(pattern=rf"^{LINE}{{1,{NAME_LENGTH_MAX}}}$")]
Provider = Annotated[str, Field(pattern=rf"^{LINE}{{0,{NAME_LENGTH_MAX}}}$")]
Evaluation = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$", max_length=100)
]
Text = Annotated[str, Field(pattern=rf"^{LINES}*$", max_length=TEXT_LENGTH_MAX)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
CaseId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}-[0-9]{4}-[0-9]{4,9}$")]
Sha256 = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
MediaType = Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]{1,100}$")]
Day = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    AfterValidator(lambda text: date.fromisoformat(text).isoformat()),
]
Count = Annotated[int, BeforeValidator(_ours(parse_count))]
Instant = Annotated[datetime, BeforeValidator(_ours(parse_instant))]
Loss = Annotated[Decimal, BeforeValidator(_ours(parse_loss))]
Evaluations = Annotated[
    list[Evaluation], Field(max_length=NAMES_MAX), AfterValidator(_distinct)
]
Public = Annotated[str, AfterValidator(_ours(lambda text: parse_public_key(text).text))]
PlainMapping = Annotated[dict[str, Any], BeforeValidator(_ours(plain_mapping))]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DeveloperForm(_Part):
    """Who would train, and the key it will be known by."""

    name: Name
    key: Public


class AssessmentForm(_Part):
    """What the rulebook made of the declaration, in short."""

    digest: Sha256
    on: Day
    rulebook_title: Name
    rulebook_hash: Annotated[str, Field(pattern=r"^(?:sha256:)?[0-9a-f]{64}$")]
    family: Line | None = None
    flop_low: Count
    flop_high: Count | None
    rules: list[Line] = Field(max_length=RULES_MAX)

    @model_validator(mode="after")
    def _ordered(self) -> "AssessmentForm":
        if self.flop_high is not None and self.flop_low > self.flop_high:
            raise ValueError("flop_low is above flop_high")
        return self


class RequestedForm(_Part):
    """The caps that are asked for."""

    flop: Count
    weights: Count
    chips: dict[Name, Count] = Field(max_length=KINDS_OF_CHIP_MAX)
    sites: list[Name] = Field(max_length=SITES_MAX)
    not_before: Instant
    not_after: Instant

    @field_validator("sites")
    @classmethod
    def _distinct(cls, value: list[str]) -> list[str]:
        if len(set(value)) != len(value):
            raise ValueError("a site stands twice")
        return value


class EvidenceForm(_Part):
    """A document in the document store."""

    id: Identifier
    title: Line
    role: Line
    digest: Sha256
    media_type: MediaType
    size_bytes: Annotated[int, Field(ge=0, le=2**50)]
    dated: Day | None = None
    is_sealed: bool = False
    visible_to: list[Line] = Field(default=[], max_length=NAMES_MAX)


class ConsultationForm(_Part):
    """A consultation before, by its case and the digest of its last event."""

    case_id: CaseId
    digest: Sha256


class PointForm(_Part):
    """Evaluations at a FLOP count."""

    at_flop: Count
    evaluations: Evaluations


class DateForm(_Part):
    """Evaluations on a date."""

    at: Instant
    evaluations: Evaluations


class LossForm(_Part):
    """Evaluations at a loss."""

    at_loss: Loss
    evaluations: Evaluations


class PeriodForm(_Part):
    """Evaluations every so many days of the permit."""

    days: Annotated[int, Field(ge=1, le=1_000)]
    evaluations: Evaluations


class OversightForm(_Part):
    """Compute set aside for overseers, and where the run stops for evaluations."""

    flop_share_ppm: Annotated[int, Field(ge=0, le=1_000_000)]
    points: list[PointForm] = Field(max_length=POINTS_MAX)
    dates: list[DateForm] = Field(default=[], max_length=POINTS_MAX)
    losses: list[LossForm] = Field(default=[], max_length=POINTS_MAX)
    every: PeriodForm | None = None


class ApplicationForm(_Part):
    """The whole document."""

    assent: Literal["application/1"]
    matter: Matter = Matter.PERMIT
    developer: DeveloperForm
    title: Line
    run_id: Name
    purpose: Text = ""
    provider: Provider = ""
    declaration: PlainMapping | None = None
    assessment: AssessmentForm | None = None
    requested: RequestedForm | None = None
    practices: PlainMapping = Field(default_factory=dict)
    run_properties: PlainMapping = Field(default_factory=dict)
    safety_case: PlainMapping | None = None
    evidence: list[EvidenceForm] = Field(default=[], max_length=EVIDENCE_MAX)
    consultation: ConsultationForm | None = None
    cloned_from: CaseId | None = None
    oversight: OversightForm | None = None

    @field_validator("matter", mode="before")
    @classmethod
    def _matter(cls, value: object) -> object:
        if isinstance(value, str) and value in APPLIED_FOR:
            return Matter(value)
        raise ValueError("an application asks for a permit or a horizon-exception")

    @field_validator("evidence")
    @classmethod
    def _distinct(cls, value: list[EvidenceForm]) -> list[EvidenceForm]:
        if len({one.id for one in value}) != len(value):
            raise ValueError("an id stands twice")
        return value

"""The document of a treaty, as it is written down and signed.

YAML or JSON -> TreatyForm, every field checked for its shape
"""

import re
from datetime import date, datetime
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from assent.authorisation.treaty.organ import Matter
from assent.authorisation.treaty.treaty import Service
from assent.vocabulary import AssentError, QuantityInvalid, parse_count, parse_instant
from assent.vocabulary.envelope import parse_public_key
from assent.vocabulary.signatures import point_flaw
from assent.vocabulary.texts import LINE

_LIST_MAX = 512
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # Python reads other spellings too
Weekday = Literal[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
]
WEEK: tuple[str, ...] = get_args(Weekday)


def _instant(value: object) -> datetime:
    try:
        return parse_instant(value)
    except QuantityInvalid as error:
        raise ValueError(error.message) from None


def _day(value: object) -> date:
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        raise ValueError("write a date: 2026-03-01")
    return date.fromisoformat(value)


def _public(value: str) -> str:
    try:
        key = parse_public_key(value)
    except AssentError as error:
        raise ValueError(error.message) from None
    if (flaw := point_flaw(key.public)) is not None:
        raise ValueError(f"the Ed25519 key is {flaw}: nothing it signs is believed")
    return key.text


def _flop(value: object) -> int:
    try:
        if isinstance(value, float):  # no canonical document holds one
            raise ValueError(  # noqa: TRY004 - pydantic's way
                'write FLOP as a whole number, or in quotes: "1e26"'
            )
        return parse_count(value, name="flop")
    except AssentError as error:
        raise ValueError(error.message) from None


Instant = Annotated[datetime, BeforeValidator(_instant)]
Day = Annotated[date, BeforeValidator(_day)]
Public = Annotated[str, AfterValidator(_public)]
Flop = Annotated[int, BeforeValidator(_flop)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,63}$")]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]{1,31}$")]
Title = Annotated[str, Field(pattern=rf"^{LINE}{{1,300}}$")]
Agency = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,99}(?:/[a-z0-9-]+)?$")]
Sha256 = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
LaxMatter = Annotated[Matter, Field(strict=False)]  # from its text
LaxService = Annotated[Service, Field(strict=False)]
Days = Annotated[int, Field(ge=1, le=1_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ReservationForm(_Part):
    """A reservation."""

    matter: LaxMatter
    text: Title
    since: Day
    until: Day | None = None


class PartyForm(_Part):
    """A state and its acts."""

    code: Code
    title: Title
    signed: Day | None = None
    ratified: Day | None = None
    in_force: Day | None = None
    withdrawn: Day | None = None
    reservations: list[ReservationForm] = Field(default=[], max_length=_LIST_MAX)


class KeyForm(_Part):
    """A public key and when it is in force."""

    public: Public
    since: Instant
    until: Instant | None = None


class MemberForm(_Part):
    """Whoever votes."""

    name: Name
    title: Title
    party: Code | None = None
    keys: list[KeyForm] = Field(max_length=_LIST_MAX)


class InspectorForm(_Part):
    """Whom secret fields may be disclosed to, and who reports on evaluations."""

    name: Name
    title: Title
    recipient: Annotated[str, Field(pattern=r"^age1[0-9a-z]{50,2000}$")]
    keys: list[KeyForm] = Field(default=[], max_length=_LIST_MAX)
    since: Instant
    until: Instant | None = None


class OrganForm(_Part):
    """A body with a quorum."""

    name: Name
    title: Title
    members: list[Name] = Field(min_length=1, max_length=_LIST_MAX)
    approve: Annotated[str, Field(max_length=60_000)]
    block: Annotated[str, Field(max_length=60_000)] | None = None


class ProcedureForm(_Part):
    """How a matter is decided."""

    organs: list[Name] = Field(default=[], max_length=_LIST_MAX)
    review_working_days: Days
    vote_working_days: Days
    flop_max: Flop | None = None
    excludes_deciders: bool = False
    lapses_after_days: Days | None = None


class CalendarForm(_Part):
    """Which days count."""

    title: Title
    weekend: list[Weekday] = Field(max_length=6)
    closed: list[Day] = Field(max_length=10_000)
    first: Day
    last: Day


class TermsForm(_Part):
    """What every permit carries."""

    status_uri: Annotated[str, Field(pattern=r"^https?://[!-~]{1,500}$")]
    max_staleness_s: Annotated[int, Field(ge=60, le=366 * 86_400)]
    lease_s: Annotated[int, Field(ge=60, le=31 * 86_400)] = 86_400


class RecognitionForm(_Part):
    """Another agency whose permits count."""

    agency: Agency
    root_digest: Sha256
    flop_max: Flop | None = None
    since: Instant
    until: Instant | None = None


class TreatyForm(_Part):
    """The whole document."""

    assent: Literal["treaty/1"]
    title: Title
    agency: Agency
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    log_policy: Annotated[str, Field(max_length=400_000)]
    calendar: CalendarForm
    parties: list[PartyForm] = Field(min_length=1, max_length=_LIST_MAX)
    members: list[MemberForm] = Field(min_length=1, max_length=_LIST_MAX)
    organs: list[OrganForm] = Field(min_length=1, max_length=64)
    matters: dict[LaxMatter, ProcedureForm] = Field(min_length=1)
    services: dict[LaxService, list[KeyForm]]
    inspectors: list[InspectorForm] = Field(default=[], max_length=_LIST_MAX)
    terms: TermsForm
    review_policy: Sha256 | None = None
    recognises: list[RecognitionForm] = Field(default=[], max_length=_LIST_MAX)

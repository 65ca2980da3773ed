"""Read a permit's payload strictly: the inverse of `Permit.plain`.

canonical JSON -> Permit, or PermitMalformed with the field that is wrong

A field that is missing, one too many, of another kind, out of range or in another
spelling makes it no permit. Whether anybody signed it is not asked here.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from assent.authorisation.permit.errors import PermitMalformed
from assent.authorisation.permit.fields import (
    AGENCY,
    CASE,
    DECISION_ID,
    DIGEST,
    LIST_MAX,
    MEMBER,
    NAME,
    PERMIT_ID,
    QUANTITY,
    SECONDS_MAX,
    SLUG,
    TEXT,
    URI,
    count_of,
    instant_of,
    int_of,
    list_of,
    mapping_of,
    text_of,
    texts_of,
)
from assent.authorisation.permit.permit import (
    FORMAT,
    Condition,
    Limit,
    Permit,
)
from assent.authorisation.terms import (
    Caps,
    Developer,
    OversightDate,
    OversightLoss,
    OversightPoint,
    parse_loss,
)
from assent.authorisation.treaty import Matter
from assent.vocabulary import AssentError, canonical_bytes, parse_canonical
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.envelope import parse_public_key

PERMIT_BYTES_MAX = 500_000  # fits an event and an envelope; a long one has 20,000
PPM = 1_000_000

# A variation replaces a version by the next; the others begin a permit.
GRANTING = frozenset(
    {Matter.PERMIT, Matter.HORIZON_EXCEPTION, Matter.VARIATION, Matter.APPEAL}
)

_FIELDS = frozenset(
    {
        "agency",
        "application_digest",
        "caps",
        "case_id",
        "conditions",
        "decide_by",
        "decision_id",
        "developer",
        "evaluations_due",
        "excluded",
        "format",
        "lease_s",
        "matter",
        "max_staleness_s",
        "oversight",
        "permit_id",
        "rulebook",
        "run_id",
        "status",
        "supersedes",
        "treaty",
        "version",
    }
)
_CAPS = frozenset({"chips", "flop", "not_after", "not_before", "sites", "weights"})


def parse_permit(data: bytes) -> Permit:
    """Return the permit whose canonical bytes these are.

    Raises:
        PermitMalformed: if they are no permit's.

    """
    if len(data) > PERMIT_BYTES_MAX:
        _refuse(f"it is longer than {PERMIT_BYTES_MAX:,} bytes")
    try:
        value = parse_canonical(data)
        permit = _permit(value)
    except PermitMalformed:
        raise
    except AssentError as error:
        _refuse(error.message.removesuffix("."))
    if canonical_bytes(permit.plain) != data:
        _refuse("a list is not in order, or holds something twice")
    return permit


def _permit(value: Any) -> Permit:  # noqa: ANN401 - any plain value
    fields = mapping_of(value, "the permit", _FIELDS)
    if fields["format"] != FORMAT:
        _refuse(f"its format is not {FORMAT}")
    treaty = mapping_of(fields["treaty"], "treaty", {"version", "digest"})
    rulebook = mapping_of(fields["rulebook"], "rulebook", {"title", "hash"})
    developer = mapping_of(fields["developer"], "developer", {"name", "key"})
    status = mapping_of(fields["status"], "status", {"uri", "index"})
    oversight = _oversight(fields["oversight"])
    caps = _caps(fields["caps"])
    matter, version, supersedes = _lineage(fields)
    return Permit(
        permit_id=text_of(fields["permit_id"], PERMIT_ID, "permit_id"),
        version=version,
        supersedes=supersedes,
        agency=text_of(fields["agency"], AGENCY, "agency"),
        matter=matter,
        case_id=text_of(fields["case_id"], CASE, "case_id"),
        application_digest=text_of(
            fields["application_digest"], DIGEST, "application_digest"
        ),
        decision_id=text_of(fields["decision_id"], DECISION_ID, "decision_id"),
        decide_by=instant_of(fields["decide_by"], "decide_by"),
        treaty_version=int_of(treaty["version"], 1, INTEGER_SAFE_MAX, "treaty"),
        treaty_digest=text_of(treaty["digest"], DIGEST, "treaty"),
        rulebook_title=text_of(rulebook["title"], NAME, "rulebook"),
        rulebook_hash=text_of(rulebook["hash"], DIGEST, "rulebook"),
        run_id=text_of(fields["run_id"], NAME, "run_id"),
        developer=Developer(
            name=text_of(developer["name"], NAME, "developer"),
            key=parse_public_key(developer["key"]),
        ),
        caps=caps,
        oversight_flop_share_ppm=int_of(
            oversight["flop_share_ppm"], 0, PPM, "oversight"
        ),
        oversight_points=_points(oversight["points"], caps.flop),
        oversight_dates=_dates(oversight.get("dates", []), caps),
        oversight_losses=_losses(oversight.get("losses", [])),
        evaluations_due=texts_of(fields["evaluations_due"], SLUG, "evaluations_due"),
        conditions=_conditions(fields["conditions"]),
        excluded=frozenset(texts_of(fields["excluded"], MEMBER, "excluded")),
        status_uri=text_of(status["uri"], URI, "status"),
        status_index=int_of(status["index"], 0, INTEGER_SAFE_MAX, "status"),
        max_staleness_s=int_of(
            fields["max_staleness_s"], 1, SECONDS_MAX, "max_staleness_s"
        ),
        lease_s=int_of(fields["lease_s"], 1, SECONDS_MAX, "lease_s"),
    )


def _lineage(fields: Mapping[str, Any]) -> tuple[Matter, int, str | None]:
    """Return matter, version and what is superseded, which must fit each other."""
    try:
        matter = Matter(fields["matter"])
    except ValueError:
        _refuse("its matter is unknown")
    if matter not in GRANTING:
        _refuse(f"no permit is granted as a matter of {matter}")
    version = int_of(fields["version"], 1, INTEGER_SAFE_MAX, "version")
    supersedes = fields["supersedes"]
    if supersedes is not None:
        text_of(supersedes, DIGEST, "supersedes")
    if (version == 1) != (supersedes is None):
        _refuse("every version but the first names the digest of the one before")
    if version == 1 and matter is Matter.VARIATION:
        _refuse("a first version varies nothing")
    return matter, version, supersedes


def _caps(value: object) -> Caps:
    caps = mapping_of(value, "caps", _CAPS)
    chips = caps["chips"]
    if not isinstance(chips, dict) or not 0 < len(chips) <= LIST_MAX:
        _refuse(f"caps.chips names 1 to {LIST_MAX:,} kinds of chips")
    sites = texts_of(caps["sites"], NAME, "caps.sites")
    if not sites:
        _refuse("caps.sites names no site")
    begin = instant_of(caps["not_before"], "caps.not_before")
    end = instant_of(caps["not_after"], "caps.not_after")
    if begin >= end:
        _refuse("caps.not_before is not before caps.not_after")
    return Caps(
        flop=count_of(caps["flop"], "caps.flop", least=1),
        weights=count_of(caps["weights"], "caps.weights", least=1),
        chips={
            text_of(kind, NAME, "caps.chips"): count_of(count, "caps.chips", least=1)
            for kind, count in chips.items()
        },
        sites=sites,
        not_before=begin,
        not_after=end,
    )


def _points(value: object, flop_max: int) -> tuple[OversightPoint, ...]:
    points = []
    for given in list_of(value, "oversight.points"):
        point = mapping_of(given, "a point of oversight", {"at_flop", "evaluations"})
        points.append(
            OversightPoint(
                at_flop=count_of(point["at_flop"], "at_flop", least=1),
                evaluations=texts_of(point["evaluations"], SLUG, "evaluations"),
            )
        )
    counts = [point.at_flop for point in points]
    if counts != sorted(set(counts)) or any(count > flop_max for count in counts):
        _refuse("its points of oversight do not ascend to the cap")
    return tuple(points)


def _oversight(value: object) -> dict[str, Any]:
    """Return the plan, in which dates and losses stand only if there are some."""
    names = {"flop_share_ppm", "points"}
    given = value.keys() if isinstance(value, dict) else set()
    return mapping_of(value, "oversight", names | (given & {"dates", "losses"}))


def _dates(value: object, caps: Caps) -> tuple[OversightDate, ...]:
    dates = []
    for given in list_of(value, "oversight.dates"):
        point = mapping_of(given, "a date of oversight", {"at", "evaluations"})
        dates.append(
            OversightDate(
                at=instant_of(point["at"], "at"),
                evaluations=texts_of(point["evaluations"], SLUG, "evaluations"),
            )
        )
    ats = [one.at for one in dates]
    if ats != sorted(set(ats)) or any(
        not caps.not_before < at < caps.not_after for at in ats
    ):
        _refuse("its dates of oversight do not ascend within the permit's time")
    return tuple(dates)


def _losses(value: object) -> tuple[OversightLoss, ...]:
    losses = []
    for given in list_of(value, "oversight.losses"):
        point = mapping_of(given, "a loss of oversight", {"at_loss", "evaluations"})
        losses.append(
            OversightLoss(
                at_loss=parse_loss(point["at_loss"]),
                evaluations=texts_of(point["evaluations"], SLUG, "evaluations"),
            )
        )
    marks = [one.at_loss for one in losses]
    if marks != sorted(set(marks), reverse=True):
        _refuse("its losses of oversight do not descend")
    return tuple(losses)


def _conditions(value: object) -> tuple[Condition, ...]:
    conditions = []
    for given in list_of(value, "conditions"):
        made = mapping_of(given, "a condition", {"id", "text", "limit"})
        limit = made["limit"]
        if limit is not None:
            fields = mapping_of(limit, "a limit", {"quantity", "at_most"})
            limit = Limit(
                quantity=text_of(fields["quantity"], QUANTITY, "quantity"),
                at_most=count_of(fields["at_most"], "at_most"),
            )
        identifier = text_of(made["id"], SLUG, "id of a condition")
        text = text_of(made["text"], TEXT, "text of a condition")
        conditions.append(Condition(id=identifier, text=text, limit=limit))
    if len({made.id for made in conditions}) != len(conditions):
        _refuse("two conditions have one id")
    return tuple(conditions)


def _refuse(why: str) -> NoReturn:
    raise PermitMalformed(
        f"This is no permit: {why}.",
        remedy="Take the agency's file as it is; docs/spec/permit.md has every field.",
    )

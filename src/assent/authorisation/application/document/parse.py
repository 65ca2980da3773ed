"""Read an application strictly: every problem is named with its line and a remedy.

YAML, JSON or plain values -> ApplicationForm -> Application
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from assent.authorisation.application.document.application import (
    Application,
    AssessmentSummary,
    ConsultationReference,
    Evidence,
    OversightPlan,
)
from assent.authorisation.application.document.form import (
    ApplicationForm,
    AssessmentForm,
    EvidenceForm,
    OversightForm,
    RequestedForm,
    plain_mapping,
)
from assent.authorisation.terms import (
    Caps,
    Developer,
    OversightDate,
    OversightLoss,
    OversightPeriod,
    OversightPoint,
)
from assent.vocabulary import (
    AssentError,
    Document,
    DocumentInvalid,
    DocumentTooLarge,
    Plain,
    parse_json,
    parse_yaml,
)
from assent.vocabulary.envelope import parse_public_key

APPLICATION_BYTES_MAX = 900_000  # leaves room in an event for what else it says
PROBLEMS_SHOWN_MAX = 8


def parse_application(text: str) -> Application:
    """Return the application that a YAML or JSON text is.

    Raises:
        DocumentInvalid: with the line of each problem, if it does not fit the form.
        DocumentTooLarge: if it is beyond a limit.

    """
    is_json = text.lstrip().startswith("{")
    return _read(parse_json(text) if is_json else parse_yaml(text))


def application_of(value: Any) -> Application:  # noqa: ANN401 - any plain value
    """Return the application that plain values describe.

    Raises:
        DocumentInvalid: if they do not fit the form.
        DocumentTooLarge: if they are beyond a limit.

    """
    return _read(Document(value, {}))


def evidence_of(value: Any) -> Evidence:  # noqa: ANN401 - any plain value
    """Return the reference to a document that plain values describe.

    Raises:
        DocumentInvalid: if they do not fit the form.

    """
    try:
        return _evidence(EvidenceForm.model_validate(value))
    except ValidationError as error:
        raise _invalid(Document(value, {}), error) from None


def mapping_of(value: Mapping[str, Any]) -> Mapping[str, Plain]:
    """Return a mapping of plain values that can be written down, fractions as texts.

    Raises:
        DocumentInvalid: if something in it is not plain, or nested too deep.

    """
    try:
        read: dict[str, Plain] = plain_mapping(value)
    except (AssentError, ValueError) as error:
        raise DocumentInvalid(
            f"Part of this cannot be written down: {error!s:.200}.",
            remedy="Use texts, whole numbers, lists and mappings.",
        ) from None
    return MappingProxyType(read)


def _read(document: Document) -> Application:
    try:
        form = ApplicationForm.model_validate(document.value)
    except ValidationError as error:
        raise _invalid(document, error) from None
    application = _compose(form)
    if (size := len(application.encoded)) > APPLICATION_BYTES_MAX:
        raise DocumentTooLarge(
            f"The application has {size:,} bytes; the limit is"
            f" {APPLICATION_BYTES_MAX:,}.",
            remedy="Hand in long parts as evidence, by their digest.",
        )
    return application


def _compose(form: ApplicationForm) -> Application:
    consultation = form.consultation
    return Application(
        matter=form.matter,
        developer=Developer(
            name=form.developer.name, key=parse_public_key(form.developer.key)
        ),
        title=form.title,
        run_id=form.run_id,
        purpose=form.purpose,
        provider=form.provider,
        declaration=_kept(form.declaration),
        assessment=None if form.assessment is None else _assessment(form.assessment),
        requested=None if form.requested is None else _requested(form.requested),
        practices=MappingProxyType(form.practices),
        run_properties=MappingProxyType(form.run_properties),
        safety_case=_kept(form.safety_case),
        evidence=tuple(_evidence(one) for one in form.evidence),
        consultation=None
        if consultation is None
        else ConsultationReference(**consultation.model_dump()),
        cloned_from=form.cloned_from,
        oversight=None if form.oversight is None else _oversight(form.oversight),
    )


def _assessment(form: AssessmentForm) -> AssessmentSummary:
    return AssessmentSummary(**{**form.model_dump(), "rules": tuple(form.rules)})


def _requested(form: RequestedForm) -> Caps:
    return Caps(**{**form.model_dump(), "sites": tuple(form.sites)})


def _oversight(form: OversightForm) -> OversightPlan:
    every = form.every
    return OversightPlan(
        flop_share_ppm=form.flop_share_ppm,
        points=tuple(
            OversightPoint(at_flop=one.at_flop, evaluations=tuple(one.evaluations))
            for one in form.points
        ),
        dates=tuple(
            OversightDate(at=one.at, evaluations=tuple(one.evaluations))
            for one in form.dates
        ),
        losses=tuple(
            OversightLoss(at_loss=one.at_loss, evaluations=tuple(one.evaluations))
            for one in form.losses
        ),
        every=None
        if every is None
        else OversightPeriod(days=every.days, evaluations=tuple(every.evaluations)),
    )


def _evidence(form: EvidenceForm) -> Evidence:
    return Evidence(**{**form.model_dump(), "visible_to": tuple(form.visible_to)})


def _kept(value: dict[str, Any] | None) -> Mapping[str, Plain] | None:
    return None if value is None else MappingProxyType(value)


def _invalid(document: Document, error: ValidationError) -> DocumentInvalid:
    problems = []
    for found in error.errors(include_url=False, include_context=False):
        place = ".".join(str(part) for part in found["loc"]) or "the document"
        line = document.line_of(found["loc"])
        where = f"line {line}: " if line else ""
        message = str(found["msg"]).removeprefix("Value error, ")
        problems.append(f"{where}{place:.200}: {message:.200}")
    shown = problems[:PROBLEMS_SHOWN_MAX]
    if (more := len(problems) - len(shown)) > 0:
        shown.append(f"and {more} more")
    return DocumentInvalid(
        "The application does not fit its form.\n  " + "\n  ".join(shown),
        remedy="Correct these fields; docs/applications.md lists all there are.",
    )

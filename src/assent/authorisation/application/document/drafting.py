"""Begin an application from a declaration and its assessment.

Assessment + developer's key + dates + sites -> Application, to be completed by hand

What the assessment knows is filled in. How the developer works, what kind of run it is
and why it is safe is left empty: nobody but the developer can say.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from assent.authorisation.application.document.application import Application
from assent.authorisation.application.document.form import FORMAT
from assent.authorisation.application.document.parse import application_of
from assent.authorisation.assessment import Assessment, to_document
from assent.authorisation.treaty import Matter
from assent.rulebook import Outcome
from assent.vocabulary import Plain, digest, format_instant
from assent.vocabulary.envelope import PublicKey

CAP_DIGITS = 2  # a cap of 3.4e24 is read, remembered and compared more easily


def draft_from_assessment(  # noqa: PLR0913 - each is a field that cannot be guessed
    assessment: Assessment,
    *,
    key: PublicKey,
    not_before: datetime,
    not_after: datetime,
    sites: Sequence[str] = (),
    matter: Matter = Matter.PERMIT,
) -> Application:
    """Return an application with all that an assessment can fill in.

    The cap on FLOP is the assessment's upper bound, rounded up to two digits; where
    there is no such bound, no caps are filled in. Of each kind of chip it asks for the
    largest number that the declaration uses at one place: whoever uses several lots at
    the same time must add them up by hand.

    Args:
        assessment: of the declared run.
        key: by which the developer will be known at the gate.
        not_before: when training is to begin, and by when it is to be over.
        not_after: see `not_before`.
        sites: where; if none is given, the sites that the declaration names.
        matter: what is asked for.

    Raises:
        DocumentInvalid: if what was declared does not fit an application.

    """
    declaration = assessment.declaration
    total = assessment.account.total
    dates: dict[str, Plain] = {
        "not_before": format_instant(not_before),
        "not_after": format_instant(not_after),
    }
    caps = {**_caps(assessment), **dates, "sites": list(sites) or _sites(assessment)}
    return application_of(
        {
            "assent": FORMAT,
            "matter": matter.value,
            "developer": {"name": declaration.developer, "key": key.text},
            "title": declaration.title,
            "run_id": declaration.run_id,
            "purpose": declaration.purpose,
            "declaration": declaration.document,
            "assessment": summarise(assessment),
            "requested": None if total.is_open else caps,
        }
    )


def summarise(assessment: Assessment) -> dict[str, Plain]:
    """Return the short form of an assessment as an application states it."""
    return {"digest": digest(to_document(assessment)), **figures(assessment)}


def figures(assessment: Assessment) -> dict[str, Plain]:
    """Return the short form of an assessment without the digest of the long one."""
    total = assessment.account.total
    return {
        "on": assessment.on.isoformat(),
        "rulebook_title": assessment.rulebook_title,
        "rulebook_hash": assessment.rulebook_hash,
        "family": assessment.declaration.architecture.family,
        "flop_low": str(total.low),
        "flop_high": None if total.is_open else str(total.high),
        "rules": [
            found.key for found in assessment.findings if found.outcome is Outcome.BINDS
        ],
    }


def round_up(flop: int) -> int:
    """Return the next count above or equal that has two significant digits."""
    unit: int = 10 ** max(0, len(str(flop)) - CAP_DIGITS)
    return -(-flop // unit) * unit


def _caps(assessment: Assessment) -> dict[str, Plain]:
    architecture = assessment.declaration.architecture
    return {
        "flop": str(round_up(assessment.account.total.high)),
        "weights": str(architecture.weights_total),
        "chips": _chips(assessment),
    }


def _chips(assessment: Assessment) -> Mapping[str, str]:
    most: dict[str, int] = {}
    for use in assessment.declaration.hardware:
        kind = use.accelerator.accelerator_id
        most[kind] = max(most.get(kind, 0), use.count)
    return {kind: str(count) for kind, count in most.items()}


def _sites(assessment: Assessment) -> list[str]:
    named = (use.site for use in assessment.declaration.form.hardware if use.site)
    return list(dict.fromkeys(named))

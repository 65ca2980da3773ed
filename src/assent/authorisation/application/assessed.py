"""Hold what an application says of the law against the agency's own rulebook.

Application + Rulebook -> nothing, or the reason why it was not so assessed

The developer assesses its own run. The agency takes none of it on trust that it can
work out itself: by which rulebook, how much compute, which rules bind. Where fields of
the declaration are sealed, only the rulebook can be checked; an inspector to whom they
are disclosed assesses again.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from assent.authorisation.application.document import Application, figures
from assent.authorisation.application.sealing import ALGORITHM
from assent.authorisation.assessment import assess
from assent.authorisation.declaration import parse_declaration
from assent.compute.hardware import AcceleratorTable
from assent.rulebook import Rulebook
from assent.vocabulary import NotAllowed, canonical_bytes

_COMPARED = ("family", "flop_low", "flop_high", "rules")


class AssessedOtherwise(NotAllowed):
    """The application's assessment is not what the agency's rulebook makes of it."""


def verify_rulebook(application: Application, rulebook: Rulebook) -> None:
    """Check that an application was assessed by a rulebook.

    Raises:
        AssessedOtherwise: if it was assessed by another, or not at all.

    """
    assessed = application.assessment
    named = "none" if assessed is None else assessed.rulebook_title
    if assessed is None or assessed.rulebook_hash != rulebook.hash:
        raise AssessedOtherwise(
            f"The application was assessed by {named!r:.200}, and this agency goes by"
            f" {rulebook.title!r}, {rulebook.hash}.",
            remedy="Assess the declaration by the agency's rulebook, and apply with"
            " that.",
        )


def verify_assessment(
    application: Application, rulebook: Rulebook, accelerators: AcceleratorTable
) -> None:
    """Assess an application's declaration again, and compare.

    Raises:
        AssessedOtherwise: if it comes out otherwise, or was assessed by another
            rulebook.
        DocumentInvalid, AssentError: if the declaration cannot be read.

    """
    verify_rulebook(application, rulebook)
    assessed, declared = application.assessment, application.declaration
    if assessed is None or declared is None or ALGORITHM in declared:
        return
    declaration = parse_declaration(canonical_bytes(declared).decode(), accelerators)
    again = assess(declaration, rulebook, date.fromisoformat(assessed.on))
    stated: Any = application.plain["assessment"]
    found = figures(again)
    differing = [name for name in _COMPARED if _is_other(stated, found, name)]
    if differing:
        name = differing[0]
        raise AssessedOtherwise(
            f"The application says {name}: {stated[name]!r:.200}; its declaration"
            f" comes to {found[name]!r:.200}.",
            remedy="Assess the declaration again, and apply with what comes out.",
        )


def _is_other(stated: Mapping[str, Any], found: Mapping[str, Any], name: str) -> bool:
    return bool(canonical_bytes(stated[name]) != canonical_bytes(found[name]))

"""A finding on one property of a run, with its reason and whose it is.

plain value -> RunFinding <-> plain values of an event; rules' + officers' -> settled
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from assent.authorisation.review.features import PROPERTIES
from assent.authorisation.review.shape import (
    Id,
    LaxLevel,
    Level,
    Line,
    Name,
    Part,
    fields_of,
    read_form,
)
from assent.vocabulary import InputError, Plain

RULES = "the review policy"  # by whom a computed finding is


class FindingInvalid(InputError):
    """A finding lacks a part, or is on a property that is not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinding:
    """What was found on a property."""

    about: str
    value: str
    level: Level
    reason: str
    by: str

    @property
    def plain(self) -> dict[str, Plain]:
        """The finding as plain values."""
        return {
            "property": self.about,
            "value": self.value,
            "level": self.level.value,
            "reason": self.reason,
            "by": self.by,
        }


class _Finding(Part):
    about: Id = Field(alias="property")
    value: Line
    level: LaxLevel
    reason: Line
    by: Name


def finding_of(value: Any) -> RunFinding:  # noqa: ANN401 - any plain value
    """Return the finding that plain values describe.

    Raises:
        FindingInvalid: if they describe none.

    """
    form = read_form(_Finding, value, FindingInvalid, "finding on a run")
    if form.about not in PROPERTIES:
        raise FindingInvalid(
            f"{form.about} is no property of a run that is judged.",
            remedy=f"Use one of: {', '.join(sorted(PROPERTIES))}.",
        )
    return RunFinding(**fields_of(form))


def settle(
    computed: Iterable[RunFinding], recorded: Mapping[str, RunFinding]
) -> dict[str, RunFinding]:
    """Return the finding that counts for each property.

    The worse of the two counts, so that no officer talks a rule away; only what the
    rules leave unknown is settled by what an officer found.
    """
    settled = {}
    for finding in computed:
        said = recorded.get(finding.about)
        if said is not None and (
            finding.level is Level.UNKNOWN or said.level.rank > finding.level.rank
        ):
            settled[finding.about] = said
        else:
            settled[finding.about] = finding
    return settled

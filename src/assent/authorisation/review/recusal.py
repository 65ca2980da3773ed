"""Who stands aside in a case, and why.

declarations of interests + ReviewPolicy + developer -> members who may not vote
first DecisionRecord -> members who may not vote on the appeal

A declaration is what a member or an officer says of itself, or what is known of it.
This can not find an interest that nobody declared, nor one in a developer that applies
under another name.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from assent.authorisation.review.deciding import DecisionRecord, RecordInvalid
from assent.authorisation.review.policy import ReviewPolicy
from assent.authorisation.review.shape import (
    Day,
    Line,
    Name,
    Part,
    fields_of,
    read_form,
)
from assent.vocabulary import AssentError, InputError, Plain, parse_canonical


class DeclarationInvalid(InputError):
    """A declaration of an interest lacks a part."""


class Interest(StrEnum):
    """What kind of interest it is."""

    OWNERSHIP = "ownership"
    EMPLOYMENT = "employment"
    FAMILY = "family"
    NATIONALITY = "nationality_of_developer"
    DECIDED_BEFORE = "decided_before"
    OTHER = "other"
    NONE = "none"  # a declaration that there is no interest


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestDeclaration:
    """An interest of a member in a developer, from a day on."""

    member: str
    developer: str
    kind: Interest
    text: str
    since: date

    @property
    def plain(self) -> dict[str, Plain]:
        """The declaration as plain values."""
        return {
            "member": self.member,
            "developer": self.developer,
            "kind": self.kind.value,
            "text": self.text,
            "since": self.since.isoformat(),
        }


class _Declaration(Part):
    member: Name
    developer: Name
    kind: Annotated[Interest, Field(strict=False)]
    text: Line
    since: Day


def interest_declaration_of(value: Any) -> InterestDeclaration:  # noqa: ANN401 - any plain value
    """Return the declaration that plain values describe.

    Raises:
        DeclarationInvalid: if they describe none.

    """
    what = "declaration of an interest"
    form = read_form(_Declaration, value, DeclarationInvalid, what)
    return InterestDeclaration(**fields_of(form))


def excluded_members(
    declarations: Iterable[InterestDeclaration],
    developer: str,
    policy: ReviewPolicy,
    on: date,
) -> dict[str, str]:
    """Return who is excluded in a developer's case, with the reason.

    An interest has a first day and no last: nobody forgets a friend on a date. One that
    has not begun does not count.
    """
    found: dict[str, list[str]] = {}
    for said in declarations:
        if (
            folded_name(said.developer) == folded_name(developer)
            and said.kind.value in policy.conflicts
            and said.since <= on
        ):
            kind = said.kind.value.replace("_", " ")
            found.setdefault(said.member, []).append(f"{kind}: {said.text}")
    return {member: "; ".join(found[member]) for member in sorted(found)}


def folded_name(name: str) -> str:
    """Return a name as it is compared: not by case, width, spaces, or what is unseen.

    Letters of two scripts that look alike stay two letters.
    """
    alike = "".join(one for one in name if unicodedata.category(one) != "Cf")
    for _ in range(2):  # what one turn leaves may be of another case again
        alike = unicodedata.normalize("NFKC", alike).casefold()
    return " ".join(unicodedata.normalize("NFKC", alike).split())


def deciders(record: DecisionRecord) -> dict[str, str]:
    """Return who voted in a decision, in any way, with the reason to stand aside.

    Raises:
        RecordInvalid: if a vote in the record is none.

    """
    found = {}
    for given in record.votes:
        try:
            said: Mapping[str, str] = parse_canonical(given.vote.envelope.payload)
            member, choice = said["member"], said["choice"]
        except (AssentError, KeyError, TypeError):
            raise RecordInvalid(
                f"A vote in {record.proposal.decision_id} does not say whose it is.",
                remedy="Verify the record before an appeal is based on it.",
            ) from None
        found[member] = f"voted to {choice} in {record.proposal.decision_id}"
    return dict(sorted(found.items()))

"""`assent review interest`: put into the register what a member has at stake.

member + developer + what it is -> a case of the register; open votes that it touches

A day on which an interest ends is not taken: the register knows none.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assent.apps.cli.apply.desk import desk, tell
from assent.authorisation.review import interest_declaration_of
from assent.authorisation.secretariat import affected, declare_interest
from assent.vocabulary import InputError

_SERIES = "interest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """An interest as it was typed."""

    member: str
    developer: str
    kind: str
    text: str
    since: date


def interest(agency: Path, stake: Stake, actor: str) -> None:
    """Declare an interest; name the open votes that do not exclude the member yet.

    Raises:
        InputError: if the treaty has no such member or inspector.
        DeclarationInvalid: if a part cannot be written down.

    """
    declaration = interest_declaration_of(
        {
            "member": stake.member,
            "developer": stake.developer,
            "kind": stake.kind,
            "text": stake.text,
            "since": stake.since.isoformat(),
        }
    )
    with desk(agency) as at:
        treaty = at.office.treaty
        known = [*treaty.members, *treaty.inspectors]
        if stake.member not in known:
            raise InputError(
                f"The treaty has no member or inspector {stake.member!r:.80}.",
                remedy=f"Name one of: {', '.join(known)}. An officer stands aside"
                " with `assent review recuse`.",
            )
        event = declare_interest(declaration, actor, at.time)
        case_id = at.office.begin(_SERIES, at.time, [event])
        excludes = stake.kind in at.office.policy.conflicts
        with at.office.docket.reading() as transaction:
            found = affected(transaction, declaration) if excludes else []
    tell(f"{case_id}: {stake.member} declared an interest in {stake.developer}.")
    if not excludes:
        tell("The review policy excludes nobody for an interest of this kind.")
    for touched in found:
        tell(
            f"{touched} is put to the vote without excluding {stake.member}: take it"
            f" back with `assent vote withdraw … {touched}`, and propose it anew."
        )

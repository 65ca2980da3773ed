"""The register of owners, as people write it.

owners.yaml -> OwnerRegister, and what owners used elsewhere
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from assent.adapters.gate.form import (
    LIST_MAX,
    Count,
    Day,
    Key,
    Name,
    Part,
    Share,
    read_form,
)
from assent.supervision.admission import Holding, Owner, OwnerRegister


def read_owners(path: Path) -> tuple[OwnerRegister, Mapping[str, int]]:
    """Return a register, and the FLOP that owners used at other sites, by owner.

    Raises:
        DocumentInvalid: if the file does not say what it must.
        OwnersInvalid: if the register contradicts itself.
        NotFound: if there is no file.

    """
    form = read_form(path, _Register)
    elsewhere = {one.id: one.flop_elsewhere for one in form.owners}
    return _register(form), {name: flop for name, flop in elsewhere.items() if flop}


class _Control(Part):
    share: Share
    citation: Name


class _Holding(Part):
    holder: Name
    share: Share
    since: Day
    until: Day | None = None


class _Owner(Part):
    id: Name
    name: Name
    accounts: Annotated[list[Name], Field(max_length=LIST_MAX)] = Field(
        default_factory=list
    )
    keys: Annotated[list[Key], Field(max_length=100)] = Field(default_factory=list)
    holdings: Annotated[list[_Holding], Field(max_length=1_000)] = Field(
        default_factory=list
    )
    flop_elsewhere: Count = 0


class _Register(Part):
    format: Literal["assent-owners/1"]
    control: _Control
    owners: Annotated[list[_Owner], Field(max_length=LIST_MAX)]


def _register(form: _Register) -> OwnerRegister:
    return OwnerRegister(
        owners={
            one.id: Owner(
                owner_id=one.id,
                name=one.name,
                accounts=frozenset(one.accounts),
                keys=frozenset(one.keys),
                holdings=tuple(
                    Holding(
                        holder=held.holder,
                        share=held.share,
                        since=held.since,
                        until=held.until,
                    )
                    for held in one.holdings
                ),
            )
            for one in form.owners
        },
        control_share=form.control.share,
        citation=form.control.citation,
    )

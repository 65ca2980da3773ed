"""Who owns whom, so that slices of one run add up however they are spread.

register of owners + a day -> the group that an account belongs to

Whoever splits a run over jobs, accounts and subsidiaries has one owner at the end. An
owner belongs to the group of whoever controls it; what counts as control is the
register's own number, because laws differ on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from assent.supervision.admission.errors import AccountUnknown, OwnersInvalid
from assent.vocabulary.envelope import PublicKey

OWNERS_MAX = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A share of an owner that another holds, from a day on, until before another."""

    holder: str
    share: Fraction
    since: date
    until: date | None = None

    def holds_on(self, on: date) -> bool:
        """Tell whether it is held on a day."""
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Somebody who runs jobs, or owns somebody who does.

    Attributes:
        owner_id: as the register calls it.
        name: as people call it.
        accounts: the scheduler's accounts that are its own.
        keys: by which agencies know it as a developer.
        holdings: who owns it.

    """

    owner_id: str
    name: str
    accounts: frozenset[str] = frozenset()
    keys: frozenset[PublicKey] = frozenset()
    holdings: tuple[Holding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRegister:
    """All owners that a site knows.

    Attributes:
        owners: by id.
        control_share: a holder of so much or more controls an owner.
        citation: which law or contract says so.

    Raises:
        OwnersInvalid: if an account has two owners, or a holder is nobody.

    """

    owners: Mapping[str, Owner]
    control_share: Fraction
    citation: str
    _of_account: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _groups: dict[date, dict[str, frozenset[str]]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Check that every account has one owner, and every holder is an owner."""
        of_account: dict[str, str] = {}
        if not 0 < self.control_share <= 1 or len(self.owners) > OWNERS_MAX:
            raise OwnersInvalid(
                f"A register has at most {OWNERS_MAX:,} owners, and control begins at a"
                " share above 0 and at most 1.",
                remedy="Write the share as a fraction, such as 1/2.",
            )
        for owner in self.owners.values():
            for account in owner.accounts:
                if account in of_account:
                    raise OwnersInvalid(
                        f"Account {account!r:.80} is both {of_account[account]}'s and"
                        f" {owner.owner_id}'s.",
                        remedy="Give each account one owner.",
                    )
                of_account[account] = owner.owner_id
            for holding in owner.holdings:
                if holding.holder not in self.owners or not 0 < holding.share <= 1:
                    raise OwnersInvalid(
                        f"{owner.owner_id} is held by {holding.holder!r:.80}, by a"
                        f" share of {holding.share}: nobody is called so, or nobody"
                        " can hold so much.",
                        remedy="Register the holder, and write shares up to 1.",
                    )
        kept = MappingProxyType(dict(self.owners))
        object.__setattr__(self, "owners", kept)
        object.__setattr__(self, "_of_account", MappingProxyType(of_account))
        object.__setattr__(self, "_groups", {})

    def owner_of(self, account: str) -> Owner:
        """Return whose account it is.

        Raises:
            AccountUnknown: if nobody registered it.

        """
        found = self._of_account.get(account)
        if found is None:
            raise AccountUnknown(
                f"Nobody registered whose account {account!r:.80} is.",
                remedy="Register the account's beneficial owner with the gate.",
            )
        return self.owners[found]

    def group_of(self, owner_id: str, on: date) -> frozenset[str]:
        """Return all owners under the same control on a day, this one among them.

        Whoever controls somebody who controls somebody controls them all; two holders
        who both reach the share of control join their groups.

        Raises:
            AccountUnknown: if there is no such owner.

        """
        if owner_id not in self.owners:
            raise AccountUnknown(
                f"There is no owner {owner_id!r:.80}.", remedy="Register the owner."
            )
        if on not in self._groups:
            self._groups.clear()  # one day is asked for at a time
            self._groups[on] = self._divided(on)
        return self._groups[on][owner_id]

    def _divided(self, on: date) -> dict[str, frozenset[str]]:
        """Return the group of every owner on a day."""
        neighbours: dict[str, set[str]] = {name: set() for name in self.owners}
        for owner in self.owners.values():
            for holding in owner.holdings:
                if holding.holds_on(on) and holding.share >= self.control_share:
                    neighbours[owner.owner_id].add(holding.holder)
                    neighbours[holding.holder].add(owner.owner_id)
        groups: dict[str, frozenset[str]] = {}
        for first in neighbours:
            if first in groups:
                continue
            group, waiting = {first}, [first]
            while waiting:
                new = neighbours[waiting.pop()] - group
                group |= new
                waiting.extend(new)
            groups.update(dict.fromkeys(group, frozenset(group)))
        return groups

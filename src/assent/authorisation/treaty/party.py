"""Parties to a treaty, and the members of its organs who hold keys.

A party is a state, with the dates on which it signed, ratified, was bound, withdrew. A
member is whoever votes: a party's delegate, an expert, the director-general. Each holds
keys, in force from one instant to another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from assent.vocabulary.envelope import PublicKey


class PartyStanding(StrEnum):
    """Where a state stands towards the treaty on a date."""

    NONE = "not a party"
    SIGNED = "signed"
    RATIFIED = "ratified"
    IN_FORCE = "in force"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A party takes no part in one matter, from one date to another."""

    matter: str
    text: str
    since: date
    until: date | None = None

    def holds(self, on: date) -> bool:
        """Tell whether it holds on a date."""
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A state and its acts; a date that has not come about is None."""

    code: str
    title: str
    signed: date | None = None
    ratified: date | None = None
    in_force: date | None = None
    withdrawn: date | None = None
    reservations: tuple[Reservation, ...] = ()

    def standing(self, on: date) -> PartyStanding:
        """Return where the state stands on a date."""
        acts = [
            (self.withdrawn, PartyStanding.WITHDRAWN),
            (self.in_force, PartyStanding.IN_FORCE),
            (self.ratified, PartyStanding.RATIFIED),
            (self.signed, PartyStanding.SIGNED),
        ]
        for since, standing in acts:
            if since is not None and since <= on:
                return standing
        return PartyStanding.NONE

    def takes_part(self, matter: str, on: date) -> bool:
        """Tell whether the party is bound, and made no reservation on the matter."""
        return self.standing(on) is PartyStanding.IN_FORCE and not any(
            reservation.matter == matter and reservation.holds(on)
            for reservation in self.reservations
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedKey:
    """A public key and when it is in force: from `since`, before `until`."""

    key: PublicKey
    since: datetime
    until: datetime | None = None

    def is_in_force(self, at: datetime) -> bool:
        """Tell whether a signature made at that instant counts."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Whoever votes under one name; `party` is the state it votes for, if any."""

    name: str
    title: str
    party: str | None
    keys: tuple[DatedKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspector:
    """A named person to whom secret fields can be disclosed, and who oversees runs.

    `recipient` is an age public key (`age1…`), to which disclosures are encrypted;
    `keys` are those by which reports on evaluations are signed.
    """

    name: str
    title: str
    recipient: str
    since: datetime
    until: datetime | None = None
    keys: tuple[DatedKey, ...] = ()

    def is_in_office(self, at: datetime) -> bool:
        """Tell whether anything may be disclosed to this person."""
        return self.since <= at and (self.until is None or at < self.until)


def keys_in_force(
    holders: Mapping[str, tuple[DatedKey, ...]], at: datetime
) -> dict[str, tuple[str, PublicKey]]:
    """Return, by key id, whose key it is and the key itself, of those in force."""
    return {
        dated.key.key_id: (name, dated.key)
        for name, keys in holders.items()
        for dated in keys
        if dated.is_in_force(at)
    }

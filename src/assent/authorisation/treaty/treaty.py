"""A treaty instance: who is bound, who decides what, by which keys, seen by which log.

YAML or canonical JSON -> Treaty; signing keys + Treaty + time -> who speaks

One state alone can run the whole of it: a treaty of one party with an organ of one
member is a national measure. When that state later joins a wider treaty, the wider one
recognises its agency, and permits stay as they are.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from assent.authorisation.treaty.calendar import WorkingCalendar
from assent.authorisation.treaty.errors import MatterUnknown
from assent.authorisation.treaty.organ import Matter, Organ, Procedure
from assent.authorisation.treaty.party import (
    DatedKey,
    Inspector,
    Member,
    Party,
    keys_in_force,
)
from assent.translog.formats.policy import Policy
from assent.vocabulary.envelope import PublicKey


class Service(StrEnum):
    """What the agency's machines sign by keys of their own."""

    STATUS = "status"  # status lists
    LEASE = "lease"  # leases


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitTerms:
    """What every permit of this treaty carries.

    Attributes:
        status_uri: where the status list is published.
        max_staleness_s: how old a status list may be, in seconds.
        lease_s: how long a lease lasts, in seconds.

    """

    status_uri: str
    max_staleness_s: int
    lease_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Another agency's permits count here, within limits.

    Attributes:
        agency: the other agency.
        root_digest: of the TUF root metadata, version 1, that its trust starts from.
        flop_max: the largest cap on FLOP that is recognised; None for any.
        since: from when the recognition holds, and before when.
        until: see `since`.

    """

    agency: str
    root_digest: str
    flop_max: int | None
    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Tell whether it holds at an instant."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Treaty:
    """A treaty as it stands in one version. `digest` is of its canonical document."""

    title: str
    agency: str
    version: int
    digest: str
    log_policy: Policy
    calendar: WorkingCalendar
    parties: Mapping[str, Party]
    members: Mapping[str, Member]
    organs: Mapping[str, Organ]
    procedures: Mapping[Matter, Procedure]
    services: Mapping[Service, tuple[DatedKey, ...]]
    inspectors: Mapping[str, Inspector]
    terms: PermitTerms
    review_policy_digest: str | None
    recognised: Mapping[str, Recognition]

    def procedure(self, matter: Matter) -> Procedure:
        """Return how a matter is decided.

        Raises:
            MatterUnknown: if nobody may decide it.

        """
        try:
            return self.procedures[matter]
        except KeyError:
            raise MatterUnknown(
                f"The treaty {self.title!r} lets nobody decide on {matter}.",
                remedy="What nobody may decide is refused; the parties can amend it.",
            ) from None

    def organs_of(self, matter: Matter) -> tuple[Organ, ...]:
        """Return the organs that must each approve a matter.

        Raises:
            MatterUnknown: if no organ may decide it.

        """
        if not (names := self.procedure(matter).organs):
            raise MatterUnknown(
                f"In {self.title!r} no organ decides on {matter}: an inspector does.",
                remedy="Have an inspector of the run draw it up and sign it.",
            )
        return tuple(self.organs[name] for name in names)

    def eligible(self, matter: Matter, at: datetime) -> frozenset[str]:
        """Return the members who may vote on a matter at an instant.

        A party's delegate may while the party is bound and has made no reservation on
        the matter, by the date in UTC; whoever votes for no party may always.

        Raises:
            MatterUnknown: if nobody may decide it.

        """
        on = at.astimezone(UTC).date()
        names = {name for organ in self.organs_of(matter) for name in organ.members}
        return frozenset(
            name
            for name in names
            if (code := self.members[name].party) is None
            or self.parties[code].takes_part(matter, on)
        )

    def member_keys(self, at: datetime) -> dict[str, tuple[str, PublicKey]]:
        """Return, by key id, the member and the key, of keys in force then."""
        holders = {name: member.keys for name, member in self.members.items()}
        return keys_in_force(holders, at)

    def service_keys(self, service: Service, at: datetime) -> dict[str, PublicKey]:
        """Return, by key id, the keys of one of the agency's services then."""
        found = keys_in_force({service: self.services.get(service, ())}, at)
        return {key_id: key for key_id, (_, key) in found.items()}

    def inspector_keys(self, at: datetime) -> dict[str, tuple[str, PublicKey]]:
        """Return, by key id, the inspectors in office then and their keys in force."""
        in_office = {
            name: one.keys
            for name, one in self.inspectors.items()
            if one.is_in_office(at)
        }
        return keys_in_force(in_office, at)

    def lacking(self, matter: Matter, names: Iterable[str], at: datetime) -> str:
        """Return in words what these members lack to approve a matter; "" if nothing.

        Those who may not vote on it do not count.

        Raises:
            MatterUnknown: if nobody may decide it.

        """
        counted = self.eligible(matter, at) & frozenset(names)
        parts = [
            f"{organ.title}: {lack}"
            for organ in self.organs_of(matter)
            if (lack := organ.approve.lacking(counted & set(organ.members)))
        ]
        return "; ".join(parts)

    def is_blocked(self, matter: Matter, names: AbstractSet[str], at: datetime) -> bool:
        """Tell whether these members are enough to prevent a matter.

        Raises:
            MatterUnknown: if nobody may decide it.

        """
        counted = self.eligible(matter, at) & names
        return any(
            organ.block is not None
            and organ.block.is_met_by(counted & set(organ.members))
            for organ in self.organs_of(matter)
        )

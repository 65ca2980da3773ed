"""A treaty in plain words, as it stands on a date: for whoever signs or votes under it.

Treaty + date -> TreatySummary: parties, organs, matters, and what can not work

Nothing is left out to save space: who signs must see every name. The words say what the
document says; whether it is the one that others read, its digest says.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from assent.authorisation.treaty.organ import Matter, Organ, Procedure
from assent.authorisation.treaty.party import Party, PartyStanding, keys_in_force
from assent.authorisation.treaty.treaty import Service, Treaty
from assent.translog.formats.quorum import NONE, Group, Quorum
from assent.vocabulary import format_count, parse_count

_BOTH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PartySummary:
    """A state, where it stands, and its reservations in words."""

    code: str
    title: str
    standing: PartyStanding
    reservations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganSummary:
    """A body, and its quorums in words."""

    name: str
    title: str
    approve: str
    block: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterSummary:
    """A matter: who decides it, within which terms, and who can not vote and why."""

    matter: Matter
    decided_by: str
    terms: tuple[str, ...]
    without_vote: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatySummary:
    """A treaty on a date. `warnings` are what can not work, or is easily overlooked."""

    title: str
    agency: str
    version: int
    digest: str
    on: date
    parties: tuple[PartySummary, ...]
    organs: tuple[OrganSummary, ...]
    matters: tuple[MatterSummary, ...]
    forbidden: tuple[Matter, ...]
    recognitions: tuple[str, ...]
    warnings: tuple[str, ...]


def summarise(treaty: Treaty, on: date) -> TreatySummary:
    """Return a treaty in words, as it stands when a date begins in UTC."""
    at = datetime.combine(on, time(), UTC)
    return TreatySummary(
        title=treaty.title,
        agency=treaty.agency,
        version=treaty.version,
        digest=treaty.digest,
        on=on,
        parties=tuple(_party(party, on) for party in treaty.parties.values()),
        organs=tuple(
            OrganSummary(
                name=organ.name,
                title=organ.title,
                approve=quorum_in_words(organ.approve),
                block=None if organ.block is None else quorum_in_words(organ.block),
            )
            for organ in treaty.organs.values()
        ),
        matters=tuple(
            MatterSummary(
                matter=matter,
                decided_by=" and ".join(
                    treaty.organs[o].title for o in procedure.organs
                )
                or "an inspector of the run, alone",
                terms=_terms(procedure),
                without_vote=tuple(
                    f"{name}: {why}"
                    for name, why in without_vote(treaty, matter, at).items()
                )
                if procedure.organs
                else (),
            )
            for matter, procedure in treaty.procedures.items()
        ),
        forbidden=tuple(matter for matter in Matter if matter not in treaty.procedures),
        recognitions=tuple(
            f"{found.agency}, {_cap(found.flop_max)}"
            for found in treaty.recognised.values()
            if found.holds(at)
        ),
        warnings=_warnings(treaty, at),
    )


def quorum_in_words(quorum: Quorum) -> str:
    """Return in words which sets of names are enough.

    Groups are replaced by what they hold, so that no name of a group misleads.
    """
    if quorum.name == NONE:
        return "nobody is needed"
    words: dict[str, str] = {}
    for group in quorum.groups:  # groups refer to those before them
        words[group.name] = _group(
            group,
            [f"({words[n]})" if n in words else n for n in group.members],
        )
    return words.get(quorum.name, quorum.name)


def without_vote(treaty: Treaty, matter: Matter, at: datetime) -> dict[str, str]:
    """Return the members of a matter's organs who can not vote on it, and why.

    Raises:
        MatterUnknown: if nobody may decide it.

    """
    holders = {name for name, _ in treaty.member_keys(at).values()}
    eligible = treaty.eligible(matter, at)
    on = at.astimezone(UTC).date()
    found: dict[str, str] = {}
    for organ in treaty.organs_of(matter):
        for name in organ.members:
            if name not in eligible:
                found[name] = _why_not(treaty, name, matter, on)
            elif name not in holders:
                found[name] = "no key of it is in force"
    return found


def _party(party: Party, on: date) -> PartySummary:
    return PartySummary(
        code=party.code,
        title=party.title,
        standing=party.standing(on),
        reservations=tuple(
            f"takes no part in {made.matter}: {made.text}"
            for made in party.reservations
            if made.holds(on)
        ),
    )


def _why_not(treaty: Treaty, name: str, matter: Matter, on: date) -> str:
    code = treaty.members[name].party
    party = treaty.parties[code or ""]
    standing = party.standing(on)
    if standing is not PartyStanding.IN_FORCE:
        return f"the treaty does not bind {party.code} ({standing})"
    text = next(
        made.text
        for made in party.reservations
        if made.matter == matter and made.holds(on)
    )
    return f"{party.code} made a reservation: {text}"


def _group(group: Group, members: list[str]) -> str:
    listed = ", ".join(members)
    if len(members) == 1:
        return members[0]
    if group.needed == len(members):
        return f"{'both' if len(members) == _BOTH else 'all'} of {listed}"
    return f"{group.needed} of these {len(members)}: {listed}"


def _terms(procedure: Procedure) -> tuple[str, ...]:
    lines = [
        f"within {procedure.review_working_days} working days",
        f"votes open for {procedure.vote_working_days} working days",
    ]
    if procedure.flop_max is not None:
        lines.append(_cap(procedure.flop_max))
    if procedure.excludes_deciders:
        lines.append("without those who decided before")
    if procedure.lapses_after_days is not None:
        lines.append(f"lapses after {procedure.lapses_after_days} days")
    return tuple(lines)


def _cap(flop_max: int | None) -> str:
    if flop_max is None:
        return "any FLOP"
    rounded = format_count(flop_max)
    exact = rounded if parse_count(rounded) == flop_max else f"{flop_max:,}"
    return f"up to {exact} FLOP"


def _warnings(treaty: Treaty, at: datetime) -> tuple[str, ...]:
    found = []
    for matter, procedure in treaty.procedures.items():
        if not procedure.organs:
            continue
        barred = without_vote(treaty, matter, at)
        able = treaty.eligible(matter, at) - barred.keys()
        if lack := treaty.lacking(matter, able, at):
            found.append(f"Nobody can approve a matter of {matter} then: {lack}.")
    holders = {name for name, _ in treaty.member_keys(at).values()}
    found += [
        f"No key of {name} is in force, so it can not vote."
        for name in treaty.members
        if name not in holders
    ]
    found += [
        f"The service {service} has no key in force: what it says is not believed."
        for service in Service
        if not keys_in_force({service: treaty.services.get(service, ())}, at)
    ]
    if len(treaty.parties) > 1:
        for organ in treaty.organs.values():
            found += _several_votes(treaty, organ)
    calendar = treaty.calendar
    if not calendar.first <= at.date() <= calendar.last:
        found.append(f"The calendar goes from {calendar.first} to {calendar.last}.")
    if not treaty.log_policy.logs:
        found.append("The policy names no log, so that no permit can be verified.")
    elif treaty.log_policy.quorum.name == NONE:
        found.append("The policy asks for no witness: the log can show two histories.")
    return tuple(found)


def _several_votes(treaty: Treaty, organ: Organ) -> list[str]:
    parties = [treaty.members[name].party for name in organ.members]
    return [
        f"{code} has {parties.count(code)} votes in {organ.title}."
        for code in dict.fromkeys(parties)
        if code is not None and parties.count(code) > 1
    ]

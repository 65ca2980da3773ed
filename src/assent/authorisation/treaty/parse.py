"""Read a treaty, and check that it does not contradict itself.

YAML, JSON or canonical bytes -> Treaty;  Treaty's document -> canonical bytes

The states sign the canonical bytes (`treaty_bytes`), as a target of TUF metadata.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import ValidationError

from assent.authorisation.treaty.calendar import WorkingCalendar
from assent.authorisation.treaty.errors import TreatyInvalid
from assent.authorisation.treaty.form import (
    WEEK,
    InspectorForm,
    KeyForm,
    OrganForm,
    PartyForm,
    ProcedureForm,
    RecognitionForm,
    TreatyForm,
)
from assent.authorisation.treaty.organ import Matter, Organ, Procedure
from assent.authorisation.treaty.party import (
    DatedKey,
    Inspector,
    Member,
    Party,
    Reservation,
)
from assent.authorisation.treaty.treaty import PermitTerms, Recognition, Treaty
from assent.translog.formats.policy import parse_policy
from assent.translog.formats.quorum import Quorum, parse_quorum
from assent.vocabulary import AssentError, canonical_bytes, digest, parse_yaml
from assent.vocabulary.envelope import parse_public_key

_LAPSING = (Matter.EMERGENCY_PAUSE, Matter.INSPECTOR_PAUSE)


def parse_treaty(text: str) -> Treaty:
    """Return the treaty that a YAML or JSON text is.

    Raises:
        DocumentInvalid, DocumentTooLarge: if it is neither YAML nor JSON.
        TreatyInvalid: if a field is wrong, or two of them contradict each other.

    """
    return treaty_of(parse_yaml(text).value)


def treaty_bytes(text: str) -> bytes:
    """Return the canonical bytes of a treaty's document, which the states sign.

    Raises:
        DocumentInvalid, DocumentTooLarge: if it is neither YAML nor JSON.
        TreatyInvalid: if it is no treaty.

    """
    value = parse_yaml(text).value
    treaty_of(value)
    return canonical_bytes(value)


def treaty_of(value: Any) -> Treaty:  # noqa: ANN401 - any plain value
    """Return the treaty that plain values describe.

    Raises:
        TreatyInvalid: if a field is wrong, or two of them contradict each other.

    """
    try:
        form = TreatyForm.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the document"
        raise _invalid(f"{where!r:.200}: {first['msg']:.400}") from None
    _check_names(form)
    _check_keys(form)
    _check_periods(form)
    try:
        return _compose(form, digest(value))
    except TreatyInvalid:
        raise
    except AssentError as error:
        raise _invalid(error.message) from None


def _compose(form: TreatyForm, document_digest: str) -> Treaty:
    calendar = form.calendar
    return Treaty(
        title=form.title,
        agency=form.agency,
        version=form.version,
        digest=document_digest,
        log_policy=parse_policy(form.log_policy.encode()),
        calendar=WorkingCalendar(
            title=calendar.title,
            weekend=frozenset(WEEK.index(day) for day in calendar.weekend),
            closed=frozenset(calendar.closed),
            first=calendar.first,
            last=calendar.last,
        ),
        parties={party.code: _party(party) for party in form.parties},
        members={
            member.name: Member(
                name=member.name,
                title=member.title,
                party=member.party,
                keys=_keys(member.keys),
            )
            for member in form.members
        },
        organs={organ.name: _organ(organ) for organ in form.organs},
        procedures={
            matter: Procedure(
                matter=matter,
                organs=tuple(given.organs),
                **given.model_dump(exclude={"organs"}),
            )
            for matter, given in form.matters.items()
        },
        services={role: _keys(keys) for role, keys in form.services.items()},
        inspectors={
            found.name: Inspector(
                keys=_keys(found.keys), **found.model_dump(exclude={"keys"})
            )
            for found in form.inspectors
        },
        terms=PermitTerms(**form.terms.model_dump()),
        review_policy_digest=form.review_policy,
        recognised={
            found.agency: Recognition(**found.model_dump()) for found in form.recognises
        },
    )


def _party(form: PartyForm) -> Party:
    return Party(
        **form.model_dump(exclude={"reservations"}),
        reservations=tuple(
            Reservation(**made.model_dump()) for made in form.reservations
        ),
    )


def _organ(form: OrganForm) -> Organ:
    return Organ(
        name=form.name,
        title=form.title,
        members=tuple(form.members),
        approve=_quorum(form, form.approve),
        block=None if form.block is None else _quorum(form, form.block),
    )


def _quorum(form: OrganForm, lines: str) -> Quorum:
    quorum = parse_quorum(lines.encode(), form.members)
    if quorum.is_met_by(()):
        raise _invalid(f"organ {form.name}: nobody is enough for its quorum")
    return quorum


def _keys(forms: Iterable[KeyForm]) -> tuple[DatedKey, ...]:
    return tuple(
        DatedKey(key=parse_public_key(key.public), since=key.since, until=key.until)
        for key in forms
    )


def _check_names(form: TreatyForm) -> None:
    """Refuse names that stand twice, and those that nothing defines."""
    parties = _distinct("party", [party.code for party in form.parties])
    members = _distinct("member", [member.name for member in form.members])
    organs = _distinct("organ", [organ.name for organ in form.organs])
    _distinct("inspector", [inspector.name for inspector in form.inspectors])
    _distinct("recognised agency", [found.agency for found in form.recognises])
    for member in form.members:
        if member.party is not None:
            _known("party", [member.party], parties, f"member {member.name}")
    for organ in form.organs:
        _distinct(f"member of {organ.name}", organ.members)
        _known("member", organ.members, members, f"organ {organ.name}")
    for matter, procedure in form.matters.items():
        _distinct(f"organ of {matter}", procedure.organs)
        _known("organ", procedure.organs, organs, f"matter {matter}")
        _check_matter(matter, procedure)
    if form.agency in {found.agency for found in form.recognises}:
        raise _invalid(f"{form.agency} recognises itself")
    for party in form.parties:
        acts = [party.signed, party.ratified, party.in_force, party.withdrawn]
        _check_order(party.code, [act for act in acts if act is not None])


def _check_matter(matter: Matter, procedure: ProcedureForm) -> None:
    """Refuse a matter that nobody decides, and one that lasts as it must not."""
    if (matter is Matter.INSPECTOR_PAUSE) == bool(procedure.organs):
        raise _invalid(f"matter {matter}: an inspector decides it, or organs do")
    if matter in _LAPSING and procedure.lapses_after_days is None:
        raise _invalid(f"matter {matter} does not say after how many days it ends")
    if matter is Matter.TERMINATION and procedure.lapses_after_days is not None:
        raise _invalid(f"matter {matter} does not end by itself")


def _check_keys(form: TreatyForm) -> None:
    """Refuse a key that two hold: a signature by it would be two people's."""
    holders: dict[str, str] = {}
    held = [(f"member {m.name}", m.keys) for m in form.members]
    held += [(f"service {role}", keys) for role, keys in form.services.items()]
    held += [(f"inspector {i.name}", i.keys) for i in form.inspectors]
    for holder, keys in held:
        for key in keys:
            if key.public in holders:
                raise _invalid(
                    f"the key {key.public[:12]}… stands twice, with"
                    f" {holders[key.public]} and {holder}"
                )
            holders[key.public] = holder
            _check_period(f"a key of {holder}", key)


def _check_periods(form: TreatyForm) -> None:
    """Refuse what ends before it begins, and closed days that are on no calendar."""
    calendar = form.calendar
    if calendar.first > calendar.last:
        raise _invalid("the calendar ends before it begins")
    for day in calendar.closed:
        if not calendar.first <= day <= calendar.last:
            raise _invalid(f"the closed day {day} is beyond the calendar")
    for inspector in form.inspectors:
        _check_period(f"inspector {inspector.name}", inspector)
    for found in form.recognises:
        _check_period(f"the recognition of {found.agency}", found)
    for party in form.parties:
        for made in party.reservations:
            if made.until is not None and made.until <= made.since:
                raise _invalid(f"a reservation of {party.code} ends before it begins")


def _check_period(what: str, period: KeyForm | InspectorForm | RecognitionForm) -> None:
    if period.until is not None and period.until <= period.since:
        raise _invalid(f"{what} ends before it begins")


def _check_order(code: str, acts: list[date]) -> None:
    if acts != sorted(acts):
        raise _invalid(
            f"party {code}: signature, ratification, entry into force and withdrawal"
            " are not in this order"
        )


def _distinct(what: str, names: Iterable[str]) -> frozenset[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise _invalid(f"{what} {name} stands twice")
        seen.add(name)
    return frozenset(seen)


def _known(what: str, names: Iterable[str], known: frozenset[str], by: str) -> None:
    for name in names:
        if name not in known:
            raise _invalid(f"{by} names the {what} {name}, which nothing defines")


def _invalid(why: str) -> TreatyInvalid:
    return TreatyInvalid(
        f"This is no treaty that could be applied: {why}.",
        remedy="Correct the document; docs/treaty.md explains every field.",
    )

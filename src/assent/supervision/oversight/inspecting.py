"""Who inspects a run: named on its case, in office, and without an interest.

permit + inspector + the register of interests -> named, or the reason why not

An inspector says in the register whether it has an interest in the developer: a
declaration of `none` too is one. Whoever declared nothing is not named, and whoever
declares an interest later acts on the run no more, without anybody having to think of
it.
"""

from collections.abc import Iterator
from datetime import datetime

from assent.authorisation.docket import Card, DocketTransaction
from assent.authorisation.permit import Permit, fold
from assent.authorisation.review import folded_name
from assent.authorisation.secretariat import (
    Office,
    anchor,
    conflicts,
    found,
    notify,
    write_notice,
)
from assent.supervision.oversight.errors import (
    InspectorConflicted,
    InspectorNotInOffice,
    InspectorNotNamed,
    InspectorUndeclared,
    RunUnknown,
)
from assent.supervision.oversight.run.case import (
    NAMED,
    WITHDRAWN,
    fold_run,
    run_case_id,
    run_event,
)
from assent.translog.entry import Entry

_PAGE = 1_000


def name_inspector(
    office: Office, permit_id: str, inspector: str, actor: str, now: datetime
) -> None:
    """Name an inspector on a run's case; once is enough.

    Raises:
        NotFound: if there is no such permit.
        InspectorNotInOffice, InspectorUndeclared, InspectorConflicted: if this
            inspector may not inspect the run.

    """
    with office.docket.writing() as transaction:
        permit = permit_of(transaction, permit_id)
        verify_independent(office, transaction, permit, inspector, now)
        case_id = run_case_id(permit_id)
        if inspector in fold_run(transaction.events(case_id)).inspectors:
            return
        _record(office, transaction, permit, NAMED, inspector, actor, now)


def withdraw_inspector(
    office: Office, permit_id: str, inspector: str, actor: str, now: datetime
) -> None:
    """Take an inspector off a run's case.

    Raises:
        NotFound: if there is no such permit.
        InspectorNotNamed: if this inspector is not on it.

    """
    with office.docket.writing() as transaction:
        permit = permit_of(transaction, permit_id)
        _verify_named(transaction, permit, inspector)
        _record(office, transaction, permit, WITHDRAWN, inspector, actor, now)


def verify_inspector(
    office: Office,
    transaction: DocketTransaction,
    permit: Permit,
    inspector: str,
    now: datetime,
) -> None:
    """Check that an inspector may act on a run now.

    Raises:
        InspectorNotNamed: if it is not on the run's case.
        InspectorNotInOffice, InspectorUndeclared, InspectorConflicted: see
            `verify_independent`.

    """
    _verify_named(transaction, permit, inspector)
    verify_independent(office, transaction, permit, inspector, now)


def verify_independent(
    office: Office,
    transaction: DocketTransaction,
    permit: Permit,
    inspector: str,
    now: datetime,
) -> None:
    """Check that an inspector is in office, and declared to have no interest.

    Raises:
        InspectorNotInOffice: if the treaty names no such inspector now.
        InspectorUndeclared: if it declared nothing about the developer.
        InspectorConflicted: if it has an interest in the developer.

    """
    known = office.treaty.inspectors.get(inspector)
    if known is None or not known.is_in_office(now):
        raise InspectorNotInOffice(
            f"{inspector!r:.80} is no inspector in office.",
            remedy=f"Name one of: {', '.join(office.treaty.inspectors) or 'none'}.",
        )
    developer = permit.developer.name
    found_interests = conflicts(transaction, developer, office.policy, now.date())
    if (why := found_interests.get(inspector)) is not None:
        raise InspectorConflicted(
            f"{inspector} stands aside: {why}.",
            remedy="Have an inspector without an interest look into the run.",
        )
    if inspector not in _declared(transaction, developer):
        raise InspectorUndeclared(
            f"{inspector} has declared nothing about {developer}.",
            remedy="Declare every interest, or none: `assent review interest … --kind"
            " none`.",
        )


def permit_of(transaction: DocketTransaction, permit_id: str) -> Permit:
    """Return a permit as it stands.

    Raises:
        NotFound: if there is no such case.
        RunUnknown: if it is no permit's.

    """
    events = found(transaction, permit_id)
    case = fold(events) if permit_id.startswith("permit-") else None
    if case is None:
        raise RunUnknown(
            f"{permit_id!r:.80} is no permit.", remedy="Name the run's permit."
        )
    return case.permit


def _verify_named(
    transaction: DocketTransaction, permit: Permit, inspector: str
) -> None:
    case = fold_run(transaction.events(run_case_id(permit.permit_id)))
    if inspector not in case.inspectors:
        raise InspectorNotNamed(
            f"{inspector} is not named on the run of {permit.permit_id}.",
            remedy="Have the agency name it: `assent oversight name`.",
        )


def _declared(transaction: DocketTransaction, developer: str) -> frozenset[str]:
    """Return who declared anything about a developer, an interest or none."""
    name = folded_name(developer)
    return frozenset(
        str(card.details["member"])
        for card in _interests(transaction)
        if folded_name(card.developer) == name
    )


def _interests(transaction: DocketTransaction) -> Iterator[Card]:
    after = ""
    while True:
        cards = transaction.cards(kind="interest", after=after, limit=_PAGE)
        yield from cards
        if len(cards) < _PAGE:
            return
        after = cards[-1].case_id


def _record(  # noqa: PLR0913, PLR0917 - one fact each
    office: Office,
    transaction: DocketTransaction,
    permit: Permit,
    kind: str,
    inspector: str,
    actor: str,
    now: datetime,
) -> None:
    case_id = run_case_id(permit.permit_id)
    event = run_event(kind, permit, {"inspector": inspector}, actor, now)
    events = office.add(transaction, case_id, [event])
    entry = Entry(
        kind=kind.replace("_", "-"),
        subject=case_id,
        time=now.replace(microsecond=0),
        metadata={"inspector": inspector, **anchor(events)},
    )
    notify(office, transaction, write_notice(entry, case_id, (), now))

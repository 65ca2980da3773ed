"""What the agency hands out: status lists, permits with all that proves them, leases.

cases + trust metadata + signers -> status list, PermitBundle, Lease

Nothing is handed out that the public log does not hold.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from assent.authorisation.docket import (
    Card,
    DocketTransaction,
    Event,
    RecordedEvent,
)
from assent.authorisation.permit import (
    PERMIT_TYPE,
    Lease,
    PermitBundle,
    PermitCase,
    Status,
    encode_statuses,
    fold,
    renew_lease,
    sign_status_list,
    signed_paper,
)
from assent.authorisation.secretariat.ending import end_one
from assent.authorisation.secretariat.office import Office, found
from assent.vocabulary import NotAllowed, NotFound, Plain
from assent.vocabulary.envelope import Envelope, Signer

STATUS_SERIES = "status-index"  # gives each version of a permit its place in the list
_LIST_SIZE_MIN = 1_024  # so that a young list does not tell how few permits there are
_CARDS = 1_000


def status_list(office: Office, signer: Signer, now: datetime) -> bytes:
    """Return the signed status list of all permits as they stand.

    A place is valid only where a permit's case says so. The others belong to versions
    that were refused, withdrawn or never proposed, and their papers bear signatures of
    members as well.

    Args:
        office: the agency's.
        signer: the treaty's status service.
        now: when it is drawn up; it lasts as long as permits rely on it.

    """
    statuses: dict[int, int] = {}
    for card in all_cards(office, "permit"):
        given: object = card.details["statuses"]
        if isinstance(given, dict):
            statuses.update((int(index), int(bit)) for index, bit in given.items())
    size = max([_LIST_SIZE_MIN, *(index + 1 for index in statuses)])
    places = bytearray([Status.INVALID]) * size
    for index, status in statuses.items():
        places[index] = status
    terms = office.treaty.terms
    return sign_status_list(
        encode_statuses(places, size),
        uri=terms.status_uri,
        issued=now,
        lasts_s=terms.max_staleness_s,
        signer=signer,
    )


def permit_bundle(office: Office, permit_id: str, status: bytes) -> PermitBundle:
    """Return a permit with everything that proves it offline.

    Args:
        office: the agency's.
        permit_id: the permit.
        status: the newest signed status list.

    Raises:
        NotFound: if there is no such permit.
        NotAllowed: if the public log does not hold it yet.

    """
    return _bundle(office, permit_id, office.read(permit_id), status)


def give_out(office: Office, permit_id: str, status: bytes, now: datetime) -> bytes:
    """Return a permit's file, and record that it was given out, once.

    Raises:
        NotFound, NotAllowed: see `permit_bundle`.

    """
    (data,) = give_out_all(office, [permit_id], status, now)
    return data


def give_out_all(
    office: Office, permit_ids: Sequence[str], status: bytes, now: datetime
) -> list[bytes]:
    """Return permits' files, and record in one transaction that they were given out.

    Raises:
        NotFound, NotAllowed: see `permit_bundle`; then none is recorded.

    """
    files, new, applications = [], {}, []
    with office.docket.reading() as transaction:
        transaction.read_ahead(permit_ids)
        cases = {one: found(transaction, one) for one in permit_ids}
    for permit_id, events in cases.items():
        data = _bundle(office, permit_id, events, status).encoded
        files.append(data)
        case = _there(fold(events), permit_id)
        if case.bundle_digest is None:
            new[permit_id] = data
            applications.append(case.permit.case_id)
    if new:
        digests = office.records.put_all(list(new.values()))
        with office.docket.writing() as transaction:
            transaction.read_ahead([*new, *applications])
            for permit_id, digest in zip(new, digests, strict=True):
                _record(office, transaction, permit_id, digest, now)
    return files


def _bundle(
    office: Office, permit_id: str, events: Sequence[RecordedEvent], status: bytes
) -> PermitBundle:
    if _there(fold(events), permit_id).entry_index is None:
        raise NotAllowed(
            f"{permit_id} is not in the public log yet, and binds nobody until then.",
            remedy="Wait for the secretariat to log it, or run `assent agency work`.",
        )
    kinds = ("permit_decided", "varied")
    logged = [one for one in events if one.event.kind == "permit_logged"][-1]
    version = logged.event.body["version"]
    decided = [one for one in events if one.event.kind in kinds]
    (paper,) = [
        signed_paper(one.event, PERMIT_TYPE)
        for one in decided
        if _version(one.event) == version
    ]
    return PermitBundle(
        envelope=paper,
        proof=office.records.get(str(logged.event.body["proof"])),
        status=status,
        trust=office.trust,
    )


def _record(
    office: Office,
    transaction: DocketTransaction,
    permit_id: str,
    digest: str,
    now: datetime,
) -> None:
    case = fold(found(transaction, permit_id))
    if case is None or case.bundle_digest is not None:
        return
    body: dict[str, Plain] = {"version": case.permit.version, "bundle_digest": digest}
    event = Event(kind="permit_issued", time=now, actor="secretariat", body=body)
    office.add(transaction, permit_id, [event])
    application = case.permit.case_id
    if case.permit.version == 1 and office.fits(transaction, application, event):
        office.add(transaction, application, [event])


def lease(  # noqa: PLR0913, PLR0917 - whose, which, where, by whom, when, how much
    office: Office,
    permit_id: str,
    site: str,
    signer: Signer,
    now: datetime,
    flop: int | None = None,
) -> tuple[Lease, Envelope]:
    """Return the next lease of a permit for a site, and record it.

    Args:
        office: the agency's.
        permit_id: the permit.
        site: where jobs are to run.
        signer: the treaty's lease service.
        now: from when.
        flop: what the run may have used there in all; None for an equal share.

    Raises:
        NotFound: if there is no such permit.
        LeaseRefused: if the permit is not in force now, or not at that site, or so
            much is not to be had.

    """
    with office.docket.writing() as transaction:
        end_one(office, transaction, permit_id, now)
        case = fold(found(transaction, permit_id))
        made, envelope = renew_lease(_there(case, permit_id), site, now, signer, flop)
        renewed = Event(
            kind="lease_renewed",
            time=now,
            actor="secretariat",
            body=made.event_body,
        )
        office.add(transaction, permit_id, [renewed])
    return made, envelope


def read_permit(office: Office, permit_id: str) -> PermitCase:
    """Return a permit's case.

    Raises:
        NotFound: if there is none.

    """
    return _there(fold(office.read(permit_id)), permit_id)


def all_cards(office: Office, kind: str, *states: str) -> Iterator[Card]:
    """Yield all cards of a kind, page by page."""
    after = ""
    while True:
        with office.docket.reading() as transaction:
            page = transaction.cards(
                kind=kind, states=states, after=after, limit=_CARDS
            )
        yield from page
        if len(page) < _CARDS:
            return
        after = page[-1].case_id


def _version(event: Event) -> object:
    payload = event.body["payload"]
    return payload["version"] if isinstance(payload, dict) else None


def _there(case: PermitCase | None, permit_id: str) -> PermitCase:
    if case is None:
        raise NotFound(
            f"There is no permit {permit_id!r:.80}.",
            remedy="Look it up with `assent agency queue`.",
        )
    return case

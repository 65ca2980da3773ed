"""One round of an agency's work: what is due is done, what is public is written.

folder + now -> Worked; public/status.jwt, public/permits/ID.permit, public/leases/

The status list is written even if the log or its witnesses cannot be reached: what
suspends or revokes a permit does not wait for them.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from assent.adapters.files import read_bytes, write_durably
from assent.authorisation.docket import Card
from assent.authorisation.permit import (
    FINAL,
    VerifiedStatusList,
    verify_status_list,
)
from assent.authorisation.secretariat import (
    Done,
    Office,
    all_cards,
    give_out,
    give_out_all,
    status_list,
    work,
)
from assent.vocabulary import AssentError
from assent.wiring.agency.leases import renew_leases
from assent.wiring.agency.open import OpenAgency, open_agency

STATUS_FILE = "status.jwt"
PERMITS_FOLDER = "permits"
_STATUS_BYTES_MAX = 64_000_000
_MODE = 0o644  # it is public
_TOGETHER = 256  # permits that are recorded in one transaction, as they are announced
_OVER = {state.value for state in FINAL}


@dataclass(frozen=True, kw_only=True)
class Served:
    """What was written for the public: whether a status list, and which papers."""

    status: bool
    permits: tuple[str, ...]
    leases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Worked:
    """What a round did."""

    done: Done
    served: Served


def work_once(
    folder: Path,
    time: datetime,
    step: Callable[[str], None] = lambda _: None,
    *,
    environment: Mapping[str, str] = os.environ,
) -> Worked:
    """Do what is due, and write what is public.

    Raises:
        AssentError: whatever opening the agency raises; or whatever kept its work from
            being done or announced, after the public files were written.

    """
    with open_agency(folder, at=time, environment=environment) as agency:
        try:
            done = work(agency.office, time, step)
        except AssentError:
            serve(agency, time, step)
            raise
        return Worked(done=done, served=serve(agency, time, step))


def serve(
    agency: OpenAgency, time: datetime, step: Callable[[str], None] = lambda _: None
) -> Served:
    """Write the status list, permits and leases that are missing, changed or old.

    Half the time that permits let a list be old, it is signed again, and half the life
    of a lease, the next one is made.
    """
    public, terms = agency.place.public, agency.trusted.treaty.terms
    file = public / STATUS_FILE
    half = timedelta(seconds=terms.max_staleness_s / 2)
    step("status list")
    signer = agency.services["status"]
    newest = status_list(agency.office, signer, time)
    before = _published(agency, file, time)
    after = _parsed(agency, newest, time)
    is_changed = before is None or before.packed != after.packed
    is_due = is_changed or before is None or time - before.issued >= half
    if is_due:
        write_durably(file, newest, _MODE)
    status = read_bytes(file, _STATUS_BYTES_MAX)
    folder = public / PERMITS_FOLDER
    due = [
        card.case_id
        for card in all_cards(agency.office, "permit")
        if _is_served_anew(
            card,
            folder / f"{card.case_id}.permit",
            time - half,
            is_changed=is_changed,
        )
    ]
    for start in range(0, len(due), _TOGETHER):
        some = due[start : start + _TOGETHER]
        step(f"{some[0]} … {some[-1]}" if some[1:] else some[0])
        for permit_id, data in _given_out(agency.office, some, status, time):
            write_durably(folder / f"{permit_id}.permit", data, _MODE)
    step("leases")
    leases = renew_leases(agency, time)
    return Served(status=is_due, permits=tuple(due), leases=tuple(leases))


def _given_out(
    office: Office, permit_ids: Sequence[str], status: bytes, time: datetime
) -> Iterator[tuple[str, bytes]]:
    """Yield permits' files; if one fails, those before it."""
    try:
        files = give_out_all(office, permit_ids, status, time)
    except AssentError:
        for permit_id in permit_ids:
            yield permit_id, give_out(office, permit_id, status, time)
        return
    yield from zip(permit_ids, files, strict=True)


def _is_served_anew(
    card: Card, path: Path, since: datetime, *, is_changed: bool
) -> bool:
    """Tell whether a permit's file is missing, or older than it should be.

    Events are dated to the second. One that changes a status in the second in which the
    file was written is told by the list, which is not what it was.
    """
    if not card.details["is_logged"]:
        return False
    if not path.exists():
        return True
    written_s, updated_s = path.stat().st_mtime, card.updated.timestamp()
    if written_s < updated_s or (is_changed and int(written_s) <= updated_s):
        return True
    return card.state not in _OVER and written_s < since.timestamp()


def _published(
    agency: OpenAgency, file: Path, time: datetime
) -> VerifiedStatusList | None:
    """Return the list in a file, if it counts now."""
    try:
        return _parsed(agency, read_bytes(file, _STATUS_BYTES_MAX), time)
    except AssentError:
        return None


def _parsed(agency: OpenAgency, data: bytes, time: datetime) -> VerifiedStatusList:
    key, terms = agency.services["status"].key, agency.trusted.treaty.terms
    return verify_status_list(
        data, terms.status_uri, {key.key_id: key}, time, terms.max_staleness_s
    )

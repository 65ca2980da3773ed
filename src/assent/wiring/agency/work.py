"""One round of an agency's work: what is due is done, what is public is written.

folder + now -> Worked; public/status.jwt, public/permits/ID.permit

The status list is written even if the log or its witnesses cannot be reached: what
suspends or revokes a permit does not wait for them.
"""

import os
from collections.abc import Callable, Mapping
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
    all_cards,
    give_out,
    status_list,
    work,
)
from assent.vocabulary import AssentError
from assent.wiring.agency.open import OpenAgency, open_agency

STATUS_FILE = "status.jwt"
PERMITS_FOLDER = "permits"
_STATUS_BYTES_MAX = 64_000_000
_MODE = 0o644  # it is public
_OVER = {state.value for state in FINAL}


@dataclass(frozen=True, kw_only=True)
class Served:
    """What was written for the public: whether a status list, and which permits."""

    status: bool
    permits: tuple[str, ...]


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
    """Write the status list and permits' files that are missing, changed or old.

    Half the time that permits let a list be old, it is signed again.
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
    written = []
    for card in list(all_cards(agency.office, "permit")):
        path = public / PERMITS_FOLDER / f"{card.case_id}.permit"
        if not _is_served_anew(card, path, time - half, is_changed=is_changed):
            continue
        step(card.case_id)
        data = give_out(agency.office, card.case_id, status, time)
        write_durably(path, data, _MODE)
        written.append(card.case_id)
    return Served(status=is_due, permits=tuple(written))


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

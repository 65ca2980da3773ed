"""`assent permit verify`, `show`, `assent lease verify`: offline, believing the root.

files + root + time -> the steps, what was shown and what was not; or the refusal
"""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.apps.cli.output.naming import naming
from assent.apps.cli.output.speaking import show, tell
from assent.apps.cli.permit.recipe import (
    STEPS,
    Shown,
    Walked,
    read,
    treaty_of_permit,
    walk,
)
from assent.apps.cli.permit.words import describe_permit
from assent.authorisation.permit import (
    VerifiedPermit,
    parse_bundle,
    parse_permit,
    verify_lease,
)
from assent.authorisation.permit.bundle import BUNDLE_BYTES_MAX
from assent.vocabulary import AssentError, Plain, format_instant, from_posix
from assent.vocabulary.envelope import ENVELOPE_BYTES_MAX, parse_envelope
from assent.wiring.log import now_s


def verify(shown: Shown, at: datetime | None, *, as_json: bool) -> None:
    """Verify a permit, step by step; the first that fails is named, and raised."""
    now = clock(at)
    walked = walk(read(shown), now)
    if as_json:
        sys.stdout.write(f"{json.dumps(_plain(walked, now), indent=1)}\n")
    else:
        _show_steps(walked)
    verified = walked.require()
    if not as_json:
        show("", f"VERIFIED, as of {format_instant(now)}:", *verified.words)
    if at is not None:
        tell("The time was given with --at: this says nothing of now.")


def show_contents(file: Path) -> None:
    """Show what a permit's file says, without believing any of it."""
    found = parse_bundle(read_bytes(file, BUNDLE_BYTES_MAX))
    permit = parse_permit(found.envelope.payload)
    show(
        "NOT VERIFIED. Anybody can write such a file; this is what it says:",
        *(f"  {line}" for line in describe_permit(permit)),
        f"signatures, not verified: {len(found.envelope.signatures)}",
        f"status list in the file: {'none' if found.status is None else 'one'}",
    )
    if found.foreign is not None:
        show("It carries another agency's root, for readers whose treaty knows it.")
    show("Verify it with `assent permit verify`.")


@dataclass(frozen=True, kw_only=True)
class LeaseShown:
    """A lease, its permit as it is shown, and where the jobs are to run."""

    lease: Path
    permit: Shown
    site: str


def verify_a_lease(given: LeaseShown, at: datetime | None, *, as_json: bool) -> None:
    """Verify a lease and the permit that it is of."""
    now = clock(at)
    shown = read(given.permit)
    with naming(given.permit.file):
        verified = walk(shown, now).require()
    with naming(given.lease):
        envelope = parse_envelope(read_bytes(given.lease, ENVELOPE_BYTES_MAX))
    treaty = treaty_of_permit(shown, now)
    lease = verify_lease(envelope, verified, treaty, now, given.site)
    if as_json:
        value = {
            "verified": True,
            "at": format_instant(now),
            "lease": lease.plain,
            "stale_after": format_instant(verified.stale_after),
        }
        sys.stdout.write(f"{json.dumps(value, indent=1)}\n")
        return
    show(
        f"VERIFIED, as of {format_instant(now)}: {lease.lease_id}",
        f"of {lease.permit_id}, which was verified too.",
        f"Jobs may start at {lease.site} until {format_instant(lease.expires)}.",
        f"The run may have used {lease.flop:,} FLOP there in all, from its start.",
        f"Verify the permit again after {format_instant(verified.stale_after)}.",
        "Not shown: what the run has used so far, here or at other sites.",
    )


def clock(at: datetime | None) -> datetime:
    """Return the time that was given, in UTC, or the time it is."""
    return from_posix(now_s()) if at is None else at.replace(tzinfo=UTC)


def _show_steps(walked: Walked) -> None:
    for step, words in STEPS.items():
        if step == walked.failed_step:
            show(f"({step}) {words}  NO")
            return
        show(f"({step}) {words}  ok")


def _plain(walked: Walked, now: datetime) -> dict[str, object]:
    failed, result = walked.failed_step, walked.result
    return {
        "verified": failed is None,
        "at": format_instant(now),
        "steps_passed": [s for s in STEPS if failed is None or s < failed],
        "failed_step": failed,
        "error": _error(result) if isinstance(result, AssentError) else None,
        "permit": None if isinstance(result, AssentError) else _shown(result),
    }


def _error(error: AssentError) -> dict[str, str]:
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "remedy": error.remedy,
    }


def _shown(verified: VerifiedPermit) -> dict[str, Plain]:
    return {
        **verified.permit.plain,
        "digest": verified.digest,
        "signers": list(verified.signers),
        "witnessed": format_instant(verified.witnessed),
        "witnesses": list(verified.witnesses),
        "entry_index": verified.entry_index,
        "trusted_treaty_version": verified.treaty_version,
        "is_recognised": verified.is_recognised,
        "status_time": format_instant(verified.status_time),
        "stale_after": format_instant(verified.stale_after),
    }

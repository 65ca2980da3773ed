"""A tiny run that is metered into a folder, and what its folder says afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import assent
from assent.adapters.packaged import packaged_accelerators
from assent.apps.meter import Meter
from assent.apps.meter.keeping.folder import READINGS
from assent.authorisation.permit import Permit
from assent.authorisation.terms import OversightPoint
from assent.compute import Recomputation, Training, read_config
from assent.supervision.metering import (
    BatchShape,
    ChainHead,
    ChainId,
    FlopPerBatch,
    VerifiedReadings,
    verify_readings,
)
from assent.testing.permits import make_caps, make_permit
from assent.testing.supervision.metering import METER
from assent.vocabulary.envelope import PublicKey, parse_envelope

CONFIG = {
    "model_type": "gpt2",
    "n_layer": 2,
    "n_embd": 64,
    "n_head": 4,
    "n_positions": 128,
    "vocab_size": 256,
}
ONCE = Training(recomputation=Recomputation.NONE)
BEGAN = datetime.fromisoformat("2026-06-01T12:00:00Z")
BATCH = (8, 32)


def permit_of(
    flop: int = 10**25, points: Sequence[int] = (), share_ppm: int = 0
) -> Permit:
    return make_permit(
        caps=make_caps(flop=flop),
        oversight_flop_share_ppm=share_ppm,
        oversight_points=tuple(
            OversightPoint(at_flop=point, evaluations=("cyber-offence",))
            for point in points
        ),
    )


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        """Begin."""
        self.now = BEGAN

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


def open_meter(folder: Path, permit: Permit | None = None, **options: Any) -> Meter:  # noqa: ANN401 - of `assent.meter`
    given = {"config": CONFIG, "training": ONCE, "now": Clock(), "job": "job-7"}
    return assent.meter(
        permit=permit or permit_of(), key=METER, folder=folder, **{**given, **options}
    )


def flop_of(rows: int, length: int) -> int:
    """Return the FLOP of a step of that shape."""
    return FlopPerBatch(read_config(CONFIG), ONCE)(BatchShape.of_rows(rows, length))


STEP = flop_of(*BATCH)


def chain_in(
    folder: Path, job: str = "job-7", meter: PublicKey = METER.key
) -> list[VerifiedReadings]:
    """Verify every batch in a folder, from the first."""
    chain = ChainId(
        run_id="example-large-2",
        permit_id="permit-2026-0001",
        job_id=job,
        meter=meter,
    )
    head: ChainHead | None = None
    found = []
    for line in (folder / READINGS).read_bytes().splitlines():
        verified = verify_readings(
            parse_envelope(line),
            chain,
            head,
            packaged_accelerators(),
            BEGAN + timedelta(days=36_500),  # the clocks of examples run on
        )
        head = verified.head
        found.append(verified)
    return found


def spent(folder: Path) -> int:
    return sum(batch.flop for batch in chain_in(folder))

"""Put a meter together: permit, key, model, folder, gate.

what a training script knows -> Meter
"""

import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assent.adapters.files import read_bytes, read_text
from assent.apps.meter.keeping import (
    GateSocket,
    GateTalk,
    Keeper,
    MeterFolder,
    Rhythm,
    Stopwatch,
    open_meter_key,
)
from assent.apps.meter.measure import Measure
from assent.apps.meter.meter import Meter
from assent.apps.meter.off import MeterOff
from assent.apps.meter.ranks import Ranks, find_ranks
from assent.compute import Architecture, Training, read_config
from assent.supervision.metering import (
    Allowance,
    BatchShape,
    ChainId,
    FlopPerBatch,
    GateLink,
    Stop,
)
from assent.vocabulary import FactsMissing, parse_json
from assent.vocabulary.envelope import Signer
from assent.wiring.clock import now as wall_clock

if TYPE_CHECKING:
    from assent.authorisation.permit import Lease, Permit, VerifiedPermit

SWITCH = "ASSENT_METER"
_BUNDLE_BYTES_MAX = 16_000_000  # as docs/spec/permit.md


def meter(  # noqa: PLR0913 - what a training script may say, by name
    *,
    permit: "Permit | VerifiedPermit | str | Path",
    key: Signer | str | Path,
    folder: str | Path,
    job: str,
    architecture: Architecture | None = None,
    config: object = None,
    training: Training | None = None,
    chips: Mapping[str, int] | None = None,
    lease: "Lease | None" = None,
    flop_max: int | None = None,
    oversight_passed_flop: int = 0,
    largest: tuple[int, int] | None = None,
    flop_per_batch: Callable[[Any], int] | None = None,
    gate: GateLink | str | Path | None = None,
    on_stop: Callable[[Stop], None] | None = None,
    raises: bool = False,
    rhythm: Rhythm | None = None,
    ranks: Ranks | None = None,
    now: Callable[[], datetime] = wall_clock,
) -> Meter:
    """Return a meter for one job of a run; use it as a context manager.

    Args:
        permit: the run's permit, or the file of it. It is not verified here: the gate
            at the site does that, and believes no meter.
        key: that signs, or the file of its seed, which is made if there is none.
        folder: of this job, for the readings; keep it on a disk that outlasts the job.
        job: the job's identifier, as the gate knows it.
        architecture: of the model; or
        config: its `config.json`, as a path, a mapping or a transformers configuration.
        training: what is trained and what is computed again; by default everything is
            trained and full recomputation is counted, which is the upper end.
        chips: how many of each accelerator the whole job holds.
        lease: of the site; without it the permit's last day ends the run.
        flop_max: the total of the run that this job may reach; by default the permit's.
        oversight_passed_flop: up to which count oversight points are passed.
        largest: rows and length of the largest step there can be, over all ranks.
        flop_per_batch: FLOP of a batch of this rank, instead of our count.
        gate: a link, or the path of a gate's Unix socket.
        on_stop: called once when a step is refused, before `step` returns.
        raises: raise what goes wrong into the loop.
        rhythm: how often readings are made and signed.
        ranks: the processes of the run; by default those of `torch.distributed`.
        now: the clock.

    Raises:
        FactsMissing: if there is neither an architecture nor a configuration.
        AssentError: of another kind, if permit, key, model or folder cannot be used.

    """
    if os.environ.get(SWITCH, "").lower() in {"off", "0", "false"}:
        return MeterOff.make()
    paper = _permit(permit)
    model = _architecture(architecture, config)
    count = FlopPerBatch(model, training or Training())
    found = find_ranks() if ranks is None else ranks
    keeper = None
    if found.is_first:
        signer = open_meter_key(Path(key)) if isinstance(key, str | Path) else key
        chain = ChainId(
            run_id=paper.run_id,
            permit_id=paper.permit_id,
            job_id=job,
            meter=signer.key,
        )
        keeper = Keeper(
            folder=MeterFolder.open(Path(folder), chain),
            signer=signer,
            chips=dict(chips or {}),
            watch=Stopwatch(now, time.monotonic_ns),
            rhythm=rhythm or Rhythm(),
            gate=None if gate is None else GateTalk(_link(gate)),
        )
        keeper.start()
    return Meter(
        run_id=paper.run_id,
        allowance=_allowance(paper, lease, flop_max, oversight_passed_flop),
        measure=Measure(count, model.streams, flop_per_batch),
        ranks=found,
        now=now,
        keeper=keeper,
        weights=model.weights_total,
        flop_step_max=0 if largest is None else count(BatchShape.of_rows(*largest)),
        on_stop=on_stop,
        raises=raises,
    )


def _permit(given: "Permit | VerifiedPermit | str | Path") -> "Permit":
    if not isinstance(given, str | Path):
        return given.permit if hasattr(given, "permit") else given
    # Reading a permit loads the libraries that verify one: only if it is a file.
    from assent.authorisation.permit import parse_bundle, parse_permit

    bundle = parse_bundle(read_bytes(Path(given), _BUNDLE_BYTES_MAX))
    return parse_permit(bundle.envelope.payload)


def _architecture(given: Architecture | None, config: Any) -> Architecture:  # noqa: ANN401 - of any library
    if given is not None:
        return given
    if isinstance(config, str | Path):
        config = parse_json(read_text(Path(config))).value
    if hasattr(config, "to_dict"):
        config = config.to_dict()
    if config is None:
        raise FactsMissing(
            "The meter does not know the model.",
            remedy="Give architecture=…, or config=… with the model's config.json.",
        )
    return read_config(config)


def _allowance(
    permit: "Permit", lease: "Lease | None", flop_max: int | None, passed_flop: int
) -> Allowance:
    caps = permit.caps
    point = next(
        (one for one in permit.oversight_points if one.at_flop > passed_flop), None
    )
    return Allowance(
        flop_max=caps.flop if flop_max is None else min(caps.flop, flop_max),
        oversight_flop=None if point is None else point.at_flop,
        evaluations=() if point is None else point.evaluations,
        expires=caps.not_after if lease is None else min(lease.expires, caps.not_after),
        weights_max=caps.weights,
    )


def _link(gate: GateLink | str | Path) -> GateLink:
    return GateSocket(Path(gate)) if isinstance(gate, str | Path) else gate

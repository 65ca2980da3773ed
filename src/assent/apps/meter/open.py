"""Put a meter together: permit, key, model, folder, gate.

what a training script knows -> Meter
"""

import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from assent.adapters.files import read_bytes, read_text
from assent.apps.meter.keeping import (
    GateSocket,
    GateTalk,
    Keeper,
    MeterFolder,
    Rhythm,
    Stopwatch,
    open_machine_key,
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
GATE_WAIT_S = 5.0
_OFF = frozenset({"off", "0", "false"})
_BUNDLE_BYTES_MAX = 16_000_000  # as docs/spec/permit.md


class Options(TypedDict, total=False):
    """What a training script may say besides, by name.

    Attributes:
        architecture: of the model; or
        config: its `config.json`, as a path, a mapping or a transformers configuration.
        training: what is trained and what is computed again; by default everything is
            trained and full recomputation is counted, which is the upper end.
        chips: how many of each accelerator the whole job holds.
        lease: of the site; without it the permit's last day ends the run.
        flop_max: the total of the run that this job may reach; by default the permit's,
            less what it keeps for overseers.
        oversight_passed_flop: up to which count oversight points are passed.
        oversight_passed_date: up to which date they are.
        oversight_passed_loss: down to which loss they are.
        largest: rows and length of the largest step there can be, over all ranks.
        flop_per_batch: FLOP of a batch of this rank, instead of our count.
        gate: a link, or the path of a gate's Unix socket.
        gate_wait_s: how long to wait for the gate's first word, which says what is
            unlocked since the permit was written; 5 seconds by default.
        on_stop: called once when a step is refused, before `step` returns.
        raises: raise what goes wrong into the loop.
        rhythm: how often readings are made and signed.
        ranks: the processes of the run; by default those of `torch.distributed`.
        now: the clock.

    """

    architecture: Architecture
    config: object
    training: Training
    chips: Mapping[str, int]
    lease: "Lease"
    flop_max: int
    oversight_passed_flop: int
    oversight_passed_date: datetime
    oversight_passed_loss: float
    largest: tuple[int, int]
    flop_per_batch: Callable[[Any], int]
    gate: GateLink | str | Path
    gate_wait_s: float
    on_stop: Callable[[Stop], None]
    raises: bool
    rhythm: Rhythm
    ranks: Ranks
    now: Callable[[], datetime]


def meter(
    *,
    permit: "Permit | VerifiedPermit | str | Path",
    key: Signer | str | Path,
    folder: str | Path,
    job: str,
    **options: Unpack[Options],
) -> Meter:
    """Return a meter for one job of a run; use it as a context manager.

    Args:
        permit: the run's permit, or the file of it. It is not verified here: the gate
            at the site does that, and believes no meter.
        key: that signs, or the file of its seed, which is made if there is none.
        folder: of this job, for the readings; keep it on a disk that outlasts the job.
        job: the job's identifier, as the gate knows it.
        options: see `Options`; `architecture` or `config` is needed.

    Raises:
        FactsMissing: if there is neither an architecture nor a configuration.
        AssentError: of another kind, if permit, key, model or folder cannot be used.

    """
    if os.environ.get(SWITCH, "").lower() in _OFF:
        return MeterOff.make()
    paper = _permit(permit)
    model = _architecture(options.get("architecture"), options.get("config"))
    count = FlopPerBatch(model, options.get("training") or Training())
    ranks = options.get("ranks") or find_ranks()
    keeper = None
    if ranks.is_first:
        signer = (
            open_machine_key(Path(key), "meter") if isinstance(key, str | Path) else key
        )
        keeper = _started(_keeper(paper, signer, Path(folder), job, options), options)
    largest = options.get("largest")
    return Meter(
        run_id=paper.run_id,
        allowance=_allowance(paper, options),
        measure=Measure(count, model.streams, options.get("flop_per_batch")),
        ranks=ranks,
        now=options.get("now", wall_clock),
        keeper=keeper,
        weights=model.weights_total,
        flop_step_max=0 if largest is None else count(BatchShape.of_rows(*largest)),
        on_stop=options.get("on_stop"),
        raises=options.get("raises", False),
    )


def _started(keeper: Keeper, options: Options) -> Keeper:
    keeper.start()
    if keeper.gate is not None:
        keeper.gate.wait_for_word(options.get("gate_wait_s", GATE_WAIT_S))
    return keeper


def _keeper(
    permit: "Permit", signer: Signer, folder: Path, job: str, options: Options
) -> Keeper:
    chain = ChainId(
        run_id=permit.run_id, permit_id=permit.permit_id, job_id=job, meter=signer.key
    )
    gate = options.get("gate")
    link = GateSocket(Path(gate)) if isinstance(gate, str | Path) else gate
    return Keeper(
        folder=MeterFolder.open(folder, chain),
        signer=signer,
        chips=dict(options.get("chips", {})),
        watch=Stopwatch(options.get("now", wall_clock), time.monotonic_ns),
        rhythm=options.get("rhythm", Rhythm()),
        gate=None if link is None else GateTalk(link),
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


def _allowance(permit: "Permit", options: Options) -> Allowance:
    caps, lease = permit.caps, options.get("lease")
    most = permit.flop_training
    passed_flop = options.get("oversight_passed_flop", 0)
    passed_date = options.get("oversight_passed_date", caps.not_before)
    passed_loss = options.get("oversight_passed_loss", float("inf"))
    point = next(
        (one for one in permit.oversight_points if one.at_flop > passed_flop), None
    )
    date = next((one for one in permit.oversight_dates if one.at > passed_date), None)
    loss = next(
        (one for one in permit.oversight_losses if one.at_loss < passed_loss), None
    )
    ahead = [one for one in (point, date, loss) if one is not None]
    return Allowance(
        flop_max=min(most, options.get("flop_max", most)),
        oversight_flop=None if point is None else point.at_flop,
        oversight_at=None if date is None else date.at,
        oversight_loss=None if loss is None else loss.at_loss,
        evaluations=tuple(dict.fromkeys(e for one in ahead for e in one.evaluations)),
        expires=None if lease is None else lease.expires,
        permit_ends=caps.not_after,
        weights_max=caps.weights,
    )

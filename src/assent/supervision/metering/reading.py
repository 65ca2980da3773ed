"""A reading: what a run used in a stretch of steps, chained to the reading before.

Reading <-> plain values, of which a batch is made and signed

    {"carried":null,"flop":"412316860416000","flop_charged":"0","flop_total":"824633720832000","format":"assent-meter-reading/1","hardware":{"chips":{"H100 SXM":8},"wall_ms":10000},"job_id":"job-7","meter":"d75a…","padding_tokens":512,"permit_id":"permit-2026-0001","previous":"sha256:…","run_id":"example-large-2","sequence":2,"step_first":11,"step_last":20,"time_from":"2026-06-01T12:00:10Z","time_to":"2026-06-01T12:00:20Z","training_tokens":80384}

FLOP are decimal strings, for 64 bits do not hold them. What a run has spent is the sum
of `flop` over all the readings of all its meters, and never a difference of totals: a
run that goes back to an older checkpoint does the same steps again and spends again.
"""  # noqa: E501 - the literal is the format

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from assent.authorisation.terms import format_loss
from assent.vocabulary import Plain, digest, format_instant
from assent.vocabulary.envelope import PublicKey

FORMAT = "assent-meter-reading/1"
START = f"sha256:{'0' * 64}"  # what the first reading of a chain has as its previous


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainId:
    """Whose readings: one meter in one job of one run under one permit."""

    run_id: str
    permit_id: str
    job_id: str
    meter: PublicKey

    @property
    def plain(self) -> dict[str, Plain]:
        """The same as plain values."""
        return {
            "run_id": self.run_id,
            "permit_id": self.permit_id,
            "job_id": self.job_id,
            "meter": self.meter.text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What the checkpoint held that this stretch was resumed from.

    Attributes:
        digest: of the last reading before the checkpoint was saved.
        flop_total: that reading's.

    """

    digest: str
    flop_total: int

    @property
    def plain(self) -> dict[str, Plain]:
        """The same as plain values."""
        return {"digest": self.digest, "flop_total": str(self.flop_total)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """On how many chips of each kind, and for how long by a clock that only goes on.

    Attributes:
        chips: how many, by accelerator; empty if the job names none, as on a CPU.
        wall_ms: milliseconds, rounded up.

    """

    chips: Mapping[str, int]
    wall_ms: int

    def __post_init__(self) -> None:
        """Keep a copy of the mapping that nobody can change."""
        object.__setattr__(self, "chips", MappingProxyType(dict(self.chips)))

    @property
    def plain(self) -> dict[str, Plain]:
        """The same as plain values."""
        return {"chips": dict(self.chips), "wall_ms": self.wall_ms}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one meter counted in one stretch of steps, unsigned.

    Attributes:
        chain: whose it is.
        sequence: its number in the chain, from 1.
        previous: the digest of the reading before; `START` for the first.
        step_first: the first optimizer step that began in the stretch, from 1, and the
            last. If none began, in a long step, `step_last` = `step_first` − 1.
        step_last: see `step_first`.
        flop: FLOP of the stretch.
        flop_charged: how many of them nobody counted: a meter that was killed charges
            all that it had reserved.
        flop_total: FLOP of the run, as far as this chain knows: the larger of the
            total before and of what the checkpoint carried, and `flop`.
        training_tokens: tokens of the stretch without padding.
        padding_tokens: the padding beside them; it costs FLOP and trains nothing.
        time_from: when the stretch began and ended, UTC, parts of a second dropped.
        time_to: see `time_from`.
        hardware: on which chips.
        carried: what it was resumed from; None if it goes on where the reading before
            ended.
        loss: the lowest that the loop reported in the stretch; None if it reported
            none. It is the developer's word.

    """

    chain: ChainId
    sequence: int
    previous: str
    step_first: int
    step_last: int
    flop: int
    flop_charged: int = 0
    flop_total: int
    training_tokens: int
    padding_tokens: int = 0
    time_from: datetime
    time_to: datetime
    hardware: Hardware
    carried: Carried | None = None
    loss: Decimal | None = None

    @property
    def plain(self) -> dict[str, Plain]:
        """The reading as plain values."""
        return {
            "format": FORMAT,
            **self.chain.plain,
            "sequence": self.sequence,
            "previous": self.previous,
            "step_first": self.step_first,
            "step_last": self.step_last,
            "flop": str(self.flop),
            "flop_charged": str(self.flop_charged),
            "flop_total": str(self.flop_total),
            "training_tokens": self.training_tokens,
            "padding_tokens": self.padding_tokens,
            "time_from": format_instant(self.time_from),
            "time_to": format_instant(self.time_to),
            "hardware": self.hardware.plain,
            "carried": None if self.carried is None else self.carried.plain,
            **({} if self.loss is None else {"loss": format_loss(self.loss)}),
        }

    @property
    def digest(self) -> str:
        """The digest of its canonical bytes, which the next reading names."""
        return digest(self.plain)

    def head_with(self, made: str) -> "ChainHead":
        """Return the chain as it stands after this reading, whose digest is `made`."""
        return ChainHead(
            chain=self.chain,
            sequence=self.sequence,
            digest=made,
            flop_total=self.flop_total,
            step_last=self.step_last,
            time_to=self.time_to,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """Where a chain stands: all that is needed to take in what comes next."""

    chain: ChainId
    sequence: int
    digest: str
    flop_total: int
    step_last: int
    time_to: datetime

    @property
    def plain(self) -> dict[str, Plain]:
        """The head as plain values."""
        return {
            "chain": self.chain.plain,
            "sequence": self.sequence,
            "digest": self.digest,
            "flop_total": str(self.flop_total),
            "step_last": self.step_last,
            "time_to": format_instant(self.time_to),
        }

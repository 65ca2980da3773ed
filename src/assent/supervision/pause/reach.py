"""How far an order has reached: which gates acknowledged it, when, and who is missing.

order + known gates + signed acknowledgements -> Reach

An acknowledgement is the gate's word. That chips went quiet is for power meters and
telemetry to show.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from assent.supervision.pause.ack import VerifiedAck, verify_ack
from assent.supervision.pause.errors import AckReplayed, AckUnsigned
from assent.supervision.pause.order import PauseOrder
from assent.supervision.pause.ports import ReachStore
from assent.supervision.pause.roll import roll_lines
from assent.vocabulary import AssentError, SignatureInvalid, format_instant
from assent.vocabulary.envelope import Envelope, PublicKey, parse_envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far one order has reached.

    Attributes:
        order: the order.
        gates: the keys of all gates that the agency knows, by name.
        acks: the newest acknowledgement of each gate that sent one, by its name, with
            the instant at which the first one arrived.
        false_oaths: of relays that swore to what a gate did not sign, how often.

    """

    order: PauseOrder
    gates: Mapping[str, PublicKey]
    acks: Mapping[str, VerifiedAck] = field(default_factory=dict)
    false_oaths: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep copies that nobody can change."""
        object.__setattr__(self, "gates", MappingProxyType(dict(self.gates)))
        object.__setattr__(self, "acks", MappingProxyType(dict(self.acks)))
        false = MappingProxyType(dict(self.false_oaths))
        object.__setattr__(self, "false_oaths", false)

    def taking(self, envelope: Envelope, arrived: datetime) -> "Reach":
        """Return the reach with one more acknowledgement.

        Raises:
            AckMalformed, AckOfUnknownGate, AckUnsigned, SignatureInvalid,
            AckOfAnotherOrder, AckOutOfTime: see `verify_ack`.
            AckReplayed: if it came before, or a later one of the same gate did.

        """
        verified = verify_ack(envelope, self.gates, self.order, arrived)
        return self.counting(verified)

    def counting(self, verified: VerifiedAck) -> "Reach":
        """Return the reach with one more acknowledgement that was verified.

        Raises:
            AckReplayed: if it came before, or a later one of the same gate did.

        """
        name = verified.ack.gate
        before = self.acks.get(name)
        if before is not None:
            if verified.ack.reported <= before.ack.reported:
                raise AckReplayed(
                    f"{name} acknowledged order {self.order.number} as of"
                    f" {format_instant(before.ack.reported)} already.",
                    remedy="Send what is newer, if there is anything.",
                )
            verified = replace(verified, arrived=before.arrived)
        return replace(self, acks={**self.acks, name: verified})

    @property
    def share(self) -> float:
        """The share of known gates that acknowledged; 0 if none is known."""
        return len(self.acks) / len(self.gates) if self.gates else 0.0

    @property
    def missing(self) -> tuple[str, ...]:
        """The gates that did not acknowledge, by name."""
        return tuple(sorted(self.gates.keys() - self.acks.keys()))

    @property
    def running(self) -> int:
        """How many jobs still run, or save a checkpoint, by the gates' word."""
        return sum(
            one.ack.running + one.ack.checkpointing for one in self.acks.values()
        )

    @property
    def stopped(self) -> int:
        """How many jobs that ran when the order came have ended, by the gates' word."""
        return sum(one.ack.stopped for one in self.acks.values())

    def shares(self, since: datetime, times_s: tuple[float, ...]) -> tuple[float, ...]:
        """Return the shares of known gates that had acknowledged at some times.

        Args:
            since: the instant that times are counted from, in seconds.
            times_s: ascending or not.

        """
        arrived = sorted(
            (one.arrived - since).total_seconds() for one in self.acks.values()
        )
        total = len(self.gates)
        return tuple(
            bisect_right(arrived, time_s) / total if total else 0.0
            for time_s in times_s
        )

    def time_to(self, since: datetime, share_ppm: int) -> float | None:
        """Return after how many seconds a share had acknowledged; None if never yet.

        Args:
            since: the instant that time is counted from.
            share_ppm: the share of known gates, in millionths.

        """
        needed = -(-len(self.gates) * share_ppm // 1_000_000)
        arrived = sorted(one.arrived for one in self.acks.values())
        if not self.gates or needed > len(arrived):
            return None
        return (arrived[max(needed, 1) - 1] - since).total_seconds()


def reach_of(
    order: PauseOrder, gates: Mapping[str, PublicKey], acks: Iterable[VerifiedAck]
) -> Reach:
    """Return how far an order has reached, by acknowledgements that were verified.

    Of each gate the newest counts, and the instant at which its first one arrived.
    """
    newest: dict[str, VerifiedAck] = {}
    for one in acks:
        before = newest.setdefault(one.ack.gate, one)
        arrived = min(before.arrived, one.arrived)
        later = max(before, one, key=lambda found: found.ack.reported)
        newest[one.ack.gate] = replace(later, arrived=arrived)
    known = {name: one for name, one in newest.items() if name in gates}
    return Reach(order=order, gates=gates, acks=known)


def read_reach(store: ReachStore, order: PauseOrder) -> Reach:
    """Return how far an order has reached by what is kept, all of it verified again.

    What relays swore to counts by the gates' own signatures, like all else; a gate's
    word by a key that is no longer its own does not count.

    Raises:
        StoreUnavailable: if what is kept cannot be read.

    """
    gates = {gate.name: gate.key for gate in store.gates()}
    digest = order.digest
    acks = []
    false_oaths: Counter[str] = Counter()
    for envelope, arrived in store.acks(order.number):
        with suppress(AssentError):
            acks.append(verify_ack(envelope, gates, order, arrived, digest))
    for relay, data, arrived in store.rolls(order.number):
        for line in roll_lines(data):
            try:
                envelope = parse_envelope(line)
                acks.append(verify_ack(envelope, gates, order, arrived, digest))
            except (AckUnsigned, SignatureInvalid):
                false_oaths[relay] += 1
            except AssentError:
                continue  # such as of a gate that nobody registered
    return replace(reach_of(order, gates, acks), false_oaths=false_oaths)

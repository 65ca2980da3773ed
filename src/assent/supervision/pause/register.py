"""What is paused: every order that was received, whatever way and order it came in.

Paused + signed order (+ proof) + treaty + now -> Paused, and what was made of it
Paused + RunFacts + now -> the orders in force that stop the run

A pause order stops runs as soon as its signatures are verified, even if orders before
it are still missing: what protects people does not wait. A resume order ends the one
pause order that it names, and only when the public log is shown to hold it and every
order before it is known, so that no pause is overlooked. What is held is a set, and
everything else follows from it: orders that come twice, late or shuffled among
forgeries lead to the same state.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from assent.authorisation.treaty import Treaty
from assent.supervision.pause.errors import OrderOutOfTurn, ResumeOfNothing
from assent.supervision.pause.order import FIRST, PauseOrder, parse_order
from assent.supervision.pause.scope import RunFacts
from assent.supervision.pause.verify import VerifiedOrder, verify_order
from assent.vocabulary import AssentError
from assent.vocabulary.envelope import Envelope

MISSING_SHOWN_MAX = 1_000  # a forged number could name any gap; a genuine one will not


class Outcome(StrEnum):
    """What was made of an order that came."""

    ACCEPTED = "accepted"
    AHEAD = "accepted ahead of orders that are missing"
    PROVED = "now proved to be in the public log"
    REPLAYED = "known already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What came and what was made of it; `error` is why it, or its proof, was refused.

    `order` is None if it is no order that could be read.
    """

    outcome: Outcome
    order: PauseOrder | None = None
    digest: str = ""
    error: AssentError | None = None

    @property
    def is_news(self) -> bool:
        """Tell whether it changed what is known, and so is to be kept."""
        return self.outcome in {Outcome.ACCEPTED, Outcome.AHEAD, Outcome.PROVED}


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """An order that was verified; `is_logged` once a proof came.

    `envelope` and `proof` are what proves it to others; they differ with what came
    first, and decide nothing.
    """

    order: PauseOrder
    is_logged: bool
    envelope: Envelope = field(compare=False)
    proof: bytes | None = field(compare=False, default=None)


@dataclass(frozen=True, slots=True)
class Paused:
    """Every order that is known, by its digest."""

    known: Mapping[str, KnownOrder] = field(default_factory=dict)
    _connected: frozenset[str] = field(init=False, repr=False, compare=False)
    _ends: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep a copy that nobody can change, and what follows from it."""
        object.__setattr__(self, "known", MappingProxyType(dict(self.known)))
        object.__setattr__(self, "_connected", frozenset(self._find_connected()))
        object.__setattr__(self, "_ends", MappingProxyType(dict(self._find_ends())))

    def receive(
        self,
        envelope: Envelope,
        treaty: Treaty,
        now: datetime,
        proof: bytes | None = None,
    ) -> "tuple[Paused, Reception]":
        """Return what is known after an order came, and what was made of it.

        An order that is refused changes nothing. A pause order whose proof is none is
        taken without it: whoever spoils a proof must not undo a pause.
        """
        spoilt: AssentError | None = None
        try:
            try:
                verified = verify_order(envelope, treaty, now, proof)
            except AssentError as error:
                if proof is None:
                    raise
                verified, spoilt = verify_order(envelope, treaty, now), error
        except AssentError as error:
            return self, Reception(
                outcome=Outcome.REFUSED, order=_readable(envelope), error=error
            )
        after, outcome = self._with(verified, envelope, proof if not spoilt else None)
        return after, Reception(
            outcome=outcome, order=verified.order, digest=verified.digest, error=spoilt
        )

    def _with(
        self, verified: VerifiedOrder, envelope: Envelope, proof: bytes | None
    ) -> "tuple[Paused, Outcome]":
        digest, is_logged = verified.digest, verified.logged is not None
        before = self.known.get(digest)
        if before is not None:
            if before.is_logged or not is_logged:
                return self, Outcome.REPLAYED
            known = replace(before, is_logged=True, envelope=envelope, proof=proof)
            return Paused({**self.known, digest: known}), Outcome.PROVED
        known = KnownOrder(verified.order, is_logged, envelope, proof)
        after = Paused({**self.known, digest: known})
        is_next = digest in after._connected
        return after, Outcome.ACCEPTED if is_next else Outcome.AHEAD

    def holds(self, facts: RunFacts, now: datetime) -> tuple[PauseOrder, ...]:
        """Return the orders in force at an instant that stop a run, by number."""
        return tuple(order for order in self.in_force(now) if order.scope.covers(facts))

    def in_force(self, now: datetime) -> tuple[PauseOrder, ...]:
        """Return all orders to stop in force at an instant, by number."""
        ended = {self._ends[digest] for digest in self._resumes(now)}
        found = [
            known.order
            for digest, known in self.known.items()
            if not known.order.is_resume
            and digest not in ended
            and known.order.effective <= now
            and (known.order.lapses is None or now < known.order.lapses)
        ]
        return tuple(sorted(found, key=lambda order: (order.number, order.digest)))

    @property
    def newest(self) -> int:
        """The largest number up to which every order is known; 0 if not even the first.

        If two orders bear one number, both lines count.
        """
        connected = (self.known[digest].order.number for digest in self._connected)
        return max(connected, default=0)

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers below the largest that are not known; the first of them."""
        numbers = {known.order.number for known in self.known.values()}
        return tuple(
            number
            for number, _ in zip(
                (n for n in range(1, max(numbers, default=0)) if n not in numbers),
                range(MISSING_SHOWN_MAX),
                strict=False,
            )
        )

    @property
    def forks(self) -> tuple[int, ...]:
        """The numbers that two different orders bear: evidence against the agency."""
        numbers = [known.order.number for known in self.known.values()]
        return tuple(sorted({n for n in numbers if numbers.count(n) > 1}))

    def waiting(self, now: datetime) -> tuple[PauseOrder, ...]:
        """Return the resume orders that are known and have no effect yet, by number."""
        effective = set(self._resumes(now))
        found = [
            known.order
            for digest, known in self.known.items()
            if known.order.is_resume and digest not in effective
        ]
        return tuple(sorted(found, key=lambda order: (order.number, order.digest)))

    def _resumes(self, now: datetime) -> Iterator[str]:
        """Yield the digests of resume orders that have effect."""
        for digest in self._ends:
            known = self.known[digest]
            if known.is_logged and known.order.effective <= now:
                yield digest

    def _find_connected(self) -> Iterator[str]:
        """Yield the digests of orders before which none is missing."""
        found = {FIRST: 0}
        ordered = sorted(self.known.items(), key=lambda item: item[1].order.number)
        for digest, known in ordered:
            number, previous = known.order.number, known.order.previous
            if found.get(previous) == number - 1:
                found[digest] = number
                yield digest

    def _find_ends(self) -> Iterator[tuple[str, str]]:
        """Yield what each resume order ends, if none before it is missing: digests."""
        for digest in self._connected:
            resume = self.known[digest].order
            if resume.ends is None:
                continue
            earlier = digest
            for _ in range(resume.number - resume.ends):
                earlier = self.known[earlier].order.previous
            if ends(resume, self.known[earlier].order):
                yield digest, earlier


def ends(resume: PauseOrder, earlier: PauseOrder) -> bool:
    """Tell whether a resume order can end this earlier one: a pause of its scope."""
    return earlier.is_pause and earlier.scope == resume.scope


def check_next(order: PauseOrder, issued: Iterable[PauseOrder]) -> None:
    """Check that an order is the next one of its agency.

    Args:
        order: the new one.
        issued: all before it, in order.

    Raises:
        OrderOutOfTurn: if its number, or what it names as the one before, is another.
        ResumeOfNothing: if it is to end what is no pause order of its scope.

    """
    before = tuple(issued)
    previous = before[-1].digest if before else FIRST
    if order.number != len(before) + 1 or order.previous != previous:
        raise OrderOutOfTurn(
            f"{order.order_id} follows on {order.previous}; the next is number"
            f" {len(before) + 1}, after {previous}.",
            remedy="Another order was issued meanwhile: draw it up again.",
        )
    if order.ends is None:
        return
    named = before[order.ends - 1]
    if not ends(order, named):
        raise ResumeOfNothing(
            f"{order.order_id} is to end order {order.ends}, which is to"
            f" {named.action} {named.scope.words:.200}.",
            remedy="Name a pause order, and its scope word for word.",
        )
    if any(one.ends == order.ends for one in before):
        raise ResumeOfNothing(
            f"Order {order.ends} was ended by another resume order already.",
            remedy="See `assent pause show`.",
        )


def _readable(envelope: Envelope) -> PauseOrder | None:
    try:
        return parse_order(envelope.payload)
    except AssentError:
        return None

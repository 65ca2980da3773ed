"""How many decisions a second does an agency take, from the application to the permit?

complete applications + votes of three of five states -> permits, on real stores

Each application is submitted, reviewed, put to the vote, decided, logged, published
under cosigned tree heads, proved, and its permit handed out. Between any two steps all
is on the disk.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from bench.office_on_disk import OfficeOnDisk, office_on_disk
from bench.own_postgresql import MissingServer, own_postgresql, server_version
from bench.scratch import scratch
from bench.table import WORSE, Table

from assent.authorisation.review import ballot_of
from assent.authorisation.review.deciding import Choice, Proposal, cast_vote
from assent.authorisation.secretariat import announce, give_out_all, record_votes
from assent.testing.states import SeededSigner
from assent.vocabulary import ComponentMissing

A_ROUND = 64  # decisions, which one publication carries when they are batched
ROUNDS = 3
TARGET = 50.0
APPLY, REVIEW, PROPOSE = "apply", "review", "propose"
SIGN, VOTE, LOG, HAND_OUT = "members sign", "votes", "log", "hand out"
STEPS = (APPLY, REVIEW, PROPOSE, SIGN, VOTE, LOG, HAND_OUT)
DECIDING = (SIGN, VOTE, LOG, HAND_OUT)
_NOTES = (
    """\
Each cell but the first is milliseconds a decision. “Apply” drafts and submits an
application and begins its review, “review” records the officers' findings and
judgement, “propose” weighs the case and puts the permit to the vote, “members sign” is
what three members do with their own keys (not the agency's work, and counted), “votes”
records and verifies three votes and, with the last, the decision; “log” appends,
publishes, proves and records, under two cosignatures; “hand out” makes the permit's
file and records it. One thread does it all, with six documents a decision, besides the
log's; each transaction is flushed before the next begins.""",
    """\
“Single” takes each decision by itself, in twelve transactions. “Batched” takes seven
for each application until it is put to the vote, and then five for {batch:,} decisions
together, at most 256: each member sends its votes in one parcel, one publication
carries all decisions, and the permits are handed out together. No peer is known to us
that does as much. Witnesses are in the process; over a network every publication waits
for two of them.""",
)
_SERVER = "{} is set up as `initdb` leaves it, on a Unix socket of this machine."


@dataclass
class Taken:
    """Seconds that each step took, of so many decisions."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))
    decisions: int = 0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the time of a step."""
        start = perf_counter()
        yield
        self.seconds[name] += perf_counter() - start

    def _rate(self, steps: tuple[str, ...]) -> str:
        rate = self.decisions / sum(self.seconds[name] for name in steps)
        return f"{rate:,.1f} /s{'' if rate >= TARGET else f' {WORSE}'}"

    def row(self, what: str) -> tuple[str, ...]:
        """Return decisions a second, and milliseconds a decision by step."""
        each = (1e3 * self.seconds[name] / self.decisions for name in STEPS)
        return (
            what,
            self._rate(STEPS),
            self._rate(DECIDING),
            *(f"{milliseconds:.1f}" for milliseconds in each),
        )


def decisions(a_round: int = A_ROUND) -> Table:
    """Decide one by one and in batches, on SQLite and on PostgreSQL."""
    rows: list[tuple[str, ...]] = []
    notes = [_NOTES[0], _NOTES[1].format(batch=a_round)]
    with scratch() as folder:
        for what, batch in (("single", 1), ("batched", a_round)):
            place = folder / what
            place.mkdir()
            rows.append(_decide(f"SQLite, {what}", place, place, a_round, batch))
        try:
            with own_postgresql() as create:
                for what, batch in (("single", 1), ("batched", a_round)):
                    place = folder / f"{what}-postgresql"
                    url = create(what)
                    rows.append(
                        _decide(f"PostgreSQL, {what}", url, place, a_round, batch)
                    )
                notes.append(_SERVER.format(server_version()))
        except (MissingServer, ComponentMissing) as error:
            notes.append(f"PostgreSQL was not measured here: {error}.")
    return Table(
        title=f"Decisions from application to permit; target {TARGET:.0f} /s",
        columns=("what", "from the application", "from the vote", *STEPS),
        rows=rows,
        notes=notes,
    )


def _decide(
    what: str, place: str | Path, folder: Path, a_round: int, batch: int
) -> tuple[str, ...]:
    with office_on_disk(place, folder) as played:
        _some(played, batch, Taken())
        taken = Taken()
        for _ in range(ROUNDS * a_round // batch):
            _some(played, batch, taken)
    return taken.row(what)


def _some(played: OfficeOnDisk, count: int, taken: Taken) -> None:
    """Take so many decisions, and publish them together."""
    cases = [_propose(played, taken) for _ in range(count)]
    for member in played.treaty.states[: played.treaty.needed]:
        _vote(played, cases, member, taken)
    with taken.step(LOG):
        announced = announce(played.office, played.now)
    if len(announced) != count:
        raise ValueError(f"{len(announced)} of {count} decisions were announced")
    status = played.status()  # drawn up every few hours, whatever is decided
    permits = [str(proposal.paper.payload["permit_id"]) for _, proposal in cases]
    with taken.step(HAND_OUT):
        give_out_all(played.office, permits, status, played.now)
    taken.decisions += count


def _propose(played: OfficeOnDisk, taken: Taken) -> tuple[str, Proposal]:
    """Take one application to the vote."""
    with taken.step(APPLY):
        case_id = played.apply()
    with taken.step(REVIEW):
        played.assess(case_id)
    with taken.step(PROPOSE):
        played.propose(case_id)
    return case_id, ballot_of(played.office.read(case_id)).open_proposal


def _vote(
    played: OfficeOnDisk,
    cases: Sequence[tuple[str, Proposal]],
    member: str,
    taken: Taken,
) -> None:
    """Have a member approve all of them, and send its votes together."""
    with taken.step(SIGN):
        votes = [
            cast_vote(
                proposal,
                member=member,
                choice=Choice.APPROVE,
                reason="as discussed",
                time=played.now,
                signer=SeededSigner(member),
            )
            for _, proposal in cases
        ]
    sent = [(case_id, vote) for (case_id, _), vote in zip(cases, votes, strict=True)]
    with taken.step(VOTE):
        record_votes(played.office, sent, member, played.now)

"""The site that a gate stands at: its chips, its owners, its rules.

settings -> Site;  Site + a day -> ExemptTerms
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from assent.compute.hardware import AcceleratorTable
from assent.rulebook import Rulebook
from assent.rulebook.changes import significant_threshold_flop
from assent.supervision.admission import EXEMPT, ExemptTerms, Owner, OwnerRegister
from assent.supervision.gate.errors import SiteInvalid
from assent.supervision.schedulers import KubernetesTerms, SlurmTerms
from assent.supervision.tally import Tally

GRACE_S_MAX = 24 * 3600  # to write a checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site.

    Attributes:
        name: as permits call it.
        party: the state on whose ground it stands.
        accelerators: what its chips can do.
        owners: whose accounts there are.
        rulebook: whose lowest FLOP threshold says who needs a permit.
        grace_s: how long a job has to write a checkpoint.
        silence_s: for how long the meter of a job may be silent.
        flop_elsewhere: what owners used without permits at other sites, by owner, as
            their providers reported it.
        slurm: how its Slurm calls things; None if it has none.
        kubernetes: the same of its Kubernetes.

    """

    name: str
    party: str
    accelerators: AcceleratorTable
    owners: OwnerRegister
    rulebook: Rulebook
    grace_s: int
    silence_s: int
    flop_elsewhere: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType({})
    )
    slurm: SlurmTerms | None = None
    kubernetes: KubernetesTerms | None = None

    def __post_init__(self) -> None:
        """Refuse times that are none."""
        if not all(0 <= s <= GRACE_S_MAX for s in (self.grace_s, self.silence_s)):
            raise SiteInvalid(
                f"A job cannot have {self.grace_s} s to write a checkpoint, nor its"
                f" meter {self.silence_s} s to be silent.",
                remedy=f"Give each 0 to {GRACE_S_MAX:,} seconds.",
            )

    def group_of(self, owner: Owner, on: date, tally: Tally | None) -> frozenset[str]:
        """Return all owners that belong together, by this register and by the tally."""
        group = self.owners.group_of(owner.owner_id, on)
        while True:
            told = tally.touching(group) if tally is not None else []
            named = group.union(*(one.owners for one in told))
            known = self.owners.owners.keys() & named
            more = named.union(*(self.owners.group_of(name, on) for name in known))
            if more == group:
                return group
            group = more

    def exempt_books(
        self, owner: Owner, on: date, tally: Tally | None = None
    ) -> list[str]:
        """Return the books of all owners that belong together on a day."""
        group = self.group_of(owner, on, tally)
        return [f"{EXEMPT}:{name}" for name in sorted(group)]

    def exempt_terms(
        self, owner: Owner, on: date, tally: Tally | None = None
    ) -> ExemptTerms:
        """Return below how much an owner's group needs no permit on a day.

        The lowest threshold of the rulebook decides, whatever its standing: a gate errs
        on the side of asking. Of what people wrote down and what the agency tells, the
        larger counts as used elsewhere.

        Args:
            owner: one of the group.
            on: the day.
            tally: what the agency told last; None if it told nothing.

        Raises:
            SiteInvalid: if the rulebook has none.

        """
        thresholds = significant_threshold_flop(self.rulebook, on)
        if not thresholds:
            raise SiteInvalid(
                f"The rulebook {self.rulebook.title!r:.80} has no FLOP threshold on"
                f" {on}, so nothing says who needs a permit.",
                remedy="Name a rulebook with a threshold in the gate's settings.",
            )
        lowest = thresholds[0]
        group = self.group_of(owner, on, tally)
        told = tally.touching(group) if tally is not None else []
        return ExemptTerms(
            flop_below=lowest.flop,
            rule=lowest.label,
            on=on,
            flop_elsewhere=max(
                sum(self.flop_elsewhere.get(name, 0) for name in group),
                sum(one.flop for one in told),
            ),
        )

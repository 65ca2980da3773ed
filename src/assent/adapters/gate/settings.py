"""The folder of a gate: its settings and its owners, as people write them.

folder <-> GateFolder

    gate.yaml       the site, its chips, its rules
    owners.yaml     whose accounts there are, and who owns whom
    root.json       the agency's root of trust, from a channel that is trusted already
    books.db        what is reserved and spent; only their owner can read them; unless
                    gate.yaml says that they are in the database of DATABASE_URL
    day-books/      the days that it closed, as it signed them
    orders.db       the pause orders that the gate knows
    gate.key        its own key, by which it acknowledges them; made when it is needed
    tally           what the agency told last of owners here: what they used elsewhere
    papers/         permits, leases, the newest status list, the states' metadata
    gate.sock       where schedulers ask
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field

from assent.adapters.files import make_folder, write_durably
from assent.adapters.gate.form import Count, Name, Part, read_form
from assent.adapters.gate.own_chip import own_chip
from assent.adapters.gate.owners import read_owners
from assent.adapters.gate.scheduler_settings import KubernetesPart, SlurmPart
from assent.compute.hardware import (
    AcceleratorTable,
)
from assent.rulebook import Rulebook
from assent.supervision.gate import Site
from assent.vocabulary import InputError, NotFound

SETTINGS, OWNERS = "gate.yaml", "owners.yaml"
IN_FOLDER, IN_DATABASE = "folder", "database"  # of `books`
_MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFolder:
    """Where a gate's parts are."""

    folder: Path

    @property
    def has_books_in_database(self) -> bool:
        """Whether its books are in the database that DATABASE_URL names.

        Raises:
            DocumentInvalid: if the settings cannot be read.

        """
        return read_form(self.folder / SETTINGS, _Settings).books == IN_DATABASE

    @property
    def root(self) -> Path:
        """The root of trust."""
        return self.folder / "root.json"

    @property
    def books(self) -> Path:
        """What is reserved and spent, unless it is in a database elsewhere."""
        return self.folder / "books.db"

    @property
    def papers(self) -> Path:
        """Permits, leases and the newest status list."""
        return self.folder / "papers"

    @property
    def orders(self) -> Path:
        """The pause orders that the gate knows."""
        return self.folder / "orders.db"

    @property
    def trust(self) -> Path:
        """The states' signed metadata, by which orders are judged."""
        return self.papers / "trust"

    @property
    def key(self) -> Path:
        """The gate's own key, by which it acknowledges orders."""
        return self.folder / "gate.key"

    @property
    def day_books(self) -> Path:
        """The days that it closed, as it signed them."""
        return self.folder / "day-books"

    @property
    def sent(self) -> Path:
        """The number of the last day book that the agency has, as it said."""
        return self.folder / "day-books.sent"

    @property
    def tally(self) -> Path:
        """What the agency told last of owners here."""
        return self.folder / "tally"

    @property
    def socket(self) -> Path:
        """Where schedulers ask."""
        return self.folder / "gate.sock"

    def site(
        self, rulebooks: Callable[[str], Rulebook], accelerators: AcceleratorTable
    ) -> Site:
        """Return the site, as the settings say.

        Args:
            rulebooks: what gives a rulebook by its name.
            accelerators: the table that the site's own chips are added to.

        Raises:
            DocumentInvalid: if a file does not say what it must.
            OwnersInvalid: if the register contradicts itself.
            NotFound: if a file or the rulebook is not there.

        """
        settings = read_form(self.folder / SETTINGS, _Settings)
        owners, flop_elsewhere = read_owners(self.folder / OWNERS)
        rows = [
            *accelerators.accelerators,
            *(
                own_chip(chip.id, chip.flop_per_s, chip.source)
                for chip in settings.chips
            ),
        ]
        return Site(
            name=settings.site,
            party=settings.party,
            accelerators=AcceleratorTable.of(rows) if settings.chips else accelerators,
            owners=owners,
            rulebook=rulebooks(settings.rulebook),
            grace_s=settings.grace_s,
            silence_s=settings.silence_s,
            flop_elsewhere=flop_elsewhere,
            slurm=None if settings.slurm is None else settings.slurm.terms,
            kubernetes=None
            if settings.kubernetes is None
            else settings.kubernetes.terms,
        )


def create_gate_folder(  # noqa: PLR0913 - what its operator chooses
    folder: Path,
    *,
    site: str,
    party: str,
    rulebook: str,
    root: bytes,
    books: str = IN_FOLDER,
) -> GateFolder:
    """Make a gate's folder, for its operator to complete; books are made apart.

    Raises:
        InputError: if there is a gate in it already.
        StoreUnavailable: if the disk refuses.

    """
    place = GateFolder(folder=folder)
    if (folder / SETTINGS).exists():
        raise InputError(
            f"{folder} holds a gate already.", remedy="Use it, or name another folder."
        )
    settings = {
        "format": "assent-gate/1",
        "site": site,
        "party": party,
        "rulebook": rulebook,
        "grace_s": 300,
        "silence_s": 60,
        "books": books,
        "chips": [],
    }
    owners = {
        "format": "assent-owners/1",
        "control": {"share": "1/2", "citation": "set by this site; check your law"},
        "owners": [],
    }
    for name in ("permits", "leases"):
        make_folder(place.papers / name, 0o755)
    write_durably(place.root, root, _MODE)
    write_durably(folder / OWNERS, _yaml(owners), _MODE)
    write_durably(folder / SETTINGS, _yaml(settings), _MODE)
    return place


def open_gate_folder(folder: Path) -> GateFolder:
    """Return a gate's folder.

    Raises:
        NotFound: if there is no gate in it.

    """
    if not (folder / SETTINGS).is_file():
        raise NotFound(
            f"There is no gate in {folder}.",
            remedy="Make one with `assent gate init`.",
        )
    return GateFolder(folder=folder)


class _Chip(Part):
    """An accelerator that is in no table, at the rate that the site vouches for."""

    id: Name
    flop_per_s: Count
    source: Name


class _Settings(Part):
    format: Literal["assent-gate/1"]
    site: Name
    party: Name
    rulebook: Name
    grace_s: int
    silence_s: int
    books: Literal["folder", "database"] = "folder"
    chips: Annotated[list[_Chip], Field(max_length=1_000)] = Field(default_factory=list)
    slurm: SlurmPart | None = None
    kubernetes: KubernetesPart | None = None


def _yaml(value: dict[str, Any]) -> bytes:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True).encode()

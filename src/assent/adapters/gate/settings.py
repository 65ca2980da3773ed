"""The folder of a gate: its settings and its owners, as people write them.

folder <-> GateFolder

    gate.yaml       the site, its chips, its rules
    owners.yaml     whose accounts there are, and who owns whom
    root.json       the agency's root of trust, from a channel that is trusted already
    books.db        what is reserved and spent; only their owner can read them
    orders.db       the pause orders that the gate knows
    gate.key        its own key, by which it acknowledges them; made when it is needed
    papers/         permits, leases, the newest status list, the states' metadata
    gate.sock       where schedulers ask
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from assent.adapters.files import make_folder, read_text, write_durably
from assent.adapters.gate.own_chip import own_chip
from assent.adapters.gate.scheduler_settings import KubernetesPart, SlurmPart
from assent.compute.hardware import (
    AcceleratorTable,
)
from assent.rulebook import Rulebook
from assent.supervision.admission import Holding, Owner, OwnerRegister
from assent.supervision.gate import Site
from assent.vocabulary import (
    AssentError,
    DocumentInvalid,
    InputError,
    NotFound,
    parse_count,
    parse_yaml,
)
from assent.vocabulary.envelope import PublicKey, parse_public_key

SETTINGS, OWNERS = "gate.yaml", "owners.yaml"
_MODE = 0o644
_LIST_MAX = 100_000
Read = TypeVar("Read", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFolder:
    """Where a gate's parts are."""

    folder: Path

    @property
    def root(self) -> Path:
        """The root of trust."""
        return self.folder / "root.json"

    @property
    def books(self) -> Path:
        """What is reserved and spent."""
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
        settings = _read(self.folder / SETTINGS, _Settings)
        owners = _read(self.folder / OWNERS, _Register)
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
            owners=_register(owners),
            rulebook=rulebooks(settings.rulebook),
            grace_s=settings.grace_s,
            silence_s=settings.silence_s,
            flop_elsewhere={
                owner.id: owner.flop_elsewhere
                for owner in owners.owners
                if owner.flop_elsewhere
            },
            slurm=None if settings.slurm is None else settings.slurm.terms,
            kubernetes=None
            if settings.kubernetes is None
            else settings.kubernetes.terms,
        )


def create_gate_folder(
    folder: Path, *, site: str, party: str, rulebook: str, root: bytes
) -> GateFolder:
    """Make a gate's folder, for its operator to complete.

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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _checked(make: Any) -> PlainValidator:  # noqa: ANN401 - any reader of a text
    def read(value: object) -> Any:  # noqa: ANN401 - what the reader makes
        try:
            return make(value)
        except AssentError as error:
            raise ValueError(error.message) from None
        except (TypeError, ValueError, ZeroDivisionError):
            raise ValueError(f"{value!r:.60} cannot be read") from None

    return PlainValidator(read)


_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Count = Annotated[int, _checked(parse_count)]
_Share = Annotated[Fraction, _checked(lambda value: Fraction(str(value)))]
_Day = Annotated[date, _checked(lambda value: date.fromisoformat(str(value)))]
_Key = Annotated[PublicKey, _checked(parse_public_key)]


class _Chip(_Part):
    """An accelerator that is in no table, at the rate that the site vouches for."""

    id: _Name
    flop_per_s: _Count
    source: _Name


class _Settings(_Part):
    format: Literal["assent-gate/1"]
    site: _Name
    party: _Name
    rulebook: _Name
    grace_s: int
    silence_s: int
    chips: Annotated[list[_Chip], Field(max_length=1_000)] = []
    slurm: SlurmPart | None = None
    kubernetes: KubernetesPart | None = None


class _Control(_Part):
    share: _Share
    citation: _Name


class _Holding(_Part):
    holder: _Name
    share: _Share
    since: _Day
    until: _Day | None = None


class _Owner(_Part):
    id: _Name
    name: _Name
    accounts: Annotated[list[_Name], Field(max_length=_LIST_MAX)] = []
    keys: Annotated[list[_Key], Field(max_length=100)] = []
    holdings: Annotated[list[_Holding], Field(max_length=1_000)] = []
    flop_elsewhere: _Count = 0


class _Register(_Part):
    format: Literal["assent-owners/1"]
    control: _Control
    owners: Annotated[list[_Owner], Field(max_length=_LIST_MAX)]


def _read(path: Path, form: type[Read]) -> Read:
    try:
        return form.model_validate(parse_yaml(read_text(path)).value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:120]
        raise DocumentInvalid(
            f"{path}: {where or 'the document'}: {first['msg']}.",
            remedy="See docs/gate.md for what the file says.",
        ) from None


def _register(form: _Register) -> OwnerRegister:
    return OwnerRegister(
        owners={
            one.id: Owner(
                owner_id=one.id,
                name=one.name,
                accounts=frozenset(one.accounts),
                keys=frozenset(one.keys),
                holdings=tuple(
                    Holding(
                        holder=held.holder,
                        share=held.share,
                        since=held.since,
                        until=held.until,
                    )
                    for held in one.holdings
                ),
            )
            for one in form.owners
        },
        control_share=form.control.share,
        citation=form.control.citation,
    )


def _yaml(value: dict[str, Any]) -> bytes:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True).encode()

"""What is wrong with a log, how bad it is, and what would mend it.

`check` makes these, `repair` carries out what they propose.
"""

from dataclasses import dataclass
from enum import Enum

from assent.translog.formats.signed_head import SignedTreeHead
from assent.translog.formats.tiles import TileAddress


class Severity(Enum):
    """How bad a defect is."""

    HARMLESS = "harmless"  # nobody who reads or appends will notice
    UNWITNESSED = "unwitnessed"  # the log is sound; its policy asks for more witnesses
    DAMAGED = "damaged"  # somebody will, and no entry is in doubt
    FATAL = "beyond repair"  # entries are gone, or are not the ones that were signed


@dataclass(frozen=True, slots=True)
class WriteTileRow:
    """Hash a full tile of the database again."""

    level: int
    index: int


@dataclass(frozen=True, slots=True)
class AddKeys:
    """Add the keys that entries [start, end) lack in the database."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RemoveKeys:
    """Remove (key, index) that belong to no entry."""

    rows: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class KeepHead:
    """Keep in the database the tree head that is public."""

    signed: SignedTreeHead


@dataclass(frozen=True, slots=True)
class WriteTile:
    """Write a public tile or entry bundle again."""

    address: TileAddress


@dataclass(frozen=True, slots=True)
class WriteTreeHead:
    """Write the published tree head again."""


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """Remove a file that nobody needs."""

    path: str


Mend = (
    WriteTileRow
    | AddKeys
    | RemoveKeys
    | KeepHead
    | WriteTile
    | WriteTreeHead
    | RemoveFile
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One thing that is wrong: a sentence, and a place in the database or a path.

    `mend` is what `repair_log` would do about it; None if it cannot.
    """

    severity: Severity
    what: str
    where: str
    mend: Mend | None = None

    @property
    def is_repairable(self) -> bool:
        """Tell whether `repair_log` mends it, unless another defect is fatal."""
        return self.mend is not None

"""The tally that a gate holds, in a file, as it was taken.

path <-> Tally

It was verified when it was taken, and is believed like the gate's other settings.
"""

from dataclasses import dataclass, field
from pathlib import Path

from assent.adapters.files import read_bytes, write_durably
from assent.supervision.tally import (
    TALLY_BYTES_MAX,
    Tally,
    TallyMalformed,
    parse_tally,
)
from assent.translog.errors import StateDamaged

_MODE = 0o600  # it says what customers use elsewhere
_Stamp = tuple[int, int, int]


@dataclass
class TallyFile:
    """A tally in a file; what has not changed is not read again."""

    path: Path
    _read: tuple[_Stamp, Tally] | None = field(init=False, default=None)

    def held(self) -> Tally | None:
        """Return the tally; None if there is none yet.

        Raises:
            StateDamaged: if the file holds something else.

        """
        try:
            seen = self.path.stat()
        except FileNotFoundError:
            return None
        stamp = (seen.st_mtime_ns, seen.st_ino, seen.st_size)
        known = self._read
        if known is None or known[0] != stamp:
            try:
                tally, _ = parse_tally(read_bytes(self.path, TALLY_BYTES_MAX))
            except TallyMalformed:
                raise StateDamaged(
                    f"{self.path} is not as it was kept.",
                    remedy="Remove it, and take the agency's newest tally at once:"
                    " `assent gate fetch`.",
                ) from None
            known = self._read = (stamp, tally)
        return known[1]

    def keep(self, data: bytes) -> None:
        """Keep a tally that was verified, in place of the one before.

        Raises:
            StoreUnavailable: if the disk refuses.

        """
        write_durably(self.path, data, _MODE)

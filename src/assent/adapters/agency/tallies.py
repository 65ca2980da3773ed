"""The tallies that an agency told its gates, as it keeps them and as it publishes them.

folder + gate <-> signed tally;  the same, sealed -> the agency's public folder

    ledger/tallies/gate-1         for the agency: which number it told last
    ledger/tallies/.looked        when it last looked whether there is anything to tell
    public/tallies/KEY.age        for the gate with that key, which alone can open it
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assent.adapters.files import read_bytes, write_durably
from assent.adapters.keys.machine_key import seal_for_machine
from assent.supervision.tally import (
    TALLY_BYTES_MAX,
    Tally,
    TallyMalformed,
    parse_tally,
)
from assent.vocabulary import InputError, NotFound, format_instant, parse_instant
from assent.vocabulary.envelope import PublicKey

SUFFIX = ".age"
_LOOKED = ".looked"  # no gate is called so
_INSTANT_BYTES_MAX = 64


@dataclass(frozen=True)
class TallyFolder:
    """What gates were told."""

    kept: Path
    public: Path

    def last(self, gate: str) -> Tally | None:
        """Return what a gate was told last; None if nothing, or it was lost."""
        try:
            return parse_tally(read_bytes(self.kept / gate, TALLY_BYTES_MAX))[0]
        except (NotFound, TallyMalformed):
            return None  # the next number is the time's all the same

    @property
    def looked(self) -> datetime | None:
        """When all that was due had been told; None if never, or nobody knows."""
        try:
            data = read_bytes(self.kept / _LOOKED, _INSTANT_BYTES_MAX)
            return parse_instant(data.decode(errors="replace"))
        except (NotFound, InputError):
            return None

    def look(self, now: datetime) -> None:
        """Write down that all that was due is told.

        Raises:
            StoreUnavailable: if the disk refuses.

        """
        write_durably(self.kept / _LOOKED, format_instant(now).encode(), 0o600)

    def put(self, gate: str, key: PublicKey, data: bytes) -> None:
        """Keep a signed tally, and publish it for its gate.

        Raises:
            StoreUnavailable: if the disk refuses; then put another.
            DocumentInvalid: if nothing can be sealed for the key.

        """
        sealed = seal_for_machine(data, key)
        write_durably(self.kept / gate, data, 0o600)
        write_durably(self.path(key), sealed, 0o644)

    def is_published(self, gate: str, key: PublicKey) -> bool:
        """Tell whether what was kept last was published, too."""
        kept, public = self.kept / gate, self.path(key)
        return (
            kept.exists()
            and public.exists()
            and public.stat().st_mtime_ns >= kept.stat().st_mtime_ns
        )

    def path(self, key: PublicKey) -> Path:
        """Return where the tally for the gate with a key is published."""
        return self.public / f"{key.key_id}{SUFFIX}"

    def drop_others(self, keys: frozenset[str]) -> None:
        """Remove what is published for keys that no gate has."""
        for path in self.public.glob(f"*{SUFFIX}"):
            if path.stem not in keys:
                path.unlink(missing_ok=True)

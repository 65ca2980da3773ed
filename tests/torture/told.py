"""What an agency's processes acknowledged: the measure of its files.

lines -> Told; it is kept outside everything that is killed
"""

import base64
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Told:
    """What was said so far."""

    events: set[tuple[str, int, str]] = field(default_factory=set)
    decided: dict[str, str] = field(default_factory=dict)
    announced: dict[str, int] = field(default_factory=dict)
    permits: list[tuple[str, datetime, bytes]] = field(default_factory=list)
    leases: list[tuple[str, str]] = field(default_factory=list)
    ended_at: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)
    left: int = 0  # what a second `work` in a row still found to do

    def take(self, lines: Iterable[str]) -> None:  # noqa: C901 - a case for each line
        """Remember what a process said."""
        for line in lines:
            match line.split(maxsplit=3):
                case ["event", case_id, number, digest]:
                    self.events.add((case_id, int(number), digest))
                case ["decided", decision, outcome]:
                    assert self.decided.setdefault(decision, outcome) == outcome
                case ["announced", notice, index]:
                    told = self.announced.setdefault(notice, int(index))
                    assert told == int(index)
                case ["permit", permit_id, at, data]:
                    handed = (permit_id, datetime.fromisoformat(at))
                    self.permits.append((*handed, base64.b64decode(data)))
                case ["lease", permit_id, serial]:
                    self.leases.append((permit_id, serial))
                case ["worked", _, left]:
                    self.left += int(left)
                case ["at", *words]:
                    self.ended_at[" ".join(words)] += 1
                case ["refused", *_]:
                    self.refusals.append(line)
                case ["ready"] | ["late", *_]:
                    pass
                case _:
                    raise AssertionError(line)

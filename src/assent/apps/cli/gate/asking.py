"""`assent gate check`, `admit`, `end`, `status`: ask the gate, and show its answer.

job -> the gate's answer; exit code 10 if it says no
"""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from assent.adapters.gate import open_gate_folder
from assent.apps.cli.output.speaking import show
from assent.apps.cli.output.visible import visible
from assent.apps.gate import GateClient
from assent.vocabulary import InputError, format_count, parse_count

_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,9})([smhd]?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """A job as the command line describes it."""

    job_id: str
    account: str
    time_limit: str
    permit: str
    chips: Sequence[str]
    flop_max: str
    request: str = ""

    @property
    def question(self) -> dict[str, Any]:
        """The job as the gate's protocol describes it.

        Raises:
            InputError: if an option cannot be read.

        """
        return {
            "job_id": self.job_id,
            "account": self.account,
            "permit_id": self.permit or None,
            "chips": dict(_chips(text) for text in self.chips),
            "time_limit_s": seconds_of(self.time_limit),
            "flop_max": str(parse_count(self.flop_max)) if self.flop_max else None,
            "request_id": self.request or None,
        }


def connect(folder: Path, socket: Path | None) -> GateClient:
    """Return a connection to a gate."""
    return GateClient(socket or open_gate_folder(folder).socket)


def check(folder: Path, socket: Path | None, asked: Asked) -> None:
    """Say whether a job could start."""
    with connect(folder, socket) as gate:
        said = gate.ask("check", job=asked.question)
    show(f"{said['words']} Nothing is reserved.")


def admit(folder: Path, socket: Path | None, asked: Asked) -> None:
    """Admit a job."""
    with connect(folder, socket) as gate:
        show(gate.ask("admit", job=asked.question)["words"])


def end(folder: Path, socket: Path | None, job_id: str) -> None:
    """Settle a job."""
    with connect(folder, socket) as gate:
        job = gate.ask("end", job_id=job_id)["job"]
    show(
        f"Job {job_id} is charged {format_count(int(job['flop_spent']))} of the"
        f" {format_count(int(job['admission']['flop_reserved']))} FLOP that were"
        " reserved for it."
    )


def status(folder: Path, socket: Path | None, *, as_json: bool) -> None:
    """Show the gate's jobs and books."""
    with connect(folder, socket) as gate:
        said = gate.ask("status")
    if as_json:
        sys.stdout.write(f"{json.dumps(said, indent=1)}\n")
        return
    console = Console()
    console.print(_jobs(said))
    console.print(_books(said))
    for words in said["findings"]:
        console.print(f"Look at this: {visible(words)}", soft_wrap=True, markup=False)
    console.print(f"{said['entries']} entries; head {said['head']}", soft_wrap=True)


def seconds_of(text: str) -> int:
    """Return the seconds of a time limit such as 90, 30m, 12h or 2d.

    Raises:
        InputError: if it is none.

    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise InputError(
            f"{text!r:.40} is no time limit.", remedy="Write 90, 30m, 12h or 2d."
        )
    return int(found[1]) * _UNITS_S[found[2]]


def _chips(text: str) -> tuple[str, str]:
    kind, separator, count = text.rpartition("=")
    if not separator:
        raise InputError(
            f"{text!r:.80} names no number of chips.", remedy="Write 'H100 SXM=8'."
        )
    return kind, count


def _jobs(said: dict[str, Any]) -> Table:
    table = Table("job", "state", "under", "reserved", "ends by", "has to stop")
    for job in said["jobs"]:
        admission, stop = job["admission"], job["stop"]
        table.add_row(
            admission["job_id"],
            job["state"],
            admission["permit_id"] or "exempt",
            format_count(int(admission["flop_reserved"])),
            admission["ends_by"],
            stop["words"] if stop else "",
        )
    return table


def _books(said: dict[str, Any]) -> Table:
    columns = ("available", "reserved", "spent", "metered", "observed")
    table = Table("book", *columns)
    for book, accounts in said["books"].items():
        cells = (int(accounts.get(name, "0")) for name in columns)
        table.add_row(book, *(_signed(cell) for cell in cells))
    return table


def _signed(flop: int) -> str:
    return f"-{format_count(-flop)}" if flop < 0 else format_count(flop)

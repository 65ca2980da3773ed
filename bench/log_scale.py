"""Does a log of ten million entries stay quick and small?

ten million entries -> appends a second, memory, disk, seconds to publish and to prove

A process of its own does it all (`grow_log`), in some minutes; how far it is is shown.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.places import ROOT
from bench.scratch import scratch
from bench.speed import spell_time
from bench.table import WORSE, Table

SIZE = 10_000_000
PEAK_BYTES_MAX = 300e6
_NOTE = """\
Batches were of 4,096. Memory is the most that the process had held up to then. The file
of the database is weighed when closed; before, a write-ahead log adds some 70 MB."""
Report = dict[str, Any]


def log_scale(size: int = SIZE) -> Table:
    """Grow a log, publish it, prove from it, and weigh it."""
    with scratch() as folder:
        told = list(_told(folder, size))
    appended = [report for report in told if report["stage"] == "append"]
    by_stage = {report["stage"]: report for report in told}
    publish, prove, disk = (by_stage[name] for name in ("publish", "prove", "disk"))
    step = f"{size // len(appended):,}"
    rows = [
        (f"appending the first {step}", _rate(appended[0]), "–"),
        (f"appending the last {step}", _rate(appended[-1]), "–"),
        ("appending all", spell_time(sum(r["seconds"] for r in appended)), "–"),
        ("publishing all at once", spell_time(publish["seconds"]), "–"),
        ("inclusion proof of any entry", spell_time(prove["seconds"]), "–"),
        ("memory before the first entry", _megabytes(by_stage["start"]["peak"]), "–"),
        *(_peak(by_stage[stage]) for stage in ("append", "publish", "prove")),
        ("database on disk", _megabytes(disk["database"]), "–"),
        ("static files on disk", _megabytes(disk["public"]), "–"),
    ]
    return Table(
        title=f"A log of {size:,} entries of 100 bytes, in SQLite",
        columns=("what", "assent", "target"),
        rows=rows,
        notes=(_NOTE,),
    )


def _told(folder: Path, size: int) -> Iterator[Report]:
    command = [sys.executable, "-m", "bench.grow_log", str(folder), str(size)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdout is None:
            raise ValueError("a pipe was asked for")
        for line in process.stdout:
            report: Report = json.loads(line)
            _show(report)
            yield report
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def _show(report: Report) -> None:
    size = f" {report['size']:>11,} at {_rate(report)}" if "size" in report else ""
    print(f"  {report['stage']}{size}, {_megabytes(report['peak'])} at most")


def _peak(report: Report) -> tuple[str, ...]:
    mark = f" {WORSE}" if report["peak"] > PEAK_BYTES_MAX else ""
    what = f"memory up to the end of stage “{report['stage']}”"
    return what, f"{_megabytes(report['peak'])}{mark}", _megabytes(PEAK_BYTES_MAX)


def _rate(report: Report) -> str:
    return f"{report['rate']:,.0f} /s"


def _megabytes(count: float) -> str:
    return f"{count / 1e6:,.0f} MB"

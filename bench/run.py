"""Measure, show the tables as they come, and write them into docs/benchmarks.md.

    every module beside this one -> tables -> the marked sections of docs/benchmarks.md

Run by `make bench`; with names of sections it measures only those. A table that cannot
be measured here says why in its place.
"""

import importlib.metadata
import platform
import re
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from bench import (
    decisions,
    docket_appends,
    executed,
    gate,
    golden,
    lapse,
    log_appends,
    log_proofs,
    log_scale,
    log_tiles,
    log_verification,
    meter,
    pause,
    peers,
    permits,
    permits_status,
    portfolio,
    published,
    speed,
    trust,
    weights,
)
from bench.places import REPORT
from bench.table import Table, not_measured
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

SECTIONS: dict[str, tuple[str, Callable[[], Table]]] = {
    "arithmetic": ("published arithmetic", published.arithmetic),
    "golden": ("Megatron-Bridge", golden.golden),
    "conventions": ("published conventions", published.conventions),
    "cerebras": ("Cerebras-GPT", published.cerebras),
    "weights": ("weight counts", weights.weights),
    "executed": ("executed on the meta device", executed.executed),
    "peers": ("other counters", peers.peers),
    "utilisation": ("utilisation of public runs", published.utilisation),
    "speed": ("speed", speed.speed),
    "portfolio": ("100,000 runs", portfolio.bench_portfolio),
    "log_appends": ("appends to a log", log_appends.log_appends),
    "log_proofs": ("proofs from a log", log_proofs.log_proofs),
    "log_verification": ("verifying proofs", log_verification.log_verification),
    "log_tiles": ("publishing a log", log_tiles.log_tiles),
    "log_scale": ("ten million entries", log_scale.log_scale),
    "permits": ("verifying permits", permits.permits),
    "status_list": ("a million permits", permits_status.permits_status),
    "trust": ("following the states' keys", trust.trust),
    "decisions": ("decisions", decisions.decisions),
    "docket": ("acts on cases", docket_appends.docket_appends),
    "pause": ("pause orders", pause.pause),
    "lapse": ("leases that lapse", lapse.lapse),
    "gate": ("a gate", gate.gate),
    "meter": ("a meter in the loop", meter.meter),
}
MEASURED_WITH = (
    "torch",
    "transformers",
    "fvcore",
    "calflops",
    "ptflops",
    "deepspeed",
    "aiohttp",
    "cryptography",
    "pymerkle",
    "tlog-scales",
    "proofbundle",
    "psycopg",
    "django",
    "securesystemslib",
    "tuf",
)


def main() -> None:
    """Measure the sections that are named, or all, and rewrite the report."""
    console = Console()
    chosen = {name: SECTIONS[name] for name in sys.argv[1:] or SECTIONS}
    report = REPORT.read_text("utf-8")
    missing: list[str] = []
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("machine", total=len(chosen))
        report = _fill(report, "machine", _machine())
        for name, (label, measure) in chosen.items():
            progress.update(task, description=label)
            table = _measured(label, measure)
            missing += [] if table.rows else [label]
            progress.console.print(table.rich())
            report = _fill(report, name, table.markdown())
            progress.advance(task)
    REPORT.write_text(report, "utf-8")
    console.print(f"Wrote {REPORT}", highlight=False)
    if missing:
        raise SystemExit(f"Not measured: {', '.join(missing)}; the report says why.")


def _measured(label: str, measure: Callable[[], Table]) -> Table:
    try:
        return measure()
    except Exception as error:  # noqa: BLE001 - one table must not lose the others
        return not_measured(label, f"{type(error).__name__}: {error}")


def _fill(report: str, name: str, text: str) -> str:
    """Replace what stands between a section's two markers."""
    opening, closing = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    section = re.compile(f"{re.escape(opening)}.*?{re.escape(closing)}", re.DOTALL)
    if not section.search(report):
        raise SystemExit(f"{REPORT} has no section {opening} … {closing}: add it.")
    filled = f"{opening}\n{text.strip()}\n{closing}"
    return section.sub(lambda _: filled, report, count=1)


def _machine() -> str:
    versions = [f"SQLite {sqlite3.sqlite_version}"]
    for package in MEASURED_WITH:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{package} not installed")
    return (
        f"{_processor()}; {platform.system()}, Python {platform.python_version()};"
        f" {', '.join(versions)}."
    )


def _processor() -> str:
    """Return the name and the number of the processor's cores, as Linux tells it."""
    described = Path("/proc/cpuinfo")
    text = described.read_text("utf-8") if described.exists() else ""
    names = re.findall(r"model name\s*:\s*(.+)", text)
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{len(names) or 'unknown number of'} cores of {name}"


if __name__ == "__main__":
    main()

"""`assent compute`: count on the meta device, look up accelerators.

config.json or a name -> tables
"""

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assent.adapters.files import read_text
from assent.adapters.meta_device import OperationCount, compare, count_operations
from assent.adapters.packaged import packaged_accelerators
from assent.authorisation.assessment import assess_chip
from assent.compute import (
    FORWARD_ONLY,
    TokenStream,
    Training,
    count_pass,
    read_config,
)
from assent.compute.hardware import (
    Accelerator,
    performance_density,
    total_processing_performance,
)
from assent.vocabulary import (
    ArchitectureUnknown,
    DocumentInvalid,
    format_interval,
    parse_json,
)
from assent.wiring import runs as wiring


def count(config: Path, sequence_length: int, *, forward_only: bool) -> None:
    """Count one sequence on the meta device, and set the closed form beside it."""
    value = parse_json(read_text(config)).value
    if not isinstance(value, dict):
        raise DocumentInvalid(
            f"{config} is no model's configuration.", remedy="Give a config.json."
        )
    console = Console()
    with console.status("building the model without weights, and running it"):
        counted = count_operations(
            value, sequence_length=sequence_length, backward=not forward_only
        )
    table = Table("operation of PyTorch", "FLOP", title=counted.model_class)
    for name, flop in sorted(counted.by_operation.items(), key=lambda item: -item[1]):
        if flop:
            table.add_row(Text(name), f"{flop:,}")
    console.print(table)
    modules = Table("module (forward)", "FLOP")
    for name, flop in sorted(counted.by_module.items(), key=lambda item: -item[1]):
        modules.add_row(Text(name), f"{flop:,}")
    console.print(modules)
    console.print(
        f"weights {counted.weights_total:,}\nexecuted {counted.flop:,} FLOP in products"
        f", beside {counted.elementwise_operations:,} operations on single elements",
        highlight=False,
    )
    _compare(value, counted, sequence_length, console, forward_only=forward_only)
    for note in counted.notes:
        console.print(Text(f"Note: {note}", style="dim"))


def _compare(
    value: dict[str, object],
    counted: OperationCount,
    sequence_length: int,
    console: Console,
    *,
    forward_only: bool,
) -> None:
    """Print the closed form of the same pass, where there is one."""
    try:
        released = read_config(value).without_auxiliary()
    except ArchitectureUnknown as error:
        console.print(Text(f"No closed form to compare: {error.message}"))
        return
    if released.streams != ("text",):
        console.print(
            Text("No closed form to compare: the model reads more than text.")
        )
        return
    stream = TokenStream(tokens=sequence_length, length=sequence_length)
    training = FORWARD_ONLY if forward_only else Training()
    closed = count_pass(released, {"text": stream}, training)
    found = compare(closed, counted)
    console.print(
        f"closed form, full attention: {format_interval(closed.model_full, 8)} FLOP;"
        f" executed / closed form: {found.ratio_low:.6f}"
        + (f" – {found.ratio_high:.6f}" if found.ratio_high != found.ratio_low else "")
        + f" ({found.agreement.value})",
        highlight=False,
        markup=False,
    )
    if counted.weights_total != released.weights_total:
        console.print(f"closed form, weights: {released.weights_total:,}")


def hardware(name: str | None, rulebook: str, on: date | None) -> None:
    """Print one accelerator with what the law makes of it, or a row for each."""
    accelerators = packaged_accelerators()
    if name is not None:
        found = accelerators.find(name)
        _show_accelerator(found)
        law = wiring.load_rulebook_named(rulebook)
        for finding in assess_chip(found, law, on or wiring.today()):
            Console().print(Text(finding.statement))
        return
    table = Table("id", "name", "16-bit TFLOP/s", "highest", "memory GB", "W", "since")
    for found in accelerators.accelerators:
        peaks = {peak.precision.value: peak.flop_per_s for peak in found.peaks}
        wide = peaks.get("bf16") or peaks.get("fp16")
        best = max(found.peaks, key=lambda peak: peak.flop_per_s, default=None)
        table.add_row(
            Text(found.accelerator_id),
            Text(found.name),
            f"{wide / 1e12:,.0f}" if wide else "unknown",
            f"{best.flop_per_s / 1e12:,.0f} {best.precision}" if best else "unknown",
            f"{found.memory_bytes / 1e9:,.0f}" if found.memory_bytes else "",
            str(found.tdp_w or ""),
            found.released,
        )
    Console().print(table)


def _rate(byte_per_s: int | None) -> str:
    return f"{byte_per_s / 1e9:,.0f} GB/s" if byte_per_s else ""


def _show_accelerator(found: Accelerator) -> None:
    console = Console()
    console.rule(Text(found.name))
    tpp, density = total_processing_performance(found), performance_density(found)
    rows = [
        ("vendor", found.vendor),
        ("counted as", found.unit.value),
        *[
            (f"dense peak {peak.precision}", f"{peak.flop_per_s:.4g} FLOP/s")
            for peak in found.peaks
        ],
        ("logic dies", str(found.dies or "")),
        ("memory", f"{found.memory_bytes:,} bytes" if found.memory_bytes else ""),
        ("memory rate", _rate(found.memory_byte_per_s)),
        ("interconnect", _rate(found.interconnect_byte_per_s)),
        ("TDP", f"{found.tdp_w} W" if found.tdp_w else ""),
        ("logic die area", f"{found.die_area_mm2} mm²" if found.die_area_mm2 else ""),
        ("TPP", f"{float(tpp):,.0f}" if tpp is not None else ""),
        ("performance density", f"{float(density):.2f}" if density is not None else ""),
        ("released", found.released),
        ("source", f"{found.source} [{found.mark.value}]"),
        ("note", found.note),
    ]
    for label, value in rows:
        if value:
            console.print(Text(f"{label:>20}: {value}"))

"""Show an assessment in the terminal: the answer, the count, the rules and why.

Assessment -> rich tables
"""

from fractions import Fraction

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assent.authorisation.assessment import (
    LIMITS,
    Assessment,
    Bearing,
    bearing_of,
)
from assent.compute import Convention
from assent.compute.hardware import Verdict
from assent.rulebook import FactValue, Finding, Outcome, StandingKind
from assent.vocabulary import Interval, format_count, format_interval

_SCIENTIFIC_FROM = 10**6  # below, digits are easier to read

_SHOWN_STANDINGS = (
    StandingKind.IN_FORCE,
    StandingKind.GUIDANCE,
    StandingKind.NOT_YET,
    StandingKind.PROPOSED,
    StandingKind.PRACTICE,
)
_STYLES = {
    Outcome.BINDS: "bold red",
    Outcome.MAY_BIND: "bold yellow",
    Outcome.UNDETERMINED: "cyan",
}


def show_assessment(
    assessment: Assessment, console: Console, *, why: bool = False
) -> None:
    """Print the assessment: what asks something first, with why and what it asks.

    Of what is not law or guidance only a line is shown, unless `why` asks for all.
    """
    declaration = assessment.declaration
    console.rule(Text(f"{declaration.title} — law of {assessment.on}"))
    console.print(Text(f"{declaration.developer}: {_answer(assessment)}", style="bold"))
    console.print()
    _show_compute(assessment, console)
    _show_hardware(assessment, console)
    _show_rules(assessment, console, why=why)
    for text in declaration.assumptions:
        console.print(Text(f"Assumed: {text}", style="italic"))
    console.print(
        Text(
            f"Rulebook: {assessment.rulebook_title}, {assessment.rulebook_hash[:23]}…",
            style="dim",
        )
    )
    console.print(Text(" ".join(LIMITS), style="dim"))
    console.print()


def _known(value: FactValue) -> str:
    """Return a fact that a clause compared."""
    if isinstance(value, Interval):
        return format_interval(value)
    if isinstance(value, tuple):
        return " ".join(value)
    return (
        show_number(Fraction(value))
        if not isinstance(value, int)
        else show_number(value)
    )


def show_number(value: int | Fraction) -> str:
    """Return a rule value for people."""
    if isinstance(value, int):
        return format_count(value) if value >= _SCIENTIFIC_FROM else f"{value:,}"
    return f"{float(value):g}"


def _answer(assessment: Assessment) -> str:
    """Return the answer in a sentence or two."""
    found: dict[Bearing, list[Finding]] = {bearing: [] for bearing in Bearing}
    for one in assessment.findings:
        found[bearing_of(one.standing, one.rule, one.outcome)].append(one)
    binding, maybe = found[Bearing.BINDS], found[Bearing.MAY_BIND]
    open_, later = found[Bearing.OPEN], found[Bearing.LATER]
    chips = [one for one in found[Bearing.CHIPS] if one.is_binding_law]
    parts = [
        f"law in force that binds: {_names(binding)}."
        if binding
        else "no law in force is certain to bind."
    ]
    if maybe:
        parts.append(f"May bind: {_names(maybe)}.")
    if open_:
        questions = dict.fromkeys(q.question for one in open_ for q in one.questions)
        parts.append(f"Cannot be determined: {_names(open_)}. {' '.join(questions)}")
    if later:
        parts.append(f"Comes into force later: {_names(later)}.")
    check = assessment.hardware.reconciliation
    if check is not None and check.verdict is not Verdict.CONSISTENT:
        parts.append(f"The declared chips make the count {check.verdict}: see below.")
    if chips:
        parts.append(f"Trade in its chips is controlled: {_names(chips)}.")
    return " ".join(parts)


def _names(findings: list[Finding]) -> str:
    return ", ".join(dict.fromkeys(found.instrument.title for found in findings))


def _show_compute(assessment: Assessment, console: Console) -> None:
    architecture = assessment.declaration.architecture
    headline = assessment.account.profile
    console.print(
        f"Weights: {architecture.weights_total:,} in all,"
        f" {architecture.weights_active:,} active for each token"
        f" ({architecture.family})",
        highlight=False,
        markup=False,
    )
    table = Table(
        "convention",
        "FLOP",
        "",
        title=f"Training compute that counts under: {headline.title}",
        title_justify="left",
    )
    for convention in Convention:
        marked = convention is headline.convention
        table.add_row(
            convention.value,
            format_interval(assessment.account.vector.of(convention)),
            "◀ headline" if marked else "",
            style="bold" if marked else "",
        )
    console.print(table)
    for found in assessment.accounts.values():
        if found is not assessment.account:
            console.print(
                Text(
                    f"  {found.profile.title}: {format_interval(found.total)} FLOP"
                    f" ({found.profile.convention.value})"
                )
            )
    for line in assessment.account.lines:
        if not line.counts:
            console.print(
                Text(
                    f"  not counted: {line.title}, {line.role.value},"
                    f" {format_interval(line.flop)} FLOP: {line.reason}",
                    style="dim",
                )
            )


def _show_hardware(assessment: Assessment, console: Console) -> None:
    check = assessment.hardware
    if check.reconciliation is not None:
        found = check.reconciliation
        console.print(Text(f"Hardware: {found.verdict.value}. {found.reason}"))
    if check.estimate is not None:
        assumed = "assumed" if check.estimate.assumed else "declared"
        console.print(
            Text(
                f"  Chips × hours × peak × {assumed} utilisation:"
                f" {format_interval(check.estimate.flop)} {check.estimate.kind} FLOP"
            )
        )
    for note in check.notes:
        console.print(Text(f"  {note}"))
    if check.reconciliation is not None:
        console.print(Text(f"  {check.reconciliation.limits}", style="dim"))


def _show_rules(assessment: Assessment, console: Console, *, why: bool) -> None:
    shown = [
        found
        for found in assessment.findings
        if found.outcome is not Outcome.DOES_NOT_BIND
        and found.standing.kind in _SHOWN_STANDINGS
    ]
    order = {kind: place for place, kind in enumerate(_SHOWN_STANDINGS)}
    console.print()
    for found in sorted(shown, key=lambda found: order[found.standing.kind]):
        title = Text(found.statement, style=_STYLES[found.outcome])
        title.append(f" [{found.rule.mark.value}]", style="dim")
        console.print(title)
        if why or found.standing.kind in _SHOWN_STANDINGS[:2]:
            console.print(Padding(_why(found), (0, 0, 0, 4)))
            for asked in found.obligations:
                text = f"• {asked.who}: {asked.what} By: {asked.deadline.text}"
                console.print(Padding(Text(text), (0, 0, 0, 4)))
    hidden = len(assessment.findings) - len(shown)
    console.print()
    console.print(
        Text(
            f"{hidden} further rules do not bind, or were never or are no longer law"
            " (--why explains each of those above; --json and --html show all).",
            style="dim",
        )
    )


def _why(found: Finding) -> Text:
    lines = Text()
    for clause in found.reasons:
        mark = {True: "yes", False: "no", None: "open"}[clause.holds]
        values = "; ".join(
            f"{value.title}: {show_number(value.value)} {value.unit.value}"
            f" ({value.pinpoint}, {value.mark.value})"
            for value in clause.rule_values
        )
        exempt = "exemption: " if clause.exemption else ""
        known = ", ".join(
            f"{name} = {_known(value)}"
            for name, value in clause.operands
            if value is not None and value is not True and value is not False
        )
        lines.append(f"{mark:>4}  {exempt}{clause.text}")
        lines.append(
            "".join(f"; {part}" for part in (known, values) if part) + "\n", "dim"
        )
    lines.rstrip()
    return lines

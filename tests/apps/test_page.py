"""The page is one well-formed, self-contained, accessible document."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.adapters.packaged import packaged_accelerators
from assent.apps.page import render_page
from assent.apps.page.axis import Axis
from assent.apps.page.numbers import (
    apart_text,
    count_text,
    interval_text,
    ratio_text,
    span_text,
    value_text,
)
from assent.apps.page.rules import group_of
from assent.authorisation.assessment import Assessment, assess
from assent.authorisation.declaration import parse_declaration, scaffold
from assent.rulebook import Outcome, StandingKind, Unit
from assent.vocabulary import FactsMissing, Interval
from assent.wiring import runs as wiring

ROOT = Path(__file__).parents[2]
ON = date(2026, 11, 22)
VOID = {"meta", "br"}  # HTML elements without an end that the page uses
HOSTILE = "<script>alert(1)</script>\"'&<b onmouseover=x>"


def _assessment(text: str, book: str = "world") -> Assessment:
    declaration = parse_declaration(text, packaged_accelerators())
    return assess(declaration, wiring.load_rulebook_named(book), ON)


@pytest.fixture(scope="module")
def run() -> Assessment:
    return _assessment(scaffold("Test run"))


@pytest.fixture(scope="module")
def large() -> Assessment:
    text = scaffold("Large run").replace("12e12", "800e12").replace("15e12}", "900e12}")
    return _assessment(text.replace("# threshold_known_on", "threshold_known_on"))


@pytest.fixture(scope="module")
def page(run: Assessment, large: Assessment) -> str:
    return render_page([run, large])


class Reader(HTMLParser):
    """Refuses elements that do not nest, and keeps every start tag."""

    def __init__(self, text: str) -> None:
        """Read a whole page."""
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag, and expect its end unless it has none."""
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), tag
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag; it ends itself."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """End what was opened last, and nothing else."""
        assert self.open.pop() == tag

    def values(self, attribute: str) -> Iterator[str]:
        """Yield the values of an attribute, in order."""
        return (found[attribute] for _, found in self.tags if attribute in found)

    def count(self, tag: str) -> int:
        """Return how many elements there are of a name."""
        return sum(name == tag for name, _ in self.tags)


def test_every_element_nests_and_every_drawing_is_xml(page: str) -> None:
    assert Reader(page).count("main") == 1
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) > 50
    for drawing in drawings:
        ET.fromstring(drawing)  # noqa: S314 - our own text


@pytest.mark.parametrize("runs", [1, 2])
def test_headings_descend_one_level_at_a_time(
    run: Assessment, large: Assessment, runs: int
) -> None:
    tags = Reader(render_page([run, large][:runs])).tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_reference_leads_somewhere(page: str) -> None:
    reader = Reader(page)
    ids = list(reader.values("id"))
    assert len(ids) == len(set(ids))
    inside = [href[1:] for href in reader.values("href") if href.startswith("#")]
    named = " ".join(reader.values("aria-labelledby")).split()
    assert set(inside) | set(named) <= set(ids)


def test_a_reader_without_eyes_finds_the_way(page: str) -> None:
    reader = Reader(page)
    assert ("html", {"lang": "en"}) in reader.tags
    links = [found["href"] for tag, found in reader.tags if tag == "a"]
    assert links[0] == "#main"
    assert all(reader.count(tag) for tag in ("header", "nav", "main", "footer"))
    assert reader.count("caption") == reader.count("table")
    assert all("scope" in found for tag, found in reader.tags if tag == "th")
    for tag, found in reader.tags:
        if tag == "svg":
            assert found.get("aria-hidden") or found.get("role") == "img"
    assert page.count('role="img"') == page.count("<desc ") == 2


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    reader = Reader(page)
    names = {tag for tag, _ in reader.tags}
    assert not names & {"script", "img", "link", "iframe", "object", "embed", "form"}
    assert not set(reader.values("src")) | set(reader.values("srcset"))
    for tag, found in reader.tags:
        if tag != "a":
            assert found.get("href", "#").startswith("#")
        assert not any(name.startswith("on") for name in found)
    css = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in css
    assert "@import" not in css


def test_hostile_strings_are_shown_and_never_obeyed(run: Assessment) -> None:
    hostile = replace(
        run.declaration,
        title=HOSTILE,
        developer=HOSTILE,
        purpose=HOSTILE,
        assumptions=(HOSTILE,),
        sources=(HOSTILE, "javascript:alert(1)"),
    )
    reader = Reader(text := render_page([replace(run, declaration=hostile)] * 2))
    assert "<script" not in text
    assert "<b onmouseover" not in text
    assert text.count("&lt;script&gt;alert(1)") > 10
    assert not any(href.startswith("javascript") for href in reader.values("href"))


def test_a_citation_that_is_no_web_address_is_no_link(run: Assessment) -> None:
    first = run.findings[0]
    citation = replace(first.instrument.citation, url="javascript:alert(1)")
    instrument = replace(first.instrument, citation=citation)
    findings = (replace(first, instrument=instrument), *run.findings[1:])
    reader = Reader(text := render_page([replace(run, findings=findings)]))
    assert "(javascript:alert(1))" in text
    assert not any("javascript" in href for href in reader.values("href"))


def test_every_finding_and_every_threshold_is_there(page: str, run: Assessment) -> None:
    ids = set(Reader(page).values("id"))
    assert len(run.findings) > 25
    assert len(run.thresholds) > 10
    for finding in run.findings:
        for section in ("run1", "run2"):
            assert f"{section}-{finding.key.replace('/', '-')}" in ids
    assert page.count('<li class="row threshold">') == 2 * len(run.thresholds)
    for threshold in run.thresholds:
        assert f"<small>{threshold.rule_value.title}</small>" in page.replace(
            "&#39;", "'"
        )


def test_the_same_assessments_give_the_same_page(
    run: Assessment, large: Assessment, page: str
) -> None:
    assert render_page([run, large]) == page
    assert render_page([large, run]) != page


def test_twelve_runs_stay_below_a_megabyte() -> None:
    rulebook = wiring.load_rulebook_named("world")
    paths = sorted((ROOT / "examples").glob("*.yaml"))[:12]
    runs = [assess(wiring.load_declaration(path), rulebook, ON) for path in paths]
    assert len(runs) == 12
    assert len(render_page(runs).encode()) < 1_000_000


def test_no_assessment_is_no_page() -> None:
    with pytest.raises(FactsMissing):
        render_page([])


def test_the_answer_names_the_law_that_binds_and_when_it_is_due(
    large: Assessment,
) -> None:
    text = render_page([large]).replace("\N{NO-BREAK SPACE}", " ")
    lead = re.search(r'<p class="lead">(.*?)</p>', text)
    assert lead
    assert lead[1].startswith("On 22 November 2026, ")
    assert "EU AI Act" in lead[1]
    assert "(due 24 January 2027, if it is known on 10 January 2027)" in text


def test_no_due_date_is_made_up_for_an_event_that_was_not_declared(
    large: Assessment,
) -> None:
    undated = replace(large, declaration=replace(large.declaration, events={}))
    text = render_page([undated])
    assert "no date: run.threshold_known_on is not declared" in text
    assert "(due " not in text


def test_the_answer_says_what_binds_and_asks_what_is_missing(
    run: Assessment,
) -> None:
    text = render_page([run]).replace("\N{NO-BREAK SPACE}", " ")
    assert "On 22 November 2026, one legal rule in force binds this run" in text
    assert "Do the cluster&#39;s machines stand in a single data center?" in text


def test_practice_is_never_mistaken_for_law(page: str) -> None:
    practice = render_page([_assessment(scaffold("Practice"), "practice")])
    assert "PRACTICE, NOT LAW.</strong>" in practice
    assert "holds no law" in practice
    assert "PRACTICE, NOT LAW" not in page


def test_only_law_in_force_is_said_to_bind_now(large: Assessment) -> None:
    for finding in large.findings:
        if group_of(finding) in {"binds", "may", "open", "chips"}:
            assert finding.standing.kind is StandingKind.IN_FORCE
        if group_of(finding) == "binds":
            assert finding.outcome is Outcome.BINDS


def test_thresholds_too_near_to_part_share_one_heading(run: Assessment) -> None:
    near = [
        replace(run.thresholds[0], flop=flop)
        for flop in (10**25, 10**25 + 1, 102 * 10**23, 104 * 10**23)
    ]
    text = render_page([replace(run, thresholds=tuple(near))])
    assert text.count('<div class="row group">') == 2
    assert text.count('<li class="row threshold">') == 4


def test_the_footer_says_what_it_rests_on(page: str, run: Assessment) -> None:
    foot = page[page.index("<footer>") :]
    assert run.rulebook_hash in foot
    assert run.declaration.digest in foot
    assert "nothing was verified" in foot


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_of_text_meets_contrast_aa_by_day_and_night(page: str) -> None:
    themes = re.findall(r":root \{(.*?)\}", page, re.DOTALL)
    assert len(themes) == 2
    for theme in themes:
        colours = dict(re.findall(r"--(\w+): (#\w{6});", theme))
        for ground in ("paper", "card", "shade"):
            for name in set(colours) - {"paper", "card", "shade", "line", "grid"}:
                pair = sorted((_luminance(colours[name]), _luminance(colours[ground])))
                assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (name, ground)


def test_line_and_symbol_tell_standings_apart_without_colour(page: str) -> None:
    dashes = {}
    for name in ("law", "guidance", "proposal", "practice"):
        style = re.search(rf"\.{name} > line \{{(.*?)\}}", page)
        assert style
        dashes[name] = re.findall(r"dasharray: ([\d ]+)", style[1])
        assert f'id="sym-{name}"' in page
    assert len({str(dash) for dash in dashes.values()}) == 4


def test_numbers_read_as_people_write_them() -> None:
    space = "\N{NO-BREAK SPACE}"
    assert count_text(10**25) == "10²⁵"
    assert count_text(42_644 * 10**21) == f"4.26{space}×{space}10²⁵"
    assert count_text(12_345) == "12,345"
    assert interval_text(Interval(455 * 10**23, 606 * 10**23)) == (
        f"4.55–6.06{space}×{space}10²⁵"
    )
    assert (
        ratio_text(Interval.point(39 * 10**24), 10**26) == f"39.0{space}%{space}of this"
    )
    assert ratio_text(Interval.point(0), 10**26) == f"0{space}%{space}of this"
    assert span_text(0.001, 0.999) == f"under 1 to over 99{space}%"
    assert value_text(None) == "not known"
    assert value_text(5 * 10**8, Unit.USD) == f"500,000,000{space}USD"


@given(st.integers(5, 10**30), st.integers(-5, 5))
def test_a_count_beside_a_limit_never_reads_as_the_limit(limit: int, step: int) -> None:
    count = limit + step
    reads_the_same = apart_text(Interval.point(count), (limit,)) == apart_text(
        Interval.point(limit), ()
    )
    assert reads_the_same == (step == 0)


@given(st.lists(st.integers(0, 10**36), max_size=8), st.integers(0, 10**36))
def test_the_axis_keeps_the_order_and_cuts_nothing_off(
    counts: list[int], other: int
) -> None:
    axis = Axis.over([*counts, other])
    places = [float(axis.at(count).rstrip("%")) for count in sorted([*counts, other])]
    assert places == sorted(places)
    assert all(0 < place < 100 for place in places)
    assert len([tick for tick in axis.ticks if not tick.wide_only]) <= 6


def test_a_total_without_an_upper_end_is_said_to_be_at_least() -> None:
    text = (
        "assent: declaration/1\nrun: {id: a, title: A}\ndeveloper: {name: B}\n"
        "model: {weight_counts: {total: 1e9}}\n"
        "training: [{id: t, kind: published, flop: 7e21,"
        " draws_on: [{event: base, how: continues its weights}]}]\n"
        "lineage: [{id: base, kind: undisclosed}]\n"
    )
    shown = render_page([_assessment(text)])
    assert "at least 7.00" in shown
    assert "undisclosed" in shown
    assert "10³⁶" not in shown

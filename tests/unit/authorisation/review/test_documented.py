"""docs/review.md: its examples are what they say, its tables are complete."""

import re
from pathlib import Path

import pytest
from tests.unit.authorisation.review.cases import SAFETY_CASE, STATED

from assent.authorisation.review import parse_safety_case, safety_case_of
from assent.authorisation.review.features import Autonomy, Measure, Novelty, Trait
from assent.authorisation.review.shape import Level

PAGE = (Path(__file__).parents[4] / "docs" / "review.md").read_text()


def _block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def test_the_example_prints_what_the_page_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exec(compile(_block("python"), "docs/review.md", "exec"), {})  # noqa: S102 - ours
    assert f"```\n{capsys.readouterr().out}```" in PAGE


def test_the_safety_case_on_the_page_is_one() -> None:
    ours = safety_case_of(SAFETY_CASE)
    assert parse_safety_case(_block("yaml")).claims == ours.claims


@pytest.mark.parametrize("name", sorted(STATED))
def test_every_field_is_explained(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("words", [Autonomy, Measure, Novelty, Trait, Level])
def test_every_word_is_named(words: type[Autonomy]) -> None:
    for word in words:
        assert word.value in PAGE

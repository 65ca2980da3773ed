"""The law of rehearsals: rulebook, review policy, questionnaire, accelerators.

package data -> what an agency at practice scale goes by
"""

import functools
from importlib import resources

from assent.authorisation.review import (
    Questionnaire,
    ReviewPolicy,
    parse_policy,
    parse_questionnaire,
)
from assent.compute.hardware import AcceleratorTable, parse_accelerators
from assent.rulebook import Rulebook, load_rulebook

_REVIEW = resources.files("assent.authorisation.review")
_TITLE = "PRACTICE rulebook: laptop-scale thresholds, not law"


@functools.cache
def practice_policy() -> ReviewPolicy:
    """Return the review policy for rehearsals."""
    return parse_policy((_REVIEW / "policies" / "practice.yaml").read_text("utf-8"))


@functools.cache
def questionnaire() -> Questionnaire:
    """Return the questionnaire of fifty practices."""
    text = (_REVIEW / "responsibility" / "practices.yaml").read_text("utf-8")
    return parse_questionnaire(text)


def practice_rulebook() -> Rulebook:
    """Return the rulebook for rehearsals."""
    return practice_rulebook_from(None)


@functools.cache
def practice_rulebook_from(permit_flop: int | None) -> Rulebook:
    """Return the rulebook for rehearsals; its thresholds from this on, if given."""
    folder = resources.files("assent.rulebook") / "practice"
    texts = {
        entry.name: _with_threshold(entry.read_text("utf-8"), permit_flop)
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }
    return load_rulebook(texts, title=_TITLE)


def _with_threshold(text: str, permit_flop: int | None) -> str:
    if permit_flop is None:
        return text
    for written, flop in {
        "value: 1e15}": permit_flop,
        "value: 5e15\n": 10 * permit_flop,
        "value: 1e18,": 100 * permit_flop,
    }.items():
        text = text.replace(written, f"value: '{flop}'{written[-1]}", 1)
    return text


@functools.cache
def accelerators() -> AcceleratorTable:
    """Return the accelerators that ship with assent."""
    folder = resources.files("assent.compute.hardware")
    return parse_accelerators((folder / "accelerators.csv").read_text("utf-8"))

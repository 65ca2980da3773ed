"""A drafted application as text to complete: what is known, and what can be said.

Application -> YAML with comments, which parses as it is

A line that begins with one # is a proposal: take the # away to use it. A line that
begins with ## explains. The words are those of the review, so nothing has to be looked
up, and a word that the review learns appears here by itself.
"""

import json
from collections.abc import Iterable
from enum import StrEnum

from assent.apps.cli.apply.desk import yaml_text
from assent.authorisation.application import Application
from assent.authorisation.review import (
    Autonomy,
    Capability,
    DataStanding,
    Level,
    Measure,
    Novelty,
    Questionnaire,
    Status,
    Trait,
)

_FILLED_IN = (
    "assent",
    "matter",
    "developer",
    "title",
    "run_id",
    "purpose",
    "provider",
    "declaration",
    "assessment",
    "requested",
)
_HEAD = """\
## An application to train. `assent apply check THIS_FILE` says what it still lacks.
## What is filled in comes from the declaration and its assessment: check it. Then take
## the # away from the lines below that you need, and correct them.
"""
_EVIDENCE = """
## Documents, by their digests. Refer to them by their ids wherever it says `evidence`.
## Add one with: assent apply evidence THIS_FILE --id ID --title T --role R DOCUMENT
evidence: []
"""
_SAFETY = """
## Why the run is safe. Claims rest on arguments and evidence, arguments on claims; one
## claim, at the top, supports nothing. Kinds: claim, argument, evidence.
#safety_case:
#  format: assent-safety-case/1
#  title: Why this run is safe
#  nodes:
#    - {id: safe, kind: claim, text: The run harms nobody.}
#    - {id: shown, kind: evidence, text: What shows it., supports: safe, evidence: risk-assessment}
#  assumptions: []   # {id: …, text: …, reason: …}, named by `assumes: […]` in a node
#  defeaters: []     # {id: …, against: NODE, text: a doubt, state: open or answered, answer: …}
"""  # noqa: E501 - lines of the file that is written


def scaffold_application(application: Application, asked: Questionnaire) -> str:
    """Return the text of a draft, with a proposal for each part that is empty."""
    plain = json.loads(json.dumps(application.plain))  # in the form's order
    parts = [yaml_text({name: plain[name]}) for name in _FILLED_IN]
    if application.requested is None:
        parts[-1] = _requested()
    return "".join(
        [
            _HEAD,
            *parts,
            _EVIDENCE,
            _practices(asked),
            _run_properties(),
            _SAFETY,
            _oversight(application),
        ]
    )


def _requested() -> str:
    return (
        "## The assessment found no upper bound of the run's compute, so no caps.\n"
        '#requested: {flop: "4e25", weights: "70e9", chips: {h100_sxm: 1024},'
        " sites: [SITE],\n"
        "#  not_before: 2027-03-01T00:00:00Z, not_after: 2027-09-01T00:00:00Z}\n"
    )


def _practices(asked: Questionnaire) -> str:
    lines = [
        f"## How you work: {asked.title}.",
        f"## status: {_words(Status)} (which needs a note).",
        "#practices:",
        "#  answers:",
    ]
    for practice in asked.practices.values():
        lines += [
            f"## {practice.question}",
            f'#    - {{practice: {practice.id}, status: absent, evidence: [], note: ""}}',  # noqa: E501 - as above
        ]
    return _text(lines)


def _run_properties() -> str:
    expected = _words(Level)
    return _text(
        [
            "## What kind of run it is. What is null or left out is unknown.",
            "#run_properties:",
            "## your largest run before this one, 0 if there was none; FLOP as 1e25",
            "#  previous_run_flop: null",
            "#  reinforcement_learning_flop: null",
            f"#  autonomy: null          # {_words(Autonomy)}",
            f"#  novelty: null           # {_words(Novelty)}",
            f"#  data: null              # {_words(DataStanding)}",
            "#  security_level: null    # 1 to 5, where the weights are",
            "## true or false:",
            "#  traits:",
            *(f"#    {trait}: null   # {trait.words}" for trait in Trait),
            "#  containment:",
            *(f"#    {measure}: null" for measure in Measure),
            f"## trained_for: true or false; expected: {expected}",
            "#  hazards:",
            *(
                f"#    {capability}: {{trained_for: null, expected: unknown}}"
                for capability in Capability
            ),
        ]
    )


def _oversight(application: Application) -> str:
    caps = application.requested
    first = "1e24" if caps is None else str(max(1, caps.flop // 4))
    return _text(
        [
            "## What overseers get: parts per million of the compute; at which FLOP",
            "## the run stops until evaluations are passed. Evaluations, for example:",
            f"## {_words(Capability)}.",
            "#oversight:",
            "#  flop_share_ppm: 10000",
            "#  points:",
            f'#    - {{at_flop: "{first}", evaluations: [cyber_offence, deception]}}',
        ]
    )


def _words(kinds: Iterable[StrEnum]) -> str:
    return ", ".join(kinds)


def _text(lines: list[str]) -> str:
    return "\n" + "".join(f"{line}\n" for line in lines)

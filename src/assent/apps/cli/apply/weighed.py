"""A review in words for a terminal: verdict, reasons, questions, findings, score.

Weighing -> lines
"""

from assent.authorisation.review import Verdict, Weighing
from assent.authorisation.review.shape import percent
from assent.vocabulary import format_count

_VERDICTS = {
    Verdict.REFUSE: "REFUSE: the rules of the policy refuse it",
    Verdict.ASK: "ASK: more must be known before it is put to the vote",
    Verdict.MAY_BE_PROPOSED: "MAY BE PROPOSED: only the members can grant it",
}
_ABOUT_WIDTH = 28
_LEVEL_WIDTH = 13


def weighing_lines(weighing: Weighing) -> list[str]:
    """Return all that a review came to, for officers and for the applicant."""
    return [
        _VERDICTS[weighing.verdict],
        *_listed("reasons", weighing.reasons),
        *_listed("asked of the applicant", _asked(weighing, "applicant")),
        *_listed("asked of the officers", _asked(weighing, "officer")),
        *_findings(weighing),
        *_responsibility(weighing),
        *_permit(weighing),
        f"review {weighing.digest} on {weighing.on} by {weighing.policy_id}",
    ]


def _asked(weighing: Weighing, of: str) -> list[str]:
    return [asked.text for asked in weighing.questions if asked.of == of]


def _listed(title: str, texts: list[str] | tuple[str, ...]) -> list[str]:
    return [f"{title}:", *(f"  - {text}" for text in texts)] if texts else []


def _findings(weighing: Weighing) -> list[str]:
    return [
        "findings:",
        *(
            f"  {found.about:<{_ABOUT_WIDTH}} {found.level:<{_LEVEL_WIDTH}}"
            f" {found.reason} ({found.by})"
            for found in weighing.findings
        ),
    ]


def _responsibility(weighing: Weighing) -> list[str]:
    found = weighing.responsibility
    gates = [
        f"  {'passed' if gate.passed else 'NOT PASSED':<10}  {gate.practice}:"
        f" {gate.reason}"
        for gate in found.gates
    ]
    score, share = percent(found.score), percent(found.coverage)
    return [
        f"score {score}, of practices by weight {share} were assessed",
        *(["gates:", *gates] if gates else []),
    ]


def _permit(weighing: Weighing) -> list[str]:
    points = [
        f"at {format_count(point.at_flop)} FLOP: {', '.join(point.evaluations)}"
        for point in weighing.oversight_points
    ]
    return [
        *_listed("a permit would carry", weighing.provisos),
        *_listed("and stop for evaluations", points),
    ]

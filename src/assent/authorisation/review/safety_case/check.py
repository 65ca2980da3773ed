"""Find what a safety case lacks, whoever judges it.

SafetyCase + the evidence that was accepted -> findings; none if it is complete

A complete case is no true one: whether a claim follows from what supports it is for
people to judge (`judgement`).
"""

from collections.abc import Collection
from dataclasses import dataclass

from assent.authorisation.review.safety_case.case import Kind, Node, SafetyCase
from assent.vocabulary import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinding:
    """What is wrong, and with which node."""

    node: str
    problem: str

    @property
    def plain(self) -> dict[str, Plain]:
        """The finding as plain values."""
        return {"node": self.node, "problem": self.problem}


def check_safety_case(
    case: SafetyCase, evidence_ids: Collection[str]
) -> list[CaseFinding]:
    """Return every lack, in the order of the document."""
    stated = {made.id for made in case.assumptions}
    used: set[str] = set()
    below = case.below
    findings = []
    for node in case.nodes:
        used.update(node.assumes)
        problems = _support(node, below[node.id], evidence_ids)
        problems += [
            f"it rests on the assumption {name}, which is not stated"
            for name in node.assumes
            if name not in stated
        ]
        findings += [CaseFinding(node=node.id, problem=text) for text in problems]
    findings += [
        CaseFinding(node=doubt.against, problem=f"the doubt {doubt.id} is not answered")
        for doubt in case.defeaters
        if doubt.answer is None
    ]
    findings += [
        CaseFinding(
            node=case.top.id, problem=f"no node says that it rests on {made.id}"
        )
        for made in case.assumptions
        if made.id not in used
    ]
    return findings


def _support(node: Node, below: list[Node], evidence_ids: Collection[str]) -> list[str]:
    if node.kind is Kind.ARGUMENT:
        return [] if below else ["the argument leads to no claim that supports it"]
    if node.kind is Kind.CLAIM:
        return [] if below else ["nothing supports the claim"]
    if node.evidence not in evidence_ids:
        return [f"its evidence {node.evidence} is not among what was accepted"]
    return []

"""A safety case: a tree of claims, arguments and evidence.

A claim is supported by arguments and by evidence, an argument by further claims. The
document is a flat list whose nodes name what they support, so that no depth of nesting
can overflow a reader.

    claim  <- argument <- claim <- evidence
"""

from dataclasses import dataclass
from enum import StrEnum

from assent.vocabulary import InputError


class SafetyCaseInvalid(InputError):
    """This is no safety case: its nodes do not form a tree below one claim."""


class Kind(StrEnum):
    """What a node is."""

    CLAIM = "claim"
    ARGUMENT = "argument"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node, and which it supports.

    Attributes:
        id: its name in the case.
        kind: claim, argument or evidence.
        text: what it says.
        supports: the node above; None for the top claim.
        evidence: of a node of evidence, its name in the application.
        assumes: assumptions that it rests on, by id.
        confidence: how sure the author is: a level or a decimal text; shown, and never
            computed with, for nobody knows how to combine such numbers.

    """

    id: str
    kind: Kind
    text: str
    supports: str | None
    evidence: str | None
    assumes: tuple[str, ...]
    confidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """What is taken for given, and why."""

    id: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Defeater:
    """A doubt about a node: open, or answered."""

    id: str
    against: str
    text: str
    answer: str | None  # None while it is open


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyCase:
    """The case; `digest` is of the document, canonically."""

    title: str
    digest: str
    nodes: tuple[Node, ...]
    assumptions: tuple[Assumption, ...]
    defeaters: tuple[Defeater, ...]

    @property
    def top(self) -> Node:
        """The claim that all the others are for."""
        return next(node for node in self.nodes if node.supports is None)

    @property
    def claims(self) -> tuple[Node, ...]:
        """All claims, in the document's order."""
        return tuple(node for node in self.nodes if node.kind is Kind.CLAIM)

    @property
    def below(self) -> dict[str, list[Node]]:
        """The nodes that support each node, in the document's order."""
        found: dict[str, list[Node]] = {node.id: [] for node in self.nodes}
        for node in self.nodes:
            if node.supports is not None:
                found[node.supports].append(node)
        return found

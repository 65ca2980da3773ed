"""Read a safety case strictly: one tree, of bounded size, below one claim.

YAML or JSON text, plain value -> SafetyCase
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from assent.authorisation.review.safety_case.case import (
    Assumption,
    Defeater,
    Kind,
    Node,
    SafetyCase,
    SafetyCaseInvalid,
)
from assent.authorisation.review.shape import (
    Label,
    Line,
    Name,
    Part,
    fields_of,
    read_form,
)
from assent.vocabulary import AssentError, digest, parse_yaml

NODES_MAX = 1_000  # officers judge every claim; beyond this nobody reads it
DEPTH_MAX = 40  # of the tree; deeper, no reader keeps the thread
_DOUBTS_MAX = 1_000
_ABOVE = {
    Kind.CLAIM: Kind.ARGUMENT,
    Kind.ARGUMENT: Kind.CLAIM,
    Kind.EVIDENCE: Kind.CLAIM,
}

Confidence = Annotated[str, Field(pattern=r"^(?:low|moderate|high|0\.[0-9]{1,6}|1)\z")]


class _Node(Part):
    id: Label
    kind: Annotated[Kind, Field(strict=False)]
    text: Line
    supports: Label | None = None
    evidence: Label | None = None
    assumes: list[Label] = Field(default=[], max_length=64)
    confidence: Confidence | None = None


class _Assumption(Part):
    id: Label
    text: Line
    reason: Line


class _Defeater(Part):
    id: Label
    against: Label
    text: Line
    state: Literal["open", "answered"]
    answer: Line | None = None


class _Case(Part):
    format: Literal["assent-safety-case/1"]
    title: Name
    nodes: list[_Node] = Field(min_length=1, max_length=NODES_MAX)
    assumptions: list[_Assumption] = Field(default=[], max_length=_DOUBTS_MAX)
    defeaters: list[_Defeater] = Field(default=[], max_length=_DOUBTS_MAX)


def parse_safety_case(text: str) -> SafetyCase:
    """Return the safety case that a YAML or JSON text is.

    Raises:
        DocumentInvalid, DocumentTooLarge: if it is neither YAML nor JSON.
        SafetyCaseInvalid: if it is no tree below one claim.

    """
    return safety_case_of(parse_yaml(text).value)


def safety_case_of(value: Any) -> SafetyCase:  # noqa: ANN401 - any plain value
    """Return the safety case that plain values describe.

    Raises:
        SafetyCaseInvalid: if it is no tree below one claim.

    """
    form = read_form(_Case, value, SafetyCaseInvalid, "safety case")
    try:
        document_digest = digest(value)
    except AssentError as error:
        raise _invalid(error.message) from None
    nodes = tuple(
        Node(assumes=tuple(node.assumes), **fields_of(node, "assumes"))
        for node in form.nodes
    )
    _check_tree(nodes)
    _distinct("assumption", (made.id for made in form.assumptions))
    _distinct("defeater", (made.id for made in form.defeaters))
    known = {node.id for node in nodes}
    for doubt in form.defeaters:
        if doubt.against not in known:
            raise _invalid(f"the defeater {doubt.id} is against no node")
        if (doubt.state == "answered") != (doubt.answer is not None):
            raise _invalid(f"the defeater {doubt.id} is answered, or it has no answer")
    return SafetyCase(
        title=form.title,
        digest=document_digest,
        nodes=nodes,
        assumptions=tuple(Assumption(**fields_of(made)) for made in form.assumptions),
        defeaters=tuple(
            Defeater(**fields_of(doubt, "state")) for doubt in form.defeaters
        ),
    )


def _check_tree(nodes: tuple[Node, ...]) -> None:
    _distinct("node", (node.id for node in nodes))
    by_id = {node.id: node for node in nodes}
    tops = [node for node in nodes if node.supports is None]
    if len(tops) != 1 or tops[0].kind is not Kind.CLAIM:
        raise _invalid("exactly one node, a claim, supports no other")
    for node in nodes:
        if (node.kind is Kind.EVIDENCE) != (node.evidence is not None):
            raise _invalid(
                f"{node.id}: evidence names a document, and nothing else does"
            )
        if node.supports is not None:
            above = by_id.get(node.supports)
            if above is None:
                raise _invalid(
                    f"{node.id} supports {node.supports}, which is not there"
                )
            if above.kind is not _ABOVE[node.kind]:
                raise _invalid(f"{node.id}: {node.kind} cannot support {above.kind}")
        _check_depth(node, by_id)


def _check_depth(node: Node, by_id: Mapping[str, Node]) -> None:
    """Refuse a node from which the top is not reached: a cycle never ends."""
    above: Node | None = node
    for _ in range(DEPTH_MAX):
        if above is None or above.supports is None:
            return
        above = by_id.get(above.supports)
    raise _invalid(f"{node.id} is more than {DEPTH_MAX} deep, or supports itself")


def _distinct(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise _invalid(f"the {what} {name} stands twice")
        seen.add(name)


def _invalid(why: str) -> SafetyCaseInvalid:
    return SafetyCaseInvalid(
        f"This is no safety case: {why}.",
        remedy="Correct the document; docs/review.md explains its parts.",
    )

"""A safety case as an outline that people read from top to bottom.

SafetyCase -> lines of text
"""

from assent.authorisation.review.safety_case.case import Node, SafetyCase


def outline(case: SafetyCase) -> list[str]:
    """Return the case in lines, each node indented below what it supports."""
    below = case.below
    doubts: dict[str, list[str]] = {}
    for doubt in case.defeaters:
        answer = "OPEN" if doubt.answer is None else f"answered: {doubt.answer}"
        line = f"doubt {doubt.id}: {doubt.text} [{answer}]"
        doubts.setdefault(doubt.against, []).append(line)
    lines = [case.title]
    waiting: list[tuple[Node, int]] = [(case.top, 0)]
    while waiting:
        node, depth = waiting.pop()
        indent = "  " * depth
        lines.append(indent + _line(node))
        lines += [f"{indent}  {doubt}" for doubt in doubts.get(node.id, [])]
        waiting += [(child, depth + 1) for child in reversed(below[node.id])]
    lines += [
        f"assumption {made.id}: {made.text} (because {made.reason})"
        for made in case.assumptions
    ]
    return lines


def _line(node: Node) -> str:
    parts = [f"{node.kind} {node.id}: {node.text}"]
    if node.evidence is not None:
        parts.append(f"[{node.evidence}]")
    if node.assumes:
        parts.append(f"(assuming {', '.join(node.assumes)})")
    if node.confidence is not None:
        parts.append(f"(confidence {node.confidence})")
    return " ".join(parts)

"""Three-valued logic, piece by piece: what can be said of one condition on partly known facts."""

from __future__ import annotations

from .blocks import passes
from .catalogue import FACTS
from .rules import Node
from .told import CELLS, INDEX, ITEM, NOT_GIVEN, Told, span


def kleene(node: Node, told: Told) -> bool | None:
    """Whether a piece of a rule holds; None when what is told does not say.

    Exact for one condition over facts each read once; where branches overlap it may say None where
    every completion agrees, which is why verdicts come from `blocks`.
    """
    if node.kind == "undecided":
        return None
    if node.kind == "all":
        parts = [kleene(part, told) for part in node.parts]
        return False if False in parts else None if None in parts else True
    if node.kind == "any":
        parts = [kleene(part, told) for part in node.parts]
        return True if True in parts else None if None in parts else False
    if node.kind == "ratio":
        return _ratio(node, told)
    bits = told.info[INDEX[node.fact]]
    if node.kind == "any_of":
        if any(not bits & ITEM[item] for item in node.values):
            return True
        return None if bits & NOT_GIVEN else False
    answers = {passes(node, cell) for n, cell in enumerate(CELLS[node.fact]) if bits >> n & 1}
    return answers.pop() if len(answers) == 1 else None


def _ratio(node: Node, told: Told) -> bool | None:
    spans = []
    for name in (node.fact, node.of):
        value = told.facts.get(name)
        spans.append((0.0, float("inf")) if value is None else span(FACTS[name], value))
    (low, high), (base_low, base_high) = spans
    if high <= base_low * node.threshold:
        return True
    return False if low > base_high * node.threshold else None

"""How often each answer is expected (`prior`): it orders questions, and never decides."""

from __future__ import annotations

from itertools import pairwise

from .catalogue import FACTS, Fact
from .told import CELLS, CUTS, ITEMS


def _number_weights(fact: Fact) -> list[float]:
    """The share of each cell, numbers being evenly spread between the bounds of the prior."""
    edges = [float(fact.minimum or 0), *CUTS[fact.name], float("inf")]
    weights = [0.0] * (len(edges) - 1)
    low = edges[0]
    for high, share in fact.prior:
        for cell, (start, end) in enumerate(pairwise(edges)):
            inside = min(high, end) - max(low, start)
            if inside > 0:
                weights[cell] += share * inside / (high - low)
        low = high
    return weights


def _weights(fact: Fact) -> list[float]:
    if fact.prior is None:
        return [1.0] * max(len(CELLS[fact.name]), 1)
    if fact.type in ("integer", "number"):
        return _number_weights(fact)
    if fact.type == "boolean":
        return [1 - fact.prior["true"], fact.prior["true"]]
    if fact.type == "department":
        groups = {name: set(fact.groups[name]) for name in fact.prior if name != "other"}
        return [
            next((fact.prior[name] for name, codes in groups.items() if cell[0] in codes), 0.0)
            or fact.prior["other"] / _others(fact)
            for cell in CELLS[fact.name]
        ]
    return [fact.prior[value] for value in CELLS[fact.name]]


def _others(fact: Fact) -> int:
    """How many cells of departments share the prior of all the others."""
    named = {code for name in fact.prior if name != "other" for code in fact.groups[name]}
    return sum(cell[0] not in named for cell in CELLS[fact.name])


WEIGHTS = {name: _weights(fact) for name, fact in FACTS.items() if fact.type != "list"}
"""For each fact, the expected share of each of its cells."""

ITEM_WEIGHTS = dict(zip(ITEMS, (FACTS["difficulties"].prior[item] for item in ITEMS), strict=True))
"""How often each difficulty is told."""

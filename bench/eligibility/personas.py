"""Invented people, drawn from the distributions stated in the fact catalogue (`prior`)."""

from __future__ import annotations

import random
from typing import Any

from seuil.eligibility import FactError, catalogue, derive
from seuil.eligibility.expected import ITEM_WEIGHTS, WEIGHTS
from seuil.eligibility.told import CELLS, CUTS

RENTS = ((450, 0.30), (700, 0.25), (1000, 0.33), (1400, 0.05), (2000, 0.07))
"""Rents with charges (€ a month), one for each cell that the rules know, and its share."""
RESOURCES = ((500, 0.15), (1300, 0.25), (2000, 0.30), (4000, 0.30))

TIED = {
    "violences": "family_violence",
    "catastrophe": "disaster",
    "sans_hebergement": "homeless",
    "aucune": "",
}
"""Difficulties that another fact tells as well: never drawn by themselves."""


def samples(name: str) -> list[tuple[Any, float]]:
    """One value for each cell of a fact, with its share."""
    if name == "rent_with_charges":
        return list(RENTS)
    if name == "household_resources":
        return list(RESOURCES)
    fact = catalogue()[name]
    if fact.type in ("integer", "number"):
        lows = [fact.minimum or 0, *CUTS[name]]
        values: list[Any] = [int(low) if fact.type == "integer" else low for low in lows]
    elif fact.type == "department":
        values = [cell[0] for cell in CELLS[name]]
    else:
        values = list(CELLS[name])
    return list(zip(values, WEIGHTS[name], strict=True))


FREE_ITEMS = {item: share for item, share in ITEM_WEIGHTS.items() if item not in TIED}
NAMES = tuple(
    name
    for name, fact in catalogue().items()
    if name not in ("as_of", "audience", "employee_agrees", "immediate_danger", "difficulties")
)


def persona(draw: random.Random) -> dict[str, Any]:
    """One person: every fact, consistent, with the list of difficulties that goes with them."""
    while True:
        found = {}
        for name in NAMES:
            values, shares = zip(*samples(name), strict=True)
            found[name] = draw.choices(values, shares)[0]
        items = {item for item, share in FREE_ITEMS.items() if draw.random() < share}
        found["difficulties"] = shown(found, items)
        if not found["job_promised"]:
            del found["job_start_in_months"]
        try:
            derive(found)
        except FactError:
            continue
        return found


def shown(facts: dict[str, Any], items: set[str]) -> list[str]:
    """The whole list as this person would answer it."""
    picked = set(items)
    if facts["family_violence"]:
        picked.add("violences")
    if facts["disaster"] != "aucune":
        picked.add("catastrophe")
    if facts["homeless"]:
        picked.add("sans_hebergement")
    if facts["overindebtedness_file"]:
        picked.add("surendettement")
    return sorted(picked) or ["aucune"]


def personas(count: int, seed: int = 2023) -> list[dict[str, Any]]:
    """`count` people, the same ones for the same seed."""
    draw = random.Random(seed)
    return [persona(draw) for _ in range(count)]

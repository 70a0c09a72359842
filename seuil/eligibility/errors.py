"""The one error of the engine: facts that cannot be taken."""

from __future__ import annotations


class FactError(ValueError):
    """A fact that cannot be taken; its text is a French sentence for whoever gave it.

    Attributes:
        fact: the name of the (first) fact at fault, or an empty string when the whole is at fault.
        facts: the names of all the facts at fault; two for a contradiction.
    """

    def __init__(self, text: str, *facts: str) -> None:
        super().__init__(text)
        self.facts: tuple[str, ...] = facts
        self.fact: str = facts[0] if facts else ""

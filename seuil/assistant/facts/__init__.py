"""Facts read from what people write, in French, at every turn.

``read(text, asked, as_of, audience, known)`` returns a :class:`FactReading`; the words it knows are
in ``data/``, the logic is split by family of facts.
"""

from seuil.assistant.facts.reader import FactReading, read

__all__ = ["FactReading", "read"]

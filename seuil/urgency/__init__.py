"""Urgency: what a message says of no roof, of violence at home, of danger now; and what to answer.

Pure Python and PyYAML; no state, no clock, no network. See ``urgency.md`` in the specification.
"""

from seuil.urgency.flags import FLAGS
from seuil.urgency.numbers import Number, number, numbers
from seuil.urgency.reading import Reading, read
from seuil.urgency.sentences import Emergency, emergency, gentle_question, moment
from seuil.urgency.text import fold, normalise

__all__ = [
    "FLAGS",
    "Emergency",
    "Number",
    "Reading",
    "emergency",
    "fold",
    "gentle_question",
    "moment",
    "normalise",
    "number",
    "numbers",
    "read",
]

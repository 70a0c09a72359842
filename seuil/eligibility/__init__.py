"""The eligibility rules, as data with dates and sources, and the engine that applies them.

    >>> from seuil.eligibility import assess
    >>> assess({"contract": "stage"}, ["accompagnement_social"]).services[0].verdict
    'not_eligible'

Pure, Python 3.10 and newer, PyYAML only.
"""

from .catalogue import Fact, catalogue
from .deriving import derive, whole_list
from .engine import Assessed, Assessment, Reason, assess, priority
from .errors import FactError
from .questions import next_question
from .rules import SERVICES, service_title

__all__ = [
    "SERVICES",
    "Assessed",
    "Assessment",
    "Fact",
    "FactError",
    "Reason",
    "assess",
    "catalogue",
    "derive",
    "next_question",
    "priority",
    "service_title",
    "whole_list",
]

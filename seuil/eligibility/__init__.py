"""The eligibility rules, as data with dates and sources, and the engine that applies them.

    >>> from seuil.eligibility import assess
    >>> assess({"contract": "stage"}, ["accompagnement_social"]).services[0].verdict
    'not_eligible'

Pure, Python 3.10 and newer, PyYAML only.
"""

from .catalogue import Fact, catalogue
from .changes import changes
from .deriving import derive, whole_list
from .engine import Assessed, Assessment, assess, priority
from .errors import FactError
from .explain import explain, rule, rules
from .labels import fact_line, fact_title, value_label
from .program import Reason
from .questions import next_question
from .rules import SERVICES, service_title
from .thresholds import below_threshold, threshold_to_ask
from .wayout import wayout

__all__ = [
    "SERVICES",
    "Assessed",
    "Assessment",
    "Fact",
    "FactError",
    "Reason",
    "assess",
    "below_threshold",
    "catalogue",
    "changes",
    "derive",
    "explain",
    "fact_line",
    "fact_title",
    "next_question",
    "priority",
    "rule",
    "rules",
    "service_title",
    "threshold_to_ask",
    "value_label",
    "wayout",
    "whole_list",
]

"""Moments as people say them, in Paris."""

from __future__ import annotations

from datetime import datetime

from seuil.web.rendering import clock, near_day


def spoken_moment(moment: datetime, now: datetime) -> str:
    """Return ``aujourd'hui à 15 h``, ``demain à 9 h`` or ``lundi 23 novembre à 10 h``."""
    return f"{near_day(moment, now)} à {clock(moment)}"

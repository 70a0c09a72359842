"""The fixed, reviewed French sentences of the urgent flow (urgency.md, points 2 to 6).

Nothing here is generated: whole paragraphs of ``sentences.yml`` are chosen and put in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from seuil.urgency.files import load
from seuil.urgency.flags import FLAGS
from seuil.urgency.numbers import Number, number

AUDIENCES = ("salarie", "rh", "partenaire", "agent")


@dataclass(frozen=True)
class Emergency:
    """What to show at once.

    ``text``: French paragraphs separated by a blank line, the numbers written in them.
    ``numbers``: the same numbers, first to call first, for ``tel:`` and ``sms:`` links.
    ``notes``: French sentences to show beside the links (what a call leaves on the phone).
    """

    text: str
    numbers: tuple[Number, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON: ``text``, ``numbers`` (see :meth:`Number.as_json`), ``notes``."""
        return {
            "text": self.text,
            "numbers": [row.as_json() for row in self.numbers],
            "notes": list(self.notes),
        }


def _data() -> dict[str, Any]:
    data: dict[str, Any] = load("sentences.yml")
    return data


def _audience(audience: str | None) -> str:
    # A safety text is never withheld for an audience that is not known.
    return audience if audience in AUDIENCES else "salarie"


def emergency(
    flags: Iterable[str],
    audience: str | None = "salarie",
    clues: Iterable[str] = (),
) -> Emergency:
    """The fixed answer to an urgent message.

    ``flags``: names of ``FLAGS``; others are ignored, and none at all gives the numbers alone.
    ``clues``: ``"suicide"`` or ``"child"`` among :attr:`Reading.themes`, which choose the
    variants that put the 3114 and the 15, or the 119, forward. With ``immediate_danger`` the
    numbers to call come before anything else is said.
    """
    raised = [flag for flag in FLAGS if flag in set(flags)]
    themes = set(clues)
    parts = _parts(raised, themes)
    data, who = _data(), _audience(audience)
    if not raised:
        return Emergency(data["none"][who], _numbers(["none"]), (data["notes"]["trace"][who],))
    texts = {name: data["paragraphs"][name][who] for name in parts}
    first = next(kind for kind in data["thanks"] if kind in raised)
    texts["thanks"] = data["thanks"][first][who]
    texts["choice"] = data["paragraphs"]["choice"][who]
    paragraphs = [texts[name] for name in data["order"] if name in texts]
    shown = [name for name in data["order"] if name in parts]
    notes = ["trace", "bills"] if "violence" in parts else ["trace"]
    return Emergency(
        "\n\n".join(paragraphs),
        _numbers(shown),
        tuple(data["notes"][note][who] for note in notes),
    )


def _parts(raised: list[str], themes: set[str]) -> list[str]:
    parts = []
    danger = "immediate_danger" in raised
    if danger and "suicide" in themes:
        parts.append("suicide")
    if danger and ("suicide" not in themes or "family_violence" in raised):
        parts.append("danger")
    if "child" in themes:
        parts.append("child_now" if danger else "child")
    if "family_violence" in raised:
        parts.append("violence")
    if "homeless" in raised:
        parts.append("homeless")
    return parts


def _numbers(parts: Iterable[str]) -> tuple[Number, ...]:
    lists = _data()["numbers"]
    identifiers = dict.fromkeys(identifier for part in parts for identifier in lists[part])
    return tuple(number(identifier) for identifier in identifiers)


def gentle_question(flag: str, audience: str | None = "salarie") -> str:
    """The one closed question asked when ``flag`` is only suspected.

    "Non" confirms ``homeless``; "oui" confirms the two others. ``KeyError`` on an unknown flag.
    """
    question: str = _data()["questions"][flag][_audience(audience)]
    return question


def moment(name: str, audience: str | None = "salarie") -> str:
    """Another fixed sentence of the flow: ``offer``, ``refused`` or ``unsure``."""
    sentence: str = _data()["moments"][name][_audience(audience)]
    return sentence

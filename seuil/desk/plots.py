"""Plots of the supervisor's page, drawn as SVG shapes for a template to place and name.

A plot never stands alone: the page gives the same figures in a table beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seuil.desk.figures import Week
from seuil.desk.model import PRIORITIES

WIDTH, HEIGHT, FOOT = 640, 200, 24
_GAP = 0.25


@dataclass(frozen=True)
class Bar:
    """A rectangle of a plot; `kind` names its colour, `x` to `height` are in its units."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """The bars of one week, or of one priority, and where its label stands."""

    label: str
    middle: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Plot:
    """Stacked columns; `top` is the value at the top."""

    top: int
    columns: tuple[Column, ...]


def waiting(
    waiting_now: Mapping[str, int], overdue: Mapping[str, int], names: Mapping[str, str]
) -> Plot:
    """Cases that wait now, by priority: those still in time, and those late."""
    return _stacked(
        [names[priority] for priority in PRIORITIES],
        [[("on_time", waiting_now[p] - overdue[p]), ("late", overdue[p])] for p in PRIORITIES],
    )


def received(weeks: Sequence[Week]) -> Plot:
    """Cases received a week, by priority; hidden counts are not drawn."""
    return _stacked(
        _mondays(weeks), [[(p, week.received[p] or 0) for p in PRIORITIES] for week in weeks]
    )


def promises(weeks: Sequence[Week]) -> Plot:
    """Cases taken in time and late, a week."""
    return _stacked(
        _mondays(weeks),
        [[("on_time", week.on_time or 0), ("late", week.late or 0)] for week in weeks],
    )


def _mondays(weeks: Sequence[Week]) -> list[str]:
    return [week.monday.strftime("%d/%m") for week in weeks]


def _stacked(labels: Sequence[str], stacks: Sequence[Sequence[tuple[str, int]]]) -> Plot:
    top = max(5, *(sum(count for _, count in stack) for stack in stacks))
    step = WIDTH / len(stacks)
    room = HEIGHT - FOOT
    columns = []
    for index, (label, stack) in enumerate(zip(labels, stacks, strict=True)):
        bars, floor = [], float(room)
        for kind, count in stack:
            height = room * count / top
            floor -= height
            if count:
                left = index * step + step * _GAP / 2
                bars.append(
                    Bar(kind, *(round(v, 1) for v in (left, floor, step * (1 - _GAP), height)))
                )
        columns.append(Column(label, round((index + 0.5) * step, 1), tuple(bars)))
    return Plot(top, tuple(columns))

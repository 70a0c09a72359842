"""Figures that say how the desk fares and nothing of anyone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seuil.desk import Desk
from seuil.desk.figures import SMALLEST, hide_small
from seuil.desk.model import PRIORITIES
from seuil.desk.plots import HEIGHT, WIDTH, received, waiting

from .conftest import CLAIRE, Clock, flags

TakeIn = Callable[..., Any]


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 30), max_size=8))
def test_no_small_count_is_shown_nor_found_by_subtraction(counts: dict[str, int]) -> None:
    shown = hide_small(counts)
    hidden = [name for name, count in shown.items() if count is None]
    assert all(count is None or count == 0 or count >= SMALLEST for count in shown.values())
    assert all(shown[name] in (None, count) for name, count in counts.items())
    if any(0 < count < SMALLEST for count in counts.values()):
        large = [n for n, count in counts.items() if count >= SMALLEST]
        assert len(hidden) >= 2 or not large
    else:
        assert hidden == []


async def test_weeks_outcomes_and_departments(desk: Desk, take_in: TakeIn, clock: Clock) -> None:
    for _ in range(6):
        await take_in(flags=flags("homeless"))
    clock.pass_(hours=2)
    for _ in range(6):
        view = await desk.claim_next(CLAIRE)
        assert view is not None
        await desk.close_case(view.reference, CLAIRE, "accompanied")
    clock.pass_(days=7)
    for _ in range(5):
        await take_in()
    for _ in range(5):
        await desk.claim_next(CLAIRE)
    figures = await desk.figures()
    last, this = figures.weeks[-2:]
    assert (last.monday, this.monday) == (date(2026, 11, 16), date(2026, 11, 23))
    assert last.label == "2026-W47"
    assert (last.received["urgent"], last.total, last.on_time, last.late) == (6, 6, 0, 6)
    assert (this.received["normal"], this.on_time, this.late) == (5, 5, 0)
    assert figures.outcomes["accompanied"] == 6
    assert figures.departments == {"59": 11}
    assert len(figures.weeks) == 12
    plot = received(figures.weeks)
    bars = [bar for column in plot.columns for bar in column.bars]
    assert [bar.kind for bar in bars] == ["urgent", "normal"]
    assert all(b.x >= 0 and b.x + b.width <= WIDTH and b.y + b.height <= HEIGHT for b in bars)


async def test_a_week_begins_on_monday_in_paris(desk: Desk, take_in: TakeIn, clock: Clock) -> None:
    from datetime import UTC, datetime

    clock.now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # Monday 0:30 in Paris
    for _ in range(5):
        await take_in()
    figures = await desk.figures()
    assert figures.weeks[-1].monday == date(2026, 11, 23)
    assert figures.weeks[-1].total == 5


@pytest.mark.parametrize(("count", "shown"), [(4, None), (5, 5)])
async def test_a_small_total_is_hidden_too(
    desk: Desk, take_in: TakeIn, count: int, shown: int | None
) -> None:
    for _ in range(count):
        await take_in()
    assert (await desk.figures()).weeks[-1].total == shown


def test_the_plot_of_who_waits_holds_each_priority_and_what_is_late() -> None:
    names = {priority: priority.title() for priority in PRIORITIES}
    now = {"critical": 0, "urgent": 2, "high": 0, "normal": 8}
    late = {"critical": 0, "urgent": 1, "high": 0, "normal": 0}

    plot = waiting(now, late, names)

    assert [column.label for column in plot.columns] == [names[p] for p in PRIORITIES]
    drawn = {
        column.label: [(bar.kind, bar.height) for bar in column.bars] for column in plot.columns
    }
    assert drawn["Critical"] == drawn["High"] == []
    assert [kind for kind, _ in drawn["Urgent"]] == ["on_time", "late"]
    assert [kind for kind, _ in drawn["Normal"]] == ["on_time"]
    assert drawn["Normal"][0][1] == 8 * drawn["Urgent"][0][1]

"""The drawing of a rule: frames for "all of" and "one of", cards for the conditions (SVG).

Presentation attributes only, so that a strict content security policy shows it; dark text on light
fields at 7:1 or more; the kind of a frame is written and drawn (plain or dashed), never only
coloured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from textwrap import wrap
from typing import Any

WIDTH = 760
MARGIN = 12
GAP = 10
LINE = 20
INDENT = 16
CHARACTER = 7.6  # the mean width of a character at 15 px, with room to spare
SMALL = 6.7  # the same at 13 px

INK, SOFT = "#1b2430", "#47525f"
FIELDS = {"all": "#f3f6fb", "any": "#fbf6ea", "condition": "#ffffff", "note": "#f6f6f6"}
EDGES = {"all": "#34507a", "any": "#7a5a12", "condition": "#8a94a0", "note": "#8a94a0"}


@dataclass(frozen=True)
class Line:
    """A line of text: its size in pixels, its weight, how far it is set in."""

    text: str
    size: int = 15
    weight: str = "400"
    depth: int = 0


@dataclass
class Box:
    """A frame or a card laid out: its place, its lines, its boxes."""

    kind: str
    x: float
    y: float
    width: float
    height: float = 0
    lines: list[Line] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)


def draw(tree: dict[str, Any], description: str) -> str:
    """The SVG of a rule as `explain.rule` gives it; its text can be selected and read aloud."""
    title = escape(tree["text"])
    if tree["rule"] is None:
        box = _card("note", [(tree["text"], 15, 0)], 0, 0, WIDTH)
    else:
        box = _laid(tree["rule"], 0, 0, WIDTH)
    height = box.height + 2
    body = "\n".join(_drawn(box))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {WIDTH + 2} {height:g}" '
        f'width="{WIDTH}" height="{height:g}" role="img" '
        f'aria-labelledby="rule-title rule-description" font-family="system-ui, sans-serif">\n'
        f'<title id="rule-title">{title}</title>\n'
        f'<desc id="rule-description">{escape(description)}</desc>\n'
        f"{body}\n</svg>\n"
    )


def _laid(piece: dict[str, Any], x: float, y: float, width: float) -> Box:
    if piece["kind"] == "condition":
        texts = [(f"{piece['id']} – {piece['text']}", 15, 0)]
        texts += [(text, 13, depth) for part in piece["parts"] for text, depth in _tests(part, 0)]
        sources = dict.fromkeys(f"{s['document']}, {s['section']}" for s in piece["sources"])
        texts += [(source, 13, 0) for source in sources]
        return _card("condition", texts, x, y, width)
    if not piece["parts"]:
        return _card("note", [(piece["text"], 15, 0)], x, y, width)
    box = Box(piece["kind"], x, y, width, lines=[Line(piece["text"], weight="700")])
    down = y + MARGIN + LINE + GAP / 2
    for part in piece["parts"]:
        inner = _laid(part, x + MARGIN, down, width - 2 * MARGIN)
        box.boxes.append(inner)
        down += inner.height + GAP
    box.height = down - GAP + MARGIN - y
    return box


def _tests(piece: dict[str, Any], depth: int) -> Iterator[tuple[str, int]]:
    """The tests of a condition, one a line, set in by depth."""
    yield f"• {piece['text']}", depth
    for part in piece["parts"]:
        yield from _tests(part, depth + 1)


def _card(kind: str, texts: list[tuple[str, int, int]], x: float, y: float, width: float) -> Box:
    lines = []
    for text, size, depth in texts:
        room = width - 2 * MARGIN - depth * INDENT
        character = CHARACTER if size > 13 else SMALL
        lines += [Line(line, size, "400", depth) for line in wrap(text, int(room / character))]
    return Box(kind, x, y, width, 2 * MARGIN + LINE * len(lines) - 4, lines)


def _drawn(box: Box) -> Iterator[str]:
    dashed = ' stroke-dasharray="6 4"' if box.kind == "any" else ""
    yield (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="8" '
        f'fill="{FIELDS[box.kind]}" stroke="{EDGES[box.kind]}"{dashed}/>'
    )
    for number, line in enumerate(box.lines):
        across = box.x + MARGIN + line.depth * INDENT
        down = box.y + MARGIN + 12 + number * LINE
        ink = INK if line.size > 13 else SOFT
        yield (
            f'<text x="{across:g}" y="{down:g}" font-size="{line.size}" '
            f'font-weight="{line.weight}" fill="{ink}">{escape(line.text)}</text>'
        )
    for inner in box.boxes:
        yield from _drawn(inner)

"""A rule, explained: as a tree for pages and the API, as text, as a graph, as a drawing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .engine import chosen, today
from .rules import DOCUMENTS, RULES, Node, Version
from .told import iso
from .words import SAYS, date, test

FORMATS = ("text", "json", "dot", "svg")

Tree = dict[str, Any]


def rule(service: str, as_of: str | None = None) -> Tree:
    """The rule of a service at a date (today in Paris when None), as plain JSON types, in French.

    `rule` is None when no document was in force; otherwise a node: `{"kind", "text", "parts"}`,
    where `kind` is `all`, `any`, `condition`, `test` or `undecided`. A `condition` has also `id`,
    `yes`, `no` and `sources`; its `parts` are its tests. Raises FactError for an unknown service
    or a date that is not admissible.
    """
    (name,) = chosen([service])
    day = today() if as_of is None else iso(as_of)
    found = RULES[name]
    version = found.at(day)
    head = {"service": name, "title": found.title, "summary": found.summary, "as_of": day}
    if version is None:
        first = found.versions[0].start
        text = SAYS["nothing"].format(title=found.title, as_of=date(day), first=date(first))
        return {**head, "version": None, "text": text, "rule": None}
    return {
        **head,
        "version": {
            "id": version.id,
            "name": version.name,
            "from": version.start,
            "to": version.end,
            "kind": version.kind,
            "verdict": version.verdict,
        },
        "text": heading(version),
        "outcome": SAYS["verdict"][version.verdict],
        "documents": [_document(name) for name in version.documents],
        "rule": _tree(version.when, version),
        "notes": list(version.notes),
        "readings": [{"number": r.number, "text": r.text} for r in version.readings],
    }


def rules(as_of: str | None = None) -> Tree:
    """Every rule at a date: `{"as_of", "services": [as `rule` gives them]}`."""
    day = today() if as_of is None else iso(as_of)
    return {"as_of": day, "services": [rule(service, day) for service in RULES]}


def explain(service: str, as_of: str | None = None, style: str = "text") -> str:
    """The rule of a service at a date, as `text`, `json`, `dot` or `svg`.

    Raises FactError as `rule` does, ValueError for another style.
    """
    return _STYLES[style](rule(service, as_of))


def heading(version: Version) -> str:
    """The service, the name it had, and the dates of the rule."""
    end = SAYS["until"].format(end=date(version.end)) if version.end else SAYS["still"]
    return str(
        SAYS["heading"].format(
            title=RULES[version.service].title,
            name=version.name,
            start=date(version.start),
            end=end,
        )
    )


def _document(name: str) -> Tree:
    document = DOCUMENTS[name]
    return {
        "id": name,
        "title": document.title,
        "kind": document.kind,
        "from": document.start,
        "to": document.end,
        "note": document.note,
    }


def _tree(node: Node, version: Version, inside: bool = False) -> Tree:
    """A piece of a rule; inside a condition, only its tests."""
    if node.condition and not inside:
        condition = version.conditions[node.condition]
        return {
            "kind": "condition",
            "id": condition.id,
            "text": condition.yes,
            "yes": condition.yes,
            "no": condition.no,
            "sources": [source.as_json() for source in condition.sources],
            "parts": [_tree(node, version, inside=True)],
        }
    if node.parts:
        key = f"tests_{node.kind}" if inside else node.kind
        return {
            "kind": node.kind,
            "text": SAYS[key],
            "parts": [_tree(part, version, inside) for part in node.parts],
        }
    kind = "undecided" if node.kind == "undecided" else "test"
    return {"kind": kind, "text": test(node, version), "parts": []}


def _text(tree: Tree) -> str:
    return "\n".join(_text_lines(tree))


def _text_lines(tree: Tree) -> Iterator[str]:
    yield tree["text"]
    if tree["rule"] is None:
        return
    for document in tree["documents"]:
        yield "  " + SAYS["document"].format(**document, start=date(document["from"]))
    yield tree["outcome"]
    yield ""
    yield from _piece_lines(tree["rule"], 0)
    for key in ("notes", "readings"):
        if tree[key]:
            yield ""
            yield SAYS[key]
            for entry in tree[key]:
                yield "  - " + (entry if isinstance(entry, str) else entry["text"])


def _piece_lines(piece: Tree, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if piece["kind"] == "condition":
        yield f"{indent}[{piece['id']}] {piece['text']}"
        for source in piece["sources"]:
            yield f"{indent}    " + SAYS["source"].format(**source)
    else:
        yield f"{indent}- {piece['text']}"
    for part in piece["parts"]:
        yield from _piece_lines(part, depth + 1)


def _json(tree: Tree) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=2)


def _dot(tree: Tree) -> str:
    lines = ["digraph rule {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    if tree["rule"] is None:
        lines.append(f"  n0 [label={_quoted(tree['text'])}];")
    else:
        lines.append(f"  label={_quoted(tree['text'])};")
        lines += _dot_lines(tree["rule"], "n0")
    return "\n".join([*lines, "}"])


def _dot_lines(piece: Tree, name: str) -> Iterator[str]:
    shape = {"all": "octagon", "any": "ellipse", "condition": "box"}.get(piece["kind"], "note")
    label = f"{piece['id']}\n{piece['text']}" if "id" in piece else piece["text"]
    yield f"  {name} [shape={shape}, label={_quoted(label)}];"
    for number, part in enumerate(piece["parts"]):
        yield f"  {name} -> {name}_{number};"
        yield from _dot_lines(part, f"{name}_{number}")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _svg(tree: Tree) -> str:
    from .drawing import draw  # not needed to assess: the import stays light

    return draw(tree, SAYS["svg"].format(heading=tree["text"]))


_STYLES: Mapping[str, Callable[[Tree], str]] = {
    "text": _text,
    "json": _json,
    "dot": _dot,
    "svg": _svg,
}

"""The rules in force, explained: the same tree as text, JSON, a graph and a drawing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from seuil.eligibility import SERVICES, FactError, explain, rule, rules
from seuil.eligibility.cli import main
from seuil.eligibility.rules import RULES

SVG = "{http://www.w3.org/2000/svg}"


def walk(piece: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield piece
    for part in piece["parts"]:
        yield from walk(part)


@pytest.mark.parametrize("service", SERVICES)
def test_every_condition_is_told_with_its_sources(service: str) -> None:
    version = RULES[service].versions[-1]
    found = {p["id"]: p for p in walk(rule(service)["rule"]) if p["kind"] == "condition"}
    assert set(found) == set(version.conditions)
    for piece in found.values():
        assert piece["yes"] != piece["no"]
        assert all(source["quotation"] for source in piece["sources"])
        assert piece["parts"]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("style", ["text", "dot", "svg", "json"])
def test_every_form_names_every_condition(service: str, style: str) -> None:
    text = explain(service, None, style)
    for name in RULES[service].versions[-1].conditions:
        assert name in text


@pytest.mark.parametrize(
    ("as_of", "named", "absent"),
    [
        ("2020-01-01", "CPA-A1", "ASD-A1"),
        ("2022-06-15", "ASD-A1", "ASD-A1a"),
        ("2023-10-20", "ASD-A1a", "CPA-A1"),
    ],
)
def test_the_rule_is_that_of_the_date(as_of: str, named: str, absent: str) -> None:
    ids = {p.get("id") for p in walk(rule("accompagnement_social", as_of)["rule"])}
    assert named in ids
    assert absent not in ids


def test_what_the_documents_leave_open_is_said() -> None:
    pieces = list(walk(rule("alin", "2026-01-01")["rule"]))
    assert sum(piece["kind"] == "undecided" for piece in pieces) == 3


def test_thresholds_are_said_in_french() -> None:
    text = explain("visale")
    assert "Âge\u00a0: plus de 30\u00a0ans" in text
    assert "1\u00a0500\u00a0€ par mois au plus" in text
    assert "au plus 50\u00a0%" in text
    assert "Île-de-France" in text


def test_no_rule_yet_is_said_in_every_form() -> None:
    for style in ("text", "json", "dot", "svg"):
        assert "20 octobre 2023" in explain("visale", "2020-01-01", style)
    assert rule("visale", "2020-01-01")["rule"] is None


@pytest.mark.parametrize("service", SERVICES)
def test_the_drawing_can_be_read_and_is_named(service: str) -> None:
    root = ElementTree.fromstring(explain(service, None, "svg"))
    assert root.get("role") == "img"
    named = root.get("aria-labelledby", "").split()
    assert {root.find(f"{SVG}title").get("id"), root.find(f"{SVG}desc").get("id")} == set(named)
    assert all(element.text for element in root.iter(f"{SVG}text"))
    assert "style" not in {name for element in root.iter() for name in element.attrib}


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_in_the_drawing_sticks_out_of_its_frame(service: str) -> None:
    root = ElementTree.fromstring(explain(service, None, "svg"))
    boxes = [
        [float(r.get(k)) for k in ("x", "y", "width", "height")] for r in root.iter(f"{SVG}rect")
    ]
    _, _, width, height = (float(number) for number in root.get("viewBox").split())
    for x, y, wide, high in boxes:
        assert x >= 0
        assert x + wide <= width
        assert y + high <= height
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.get("x")), float(text.get("y"))
        inside = [b for b in boxes if b[0] <= x <= b[0] + b[2] and b[1] <= y <= b[1] + b[3]]
        room = min(b[0] + b[2] for b in inside) - x
        assert len(text.text) * (7.6 if text.get("font-size") == "15" else 6.7) <= room + 12


def test_two_frames_side_by_side_do_not_overlap() -> None:
    root = ElementTree.fromstring(explain("visale", None, "svg"))
    boxes = [
        tuple(float(r.get(k)) for k in ("x", "y", "width", "height"))
        for r in root.iter(f"{SVG}rect")
    ]
    for one in boxes:
        for other in boxes:
            if one is not other and one[0] == other[0]:
                assert one[1] + one[3] <= other[1] or other[1] + other[3] <= one[1]


def test_a_graph_has_a_node_for_each_piece() -> None:
    text = explain("aslli", None, "dot")
    pieces = list(walk(rule("aslli")["rule"]))
    assert text.count("[shape=") == len(pieces) + 1  # and the default
    assert text.count("->") == len(pieces) - 1
    assert text.count("{") == text.count("}") == 1


def test_all_the_rules_at_once() -> None:
    found = rules("2026-01-01")
    assert [entry["service"] for entry in found["services"]] == list(SERVICES)
    assert json.loads(json.dumps(found)) == found


def test_a_bad_date_or_service_is_said() -> None:
    with pytest.raises(FactError, match="autre"):
        rule("autre")
    with pytest.raises(FactError, match="as_of"):
        rules("hier")


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "visale", "--as-of", "2024-01-01", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"]["id"] == "2023"

"""The cases would notice any operator, threshold, value or connective being wrong."""

from __future__ import annotations

import pytest

from seuil.eligibility.blocks import one_table
from seuil.eligibility.rules import RULES, Node, Version
from tests.eligibility.cases import CASES, Case
from tests.eligibility.mutants import completed, mutants, value, verdict

VERSIONS = [version for service in RULES.values() for version in service.versions]


def witnesses(version: Version) -> list[tuple[Case, dict[str, object]]]:
    """The cases of a version on which the plain reading agrees with the expert."""
    found = [(case, completed(case.facts)) for case in CASES if case.service == version.service]
    return [
        (case, facts)
        for case, facts in found
        if version.covers(case.as_of)
        and verdict(value(version.when, facts), version.verdict) == case.verdict
    ]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda v: f"{v.service} {v.id}")
def test_the_plain_reading_agrees_with_the_cases(version: Version) -> None:
    covered = [c for c in CASES if c.service == version.service and version.covers(c.as_of)]
    # Three-valued logic may miss that branches overlap, which is why the engine does more.
    assert len(witnesses(version)) >= len(covered) - 2


def noticed(rule: Node, version: Version, cases: list[tuple[Case, dict[str, object]]]) -> bool:
    """Whether some case gets another verdict from this rule, or another answer on a condition."""
    return any(
        verdict(value(rule, facts), version.verdict) != case.verdict
        or any(value(node, facts) is not held for node, held in told(rule, case))
        for case, facts in cases
    )


def told(rule: Node, case: Case) -> list[tuple[Node, bool]]:
    """The conditions on which a case says something, as they are in this rule."""
    expected = {**dict.fromkeys(case.holds, True), **dict.fromkeys(case.fails, False)}
    return [(node, expected[node.condition]) for node in rule.walk() if node.condition in expected]


def same(rule: Node, version: Version) -> bool:
    """Whether a rule answers as the true one on every full state there can be."""
    true, wrong = narrowed(version.when, rule)
    if any(node not in set(true.walk()) and node.threshold for node in wrong.walk()):
        return False  # the tables are made for the true thresholds
    table = one_table([true, wrong])
    return table.value(true) == table.value(wrong)


def narrowed(true: Node, wrong: Node) -> tuple[Node, Node]:
    """The smallest conditions that differ, or the whole rules."""
    if len(true.parts) == len(wrong.parts) and true.kind == wrong.kind:
        differing = [(a, b) for a, b in zip(true.parts, wrong.parts, strict=True) if a != b]
        if len(differing) == 1 and not true.condition:
            return narrowed(*differing[0])
    return true, wrong


@pytest.mark.parametrize("version", VERSIONS, ids=lambda v: f"{v.service} {v.id}")
def test_every_mutant_is_noticed(version: Version) -> None:
    cases = witnesses(version)
    survivors = [
        label
        for label, rule in mutants(version)
        if not noticed(rule, version, cases) and not same(rule, version)
    ]
    assert survivors == []

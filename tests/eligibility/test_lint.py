"""The linter passes on our rules, and sees each fault it is there for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from seuil.eligibility import lint
from seuil.eligibility.catalogue import FACTS
from seuil.eligibility.rules import RULES, Condition, Node, Service, Source, Version

DOCUMENTS = Path(__file__).parents[2] / "docs" / "documents"


def test_our_rules_have_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint.main(["--documents", str(DOCUMENTS)])
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    assert "Fautes\u00a0: 0" in out


def test_documents_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint.main(["--documents", str(tmp_path)]) == 2
    assert "cpa-2018.txt" in capsys.readouterr().err


def test_a_word_changed_in_a_document_is_seen(tmp_path: Path) -> None:
    for path in DOCUMENTS.glob("*.txt"):
        text = path.read_text(encoding="utf-8").replace("au moins 600H", "au moins 450H")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    (fault,) = lint.quotations(tmp_path)
    assert "ASD-A3" in fault
    assert "600H" in fault


def condition(**changed: object) -> Callable[[Service], Service]:
    """A service with its first condition changed."""

    def change(service: Service) -> Service:
        version = service.versions[0]
        name = next(iter(version.conditions))
        conditions = {**version.conditions, name: replace(version.conditions[name], **changed)}
        return with_versions(service, replace(version, conditions=MappingProxyType(conditions)))

    return change


def version(**changed: object) -> Callable[[Service], Service]:
    """A service with its first version changed."""
    return lambda service: with_versions(service, replace(service.versions[0], **changed))


def with_versions(service: Service, first: Version) -> Service:
    return replace(service, versions=(first, *service.versions[1:]))


def idle(service: Service) -> Service:
    """A service with a condition that another makes useless."""
    first = service.versions[0]
    known = next(iter(first.conditions.values()))
    node = Node("all", parts=(known.when, known.when), condition="IDLE")
    extra = Condition("IDLE", node, "oui", "non", known.sources)
    return with_versions(
        service,
        replace(
            first,
            when=Node("all", parts=(*first.when.parts, node)),
            conditions=MappingProxyType({**first.conditions, "IDLE": extra}),
        ),
    )


def constant(service: Service) -> Service:
    """A service with a condition that always holds."""
    first = service.versions[0]
    known = next(iter(first.conditions.values()))
    everything = frozenset(FACTS["contract"].values)
    node = Node("in", fact="contract", values=everything, condition="ALWAYS")
    extra = Condition("ALWAYS", node, "oui", "non", known.sources)
    return with_versions(
        service,
        replace(
            first,
            when=Node("all", parts=(*first.when.parts, node)),
            conditions=MappingProxyType({**first.conditions, "ALWAYS": extra}),
        ),
    )


FAULTS: dict[str, tuple[Callable[[Service], Service], str]] = {
    "no source": (condition(sources=()), "il manque une source"),
    "no quotation": (
        condition(sources=(Source("ASD-2022", "Bénéficiaires", "2022-06-15", ""),)),
        "pas de citation",
    ),
    "no sentence": (condition(no=""), "deux phrases"),
    "the same sentence twice": (condition(yes="x", no="x"), "deux phrases"),
    "an overlap": (version(end="2022-06-20"), "se chevauchent"),
    "an open version followed by another": (version(end=None), "se chevauchent"),
    "a gap": (version(end="2022-06-10"), "un trou"),
    "a start before all documents": (version(start="2018-01-01"), "commence avant"),
    "a document not yet in force": (version(documents=("DECK-2023",)), "pas encore en vigueur"),
    "a condition that changes nothing": (idle, "ne change jamais"),
    "a condition that always holds": (constant, "toujours remplie"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_rules_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, said = FAULTS[name]
    broken = {**RULES, "accompagnement_social": change(RULES["accompagnement_social"])}
    monkeypatch.setattr(lint, "RULES", {"accompagnement_social": broken["accompagnement_social"]})
    monkeypatch.setattr(lint, "SERVICES", ("accompagnement_social",))
    assert any(said in fault for fault in lint.faults())


def test_a_service_without_a_rule_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lint, "SERVICES", (*lint.SERVICES, "autre"))
    assert any("autre" in fault for fault in lint.services())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"questions": {}}, "il manque la question"),
        ({"audiences": ()}, "personne ne peut"),
        ({"audiences": ("voisin",)}, "n’existe pas"),
        ({"why": ""}, "pourquoi"),
        ({"labels": {}}, "pas de libellé"),
    ],
)
def test_a_fault_in_the_catalogue_is_seen(
    changed: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {**FACTS, "contract": replace(FACTS["contract"], **changed)}
    monkeypatch.setattr(lint, "FACTS", broken)
    assert any(said in fault and "contract" in fault for fault in lint.questions())


def test_a_derivation_of_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lint, "SIMPLE", [(("contract", "cdi"), ("contract", "cdx"))])
    assert any("cdx" in fault for fault in lint.derivations())


@pytest.mark.parametrize(
    "private", [r"\bnom : \w", r"\bsiret\b", r"\bvisa n°", r"cautionnement visale n°"]
)
def test_no_private_person_is_in_the_documents(private: str) -> None:
    for path in DOCUMENTS.glob("*.txt"):
        assert not re.search(private, path.read_text(encoding="utf-8"), re.IGNORECASE), path.name

"""The small language of the fact reader's data files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import seuil.assistant.facts as reader
from seuil.assistant.facts import read
from seuil.assistant.facts.gazetteer import code_of, departments, towns
from seuil.assistant.facts.lexicon import load
from seuil.assistant.facts.phrases import PhraseSet, compile_phrase
from seuil.assistant.facts.spelling import corrected, distance
from seuil.assistant.facts.text import canonical
from seuil.eligibility import catalogue

DATA = Path(reader.__file__).parent / "data"
NOT_PHRASES = {"groups", "wrong_figure", "filler", "owned", "possessives", "inability", "negators"}


def found(phrase: str, text: str, **groups: list[str]) -> bool:
    return PhraseSet({"": [compile_phrase(phrase, groups)]}).found(f" {text} ")


@pytest.mark.parametrize(
    ("phrase", "said", "not_said"),
    [
        ("loyer(s)", ["loyer", "mes loyers"], ["loyerss", "boyer"]),
        ("mon|ma chef", ["mon chef", "ma chef"], ["chef", "mon petit chef"]),
        ("{a la|au} {rue|port}", ["a la rue", "au port"], ["a rue"]),
        (
            "dans [le|la petite] maison",
            ["dans maison", "dans la petite maison"],
            ["dans la maison"],
        ),
        ("perdu .. emploi", ["perdu emploi", "perdu mon tout premier emploi"], ["perdu , emploi"]),
        ("impay*", ["impayes", "impayable"], ["paye"]),
        ("^ oui", ["oui", "bon , oui", "lui et oui"], ["ah oui"]),
        ("avant $", ["avant", "avant , oui", "avant et apres"], ["avant hier"]),
        ("<| mais", ["mais non"], ["non mais"]),
        ("mais |>", ["oui mais"], ["mais oui"]),
        ("<Q> mois", ["q0q mois"], ["6 mois"]),
        ("<chez> moi", ["chez moi", "au domicile de moi"], ["moi"]),
    ],
)
def test_a_phrase_says_what_it_looks_like(
    phrase: str, said: list[str], not_said: list[str]
) -> None:
    groups = {"chez": ["chez", "{au|a} domicile de"]}
    assert all(found(phrase, text, **groups) for text in said)
    assert not any(found(phrase, text, **groups) for text in not_said)


def sources() -> Iterator[tuple[str, dict[str, Any], str]]:
    for name in ("answers", "contract", "difficulties", "employer", "housing", "money", "person",
                 "scope", "times"):  # fmt: skip
        content = load(name)
        groups = {**load("groups"), **content.get("groups", {})}
        for section, entries in content.items():
            if section in NOT_PHRASES or isinstance(entries, str):
                continue
            lists = [entries] if isinstance(entries, list) else list(entries.values())
            for phrases in lists:
                yield from ((f"{name}.{section}", groups, str(p)) for p in flat(phrases))


def flat(phrases: Any) -> Iterator[str]:
    if isinstance(phrases, dict):
        for more in phrases.values():
            yield from flat(more)
    else:
        yield from phrases


def test_every_phrase_compiles_and_can_be_found() -> None:
    """A phrase needs a word to be looked for by, save the few made of numbers alone."""
    without = [
        (where, source)
        for where, groups, source in sources()
        if not compile_phrase(source, groups).needs
    ]
    assert [where for where, _ in without if not where.startswith(("times.", "person.", "answers.",
            "employer.", "scope."))] == []  # fmt: skip
    assert len(without) < 12


def test_values_of_the_data_are_the_catalogue_s() -> None:
    facts = catalogue()
    for file, section, fact in [
        ("contract", "status", "contract"),
        ("housing", "status", "housing_status"),
        ("housing", "dwelling", "dwelling_type"),
        ("difficulties", "difficulties", "difficulties"),
        ("difficulties", "disaster", "disaster"),
        ("employer", "said", "employer_sector"),
        ("person", "reasons", "bail_mobilite_reason"),
        ("person", "audience", "audience"),
    ]:
        assert set(load(file)[section]) <= set(facts[fact].values), (file, section)
    assert {*load("person")["facts"], *load("difficulties")["also"]} <= set(facts)


def test_every_department_has_its_name_and_towns_their_department() -> None:
    codes = set(catalogue()["department"].values) - {"etranger"}
    assert codes - set(departments().values()) <= {"75"}  # Paris is named as a town
    assert {code for meant in towns().values() for code in meant} <= codes
    assert all(code_of(code) == code for code in codes)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("J'suis en C.D.I., 1 200€", "je suis en cdi , 1200 euros"),
        ("vingt-et-un salariés", "21 salaries"),
        ("du 03/01/2027 au 30/04/2027", "du 3 janvier 2027 au 30 avril 2027"),
        ("1,5 mois", "1.5 mois"),
        ("tél 06 12 34 56 78, Lens", "telephone ; , lens"),
        ("un studio neuf de 20 m2", "un studio neuf de surface"),
        ("CDI/CDD", "cdi / cdd"),
        ("Merci\nCordialement,\nA. Durand\n59000 Lille", "merci"),
    ],
)
def test_canonical_text_is_regular(written: str, read_as: str) -> None:
    assert canonical(written).strip() == read_as


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("propietaire", "proprietaire"),
        ("intermaire", "interimaire"),
        ("surendetement", "surendettement"),
        ("foyer", "foyer"),  # a word of its own, one letter from « loyer »
        ("parent", "parent"),
        ("cdi", "cdi"),
    ],
)
def test_only_misspelt_key_words_are_put_right(written: str, meant: str) -> None:
    assert corrected(written) == meant


def test_a_swap_of_neighbours_is_one_slip() -> None:
    assert distance("loyre", "loyer") == 1


TENS = {
    0: "", 20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante",
    80: "quatre-vingt",
}  # fmt: skip
UNITS = [
    "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
    "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
]  # fmt: skip


def in_words(number: int) -> str:
    """Return a number under 1000 in French words."""
    if number >= 100:
        hundreds = "cent" if number < 200 else f"{UNITS[number // 100 - 1]} cent"
        return f"{hundreds} {in_words(number % 100)}".strip()
    if number < 20:
        return UNITS[number - 1] if number else ""
    ten = max(ten for ten in TENS if ten <= number)
    joined = "-et-" if number % 10 == 1 and number < 80 else "-"
    rest = in_words(number - ten)
    return f"{TENS[ten]}{joined}{rest}" if rest else TENS[ten]


def test_every_number_in_words_is_read() -> None:
    for number in range(2, 1000):
        words = in_words(number)
        assert read(words, asked="employer_size").facts == {"employer_size": number}, words
        assert canonical(f"on est {words} salariés").split()[2] == str(number), words


@pytest.mark.parametrize(
    "text", ["un appartement neuf", "du neuf dans ma vie", "un logement neuf ici"]
)
def test_new_is_not_nine(text: str) -> None:
    assert "neuf" in canonical(text)

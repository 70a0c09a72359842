"""A person's words, through the whole product: sealed where kept, absent everywhere else."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import requests

from tests.product.desk import Counsellor
from tests.product.talking import Person
from tests.running import Product

# What no file, log, figure or backup may hold in clear.
WORDS = (
    "Zéphyrine", "zephyrine", "Canari", "99 88 77 66", "699887766", "99887766",
    "merle chante", "Mirabeau", "parapluie orange", "girafe mauve", "tuba rouillé",
)  # fmt: skip


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A product of its own in which a case went all its way; stopped after."""
    product = Product(tmp_path_factory.mktemp("canary")).start()
    try:
        live(product)
    finally:
        product.stop()
    return product


def live(product: Product) -> None:
    person = Person(product.url)
    person.says("je dors dans ma voiture, le merle chante sous le pont Mirabeau")
    person.says("mon numéro c'est le 06 99 88 77 66 et zephyrine.canari@exemple.fr")
    if person.state["pending"] != "contact":
        person.says("oui")
    receipt = person.leaves_contact(
        name="Zéphyrine Canari",
        phone="06 99 88 77 66",
        email="zephyrine.canari@exemple.fr",
        when="quand le merle chante",
    )
    counsellor = Counsellor(product)
    reference = receipt["reference"]
    version = counsellor.acts(reference, "claim")["version"]
    version = counsellor.acts(reference, "notes", version, text="Le tuba rouillé.")["version"]
    counsellor.acts(reference, "messages", text="Le parapluie orange ?")
    person.says("La girafe mauve. Mon autre numéro : 06 99 88 77 66")
    counsellor.acts(reference, "leave", version)
    person.says("au revoir, et merci au merle qui chante")
    requests.post(
        f"{product.url}/api/referrals",
        json={"nonsense": "Zéphyrine Canari"},
        timeout=30,
    )
    metrics = requests.get(f"{product.url}/metrics", timeout=30)
    (product.var / "metrics.txt").write_text(metrics.text)
    assert counsellor.reads(reference)["contact"]["name"] == "Zéphyrine Canari"
    product.desk("backup", str(product.var / "seuil.backup"))


def holding(path: Path) -> list[str]:
    content = path.read_bytes()
    if path.suffix == ".backup":
        content = gzip.decompress(content)
    return [word for word in WORDS if word.encode() in content]


def test_no_file_holds_a_persons_words_in_clear(lived):
    files = [path for path in lived.var.rglob("*") if path.is_file()]
    names = {path.name for path in files}

    assert {"seuil.db", "metrics.txt", "seuil.backup"} <= names
    assert any(name.endswith(".log") for name in names)
    assert {path.name: holding(path) for path in files if holding(path)} == {}


def test_nothing_the_launcher_printed_holds_them(lived):
    printed = "\n".join(lived.output)

    assert printed
    assert [word for word in WORDS if word in printed] == []

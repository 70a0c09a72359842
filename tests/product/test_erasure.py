"""A person's erasure, from the supervisor's hand to every place that held their words."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import Any

import requests

from tests.product.desk import Counsellor
from tests.product.talking import TIMEOUT, Person
from tests.running import Product

# The desk tells the others at its next round.
SECONDS = 60


def posted(product: Product, reference: str) -> dict[str, Any]:
    """The message by which the desk has the conversation forgotten elsewhere."""
    with closing(sqlite3.connect(product.var / "seuil.db")) as database:
        database.row_factory = sqlite3.Row
        row = database.execute(
            "SELECT outbox.* FROM outbox JOIN cases"
            " ON dedup_key = 'conversation.erased/' || cases.id WHERE reference = ?",
            (reference,),
        ).fetchone()
    assert row is not None
    return dict(row)


def test_an_erased_person_is_gone_from_the_desk_the_page_and_rasa(product):
    person = Person(product.url)
    person.says("je dors dans ma voiture")
    person.chooses("Oui")
    reference = person.leaves_contact()["reference"]
    supervisor = Counsellor(product, "supervisor")
    erased = requests.delete(
        f"{product.url}/api/cases/{reference}", headers=supervisor.headers, timeout=TIMEOUT
    )
    assert erased.status_code == 204

    deadline = time.monotonic() + SECONDS
    while posted(product, reference)["sent_at"] is None:
        # Sent is what Rasa has answered.
        assert time.monotonic() < deadline, posted(product, reference)["error"]
        time.sleep(0.5)
    assert requests.get(person.path, headers=person.headers, timeout=TIMEOUT).status_code == 404
    case = supervisor.reads(reference)
    assert not case["contact"] and not case["facts"] and not case["summary"]
    assert product.desk("verify")
    late = person.post("messages", {"text": "vous êtes encore là ?"})
    assert late.status_code == 404

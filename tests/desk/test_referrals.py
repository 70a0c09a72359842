"""HR and partners refer with the employee's agreement, and learn nothing."""

from __future__ import annotations

import email
import email.policy
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from seuil.desk import Desk

from .conftest import CLAIRE, Clock

Client = TestClient[web.Request, web.Application]
REFERRAL = {
    "audience": "rh",
    "referrer": "Ateliers du Nord",
    "last_name": "Dupré",
    "first_name": "Camille",
    "phone": "06 12 34 56 78",
    "email": "camille@exemple.fr",
    "address": "3 rue des Lilas, 59000 Lille",
    "employer": "Ateliers du Nord",
    "origin": "Séparation, dort dans sa voiture.",
    "when": "après 17 h",
    "employee_agrees": True,
    "homeless": True,
    "family_violence": False,
    "social_worker": "Mme Petit, 03 20 00 00 00",
}


async def test_a_referral_is_a_case_and_its_receipt_says_nothing(
    client: Client, desk: Desk
) -> None:
    answer = await client.post("/api/referrals", json=REFERRAL)
    assert answer.status == 201
    told = await answer.json()
    assert set(told) == {"receipt", "received_at", "read_by"}
    (case,), _ = await desk.queue()
    assert told["receipt"] != case.reference
    assert (case.origin, case.priority, case.audience) == ("referral", "urgent", "rh")
    opened = await desk.case_with_contact(case.reference, CLAIRE)
    assert opened.contact is not None
    for field in ("last_name", "address", "origin", "social_worker", "referrer", "when"):
        assert opened.contact[field] == REFERRAL[field]


async def test_the_same_referral_again_is_recognised_without_telling(
    client: Client, desk: Desk
) -> None:
    answers = [await client.post("/api/referrals", json=REFERRAL) for _ in range(2)]
    first, second = [await a.json() for a in answers]
    assert [a.status for a in answers] == [201, 201]
    assert first["receipt"] != second["receipt"]
    assert set(first) == set(second)
    (case,), total = await desk.queue()
    assert total == 1
    kinds = [e.kind for e in await desk.history(case.reference)]
    assert kinds == ["created", "duplicate_referral"]


async def test_another_referral_for_a_known_person_is_another_case(
    client: Client, desk: Desk
) -> None:
    first = await client.post("/api/referrals", json=REFERRAL)
    second = await client.post("/api/referrals", json={**REFERRAL, "origin": "Autre chose."})
    assert set(await first.json()) == set(await second.json())
    _, total = await desk.queue()
    assert total == 2


async def test_after_the_case_is_closed_the_same_referral_opens_another(
    client: Client, desk: Desk, clock: Clock
) -> None:
    await client.post("/api/referrals", json=REFERRAL)
    view = await desk.claim_next(CLAIRE)
    assert view is not None
    await desk.close_case(view.reference, CLAIRE, "refused")
    assert (await client.post("/api/referrals", json=REFERRAL)).status == 201
    (again,), total = await desk.queue()
    assert total == 1
    assert again.reference != view.reference


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"employee_agrees": False}, "employee_agrees"),
        ({"employee_agrees": None}, "employee_agrees"),
        ({"employee_agrees": "oui"}, "employee_agrees"),
        ({"last_name": " "}, "last_name"),
        ({"first_name": None}, "first_name"),
        ({"referrer": 3}, "referrer"),
        ({"phone": None, "email": None}, "phone"),
        ({"phone": "demain"}, "phone"),
        ({"homeless": "oui"}, "homeless"),
        ({"audience": "salarie"}, "audience"),
        ({"facts": []}, "facts"),
        ({"facts": {"contract": "cdo"}}, "contract"),
        ({"origin": "x" * 1001}, "origin"),
    ],
)
async def test_a_referral_that_cannot_be_taken_names_its_field(
    client: Client, desk: Desk, change: dict[str, Any], field: str
) -> None:
    if "facts" in change and change["facts"] == []:
        change = {"facts": [1]}
    answer = await client.post("/api/referrals", json={**REFERRAL, **change})
    assert answer.status == 422
    assert (await answer.json(content_type=None))["field"] == field
    assert (await desk.queue())[1] == 0


@pytest.mark.parametrize(
    ("homeless", "violence", "subject"),
    [
        (True, False, "Ateliers du Nord / ALR"),
        (False, True, "Ateliers du Nord / VI"),
        (True, True, "Ateliers du Nord / ALR / VI"),
        (False, False, "Ateliers du Nord"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_email_of_the_documents(
    client: Client, method: str, homeless: bool, violence: bool, subject: str
) -> None:
    sent = {**REFERRAL, "homeless": homeless, "family_violence": violence}
    if method == "POST":
        answer = await client.post("/api/referrals/email", json=sent)
    else:
        query = {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in sent.items()}
        answer = await client.get("/api/referrals/email", params=query)
    made = await answer.json()
    assert made["subject"] == subject
    link = urlsplit(made["mailto"])
    assert link.scheme == "mailto"
    assert parse_qs(link.query)["subject"] == [subject]
    parsed = email.message_from_string(made["eml"], policy=email.policy.default)
    assert parsed["Subject"] == subject
    text = parsed.get_content()
    for line in (
        "Nom\u00a0: Dupré",
        "Adresse postale\u00a0: 3 rue des Lilas, 59000 Lille",
        f"À la rue\u00a0: {'oui' if homeless else 'non'}",
        f"Violences intrafamiliales\u00a0: {'oui' if violence else 'non'}",
        "Orientation effectuée après échange et accord du salarié\u00a0: oui",
        "Coordonnées du travailleur social\u00a0: Mme Petit, 03 20 00 00 00",
    ):
        assert line in text
        assert line in parse_qs(link.query)["body"][0]


async def test_the_email_as_a_file_cannot_be_given_other_headers(client: Client) -> None:
    sent = {**REFERRAL, "referrer": "Nord\r\nBcc: tous@exemple.fr", "format": "eml"}
    answer = await client.post("/api/referrals/email", json=sent)
    assert answer.content_type == "message/rfc822"
    assert "attachment" in answer.headers["Content-Disposition"]
    parsed = email.message_from_bytes(await answer.read(), policy=email.policy.default)
    assert parsed["Bcc"] is None
    assert parsed["Subject"] == "Nord Bcc: tous@exemple.fr / ALR"

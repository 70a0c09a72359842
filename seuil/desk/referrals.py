"""Referrals by HR and partners: the documents' fields, a receipt that says nothing.

Fields: rules.md, Contacts (DECK-2023, "Nous orienter des situations").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

from sqlalchemy import select

from seuil.desk import cases as rows
from seuil.desk.contacts import clean, read_contact
from seuil.desk.core import Change
from seuil.desk.errors import InvalidCase
from seuil.desk.history import canonical
from seuil.desk.intake import Intake
from seuil.desk.keys import keyed_digest
from seuil.desk.model import SYSTEM, NewCase, new_reference, rank_of
from seuil.desk.pages import render_text
from seuil.desk.tables import cases, idempotency
from seuil.eligibility import FactError, assess

REFERRERS = ("rh", "partenaire")
_NEEDED = ("last_name", "first_name", "referrer")
_FLAGS = ("homeless", "family_violence", "immediate_danger")


@dataclass(frozen=True)
class Receipt:
    """All that a referrer learns: a number of their own, and by when a counsellor reads it."""

    receipt: str
    received_at: datetime
    read_by: datetime

    def as_json(self) -> dict[str, str]:
        """The receipt for the API; times in UTC."""
        return {
            "receipt": self.receipt,
            "received_at": self.received_at.isoformat(),
            "read_by": self.read_by.isoformat(),
        }


class Referrals(Intake):
    """The referrers' door."""

    async def refer(self, given: Mapping[str, Any]) -> Receipt:
        """Take a referral in; the receipt is the same whether the person is known or not.

        The same referral sent again becomes an event of the case it made, while that case is
        open. Raises InvalidCase on a field, DeskUnavailable.
        """
        case = referral_case(given)
        receipt, now = new_reference(), self.clock()
        rank = rank_of(case.flags, case.facts.get("difficulties") or (), case.facts.get("disaster"))
        told = Receipt(receipt, now, self.due(rank, now))
        body = keyed_digest(self.vault.index, canonical([dict(case.contact), dict(case.facts)]))
        key = await self._key_of_new(f"referral/{body}", receipt)
        if key is not None:
            await self.intake(case, key)
        return told

    async def _key_of_new(self, key: str, receipt: str) -> str | None:
        """The intake's key for a new case; None when an open case holds this very referral.

        Two that come at the same instant get the same key, hence one case.
        """
        async with self.database.write() as connection:
            found = await connection.execute(
                select(cases.c.reference, cases.c.status)
                .join(idempotency, idempotency.c.case_id == cases.c.id)
                .where(idempotency.c.key.startswith(f"{SYSTEM.id}/{key}/"))
            )
            earlier = found.all()
            reference = next((row.reference for row in earlier if row.status != "closed"), None)
            if reference is None:
                return f"{key}/{len(earlier)}"
            view, _ = await self.apply(
                connection,
                await rows.locked(connection, self.vault, reference),
                SYSTEM,
                None,
                lambda row, now: Change("duplicate_referral", {"receipt": receipt}),
            )
        self.tell("duplicate_referral", view)
        return None


def referral_case(given: Mapping[str, Any]) -> NewCase:
    """The case that a referral opens; raises InvalidCase naming the field."""
    audience = given.get("audience", "rh")
    if audience not in REFERRERS:
        raise InvalidCase("audience")
    if given.get("employee_agrees") is not True:
        raise InvalidCase("employee_agrees", "agreement_needed")
    for field in _NEEDED:
        value = given.get(field)
        if not isinstance(value, str) or not clean(value):
            raise InvalidCase(field)
    contact = read_contact(given)
    told = given.get("facts") or {}
    if not isinstance(told, dict):
        raise InvalidCase("facts")
    facts: dict[str, Any] = {**told, "audience": audience, "employee_agrees": True}
    for flag in _FLAGS:
        value = given.get(flag)
        if value is not None:
            if not isinstance(value, bool):
                raise InvalidCase(flag)
            facts[flag] = value
    try:
        assessment = assess(facts).as_json()
    except FactError as error:
        raise InvalidCase(error.fact, "invalid_fact", message=str(error)) from None
    return NewCase(
        audience=audience,
        facts=facts,
        assessment=assessment,
        flags={flag: facts.get(flag) is True for flag in _FLAGS},
        contact=contact,
        origin="referral",
    )


def subject_of(case: NewCase) -> str:
    """`COMPANY / ALR`, `/ VI`, or both, on one line."""
    signs = [
        sign
        for flag, sign in (("homeless", "ALR"), ("family_violence", "VI"))
        if case.flags.get(flag)
    ]
    return " / ".join([" ".join(str(case.contact["referrer"]).split()), *signs])


def email_of(case: NewCase, to: str) -> dict[str, str]:
    """The referral as the e-mail that the documents ask for.

    Returns `subject`, `body`, `mailto` (a link) and `eml` (a draft for a mail program).
    """
    subject = subject_of(case)
    body = render_text("referral.txt", contact=case.contact, flags=case.flags)
    message = EmailMessage()
    message["Subject"] = subject
    if to:
        message["To"] = to
    message["X-Unsent"] = "1"  # mail programs open it as a draft
    message.set_content(body)
    lines = body.replace("\n", "\r\n")
    return {
        "to": to,
        "subject": subject,
        "body": body,
        "mailto": f"mailto:{quote(to)}?subject={quote(subject)}&body={quote(lines)}",
        "eml": message.as_string(),
    }

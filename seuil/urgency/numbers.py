"""The telephone numbers shown, read from ``numbers.yml`` (urgency.md, "Numbers shown")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from seuil.urgency.files import load


@dataclass(frozen=True)
class Number:
    """A number to call.

    ``number`` is written for reading, ``tel`` for dialling (digits only), ``sms`` is the number
    when it also takes messages. ``purpose`` (``for`` in the file and in JSON) and ``when`` are
    French. ``source`` is the official site it was verified on, ``verified_on`` the day.
    """

    id: str
    number: str
    tel: str
    sms: str | None
    purpose: str
    when: str
    source: str
    verified_on: date

    def as_json(self) -> dict[str, str | None]:
        """Plain JSON, with the file's keys; the date is ISO 8601."""
        return {
            "id": self.id,
            "number": self.number,
            "tel": self.tel,
            "sms": self.sms,
            "for": self.purpose,
            "when": self.when,
            "source": self.source,
            "verified_on": self.verified_on.isoformat(),
        }


@lru_cache(maxsize=1)
def numbers() -> tuple[Number, ...]:
    """Every number, in the order of the file."""
    data = load("numbers.yml")
    return tuple(
        Number(
            id=row["id"],
            number=row["number"],
            tel=row["tel"],
            sms=row.get("sms"),
            purpose=row["for"],
            when=row["when"],
            source=row["source"],
            verified_on=row["verified_on"],
        )
        for row in data["numbers"]
    )


def number(identifier: str) -> Number:
    """The number of this ``id``; ``KeyError`` when there is none."""
    for row in numbers():
        if row.id == identifier:
            return row
    raise KeyError(identifier)

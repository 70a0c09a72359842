"""How pages are made: dates as said, links that dial, files that are cached for good."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from datetime import datetime

import pytest

from seuil.urgency import numbers
from seuil.web.assets import Assets, squeezed
from seuil.web.left import questions_left
from seuil.web.pages import phone_line
from seuil.web.rendering import (
    ASSETS,
    HEADERS,
    HERE,
    PARIS,
    SHEET,
    WORDS,
    clock,
    deciding,
    dial,
    near_day,
    written_date,
)


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "said"),
    [(at(20), "aujourd’hui"), (at(21), "demain"), (at(23), "lundi 23 novembre")],
)
def test_a_day_as_people_say_it(moment, said):
    assert near_day(moment, at(20, 23, 59)) == said


def test_the_first_of_a_month():
    assert written_date("2025-01-01") == "1er janvier 2025"


@pytest.mark.parametrize(
    ("hour", "minute", "said"), [(9, 0, "9\u00a0h"), (17, 5, "17\u00a0h\u00a005")]
)
def test_a_time_of_day(hour, minute, said):
    assert clock(at(20, hour, minute)) == said


def test_each_number_has_its_link():
    links = {number.id: dial(number.as_json()) for number in numbers()}

    assert links["17"] == "tel:17"
    assert links["114"] == "sms:114"
    assert all(re.fullmatch(r"(tel|sms):\d+", link) for link in links.values())


def test_without_a_calendar_nothing_is_promised():
    assert phone_line(None, at(20)) == {"known": False, "open": False, "opens": None}


def test_what_decided_comes_alone_and_never_nothing():
    reasons = [{"holds": True}, {"holds": False}]

    assert deciding(reasons, "eligible") == [{"holds": True}]
    assert deciding(reasons, "not_eligible") == [{"holds": False}]
    assert deciding(reasons, "unknown") == reasons
    assert deciding([{"holds": None}], "eligible") == [{"holds": None}]


def test_an_asset_changes_address_with_its_content(tmp_path):
    (tmp_path / "a.js").write_text("1", encoding="utf-8")
    before = Assets(tmp_path).url("a.js")
    (tmp_path / "a.js").write_text("2", encoding="utf-8")

    assert Assets(tmp_path).url("a.js") != before
    with pytest.raises(KeyError):
        Assets(tmp_path).url("b.js")


def test_the_compressed_form_is_the_same_file():
    asset = ASSETS["seuil.css"]

    assert gzip.decompress(asset.compressed) == asset.body


def test_no_page_carries_code_or_style_of_its_own():
    """The policy refuses them: a page that had some would be broken."""
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    for template in (HERE / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        text = text.replace("<style>{{ sheet }}</style>", "")
        assert not re.search(r"\son\w+=|\sstyle=|<style", text), template.name


def test_the_sheet_in_a_first_page_is_the_one_that_the_policy_allows():
    digest = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()

    assert f"'sha256-{digest}'" in HEADERS["Content-Security-Policy"]
    assert "</" not in SHEET


def test_scripts_and_sheets_lose_their_comments_and_nothing_else():
    kept = squeezed("a.js", b"// why\n  const a = `b // c`; // d\n\t/** e */\nf();\n")

    assert kept == b"const a = `b // c`; // d\nf();\n"
    assert squeezed("a.svg", b"  <svg/>\n") == b"  <svg/>\n"


def test_what_one_list_answers_is_not_counted_among_the_questions_left():
    def left(*missing: str, pending: str = "fact") -> int:
        return questions_left(
            {"pending": pending, "assessment": {"services": [{"missing": missing}]}}
        )

    assert left("contract", "employer_size", "homeless") == 2
    assert left("homeless", "disaster") == 1
    assert left() == 0
    assert left("contract", pending="contact") == 0


def test_the_scripts_never_write_markup():
    for script in (HERE / "static").rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(", text), script.name


def test_every_word_that_a_template_names_is_written():
    """An unwritten one would be an empty place on the page, and nothing would say so."""
    missing = []
    for template in (HERE / "templates").rglob("*.html"):
        # Its macros are given the words of one section, under the same name.
        if template.name == "fields.html":
            continue
        for name in re.findall(r"words\.((?:\w+\.)*\w+)", template.read_text(encoding="utf-8")):
            place = WORDS
            for part in name.removesuffix(".items").split("."):
                place = place.get(part) if isinstance(place, dict) else None
            if place is None:
                missing.append(f"{template.name}: {name}")

    assert not missing

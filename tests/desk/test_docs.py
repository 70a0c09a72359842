"""What the guides say exists: commands, settings, pictures, buttons."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from seuil.desk.__main__ import _parser
from seuil.desk.words import words

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDES = ("guide-conseillers.md", "guide-responsables.md", "operating-the-desk.md")
COMMAND = re.compile(r"python -m seuil\.desk ([^#|\n`]+)")


def text_of(guide: str) -> str:
    return (DOCS / guide).read_text("utf-8")


def test_every_command_is_understood() -> None:
    found = COMMAND.findall(text_of("operating-the-desk.md"))
    assert len(found) >= 12
    for command in found:
        arguments = shlex.split(command.split("> ")[0])
        assert _parser().parse_args(arguments).run, command


@pytest.mark.parametrize("guide", GUIDES)
def test_links_and_pictures_lead_somewhere_and_are_modest(guide: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text_of(guide))
    assert links
    assert [link for link in links if not (DOCS / link).exists()] == []
    pictures = [DOCS / link for link in links if link.endswith(".png")]
    assert all(picture.stat().st_size < 120_000 for picture in pictures)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_setting_is_one_of_the_readme(guide: str) -> None:
    settings = set(re.findall(r"SEUIL_[A-Z_]*[A-Z]", text_of(guide)))
    assert settings <= set(re.findall(r"SEUIL_[A-Z_]*[A-Z]", (ROOT / "README.md").read_text()))


def test_the_buttons_named_are_on_the_pages() -> None:
    pages = "".join(
        path.read_text("utf-8") for path in (ROOT / "seuil/desk/templates").glob("*.html")
    )
    named = [
        one
        for guide in GUIDES[:2]
        for one in re.findall(r"\*\*([A-ZÉ][^*.:,]{3,60})\*\*", text_of(guide))
    ]
    on_pages = [one for one in named if one in pages]
    assert len(on_pages) >= 8
    for outcome in words("console")["outcomes"].values():
        assert outcome.split()[0].lower() in text_of("guide-conseillers.md").lower()

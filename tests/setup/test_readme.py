"""What the README promises is there: commands, links, and every setting."""

from __future__ import annotations

import re

from scripts.terminal import ROOT

README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
SETTING = re.compile(r"SEUIL_[A-Z_]*[A-Z]")


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", README, re.MULTILINE))
    assert {"run", "test"} <= named
    assert named <= set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_setting_that_the_code_reads_is_in_the_readme_and_no_other() -> None:
    code = "\n".join(
        path.read_text("utf-8")
        for folder in ("seuil", "scripts")
        for path in (ROOT / folder).rglob("*.py")
    )
    read = set(SETTING.findall(code))
    assert read
    assert read == set(SETTING.findall(README))

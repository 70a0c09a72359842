"""Debian's Chromium on the running product, as its users meet it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from scripts.terminal import ROOT
from tests.browser.chat import Chat

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
PASSWORD = "une phrase de passe assez longue"
ELSEWHERE = "https://www.meteofrance.com/"

# A loaded machine, or the assistant's first turn after a start, may take seconds.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            # Shared memory is scarce in containers: without the last one, the browser may die.
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, product) -> Iterator[Visit]:
    """Open a page of the product in a browser of its own; fail on what it must never do."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []
    strangers: list[str] = []

    def open_one(path: str, size: dict[str, int] = PHONE, **options) -> Page:
        context = chromium.new_context(
            viewport=size, locale="fr-FR", reduced_motion="reduce", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        context.route(f"{ELSEWHERE}**", lambda route: route.fulfill(body="<p>Météo</p>"))
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if "Content Security" in said.text else None,
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((product.url, ELSEWHERE, "blob:"))
                else strangers.append(request.url)
            ),
        )
        page.goto(product.url + path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not errors, "an error in a page's script, or something its policy refuses"
    assert not strangers, "a request to somebody else"


@pytest.fixture
def chat(visit: Visit) -> Callable[..., Chat]:
    """Open the employee's chat and wait for its first words."""

    def open_chat(**options) -> Chat:
        return Chat(visit("/assistant", **options)).ready()

    return open_chat


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Check a page with axe: nothing found."""
    axe = Axe()

    def check(page: Page) -> None:
        found = axe.run(page).response["violations"]
        told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
        assert not told, told

    return check


def overflows(page: Page) -> bool:
    """Tell whether the page scrolls sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


@pytest.fixture(scope="session")
def agent(product) -> str:
    """The name of an agent of the running product."""
    name = "agnes"
    desk = [sys.executable, "-m", "seuil.desk"]
    subprocess.run(
        [*desk, "user", "create", name, "--role", "agent", "--password-stdin"],
        input=PASSWORD,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "SEUIL_VAR": str(product.var)},
        capture_output=True,
    )
    return name

"""One script tag on somebody else's site: the chat, whole, and no clash."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.terminal import ROOT
from tests.browser.chat import Chat
from tests.browser.conftest import DESKTOP, ELSEWHERE, PHONE

DEMO = ROOT / "deploy" / "widget-demo.html"
SAMPLE_ADDRESS = "http://127.0.0.1:8080"


@pytest.fixture(scope="session")
def host(product) -> Iterator[str]:
    """The address of another site, which carries the widget under a strict policy."""
    page = DEMO.read_text(encoding="utf-8").replace(SAMPLE_ADDRESS, product.url).encode()

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page if self.path == "/" else b"")

        def log_message(self, *_: object) -> None:
            """Say nothing in the tests' output."""

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture
def site(chromium: Browser, host: str) -> Iterator[Page]:
    context = chromium.new_context(viewport=DESKTOP, locale="fr-FR", reduced_motion="reduce")
    context.route(f"{ELSEWHERE}**", lambda route: route.fulfill(body="<p>Météo</p>"))
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda said: errors.append(said.text) if "Security Policy" in said.text else None,
    )
    page.goto(host)
    yield page
    context.close()
    assert not errors


def open_chat(page: Page) -> Chat:
    page.get_by_role("button", name="Une difficulté de logement ?").click()
    return Chat(page).ready()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_chat_opens_and_answers_on_another_site(site, accessible, size):
    site.set_viewport_size(size)
    person = open_chat(site)
    expect(person.text).to_be_focused()
    person.says("je dors dans ma voiture")

    expect(site.locator("a.number[href='tel:115']")).to_be_visible()
    expect(site.locator(".number").first).to_have_css("font-size", "21.6px")
    accessible(site)


def test_only_a_button_is_loaded_until_it_is_pressed(site):
    asked: list[str] = []
    site.on("request", lambda request: asked.append(request.url))
    site.reload()
    expect(site.get_by_role("button", name="Une difficulté de logement ?")).to_be_visible()

    ours = [url for url in asked if not url.endswith(("/", "favicon.ico"))]
    assert [url.rsplit("/", 1)[1] for url in ours] == ["widget.js"]


def test_nothing_is_stored_on_the_host_and_no_cookie_travels(site):
    person = open_chat(site)
    person.says("je suis en CDI")

    assert site.evaluate("localStorage.length + sessionStorage.length") == 0
    assert site.context.cookies() == []
    assert site.url.endswith("/")


def test_escape_closes_and_gives_the_focus_back(site):
    open_chat(site)
    site.keyboard.press("Escape")
    launcher = site.get_by_role("button", name="Une difficulté de logement ?")

    expect(launcher).to_be_focused()
    expect(site.locator(".panel")).to_be_hidden()


def test_leaving_from_the_widget_leaves_the_host_too_and_ends_the_session(site):
    person = open_chat(site)
    person.says("mon mari me frappe")
    ended: list[str] = []
    site.on(
        "request",
        lambda request: ended.append(request.method) if request.method == "DELETE" else None,
    )
    site.get_by_role("button", name="Quitter vite").click()

    site.wait_for_url(ELSEWHERE)
    assert "DELETE" in ended


def test_shift_three_times_acts_only_while_the_chat_is_open(site, host):
    for _ in range(3):
        site.keyboard.press("Shift")
    assert site.url == host
    open_chat(site)
    for _ in range(3):
        site.keyboard.press("Shift")

    site.wait_for_url(ELSEWHERE)

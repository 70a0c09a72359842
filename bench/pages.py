"""What the pages cost and how fast they are: ``python -m bench.pages``.

Debian's Chromium on the running product. First visits are measured cold (no cache, no cookie) on
a slow 3G (400 kbit/s each way, 400 ms for each request) and a processor four times slower; the
chat and the phone agents' script unthrottled, one user, on this machine. Each figure stands beside
its target. Loopback only, a bounded number of turns.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.running import Product

VISITS = 5
CONVERSATIONS = 8
CALLS = 8
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1360, "height": 900}
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
SLOWER_PROCESSOR = 4
PASSWORD = "une phrase de passe assez longue"
PATHS = ("/", "/assistant", "/rh", "/aide/urgence")
SAID = (
    "bonjour, j'ai deux mois de loyer en retard",
    "je suis en cdi",
    "dans une entreprise privée",
    "on est 45 salariés",
    "est-ce que mon employeur sera au courant ?",
    "j'habite à Lille",
    "oui je veux bien être accompagné",
)
# The keys of one call, after the first sentence; each brings the next.
KEYS = (("2", "Enter"), ("1",), ("1",))

# Milliseconds of the first paint, the sum of layout shifts, when the page's script is ready.
LOADED = """() => new Promise((done) => {
  let shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const [page] = performance.getEntriesByType("navigation");
  const ready = page.domContentLoadedEventEnd;
  setTimeout(() => done({ paint: paint.startTime, ready, shift }), 300);
})"""
# From a key to the frame that shows what it brought: milliseconds.
WATCH = """([where, key]) => {
  window.took = new Promise((done) => {
    let began = null;
    addEventListener("keydown", (event) => {
      if (event.key === key) began ??= performance.now();
    }, true);
    new MutationObserver((changes, watcher) => {
      const came = changes.some((one) => [...one.addedNodes].some((node) =>
        !node.classList?.contains("from-person")));
      if (began === null || !came) return;
      watcher.disconnect();
      requestAnimationFrame(() => done(performance.now() - began));
    }).observe(document.querySelector(where), { childList: true });
  });
}"""


@dataclass
class Visit:
    """A first visit: milliseconds, bytes on the wire, layout shift, requests to other hosts."""

    paint: float = 0
    ready: float = 0
    shift: float = 0
    size: float = 0
    strangers: int = 0


def first_visit(browser: Browser, url: str, path: str) -> Visit:
    """Visit a page as somebody who has never been there, throttled."""
    visit = Visit()

    def count(told: dict[str, float]) -> None:
        visit.size += told["encodedDataLength"]

    def asked(request: Request) -> None:
        visit.strangers += not request.url.startswith(url)

    context = browser.new_context(viewport=PHONE, locale="fr-FR")
    page = context.new_page()
    control = context.new_cdp_session(page)
    control.send("Network.enable")
    control.send("Network.emulateNetworkConditions", SLOW_3G)
    control.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    control.on("Network.loadingFinished", count)
    page.on("request", asked)
    page.goto(url + path, wait_until="networkidle")
    told = page.evaluate(LOADED)
    context.close()
    visit.paint, visit.ready, visit.shift = told["paint"], told["ready"], told["shift"]
    return visit


def conversations(browser: Browser, url: str) -> list[float]:
    """Hold CONVERSATIONS conversations; return the milliseconds from Enter to each answer."""
    times: list[float] = []
    for number in range(CONVERSATIONS + 1):
        context = browser.new_context(viewport=PHONE, locale="fr-FR")
        page = context.new_page()
        page.goto(f"{url}/assistant")
        page.locator(".message.from-assistant").first.wait_for()
        for words in SAID:
            page.locator("[data-waiting]").wait_for(state="hidden")
            page.locator("[data-text]").fill(words)
            took = timed(page, "[data-messages]", ["Enter"])
            # The first conversation warms the caches of all.
            if number:
                times.append(took)
        context.close()
    return times


def calls(browser: Browser, url: str, agent: str) -> list[float]:
    """Take CALLS calls with the script; return the milliseconds from a key to the next sentence."""
    context = browser.new_context(viewport=DESKTOP, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{url}/agent")
    page.locator("[name=name]").fill(agent)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/agent")
    times = []
    for number in range(CALLS + 1):
        page.evaluate("sessionStorage.clear()")
        page.reload()
        page.locator("[data-first]").wait_for()
        took = [timed(page, "[data-say]", keys) for keys in (("Enter",), *KEYS)]
        if number:
            times += took
    context.close()
    return times


def timed(page: Page, where: str, keys: Iterator[str] | tuple[str, ...] | list[str]) -> float:
    """Press keys; return the milliseconds from the last one to what it brings into `where`."""
    *before, last = keys
    for key in before:
        page.keyboard.press(key)
    page.evaluate(WATCH, [where, last])
    page.keyboard.press(last)
    return float(page.evaluate("window.took"))


def p95(times: list[float]) -> float:
    """The 95th centile."""
    return statistics.quantiles(times, n=20)[-1]


def script_bytes(browser: Browser, url: str) -> int:
    """Return the bytes of script that the chat can load, all of it, as sent."""
    context = browser.new_context(viewport=PHONE, locale="fr-FR")
    page = context.new_page()
    sizes: dict[str, int] = {}
    page.on(
        "requestfinished",
        lambda one: sizes.__setitem__(one.url, one.sizes()["responseBodySize"]),
    )
    page.goto(f"{url}/assistant", wait_until="networkidle")
    page.locator(".menu summary").click()
    page.locator("[data-comfort]").wait_for()
    context.close()
    return sum(size for name, size in sizes.items() if name.endswith(".js"))


def line(name: str, figure: float, target: float | None, unit: str) -> str:
    """One figure beside its target, and whether it holds."""
    told = f"{figure:,.3f}" if unit == "" else f"{figure:,.0f}"
    aim = "" if target is None else f"≤ {target:,g}"
    holds = "" if target is None else ("yes" if figure <= target else "NO")
    return f"{name:<56} {told:>9} {unit:<5} {aim:>9} {holds:>5}"


def report(browser: Browser, product: Product, agent: str) -> Iterator[str]:
    """Measure everything, a line at a time."""
    url = product.url
    yield f"{'':<56} {'figure':>9} {'':<5} {'target':>9} {'holds':>5}"
    for path in PATHS:
        visits = [first_visit(browser, url, path) for _ in range(VISITS)]
        first = path == "/"
        paint = statistics.median(visit.paint for visit in visits)
        ready = statistics.median(visit.ready for visit in visits)
        size = max(visit.size for visit in visits)
        yield line(f"{path}  shown and usable, slow 3G", paint, 1000 if first else None, "ms")
        yield line(f"{path}  its script ready too, slow 3G", ready, None, "ms")
        yield line(f"{path}  transferred", size, 60_000 if first else None, "bytes")
        yield line(f"{path}  layout shift, the worst", max(v.shift for v in visits), 0, "")
        yield line(f"{path}  requests to others", sum(v.strangers for v in visits), 0, "")
    yield line("chat  all its script, options too", script_bytes(browser, url), 15_000, "bytes")
    answers = conversations(browser, url)
    yield line(
        f"chat  Enter to answer, p50 of {len(answers)}", statistics.median(answers), None, "ms"
    )
    yield line("chat  Enter to answer, p95", p95(answers), 150, "ms")
    sentences = calls(browser, url, agent)
    yield line(
        f"agent  key to next sentence, p50 of {len(sentences)}",
        statistics.median(sentences),
        None,
        "ms",
    )
    yield line("agent  key to next sentence, worst", max(sentences), 100, "ms")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, ended afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        try:
            yield browser
        finally:
            browser.close()


def main() -> int:
    """Start the product, measure, end it."""
    with tempfile.TemporaryDirectory(prefix="seuil-bench-") as var:
        product = Product(Path(var))
        try:
            product.start()
            product.desk(
                "user", "create", "agnes", "--role", "agent", "--password-stdin", given=PASSWORD
            )
            with chromium() as browser:
                for told in report(browser, product, "agnes"):
                    print(told, flush=True)
        finally:
            product.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

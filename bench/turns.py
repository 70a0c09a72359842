"""A turn of ours against a turn of the bot that ``rasa init`` makes: ``make bench-turns``.

Ours goes all the way through the public interface (gateway, urgency reading, Rasa, actions,
desk's store); the starter is asked through its REST channel, on the same machine in the same
run. Loopback only, and a bounded number of turns.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
import requests

from scripts.model import QUIET
from scripts.setup import RASA
from scripts.status import megabytes
from scripts.terminal import ROOT
from tests.running import Product, free_ports

# The two bots take turns, so that other work on the machine weighs on both alike.
ROUNDS = 4
CONVERSATIONS = 10
AT_ONCE = 10
WARM_UP = 2
START_SECONDS = 180
TRAIN_SECONDS = 600
# One message per turn; both lists have as many, and neither bot refuses any.
OURS = (
    "bonjour, j'ai deux mois de loyer en retard",
    "je suis en cdi",
    "dans une entreprise privée",
    "on est 45 salariés",
    "est-ce que mon employeur sera au courant ?",
    "j'habite à Lille",
    "je ne sais pas",
    "oui je veux bien être accompagné",
)
STARTER = (
    "hello",
    "are you a bot?",
    "I am sad",
    "no",
    "hi there",
    "I am great",
    "who am I talking to?",
    "bye bye",
)

Turn = Callable[[str], Awaitable[None]]
Opening = Callable[[aiohttp.ClientSession, int], Awaitable[Turn]]


@dataclass(frozen=True)
class Figures:
    """What a bot did: seconds of each turn, of the whole, and of processor in its processes."""

    turns: list[float]
    seconds: float
    cpu: float

    @property
    def p50(self) -> float:
        """Median time of a turn, in milliseconds."""
        return statistics.median(self.turns) * 1000

    @property
    def p95(self) -> float:
        """95th centile of the time of a turn, in milliseconds."""
        return statistics.quantiles(self.turns, n=20)[-1] * 1000

    @property
    def cpu_per_turn(self) -> float:
        """Milliseconds of processor a turn: little moved by other work on the machine."""
        return self.cpu / len(self.turns) * 1000

    @property
    def rate(self) -> float:
        """Turns a second."""
        return len(self.turns) / self.seconds


def our_opening(url: str) -> Opening:
    """Return how a conversation with ours begins."""

    async def opening(session: aiohttp.ClientSession, number: int) -> Turn:
        async with session.post(f"{url}/api/conversations", json={}) as response:
            response.raise_for_status()
            made = await response.json()
        headers = {"Authorization": f"Bearer {made['token']}"}

        async def turn(text: str) -> None:
            path = f"{url}/api/conversations/{made['id']}/messages"
            async with session.post(path, json={"text": text}, headers=headers) as response:
                response.raise_for_status()
                if not (await response.json())["messages"]:
                    raise RuntimeError("an empty answer is no answer")

        return turn

    return opening


def starter_opening(url: str) -> Opening:
    """Return how a conversation with the starter begins."""

    async def opening(session: aiohttp.ClientSession, number: int) -> Turn:
        async def turn(text: str) -> None:
            body = {"sender": f"bench-{number}", "message": text}
            async with session.post(f"{url}/webhooks/rest/webhook", json=body) as response:
                response.raise_for_status()
                if not await response.json():
                    raise RuntimeError("an empty answer is no answer")

        return turn

    return opening


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the processor time that processes have used so far."""
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


async def measure(
    opening: Opening, texts: tuple[str, ...], at_once: int, first: int, pids: Iterable[int]
) -> Figures:
    """Hold CONVERSATIONS conversations, ``at_once`` at a time, numbered from ``first``.

    ``pids`` are the processes of the bot.
    """
    times: list[float] = []
    waiting = list(range(first, first + CONVERSATIONS))

    async def talk(session: aiohttp.ClientSession) -> None:
        while waiting:
            turn = await opening(session, waiting.pop())
            for text in texts:
                started = time.perf_counter()
                await turn(text)
                times.append(time.perf_counter() - started)

    # Our conversations are told apart by their token, never by a cookie shared here.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        for number in range(WARM_UP):
            turn = await opening(session, first + CONVERSATIONS + number)
            for text in texts:
                await turn(text)
        started, used = time.perf_counter(), cpu_seconds(pids)
        await asyncio.gather(*(talk(session) for _ in range(at_once)))
        return Figures(times, time.perf_counter() - started, cpu_seconds(pids) - used)


class Starter:
    """The bot of ``rasa init``, trained and running in a scratch folder kept between runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "bench.log"
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make and train it, unless that was done before."""
        if any((self.folder / "models").glob("*.tar.gz")):
            return
        print("rasa init: training the starter…", flush=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            subprocess.run(
                [RASA.python, "-m", "rasa", "init", "--no-prompt", "--init-dir", self.folder],
                cwd=self.folder,
                env={**os.environ, **QUIET},
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=TRAIN_SECONDS,
                check=True,
            )

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    RASA.python, "-m", "rasa", "run", "--interface", "127.0.0.1",
                    "--port", str(self.port), "--credentials", "credentials.yml",
                ],
                cwd=self.folder,
                env={**os.environ, **QUIET},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{self.url}/webhooks/rest/", timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.5)
        raise SystemExit(f"the starter did not start: {self.log}")

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        """End it."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(30)


def together(rounds: list[Figures]) -> Figures:
    """Return several rounds as one."""
    turns = [turn for figures in rounds for turn in figures.turns]
    seconds, cpu = sum(f.seconds for f in rounds), sum(f.cpu for f in rounds)
    return Figures(turns, seconds, cpu)


def row(name: str, ours: Figures, theirs: Figures) -> str:
    """Return the lines of one load: ours, theirs, and how many times theirs is ours."""
    lines = [
        f"{name:<12} {who:<12} {f.p50:>9.1f} {f.p95:>9.1f} {f.rate:>10.1f} {f.cpu_per_turn:>9.1f}"
        for who, f in (("Seuil", ours), ("rasa init", theirs))
    ]
    ratio = f"{'':<12} {'ratio':<12} {theirs.p50 / ours.p50:>8.1f}× {theirs.p95 / ours.p95:>8.1f}×"
    work = theirs.cpu_per_turn / ours.cpu_per_turn
    return "\n".join([*lines, f"{ratio} {ours.rate / theirs.rate:>9.1f}× {work:>8.1f}×"])


async def compare(product: Product, starter: Starter) -> None:
    """Measure both under both loads, and print the table."""
    loads: list[tuple[str, int]] = [("one at once", 1), (f"{AT_ONCE} at once", AT_ONCE)]
    rows = []
    for index, (name, at_once) in enumerate(loads):
        ours, theirs = [], []
        for number in range(ROUNDS):
            first = (index * ROUNDS + number) * 1000
            pids = product.pids().values()
            ours.append(await measure(our_opening(product.url), OURS, at_once, first, pids))
            opening = starter_opening(starter.url)
            theirs.append(await measure(opening, STARTER, at_once, first, [starter.pid]))
        rows.append(row(name, together(ours), together(theirs)))
    print(f"\n{ROUNDS} × {CONVERSATIONS} conversations of {len(OURS)} turns under each load")
    print(f"{'load':<12} {'bot':<12} {'p50 ms':>9} {'p95 ms':>9} {'turns/s':>10} {'CPU ms':>9}")
    print("\n".join(rows))
    print("\nresident memory, MB")
    memory = {name: megabytes(pid) for name, pid in product.pids().items()}
    for name, size in memory.items():
        print(f"  Seuil, {name:<10} {size:>7.0f}")
    print(f"  Seuil, all        {sum(memory.values()):>7.0f}")
    print(f"  rasa init         {megabytes(starter.pid):>7.0f}")


async def run(var: Path) -> None:
    """Start both, compare them, end both."""
    starter = Starter(ROOT / "var" / "bench" / "starter")
    starter.make()
    product = Product(var)
    try:
        print("starting both…", flush=True)
        product.start()
        starter.start()
        await compare(product, starter)
    finally:
        starter.stop()
        product.stop()


def main() -> int:
    """Run the comparison."""
    with tempfile.TemporaryDirectory(prefix="seuil-bench-") as var:
        asyncio.run(run(Path(var)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

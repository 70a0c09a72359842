"""Rounds of intakes ended by kill -9, run by test_faults.py in a process of its own.

Each round forks a child that takes cases in until it is killed: just before a commit, just
after one, or at any moment. What a child acknowledged is written on standard output: one line
"key reference" a case, "key -" for a case begun.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

from seuil.desk import NewCase, open_desk
from seuil.desk.settings import DeskSettings


def case_of(key: str) -> NewCase:
    return NewCase(
        audience="salarie",
        facts={"contract": "cdi"},
        assessment={"services": []},
        flags={"homeless": False, "family_violence": False, "immediate_danger": False},
        contact={"phone": "0612345678", "name": key},
    )


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def child(settings: DeskSettings, number: int, moment: str) -> None:
    desk = await open_desk(settings)
    whole: Any = desk._record
    count = 0

    async def record_then_die(*given: Any) -> Any:
        view = await whole(*given)
        if moment == "before" and count == number % 3:
            die()
        return view

    desk._record = record_then_die  # type: ignore[method-assign]
    if moment == "any":
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        asyncio.get_running_loop().call_later(random.random() * 0.05, die)
    while True:
        key = f"{number}-{count}"
        os.write(1, f"{key} -\n".encode())
        view = await desk.intake(case_of(key), key)
        if moment == "after" and count == number % 3:
            die()
        os.write(1, f"{key} {view.reference}\n".encode())
        count += 1


async def warm(settings: DeskSettings) -> None:
    """Import and compute once, before the forks, all that a first intake needs."""
    desk = await open_desk(settings)
    desk.promise("normal")
    await desk.queue()
    await desk.close()


def main(var: str, url: str, secret: str, rounds: int) -> None:
    settings = DeskSettings(
        var=Path(var), database_url=url, secret_key=secret, argon2_memory_kib=64, argon2_passes=1
    )
    asyncio.run(warm(settings))
    for number in range(rounds):
        pid = os.fork()
        if pid == 0:
            try:
                asyncio.run(child(settings, number, ("before", "after", "any")[number % 3]))
            finally:
                os._exit(1)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(f"round {number} was not killed")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))

"""Notifications leave without a person's word, are tried again, and hold up nothing."""

from __future__ import annotations

import asyncio
import email
import email.policy
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from seuil.desk import Desk, DeskSettings, SettingError, open_desk
from seuil.desk.outbox import PAUSES, checked
from seuil.desk.tables import outbox

from .conftest import Clock, flags

TakeIn = Callable[..., Any]
SECRET = "a secret between two machines"


class Receiver:
    """A webhook's other end, that fails as often as it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.failures = 0

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        if self.failures:
            self.failures -= 1
            return web.Response(status=500)
        return web.Response()


@pytest.fixture
async def receiver(desk: Desk) -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    server = TestServer(app)
    await server.start_server()
    url = str(server.make_url("/hook"))
    desk.settings = replace(desk.settings, webhook_url=url, webhook_secret=SECRET)
    yield made
    await server.close()


async def rows(desk: Desk) -> list[Any]:
    async with desk.database.read() as connection:
        return list((await connection.execute(select(outbox).order_by(outbox.c.id))).all())


async def test_a_signed_notification_without_a_persons_word(
    desk: Desk, take_in: TakeIn, receiver: Receiver
) -> None:
    view = await take_in(flags=flags("homeless"))
    assert await desk.send_posted() == 1
    assert await desk.send_posted() == 0
    ((headers, body),) = receiver.got
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["Seuil-Signature"] == f"sha256={expected}"
    told = json.loads(body)
    assert set(told) == {"event", "reference", "priority", "due_at"}
    assert (told["event"], told["reference"]) == ("case.created", view.reference)
    assert (await rows(desk))[0].sent_at is not None


async def test_a_failure_is_tried_again_later_under_the_same_name(
    desk: Desk, take_in: TakeIn, receiver: Receiver, clock: Clock
) -> None:
    await take_in()
    receiver.failures = 2
    assert await desk.send_posted() == 0
    assert await desk.send_posted() == 0
    assert len(receiver.got) == 1
    for pause in PAUSES[:2]:
        clock.now += pause
        await desk.send_posted()
    assert len(receiver.got) == 3
    assert len({headers["Seuil-Delivery"] for headers, _ in receiver.got}) == 1
    (row,) = await rows(desk)
    assert (row.attempts, row.error, row.next_at) == (3, None, None)


async def test_after_days_of_failures_it_is_given_up_and_shown(
    desk: Desk, take_in: TakeIn, receiver: Receiver, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await take_in()
    receiver.failures = 100
    for _ in range(len(PAUSES) + 3):
        await desk.send_posted()
        clock.now += PAUSES[-1]
    assert len(receiver.got) == len(PAUSES) + 1
    assert "given up" in caplog.text
    (row,) = await rows(desk)
    assert (row.error, row.sent_at) == ("ConnectionError", None)


async def test_two_processes_send_once(
    desk: Desk, settings: DeskSettings, take_in: TakeIn, receiver: Receiver, clock: Clock
) -> None:
    other = await open_desk(
        replace(settings, webhook_url=desk.settings.webhook_url, webhook_secret=SECRET), clock
    )
    for _ in range(5):
        await take_in()
    sent = await asyncio.gather(desk.send_posted(), other.send_posted())
    await other.close()
    assert sum(sent) == len(receiver.got) == 5


async def test_a_dead_receiver_holds_up_no_intake(desk: Desk, take_in: TakeIn) -> None:
    desk.settings = replace(
        desk.settings, webhook_url="http://127.0.0.1:9/hook", webhook_secret=SECRET
    )
    first = await take_in()
    assert await desk.send_posted() == 0
    assert (await take_in()).reference != first.reference


class Mailbox(asyncio.Protocol):
    """As much of an SMTP server as a test needs."""

    def __init__(self, letters: list[bytes]) -> None:
        self.letters, self.data, self.buffer = letters, False, b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(b"220 here\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.data:
            if b"\r\n.\r\n" in self.buffer:
                letter, _, self.buffer = self.buffer.partition(b"\r\n.\r\n")
                self.letters.append(letter)
                self.data = False
                self.transport.write(b"250 taken\r\n")
            return
        while b"\r\n" in self.buffer:
            line, _, self.buffer = self.buffer.partition(b"\r\n")
            if line.upper() == b"DATA":
                self.data = True
                self.transport.write(b"354 go on\r\n")
            else:
                bye = line.upper() == b"QUIT"
                self.transport.write(b"221 bye\r\n" if bye else b"250 ok\r\n")


async def test_an_alarm_goes_by_mail(desk: Desk, take_in: TakeIn) -> None:
    letters: list[bytes] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Mailbox(letters), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    desk.settings = replace(
        desk.settings, smtp_url=f"smtp://127.0.0.1:{port}", notify_to="equipe@exemple.fr"
    )
    view = await take_in(flags=flags("family_violence"))
    await desk.watch()
    assert await desk.send_posted() == 2
    server.close()
    (letter,) = letters
    parsed = email.message_from_bytes(letter, policy=email.policy.default)
    assert view.reference in parsed["Subject"]
    text = parsed.get_content()
    assert "Urgent" in text
    assert "Camille" not in letter.decode() and "0612345678" not in letter.decode()


async def test_an_erased_conversation_is_handed_to_the_gateway(
    desk: Desk, take_in: TakeIn, clock: Clock
) -> None:
    from .conftest import NADIA

    forgotten: list[str] = []

    async def forget(conversation_id: str) -> None:
        forgotten.append(conversation_id)
        if len(forgotten) == 1:
            raise ConnectionError

    desk.forget_conversation = forget
    view = await take_in(conversation_id="c7")
    await desk.erase(view.reference, NADIA)
    await desk.send_posted()
    clock.now += PAUSES[0]
    await desk.send_posted()
    await desk.send_posted()
    assert forgotten == ["c7", "c7"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook_url": "ftp://x", "webhook_secret": SECRET},
        {"webhook_url": "https://x", "webhook_secret": "short"},
        {"smtp_url": "smtp://", "notify_to": "a@b.fr"},
        {"smtp_url": "smtp://x"},
        {"smtp_url": "http://x", "notify_to": "a@b.fr"},
    ],
)
def test_settings_that_cannot_work_stop_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingError):
        checked(DeskSettings(**wrong))

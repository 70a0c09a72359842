"""The conversation's HTTP interface (``web.md``, Conversation)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from seuil import urgency
from seuil.desk import DeskUnavailable
from seuil.desk.problems import Problem
from seuil.web.contact import contact_of
from seuil.web.conversation import AUDIENCES, KEPT_IDEMPOTENCY_KEYS, Conversation
from seuil.web.limits import Limits, address_of
from seuil.web.settings import WebSettings
from seuil.web.store import ConversationStore, Held
from seuil.web.talk import Talk, number_card

COOKIE = "seuil_conversation"
LONGEST_KEY = 200

TALK: web.AppKey[Talk] = web.AppKey("talk", Talk)
STORE: web.AppKey[ConversationStore] = web.AppKey("conversations", ConversationStore)
LIMITS: web.AppKey[Limits] = web.AppKey("limits", Limits)
# How many pages have an event stream open, by conversation.
PAGES: web.AppKey[Counter[str]] = web.AppKey("pages", Counter)
SETTINGS: web.AppKey[WebSettings] = web.AppKey("web_settings", WebSettings)


def setup(app: web.Application) -> None:
    """Add the conversation's routes; the application holds TALK, STORE, LIMITS and SETTINGS."""
    app.router.add_post("/api/conversations", create)
    app.router.add_get("/api/conversations/{id}", read)
    app.router.add_delete("/api/conversations/{id}", erase)
    app.router.add_post("/api/conversations/{id}/messages", say)
    app.router.add_post("/api/conversations/{id}/contact", give_contact)


# --- handlers ---------------------------------------------------------------------------------


async def create(request: web.Request) -> web.Response:
    """`POST /api/conversations`: open a conversation, which speaks first."""
    body = await json_object(request, allow_empty=True)
    audience = body.get("audience", "salarie")
    if audience not in AUDIENCES:
        raise Problem("bad_audience")
    held = await open_conversation(request, audience)
    view = held.conversation.view()
    response = json_response({**view, "token": held.token}, status=201)
    set_cookie(response, request, held.token)
    return response


async def read(request: web.Request) -> web.Response:
    """`GET /api/conversations/{id}`: the transcript and the state."""
    held = await held_by(request)
    await catch_up(request, held)
    return json_response(held.conversation.view())


async def erase(request: web.Request) -> web.Response:
    """`DELETE /api/conversations/{id}`: erase it here, in the database and in Rasa."""
    held = await held_by(request)
    await erase_conversation(request, held)
    response = web.Response(status=204)
    response.del_cookie(COOKIE, path="/")
    return response


async def say(request: web.Request) -> web.Response:
    """`POST /api/conversations/{id}/messages`: a text, or a choice shown."""
    held = await held_by(request)
    body = await json_object(request)
    wait = await request.app[LIMITS].wait_for_message(held.conversation.id)
    if wait:
        raise too_many("too_many_messages", wait, body.get("text"), held.conversation)
    async with held.lock:
        try:
            messages = await say_once(request, held, body)
        except DeskUnavailable as error:
            raise await _unavailable(request) from error
        return json_response({"messages": messages, "state": held.conversation.state()})


async def give_contact(request: web.Request) -> web.Response:
    """`POST /api/conversations/{id}/contact`: open the case; contacts go to the desk only."""
    held = await held_by(request)
    contact = contact_of(await json_object(request))
    async with held.lock:
        start = len(held.conversation.messages)
        await hand_over(request, held, contact, request.headers.get("Idempotency-Key"))
        return json_response(
            {
                **(held.conversation.case or {}),
                "messages": held.conversation.messages[start:],
                "state": held.conversation.state(),
            },
            status=201,
        )


# --- what the pages without JavaScript share ---------------------------------------------------


async def open_conversation(request: web.Request, audience: str) -> Held:
    """Open a conversation for the address of `request`; raises Problem past the limit."""
    address = address_of(request, request.app[SETTINGS].trusted_proxies)
    wait = await request.app[LIMITS].wait_for_conversation(address)
    if wait:
        raise too_many("too_many_conversations", wait, None, None)
    conversation = Conversation.new(audience, datetime.now(UTC))
    held = request.app[STORE].open(conversation)
    async with held.lock:
        await request.app[TALK].open(conversation)
        await request.app[STORE].save(held)
    return held


async def erase_conversation(request: web.Request, held: Held) -> None:
    """Erase a conversation everywhere; a case already opened is the desk's."""
    async with held.lock:
        await request.app[TALK].forget(held.conversation)
        await request.app[STORE].erase(held)


async def catch_up(request: web.Request, held: Held) -> None:
    """Take in what a counsellor said meanwhile: what shows without server-sent events."""
    conversation, talk = held.conversation, request.app[TALK]
    if conversation.case is None:
        return
    async with held.lock:
        # A page with a stream says by it when it is there, and when it no longer is.
        if not request.app[PAGES][conversation.id]:
            await talk.seen(conversation)
        if await talk.attend(conversation):
            await request.app[STORE].save(held)


async def say_once(
    request: web.Request, held: Held, body: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Run a turn, or give again what it brought when its idempotency key is known.

    `body` has `text`, or `choice`, or `choices` (several of one question). Raises Problem.
    """
    conversation = held.conversation
    key = request.headers.get("Idempotency-Key", "")[:LONGEST_KEY]
    digest = hashlib.sha256(json.dumps(dict(body), sort_keys=True).encode()).hexdigest()
    known = conversation.seen.get(key) if key else None
    if known is not None:
        if known["digest"] != digest:
            raise Problem("idempotency_reused")
        return [message for message in conversation.messages if message["id"] in known["ids"]]
    messages = await request.app[TALK].take_in(conversation)
    messages += await _turn(request, conversation, body)
    if conversation.erased:
        await request.app[STORE].erase(held)
        return messages
    if key:
        ids = [message["id"] for message in messages]
        conversation.seen[key] = {"digest": digest, "ids": ids}
        while len(conversation.seen) > KEPT_IDEMPOTENCY_KEYS:
            del conversation.seen[next(iter(conversation.seen))]
    await request.app[STORE].save(held)
    return messages


async def _turn(
    request: web.Request, conversation: Conversation, body: Mapping[str, Any]
) -> list[dict[str, Any]]:
    given = [name for name in ("text", "choice", "choices") if body.get(name) is not None]
    if len(given) != 1:
        raise Problem("message_not_text")
    if given == ["text"]:
        text = body["text"]
        if not isinstance(text, str):
            raise Problem("message_not_text")
        text = text.encode("utf-8", "replace").decode()  # lone surrogates are no text
        if not urgency.normalise(text).strip():
            raise Problem("empty_message")
        return await request.app[TALK].hear(conversation, text)
    chosen = [body["choice"]] if given == ["choice"] else body["choices"]
    if not isinstance(chosen, list) or not chosen:
        raise Problem("unknown_choice")
    if not all(isinstance(name, str) and name in conversation.choices for name in chosen):
        raise Problem("unknown_choice")
    payloads = [conversation.choices[name] for name in chosen]
    if any(payload.get("action") == "erase" for payload in payloads):
        return await request.app[TALK].say_goodbye(conversation)
    return await request.app[TALK].choose(conversation, payloads)


async def hand_over(
    request: web.Request, held: Held, contact: dict[str, Any], key: str | None
) -> None:
    """Open the conversation's case, or find it again; then let the assistant go on.

    Raises DeskError, or Problem, when the desk has not committed it: nothing is then said.
    """
    conversation = held.conversation
    if conversation.case is None:
        body = json.dumps(contact, sort_keys=True)
        suffix = key[:LONGEST_KEY] if key else hashlib.sha256(body.encode()).hexdigest()
        await request.app[TALK].open_case(conversation, contact, f"{conversation.id}/{suffix}")
        await request.app[TALK].resume(conversation)
    await request.app[STORE].save(held)


def too_many(kind: str, wait: int, text: object, conversation: Conversation | None) -> Problem:
    """Return the problem of a limit passed; an urgent text gets its numbers all the same."""
    more: dict[str, Any] = {}
    if isinstance(text, str) and conversation is not None:
        message = emergency_message(text, conversation.audience)
        if message is not None:
            more["messages"] = [message]
    return Problem(kind, headers={"Retry-After": str(wait)}, wait=wait, **more)


def emergency_message(text: str, audience: str) -> dict[str, Any] | None:
    """Return the numbers as a message when `text` is urgent by itself, else None."""
    reading = urgency.read(text)
    flags = [flag for flag, decision in reading.decision.items() if decision == "yes"]
    if not flags:
        return None
    emergency = urgency.emergency(flags, audience, clues=reading.themes)
    return {
        "id": "urgence",
        "from": "assistant",
        "text": emergency.text,
        "kind": "emergency",
        "question": None,
        "choices": [],
        "data": {
            "flags": flags,
            "numbers": [number_card(number.as_json()) for number in emergency.numbers],
            "notes": list(emergency.notes),
        },
    }


# --- requests and responses ---------------------------------------------------------------------


async def json_object(request: web.Request, *, allow_empty: bool = False) -> dict[str, Any]:
    """Return the body, which must be a JSON object in UTF-8; raises Problem."""
    raw = await request.read()
    if allow_empty and not raw.strip():
        return {}
    try:
        body = json.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Problem("not_json") from None
    if not isinstance(body, dict):
        raise Problem("not_json")
    return body


def json_response(data: Mapping[str, Any], status: int = 200) -> web.Response:
    """Return `data` as JSON that no cache keeps."""
    return web.Response(
        status=status,
        body=json.dumps(data, ensure_ascii=False).encode(),
        content_type="application/json",
        charset="utf-8",
        headers={"Cache-Control": "no-store"},
    )


def token_of(request: web.Request) -> str | None:
    """Return the conversation's token: the bearer's, or the cookie's."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.cookies.get(COOKIE)


async def held_by(request: web.Request) -> Held:
    """Return the conversation that the request may touch; 404 for anything else.

    When only the database could tell and it does not answer, the numbers of an urgent text
    still come with the error.
    """
    try:
        held = await request.app[STORE].find(token_of(request))
    except DeskUnavailable as error:
        raise await _unavailable(request) from error
    if held is None or held.conversation.id != request.match_info["id"]:
        raise Problem("conversation_not_found")
    return held


async def _unavailable(request: web.Request) -> Problem:
    more: dict[str, Any] = {}
    if request.body_exists:
        body = await json_object(request, allow_empty=True)
        if isinstance(body.get("text"), str):
            message = emergency_message(body["text"], "salarie")
            more = {"messages": [message]} if message else {}
    return Problem("unavailable", headers={"Retry-After": "5"}, **more)


def set_cookie(response: web.StreamResponse, request: web.Request, token: str) -> None:
    """Give the conversation's cookie: for this session of the browser, not for scripts."""
    response.set_cookie(
        COOKIE,
        token,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=request.app[SETTINGS].secure_cookies,
    )

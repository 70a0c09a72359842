"""An answer taken back from the summary of what was understood, to be asked again."""

from __future__ import annotations

from aiohttp import web

from seuil.desk.problems import Problem
from seuil.eligibility import fact_title
from seuil.web.api import (
    LIMITS,
    STORE,
    TALK,
    json_object,
    json_response,
    token_of,
    too_many,
)
from seuil.web.rendering import WORDS

NOT_TOLD = frozenset({"audience", "as_of"})


async def change(request: web.Request) -> web.Response:
    """`POST /assistant/modifier`: forget one fact; the conversation goes on from there.

    The page's script sends `{"change": fact}` and gets `{"messages", "state"}` as for a message;
    the page's form sends the same field and is led back to the chat.
    """
    scripted = request.content_type == "application/json"
    given = await json_object(request) if scripted else await request.post()
    fact = given.get("change")
    held = await request.app[STORE].find(token_of(request))
    if held is None:
        if not scripted:
            raise web.HTTPSeeOther("/assistant")
        raise Problem("conversation_not_found")
    conversation = held.conversation
    if not isinstance(fact, str) or fact in NOT_TOLD or fact not in conversation.facts:
        raise Problem("unknown_choice")
    wait = await request.app[LIMITS].wait_for_message(conversation.id)
    if wait:
        raise too_many("too_many_messages", wait, None, conversation)
    said = WORDS["chat"]["change_text"].format(title=fact_title(fact))
    async with held.lock:
        messages = await request.app[TALK].choose(
            conversation,
            [{"intent": "inform", "facts": {}, "retracted": [fact], "title": said}],
        )
        await request.app[STORE].save(held)
        if scripted:
            return json_response({"messages": messages, "state": conversation.state()})
    return web.Response(status=303, headers={"Location": "/assistant"})


def setup(app: web.Application) -> None:
    """Add the address to `app`."""
    app.router.add_post("/assistant/modifier", change)

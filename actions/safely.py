"""No action may fail in silence: whatever happens, the person gets an answer."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]
Run = Callable[[Any, CollectingDispatcher, Tracker, dict[str, Any]], Awaitable[Events]]


def safely(run: Run) -> Run:
    """Wrap an action's ``run``: an exception becomes an apology with the phone line.

    The log names the action and the kind of error only: a message could hold what a person
    wrote.
    """

    @functools.wraps(run)
    async def wrapped(
        self: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        try:
            return await run(self, dispatcher, tracker, domain)
        except Exception as error:
            place = _place_of(error)
            logger.error("%s failed: %s at %s", self.name(), type(error).__name__, place)
            dispatcher.messages.clear()
            dispatcher.utter_message(response="utter_trouble")
            return []

    return wrapped


def _place_of(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"

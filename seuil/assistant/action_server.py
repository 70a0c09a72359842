"""Rasa's calls to the action server, without what costs more than the action itself.

Rasa 3.6 opens a connection for each call, and checks each answer against a JSON schema that it
first checks against its meta-schema: most of a turn's time (bench/turns). The action server is
ours and on this machine: its connection is kept, and its answer checked for its shape.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig


class KeptSession:
    """One HTTP session for all calls, where Rasa expects to open and close one a call."""

    def __init__(self, opening: Callable[[], Any]) -> None:
        self._open = opening
        self._session: Any = None

    def __call__(self) -> KeptSession:
        """Return itself: the endpoint asks for a session before each call."""
        return self

    async def __aenter__(self) -> Any:
        """Return the session, opened at the first call."""
        if self._session is None or self._session.closed:
            self._session = self._open()
        return self._session

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keep the session open for the next call."""


def check_answer(action: RemoteAction, answer: Any) -> bool:
    """Return True for an answer that Rasa can use; raise RasaException if it is not one."""
    named = isinstance(answer, dict) and all(
        isinstance(answer.get(part), list) and all(isinstance(item, dict) for item in answer[part])
        for part in ("events", "responses")
    )
    if not named or not all(isinstance(event.get("event"), str) for event in answer["events"]):
        raise RasaException(f"{action.name()}: the action server's answer cannot be used")
    return True


def install(endpoint: EndpointConfig | None) -> None:
    """Make Rasa call the action server this way. Calling it again changes nothing."""
    RemoteAction._validate_action_result = check_answer
    if endpoint is not None and not isinstance(endpoint.session, KeptSession):
        endpoint.session = KeptSession(endpoint.session)

"""What the tests of the assistant share; nothing heavy is imported before a test asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.assistant.dialogue import Talk


@pytest.fixture(scope="session")
def dialogue(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The agent that knows the rules; trained once."""
    from tests.assistant.dialogue import train_dialogue

    return train_dialogue(tmp_path_factory.mktemp("dialogue"))


@pytest.fixture
def talk(dialogue: Any) -> Callable[..., Talk]:
    """Start a conversation: `talk()`, or `talk(audience="rh")`."""
    from tests.assistant.dialogue import Talk

    return lambda **settings: Talk(dialogue, **settings)

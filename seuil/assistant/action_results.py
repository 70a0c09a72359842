"""Checks what the action server answers against Rasa's own schema, made ready once.

Rasa 3.6 builds the validator anew for each answer and checks the schema itself against its
meta-schema every time: three quarters of the time of a turn of ours (bench/turns). The check
is the same, and so is the error.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def validate_action_result(action: RemoteAction, result: dict[str, Any]) -> bool:
    """Return True for an answer that has the shape Rasa needs; raise ValidationError if not."""
    for error in _validator().iter_errors(result):
        raise ValidationError(f"{error.message}. The action server's answer cannot be used.")
    return True


def install() -> None:
    """Make Rasa use this check."""
    RemoteAction._validate_action_result = validate_action_result

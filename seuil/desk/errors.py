"""What can go wrong at the desk. Each error knows the problem document that tells it."""

from __future__ import annotations


class DeskError(Exception):
    """Base of the desk's errors.

    `kind` names an entry of `words/problems.yml`; `values` fill its placeholders and are
    never personal data. `retry_after` is in seconds, 0 when trying again is of no use.
    """

    kind = "internal"
    retry_after = 0

    def __init__(self, **values: object) -> None:
        super().__init__(self.kind, values)
        self.values = values


class SettingError(DeskError):
    """A setting that stops the start; `str()` is one line for the operator."""

    kind = "setting"

    def __init__(self, line: str) -> None:
        super().__init__(line=line)
        self.line = line

    def __str__(self) -> str:
        return self.line


class DeskUnavailable(DeskError):
    """The database does not answer (locked, full, stopped); nothing was recorded."""

    kind = "unavailable"
    retry_after = 5


class InvalidCase(DeskError):
    """A field of a case, a contact or a form cannot be taken; `field` names it."""

    kind = "invalid_field"

    def __init__(self, field: str, kind: str = "invalid_field", **values: object) -> None:
        self.kind = kind
        super().__init__(field=field, **values)
        self.field = field


class CaseNotFound(DeskError):
    """No case has this reference (or it was erased)."""

    kind = "case_not_found"


class IdempotencyConflict(DeskError):
    """The key was already used with another body."""

    kind = "idempotency_conflict"


class ClaimConflict(DeskError):
    """Someone else holds the case; `holder` is the name to show."""

    kind = "claimed"

    def __init__(self, holder: str) -> None:
        super().__init__(holder=holder)
        self.holder = holder


class StaleVersion(DeskError):
    """The case changed since it was read; `current` is its version now."""

    kind = "stale_version"

    def __init__(self, current: int) -> None:
        super().__init__(current=current)
        self.current = current


class WrongState(DeskError):
    """The case is not in a state that allows this; `status` is the one it is in."""

    def __init__(self, kind: str, status: str) -> None:
        self.kind = kind
        super().__init__(status=status)
        self.status = status


class NotAllowed(DeskError):
    """The actor may not do this."""

    kind = "forbidden"

"""The counsellors' queue: cases, their history, opening hours, accounts, API and console.

The gateway needs only what is exported here::

    desk = await open_desk(DeskSettings.from_env(os.environ))
    view = await desk.intake(NewCase(...), idempotency_key)
    seuil.desk.routes.setup(app, desk)
"""

from seuil.desk.errors import (
    CaseNotFound,
    ClaimConflict,
    DeskError,
    DeskUnavailable,
    IdempotencyConflict,
    InvalidCase,
    NotAllowed,
    SettingError,
    StaleVersion,
    WrongState,
)
from seuil.desk.model import Actor, CaseView, NewCase
from seuil.desk.service import Desk, open_desk
from seuil.desk.settings import DeskSettings

__all__ = [
    "Actor",
    "CaseNotFound",
    "CaseView",
    "ClaimConflict",
    "Desk",
    "DeskError",
    "DeskSettings",
    "DeskUnavailable",
    "IdempotencyConflict",
    "InvalidCase",
    "NewCase",
    "NotAllowed",
    "SettingError",
    "StaleVersion",
    "WrongState",
    "open_desk",
]

"""The lifecycle against a model of a page: whatever is done in whatever order, they agree."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from seuil.desk import ClaimConflict, Desk, DeskSettings, WrongState, open_desk
from seuil.desk.model import FLAGS

from .conftest import CLAIRE, NADIA, PAUL, Clock, Cluster, flags, new_case, settings_of

PEOPLE = st.sampled_from([CLAIRE, PAUL, NADIA])


@dataclass
class Model:
    """What a case should be."""

    status: str
    version: int
    events: int
    flags: dict[str, bool]
    due: Any
    created: Any
    holder: str | None = None
    acted: bool = False
    until: Any = None
    claimed_at: Any = None
    erased: bool = False

    @property
    def rank(self) -> int:
        up = self.flags
        return 0 if up["immediate_danger"] else 1 if up["homeless"] or up["family_violence"] else 3


class Lifecycle(RuleBasedStateMachine):
    """The desk and the model, side by side."""

    references = Bundle("references")
    fresh: Any  # makes the settings of an empty desk

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = Clock()
        self.settings: DeskSettings = type(self).fresh()
        self.desk: Desk = self.run(open_desk(self.settings, self.clock))
        self.cases: dict[str, Model] = {}
        self.keys: list[tuple[str, str]] = []
        self.looked = 0

    def run(self, asked: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asked)

    def teardown(self) -> None:
        for reference in self.cases:
            self.agree(reference)
        assert self.run(self.desk.verify()) == []
        self.run(self.desk.close())
        self.loop.close()
        shutil.rmtree(self.settings.var, ignore_errors=True)

    def free(self, case: Model, status: str) -> None:
        case.status, case.holder, case.acted, case.claimed_at = status, None, False, None

    def changed(self, case: Model, *, bump: bool = True) -> None:
        case.events += 1
        case.version += bump

    def attempt(self, asked: Coroutine[Any, Any, Any], *refused: type[Exception]) -> bool:
        """Whether it was done; a refusal must be one of these."""
        try:
            self.run(asked)
        except refused:
            return False
        return True

    @rule(target=references, up=st.sets(st.sampled_from(FLAGS)))
    def intake(self, up: set[str]) -> str:
        key = f"key-{len(self.keys)}"
        view = self.run(self.desk.intake(new_case(flags=flags(*up)), key))
        self.keys.append((key, view.reference))
        self.cases[view.reference] = Model(
            "waiting", 1, 1, flags(*up), view.due_at, view.created_at
        )
        return str(view.reference)

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def intake_again(self, data: st.DataObject) -> None:
        key, reference = data.draw(st.sampled_from(self.keys))
        case = self.cases[reference]
        if case.erased:
            return
        # The body that was sent the first time is not known here: another one is refused, and
        # nothing is made.
        from seuil.desk import IdempotencyConflict

        with pytest.raises(IdempotencyConflict):
            self.run(self.desk.intake(new_case(summary=["autre"]), key))

    @rule(reference=references, who=PEOPLE)
    def claim(self, reference: str, who: Any) -> None:
        case = self.cases[reference]
        done = self.attempt(self.desk.claim(reference, who), ClaimConflict, WrongState)
        free = case.status in ("waiting", "snoozed")
        assert done == (free or case.holder == who.id)
        if free:
            self.take(case, who)

    def take(self, case: Model, who: Any) -> None:
        case.status, case.holder, case.acted = "claimed", who.id, False
        case.until, case.claimed_at = None, self.clock.now
        self.changed(case)

    @rule(who=PEOPLE)
    def claim_next(self, who: Any) -> None:
        first = self.first_in_queue()
        view = self.run(self.desk.claim_next(who))
        assert (view.reference if view else None) == first
        if first:
            self.take(self.cases[first], who)

    def first_in_queue(self) -> str | None:
        found, _ = self.run(self.desk.queue())
        waiting = {ref: c for ref, c in self.cases.items() if c.status == "waiting"}
        assert {v.reference for v in found} == set(waiting)
        order = [(waiting[v.reference].rank, waiting[v.reference].due) for v in found]
        assert order == sorted(order)
        return found[0].reference if found else None

    @rule(reference=references, who=PEOPLE)
    def release(self, reference: str, who: Any) -> None:
        case = self.cases[reference]
        done = self.attempt(self.desk.release(reference, who), WrongState)
        assert done == self.may(case, who)
        if done:
            self.free(case, "waiting")
            self.changed(case)

    def may(self, case: Model, who: Any) -> bool:
        return case.status == "claimed" and (case.holder == who.id or who is NADIA)

    @rule(reference=references, who=PEOPLE)
    def note(self, reference: str, who: Any) -> None:
        case = self.cases[reference]
        done = self.attempt(self.desk.note(reference, who, "Note."), WrongState)
        assert done == (not case.erased)
        if done:
            case.acted |= case.holder == who.id
            self.changed(case)

    @rule(reference=references, who=PEOPLE)
    def read(self, reference: str, who: Any) -> None:
        case = self.cases[reference]
        view = self.run(self.desk.case_with_contact(reference, who))
        assert bool(view.contact) == (not case.erased)
        if case.holder == who.id:
            case.claimed_at = self.clock.now
        self.changed(case, bump=False)

    @rule(reference=references, who=PEOPLE, days=st.integers(1, 90))
    def snooze(self, reference: str, who: Any, days: int) -> None:
        case = self.cases[reference]
        until = self.clock.now + timedelta(days=days)
        done = self.attempt(self.desk.snooze(reference, who, until), WrongState)
        assert done == self.may(case, who)
        if done:
            self.free(case, "snoozed")
            case.until = until
            self.changed(case)

    @rule(reference=references, who=PEOPLE)
    def close(self, reference: str, who: Any) -> None:
        case = self.cases[reference]
        done = self.attempt(self.desk.close_case(reference, who, "accompanied"), WrongState)
        assert done == (self.may(case, who) or (who is NADIA and case.status != "closed"))
        if done:
            self.free(case, "closed")
            case.until = None
            self.changed(case)

    @rule(reference=references, who=PEOPLE)
    def reopen(self, reference: str, who: Any) -> None:
        case = self.cases[reference]
        done = self.attempt(self.desk.reopen(reference, who), WrongState)
        assert done == (case.status == "closed" and not case.erased)
        if done:
            case.status = "waiting"
            case.due = self.run(self.desk.case(reference)).due_at
            self.changed(case)

    @rule(reference=references, to=PEOPLE)
    def assign(self, reference: str, to: Any) -> None:
        case = self.cases[reference]
        done = self.attempt(self.desk.assign(reference, NADIA, to), WrongState)
        assert done == (case.status != "closed")
        if done:
            self.take(case, to)

    @rule(reference=references, flag=st.sampled_from(FLAGS))
    def raise_flag(self, reference: str, flag: str) -> None:
        case = self.cases[reference]
        view = self.run(self.desk.raise_flags(reference, {flag: True}))
        if not case.flags[flag] and not case.erased:
            case.flags[flag] = True
            assert view.due_at <= case.due or case.status in ("closed", "snoozed")
            case.due = view.due_at
            if case.status in ("closed", "snoozed"):
                case.status, case.until = "waiting", None
            self.changed(case)

    @rule(minutes=st.sampled_from([1, 31, 600, 3 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.clock.pass_(minutes=minutes)
        self.run(self.desk.watch())
        for reference, case in self.cases.items():
            now = self.clock.now
            if case.status == "snoozed" and case.until <= now:
                case.status, case.until = "waiting", None
                case.due = self.run(self.desk.case(reference)).due_at
                self.changed(case)
            idle = case.status == "claimed" and not case.acted
            if idle and now - case.claimed_at >= timedelta(minutes=30):
                self.free(case, "waiting")
                self.changed(case)

    @rule(reference=references)
    def erase(self, reference: str) -> None:
        case = self.cases[reference]
        self.run(self.desk.erase(reference, NADIA))
        if not case.erased:
            self.free(case, "closed")
            case.erased, case.until = True, None
            self.changed(case)

    @rule()
    def start_again(self) -> None:
        self.run(self.desk.close())
        self.desk = self.run(open_desk(self.settings, self.clock))

    def agree(self, reference: str) -> None:
        case = self.cases[reference]
        view = self.run(self.desk.case(reference))
        told = (view.status, view.version, view.holder_id, view.flags)
        assert told == (case.status, case.version, case.holder, case.flags)
        # Alarms come and go with the clock; test_watch.py sees to them.
        kinds = [event.kind for event in self.run(self.desk.history(reference))]
        assert len(kinds) - kinds.count("alarm") == case.events

    @invariant()
    def one_case_after_another_agrees(self) -> None:
        if self.cases:
            self.looked += 1
            self.agree(list(self.cases)[self.looked % len(self.cases)])


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_lifecycle_agrees_with_its_model(engine: str, request: pytest.FixtureRequest) -> None:
    template = request.getfixturevalue(f"{engine}_template")

    def fresh() -> DeskSettings:
        var = Path(tempfile.mkdtemp(prefix="seuil-model-"))
        if engine == "postgresql":
            cluster: Cluster = request.getfixturevalue("cluster")
            return settings_of(var, cluster.new_database(template))
        shutil.copytree(template, var, dirs_exist_ok=True)
        return settings_of(var)

    machine = type("Lifecycle", (Lifecycle,), {"fresh": staticmethod(fresh)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""A case goes from hand to hand without being lost or held twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from seuil.desk import (
    Actor,
    CaseNotFound,
    ClaimConflict,
    Desk,
    InvalidCase,
    NotAllowed,
    StaleVersion,
    WrongState,
)

from .conftest import CLAIRE, NADIA, PAUL, Clock, flags

TakeIn = Callable[..., Any]


async def kinds(desk: Desk, reference: str) -> list[str]:
    return [event.kind for event in await desk.history(reference)]


async def test_claimed_noted_closed_reopened(desk: Desk, take_in: TakeIn, clock: Clock) -> None:
    view = await take_in()
    held = await desk.claim(view.reference, CLAIRE, view.version)
    assert (held.status, held.claimed_by) == ("claimed", "Claire")
    clock.pass_(minutes=5)
    tried = await desk.attempt(view.reference, CLAIRE, "no_answer", version=held.version)
    noted = await desk.note(view.reference, CLAIRE, "Rappeler à midi.", tried.version)
    closed = await desk.close_case(
        view.reference, CLAIRE, "redirected", detail="CCAS de Lille", version=noted.version
    )
    assert (closed.status, closed.outcome, closed.claimed_by) == ("closed", "redirected", None)
    assert closed.attempts == 1
    opened = await desk.reopen(view.reference, PAUL, closed.version)
    assert (opened.status, opened.outcome) == ("waiting", None)
    assert opened.due_at > view.due_at
    events = await desk.history(view.reference)
    assert [e.kind for e in events] == [
        "created",
        "claimed",
        "contact_attempt",
        "note",
        "closed",
        "reopened",
    ]
    assert events[3].text == "Rappeler à midi."
    assert events[4].text == "CCAS de Lille"
    assert await desk.verify() == []


async def test_fifty_counsellors_claim_one_case_and_one_has_it(desk: Desk, take_in: TakeIn) -> None:
    view = await take_in()
    people = [Actor(f"u_{n}", f"C{n}", "counsellor") for n in range(50)]
    results = await asyncio.gather(
        *(desk.claim(view.reference, one, view.version) for one in people), return_exceptions=True
    )
    conflicts = [r for r in results if isinstance(r, ClaimConflict)]
    assert len(conflicts) == 49
    holder = (await desk.case(view.reference)).claimed_by
    assert {c.holder for c in conflicts} == {holder}
    assert await kinds(desk, view.reference) == ["created", "claimed"]


async def test_twenty_take_the_next_and_no_two_have_the_same(desk: Desk, take_in: TakeIn) -> None:
    for _ in range(15):
        await take_in()
    people = [Actor(f"u_{n}", f"C{n}", "counsellor") for n in range(20)]
    taken = await asyncio.gather(*(desk.claim_next(one) for one in people))
    references = [view.reference for view in taken if view is not None]
    assert len(references) == len(set(references)) == 15
    assert await desk.claim_next(CLAIRE) is None


async def test_the_queue_goes_by_priority_then_time_left_then_age(
    desk: Desk, take_in: TakeIn, clock: Clock
) -> None:
    normal = await take_in()
    clock.pass_(minutes=1)
    later = await take_in()
    urgent = await take_in(flags=flags("family_violence"))
    clock.pass_(minutes=1)
    critical = await take_in(flags=flags("immediate_danger"))
    high = await take_in(facts={"difficulties": ["expulsion"]})
    expected = [critical, urgent, high, normal, later]
    found, total = await desk.queue()
    assert [v.reference for v in found] == [v.reference for v in expected]
    assert total == 5
    taken = [await desk.claim_next(CLAIRE) for _ in range(5)]
    assert [v.reference for v in taken if v] == [v.reference for v in expected]


async def test_a_holder_who_claims_again_changes_nothing(desk: Desk, take_in: TakeIn) -> None:
    view = await take_in()
    held = await desk.claim(view.reference, CLAIRE)
    again = await desk.claim(view.reference, CLAIRE, held.version)
    assert again.version == held.version


async def test_a_stale_version_is_refused_and_says_the_present_one(
    desk: Desk, take_in: TakeIn
) -> None:
    view = await take_in()
    held = await desk.claim(view.reference, CLAIRE, view.version)
    with pytest.raises(StaleVersion) as caught:
        await desk.note(view.reference, CLAIRE, "Note.", view.version)
    assert caught.value.current == held.version
    assert await kinds(desk, view.reference) == ["created", "claimed"]


async def test_reading_the_contact_changes_no_version(desk: Desk, take_in: TakeIn) -> None:
    view = await take_in()
    await desk.case_with_contact(view.reference, CLAIRE)
    assert (await desk.claim(view.reference, CLAIRE, view.version)).status == "claimed"


async def test_only_the_holder_or_a_supervisor_acts(desk: Desk, take_in: TakeIn) -> None:
    view = await take_in()
    await desk.claim(view.reference, CLAIRE)
    for refused in (
        desk.release(view.reference, PAUL),
        desk.close_case(view.reference, PAUL, "refused"),
        desk.attempt(view.reference, PAUL, "reached"),
    ):
        with pytest.raises(WrongState) as caught:
            await refused
        assert caught.value.kind == "not_holder"
    with pytest.raises(NotAllowed):
        await desk.assign(view.reference, PAUL, PAUL)
    given = await desk.assign(view.reference, NADIA, PAUL)
    assert given.claimed_by == "Paul"
    with pytest.raises(NotAllowed):
        await desk.assign(view.reference, NADIA, Actor("u_a", "Ana", "agent"))
    assert (await desk.release(view.reference, NADIA)).status == "waiting"


async def test_what_a_closed_case_refuses(desk: Desk, take_in: TakeIn) -> None:
    view = await take_in()
    await desk.claim(view.reference, CLAIRE)
    await desk.close_case(view.reference, CLAIRE, "accompanied")
    for refused in (
        desk.claim(view.reference, CLAIRE),
        desk.release(view.reference, CLAIRE),
        desk.close_case(view.reference, NADIA, "refused"),
    ):
        with pytest.raises(WrongState) as caught:
            await refused
        assert caught.value.kind == "already_closed"


async def test_a_case_put_aside_is_not_in_the_queue(
    desk: Desk, take_in: TakeIn, clock: Clock
) -> None:
    view = await take_in()
    await desk.claim(view.reference, CLAIRE)
    aside = await desk.snooze(view.reference, CLAIRE, clock.now + timedelta(days=2))
    assert aside.status == "snoozed"
    assert await desk.claim_next(PAUL) is None
    for wrong in (clock.now, clock.now + timedelta(days=91)):
        await desk.claim(view.reference, CLAIRE)
        with pytest.raises(InvalidCase):
            await desk.snooze(view.reference, CLAIRE, wrong)


@pytest.mark.parametrize(
    "refused",
    [
        lambda desk, ref: desk.close_case(ref, CLAIRE, "done"),
        lambda desk, ref: desk.close_case(ref, CLAIRE, "redirected"),  # to whom is not said
        lambda desk, ref: desk.close_case(ref, CLAIRE, "duplicate"),  # of which is not said
        lambda desk, ref: desk.note(ref, CLAIRE, "  "),
        lambda desk, ref: desk.note(ref, CLAIRE, "x" * 10_001),
        lambda desk, ref: desk.attempt(ref, CLAIRE, "perhaps"),
    ],
)
async def test_what_is_not_admissible_changes_nothing(
    sqlite_desk: Desk, refused: Callable[[Desk, str], Any]
) -> None:
    from .conftest import new_case

    view = await sqlite_desk.intake(new_case(), "key")
    held = await sqlite_desk.claim(view.reference, CLAIRE)
    with pytest.raises(InvalidCase):
        await refused(sqlite_desk, view.reference)
    assert (await sqlite_desk.case(view.reference)).version == held.version


async def test_nobody_is_unreachable_before_someone_tried(desk: Desk, take_in: TakeIn) -> None:
    view = await take_in()
    await desk.claim(view.reference, CLAIRE)
    with pytest.raises(WrongState) as caught:
        await desk.close_case(view.reference, CLAIRE, "unreachable")
    assert caught.value.kind == "no_attempt"
    for _ in range(2):
        await desk.attempt(view.reference, CLAIRE, "no_answer")
    closed = await desk.close_case(view.reference, CLAIRE, "unreachable")
    assert (closed.outcome, closed.attempts) == ("unreachable", 2)
    assert (await desk.history(view.reference))[-1].data["attempts"] == 2


async def test_an_unknown_reference_is_not_found(desk: Desk) -> None:
    for asked in (desk.case("AAAA-AAAA"), desk.claim("AAAA-AAAA", CLAIRE), desk.history("…")):
        with pytest.raises(CaseNotFound):
            await asked


async def test_listeners_hear_of_changes_after_they_are_kept(desk: Desk, take_in: TakeIn) -> None:
    with desk.events.listen() as queue:
        view = await take_in()
        await desk.claim(view.reference, CLAIRE)
        heard = [queue.get_nowait() for _ in range(2)]
    assert [(e.kind, e.version) for e in heard] == [("created", 1), ("claimed", 2)]
    assert desk.events.listeners == 0


async def test_a_listener_that_does_not_read_loses_its_oldest_events(
    desk: Desk, take_in: TakeIn
) -> None:
    view = await take_in()
    with desk.events.listen() as queue:
        for n in range(150):
            desk.tell(f"k{n}", view)
        assert queue.qsize() == 100
        assert queue.get_nowait().kind == "k50"


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("06 12 34 56 78", True),
        ("+33612345678", True),
        ("0033 (0)6.12.34.56.78", True),
        ("0612345679", False),
        ("CAMILLE@exemple.fr", True),
        ("camille@exemple", False),
        ("Dupré", False),
        ("%", False),
    ],
)
async def test_a_person_is_found_by_phone_or_email(
    desk: Desk, take_in: TakeIn, q: str, found: bool
) -> None:
    await take_in(contact={"phone": "0612345678", "email": "camille@exemple.fr"})
    cases, total = await desk.queue(q=q)
    assert (len(cases), total) == ((1, 1) if found else (0, 0))


async def test_a_case_is_found_by_its_reference(desk: Desk, take_in: TakeIn) -> None:
    view = await take_in()
    await take_in()
    found, _ = await desk.queue(q=view.reference.lower())
    assert [v.reference for v in found] == [view.reference]

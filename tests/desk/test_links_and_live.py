"""Several cases of one person; a counsellor in the person's conversation; who looks at what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from seuil.desk import Desk, InvalidCase, StaleVersion, WrongState
from seuil.desk.tables import conversations

from .conftest import CLAIRE, NADIA, PAUL, Clock

TakeIn = Callable[..., Any]


async def test_the_same_phone_suggests_and_never_links(desk: Desk, take_in: TakeIn) -> None:
    one = await take_in()
    two = await take_in(contact={"name": "Quelqu'un d'autre", "phone": "+33 6 12 34 56 78"})
    other = await take_in(contact={"email": "autre@exemple.fr"})
    assert [v.reference for v in await desk.alike(one.id)] == [two.reference]
    assert list(await desk.linked(one.id)) == []
    assert list(await desk.alike(other.id)) == []


async def test_a_link_stands_in_both_histories(desk: Desk, take_in: TakeIn) -> None:
    one, two = await take_in(), await take_in()
    linked = await desk.link(one.reference, CLAIRE, two.reference, one.version)
    assert linked.version == one.version + 1
    assert [v.reference for v in await desk.linked(two.id)] == [one.reference]
    assert list(await desk.alike(one.id)) == []
    again = await desk.link(two.reference, CLAIRE, one.reference)
    assert again.version == two.version + 1
    await desk.unlink(two.reference, PAUL, one.reference)
    assert list(await desk.linked(one.id)) == []
    for view, twin in ((one, two), (two, one)):
        events = (await desk.history(view.reference))[1:]
        assert [(e.kind, e.data["other"]) for e in events] == [
            ("linked", twin.reference),
            ("unlinked", twin.reference),
        ]
    assert await desk.verify() == []


async def test_a_case_is_not_linked_to_itself_nor_on_a_stale_version(
    desk: Desk, take_in: TakeIn
) -> None:
    one, two = await take_in(), await take_in()
    with pytest.raises(InvalidCase):
        await desk.link(one.reference, CLAIRE, one.reference.lower())
    with pytest.raises(StaleVersion):
        await desk.link(one.reference, CLAIRE, two.reference, 9)
    assert list(await desk.linked(one.id)) == []
    assert len(await desk.history(two.reference)) == 1


@pytest.fixture
async def talking(desk: Desk, take_in: TakeIn, clock: Clock) -> Any:
    """A case whose conversation c1 is open."""
    async with desk.database.write() as connection:
        await connection.execute(
            insert(conversations).values(
                id="c1",
                token_hash="h",
                audience="salarie",
                created_at=clock.now,
                updated_at=clock.now,
                expires_at=clock.now + timedelta(hours=1),
                state=b"",
                version=1,
            )
        )
    return await take_in()


async def test_a_counsellor_and_a_person_talk(desk: Desk, talking: Any) -> None:
    assert await desk.hear("c1", "Il y a quelqu'un ?") is False
    await desk.claim(talking.reference, CLAIRE)
    assert await desk.live("c1") is None
    await desk.here("conversation/c1")
    with desk.events.listen() as queue:
        assert await desk.say(talking.reference, "Bonjour, je suis là.", CLAIRE) is True
        told = [queue.get_nowait() for _ in range(2)]
    assert [(e.kind, e.conversation_id) for e in told] == [("joined", "c1"), ("said", "c1")]
    assert await desk.live("c1") == "une conseillère ou un conseiller"
    assert await desk.hear("c1", "Merci d'être là.") is True
    await desk.leave(talking.reference, CLAIRE)
    assert await desk.live("c1") is None
    lines = await desk.spoken("c1")
    assert [(line.kind, line.text) for line in lines] == [
        ("joined", None),
        ("said", "Bonjour, je suis là."),
        ("heard", "Merci d'être là."),
        ("left", None),
    ]
    assert [line.kind for line in await desk.spoken("c1", lines[1].seq)] == ["heard", "left"]
    events = await desk.history(talking.reference)
    assert [e.text for e in events if e.text] == ["Bonjour, je suis là.", "Merci d'être là."]
    assert await desk.verify() == []


@pytest.mark.parametrize("end", ["release", "close_case", "assign"])
async def test_the_assistant_comes_back_when_the_case_changes_hands(
    desk: Desk, talking: Any, end: str
) -> None:
    await desk.claim(talking.reference, CLAIRE)
    await desk.say(talking.reference, "Bonjour.", CLAIRE)
    if end == "release":
        await desk.release(talking.reference, CLAIRE)
    elif end == "close_case":
        await desk.close_case(talking.reference, CLAIRE, "accompanied")
    else:
        await desk.assign(talking.reference, NADIA, PAUL)
    assert await desk.live("c1") is None
    assert [line.kind for line in await desk.spoken("c1")] == ["joined", "said", "left"]


async def test_a_case_that_nobody_joined_says_nothing_to_the_person(
    desk: Desk, talking: Any
) -> None:
    await desk.claim(talking.reference, CLAIRE)
    await desk.release(talking.reference, CLAIRE)
    assert list(await desk.spoken("c1")) == []


async def test_only_who_holds_the_case_speaks(desk: Desk, talking: Any) -> None:
    with pytest.raises(WrongState):
        await desk.say(talking.reference, "Bonjour.", CLAIRE)
    await desk.claim(talking.reference, CLAIRE)
    for other in (PAUL, NADIA):
        with pytest.raises(WrongState) as caught:
            await desk.say(talking.reference, "Bonjour.", other)
        assert caught.value.kind == "not_holder"
    with pytest.raises(InvalidCase):
        await desk.say(talking.reference, " ", CLAIRE)
    assert list(await desk.spoken("c1")) == []


async def test_a_person_who_left_is_said_to_have_left(
    desk: Desk, talking: Any, clock: Clock
) -> None:
    await desk.claim(talking.reference, CLAIRE)
    assert await desk.say(talking.reference, "Êtes-vous là ?", CLAIRE) is False
    await desk.here("conversation/c1")
    assert await desk.say(talking.reference, "Bonjour.", CLAIRE) is True
    await desk.gone("conversation/c1")
    assert await desk.say(talking.reference, "Au revoir.", CLAIRE) is False
    await desk.here("conversation/c1")
    clock.pass_(minutes=2)
    assert await desk.say(talking.reference, "Toujours là ?", CLAIRE) is False


@pytest.mark.parametrize("how", ["erased", "expired"])
async def test_nothing_is_sent_to_a_conversation_that_is_over(
    desk: Desk, talking: Any, clock: Clock, how: str
) -> None:
    await desk.claim(talking.reference, CLAIRE)
    async with desk.database.write() as connection:
        if how == "erased":
            await connection.execute(delete(conversations))
        else:
            await connection.execute(update(conversations).values(expires_at=clock.now))
    with pytest.raises(WrongState) as caught:
        await desk.say(talking.reference, "Bonjour.", CLAIRE)
    assert caught.value.kind == "person_gone"


async def test_a_case_without_a_conversation_says_so(desk: Desk, take_in: TakeIn) -> None:
    view = await take_in(conversation_id=None)
    await desk.claim(view.reference, CLAIRE)
    with pytest.raises(WrongState) as caught:
        await desk.say(view.reference, "Bonjour.", CLAIRE)
    assert caught.value.kind == "no_conversation"


async def test_two_counsellors_on_one_case_see_each_other(
    desk: Desk, take_in: TakeIn, clock: Clock
) -> None:
    view = await take_in()
    place = f"case/{view.id}"
    await desk.here(place, CLAIRE)
    await desk.here(place, PAUL)
    await desk.here(place, PAUL)
    assert await desk.others(place, CLAIRE) == ["Paul"]
    await desk.gone(place, PAUL)
    assert await desk.others(place, CLAIRE) == []
    await desk.here(place, PAUL)
    clock.pass_(minutes=1)
    assert await desk.others(place, CLAIRE) == []

"""Cards that are changed, with a real database and a pretend host."""

from dataclasses import replace

import pytest

from field_ops.host.errors import HostRefused, HostUnavailable
from field_ops.host.events import CardPressed, Conversation
from field_ops.host.messages import Button, Card
from field_ops.outbox.claims import LEASE
from field_ops.outbox.models import OutboxMessage
from field_ops.outbox.revise import asking, settle, settle_pressed
from field_ops.people.models import Member
from tests.factories import work_as
from tests.field_ops.outbox.post_room import PostRoom

LOST = HostUnavailable("timed out", maybe_done=True)
ASKS = Card(
    "结果如何？", buttons=(Button("有进展", says="确认记录 1"), Button("看拜访", url="#/v/1"))
)
DONE = replace(ASKS, title="已记录 · 李雷 09:00")


@pytest.fixture
async def asked(post_room: PostRoom) -> OutboxMessage:
    """A card that 李雷 has, on a host that changes cards."""
    post_room.host.messenger.cards_change = True
    lilei = post_room.company.lilei
    await post_room.post_message(lilei, ASKS, kind="answer", about="log-1")
    await post_room.passes(2)
    return (await post_room.rows())[0]


async def press(room: PostRoom, card_id: str, code: str = "", by: Member | None = None) -> None:
    by = by or room.company.lilei
    pressed = CardPressed(
        event_id="p", happened_at=room.clock(), host_user_id="lilei", says="确认记录 1",
        card_id=card_id, revise_with=code or card_id, conversation=Conversation(),
    )  # fmt: skip
    async with room.database.writing() as session:
        work = work_as(session, by, room.clock())
        actor = replace(work.actor, connection_id=room.company.connection.id)
        await settle_pressed(replace(work, actor=actor), pressed, DONE)


async def settle_elsewhere(room: PostRoom) -> int:
    async with room.database.writing() as session:
        work = work_as(session, room.company.lilei, room.clock())
        cards = await asking(work, "log-1")
        await settle(work, cards, lambda _language: DONE)
        return len(cards)


async def test_a_pressed_card_is_changed_and_asks_nothing_any_more(
    post_room: PostRoom, asked: OutboxMessage
) -> None:
    await press(post_room, asked.id)
    report = await post_room.passes(3)
    ((card_id, card),) = post_room.host.messenger.revised
    assert (card_id, card.title, report["revised"]) == (asked.id, "已记录 · 李雷 09:00", 1)
    assert [button.url for button in card.buttons] == ["#/v/1"]


async def test_a_press_that_is_told_twice_changes_the_card_once(
    post_room: PostRoom, asked: OutboxMessage
) -> None:
    await press(post_room, asked.id)
    await press(post_room, asked.id)
    assert await settle_elsewhere(post_room) == 1
    await post_room.passes(3)
    assert len(post_room.host.messenger.revised) == 1


async def test_a_change_overtakes_what_waits_for_the_member(
    post_room: PostRoom, asked: OutboxMessage
) -> None:
    await post_room.post(post_room.company.lilei, "一")
    post_room.host.fail_next(HostUnavailable("down"))
    await post_room.passes(1)
    await press(post_room, asked.id)
    await post_room.passes(2)
    assert len(post_room.host.messenger.revised) == 1
    assert post_room.heard_by(post_room.company.lilei) == []


async def test_a_code_that_is_spent_gives_a_message_to_who_pressed(
    post_room: PostRoom, asked: OutboxMessage
) -> None:
    post_room.host.messenger.spent.add("RC")
    await press(post_room, asked.id, "RC")
    report = await post_room.passes(3)
    assert (report["lapsed"], report["sent"], report["refused"]) == (1, 1, 0)
    answer = post_room.host.heard_by("lilei")[-1]
    assert isinstance(answer, Card) and answer.title == "已记录 · 李雷 09:00"


async def test_nobody_is_told_of_a_card_that_could_not_be_settled(
    post_room: PostRoom, asked: OutboxMessage
) -> None:
    await settle_elsewhere(post_room)
    post_room.host.fail_next(HostRefused("invalid response_code", code="60140"))
    report = await post_room.passes(3)
    assert (report["lapsed"], report["sent"]) == (1, 0)
    assert (await post_room.states()) == ["sent", "lapsed"]


async def test_a_lost_answer_of_a_code_that_is_good_once_is_no_failure(
    post_room: PostRoom, asked: OutboxMessage
) -> None:
    post_room.host.messenger.codes_are_spent = True
    await press(post_room, asked.id, "RC")
    post_room.host.lose_next_answer(LOST)
    await post_room.passes(2)
    post_room.clock.forward(minutes=2)
    report = await post_room.passes(2)
    assert (len(post_room.host.messenger.revised), report["lapsed"]) == (1, 1)
    assert len(post_room.host.heard_by("lilei")) == 1, "it had changed: no second word about it"


async def test_a_relay_that_died_in_between_is_followed_by_another(
    post_room: PostRoom, asked: OutboxMessage
) -> None:
    await press(post_room, asked.id)
    async with post_room.database.writing() as session:
        row = await session.merge((await post_room.rows())[1])
        row.state, row.relay, row.attempts = "sending", "dead", 1
        row.lease_until = post_room.clock() + LEASE
    await post_room.passes(2)
    assert post_room.host.messenger.revised == []
    post_room.clock.forward(seconds=LEASE.total_seconds())
    await post_room.passes(2)
    assert len(post_room.host.messenger.revised) == 1


async def test_after_three_days_a_card_is_left_as_it_is(
    post_room: PostRoom, asked: OutboxMessage
) -> None:
    post_room.clock.forward(hours=72, seconds=1)
    assert await settle_elsewhere(post_room) == 0

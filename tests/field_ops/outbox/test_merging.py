"""Several waiting messages of one kind become one card, on both databases."""

import asyncio
from datetime import UTC, datetime

import pytest

from field_ops.host.errors import HostUnavailable
from field_ops.host.messages import Card
from field_ops.outbox.claims import LEASE
from field_ops.outbox.plurals import listed
from tests.conftest import SHANGHAI
from tests.field_ops.outbox.post_room import PostRoom

FRIDAY_NIGHT = datetime(2026, 3, 13, 22, 0, tzinfo=SHANGHAI).astimezone(UTC)
MONDAY_MORNING = datetime(2026, 3, 16, 8, 0, tzinfo=SHANGHAI)
KIND = "abnormal_visit"


@pytest.fixture
def room(post_room: PostRoom) -> PostRoom:
    """A post room that knows how to say several of one kind."""
    post_room.plurals[KIND] = lambda cards, lang: listed(f"{len(cards)} 次需关注", cards, lang)
    return post_room


async def posted(room: PostRoom, *titles: str, kind: str = KIND, urgent: bool = False) -> None:
    for title in titles:
        card = Card(title, url=f"#/visits/{title}")
        await room.post_message(room.company.wang, card, kind=kind, urgent=urgent)


def heard(room: PostRoom) -> list[str]:
    return [m.title for m in room.host.heard_by("wang") if isinstance(m, Card)]


async def overnight(room: PostRoom, *titles: str) -> None:
    """Posted on Friday night, held, and now it is Monday at eight."""
    room.clock.now = FRIDAY_NIGHT
    await posted(room, *titles)
    await room.passes(len(titles) + 1)
    assert heard(room) == []
    room.clock.now = MONDAY_MORNING


async def test_what_was_held_overnight_is_one_card_at_the_first_allowed_minute(
    room: PostRoom,
) -> None:
    await overnight(room, "甲", "乙", "丙")
    await room.passes(4)
    (said,) = room.host.heard_by("wang")
    assert isinstance(said, Card)
    assert (said.title, said.text) == ("3 次需关注", "1. 甲\n2. 乙\n3. 丙")
    assert [button.url for button in said.buttons] == ["#/visits/甲", "#/visits/乙", "#/visits/丙"]
    *merged, sent = await room.rows()
    assert [(row.state, row.merged_into) for row in merged] == [("merged", sent.id)] * 3
    assert sent.member_id == room.company.wang.id


async def test_within_a_quarter_of_an_hour_the_first_goes_and_the_rest_is_one(
    room: PostRoom,
) -> None:
    await posted(room, "甲")
    await room.passes(2)
    room.clock.forward(minutes=5)
    await posted(room, "乙", "丙")
    await room.passes(3)
    assert heard(room) == ["甲"]
    room.clock.forward(minutes=10)
    await room.passes(3)
    assert heard(room) == ["甲", "2 次需关注"]


async def test_one_that_waits_alone_stays_as_it_was_posted(room: PostRoom) -> None:
    await overnight(room, "甲")
    await room.passes(2)
    assert (heard(room), await room.states()) == (["甲"], ["sent"])


async def test_kinds_without_a_plural_and_urgent_ones_are_not_merged(room: PostRoom) -> None:
    room.clock.now = FRIDAY_NIGHT
    await posted(room, "甲", "乙", kind="location_proposed")
    await posted(room, "急一", "急二", urgent=True)
    await room.passes(6)
    assert heard(room) == ["【紧急】急一", "【紧急】急二"]
    room.clock.now = MONDAY_MORNING
    await room.passes(4)
    assert heard(room) == ["【紧急】急一", "【紧急】急二", "甲", "乙"]


async def test_a_lost_answer_says_the_same_card_once_more_and_takes_in_no_other(
    room: PostRoom,
) -> None:
    await overnight(room, "甲", "乙")
    room.host.lose_next_answer(HostUnavailable("timed out", maybe_done=True))
    await room.passes(1)
    await posted(room, "丙")
    room.clock.forward(minutes=2)
    await room.passes(3)
    assert heard(room) == ["2 次需关注"], "the host knows the repeated one by its id"
    assert (await room.states()).count("merged") == 2
    room.clock.forward(minutes=15)
    await room.passes(3)
    assert heard(room) == ["2 次需关注", "丙"]


async def test_a_relay_that_died_after_the_merge_is_followed_by_another(room: PostRoom) -> None:
    await overnight(room, "甲", "乙")
    room.host.messenger.slow_s = 60
    dying = asyncio.create_task(room.relay("doomed").pass_once())
    async with asyncio.timeout(60):
        while not room.host.messenger.calls:  # noqa: ASYNC110 - the pretend host tells nobody
            await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert await room.states() == ["merged", "merged", "sending"]
    room.host.messenger.slow_s = 0
    room.clock.forward(seconds=LEASE.total_seconds())
    await room.passes(2)
    assert (heard(room), await room.states()) == (
        ["2 次需关注"], ["merged", "merged", "sent"],
    )  # fmt: skip


async def test_a_merged_card_that_was_tried_stays_what_it_was(room: PostRoom) -> None:
    await overnight(room, "甲", "乙")
    room.host.fail_next(HostUnavailable("down"))
    await room.passes(1)
    assert await room.states() == ["merged", "merged", "queued"]
    await posted(room, "丙")
    await room.passes(2)
    room.clock.forward(minutes=20)
    await room.passes(3)
    assert heard(room) == ["2 次需关注"], "the host may have seen it"
    room.clock.forward(minutes=15)
    await room.passes(3)
    assert heard(room) == ["2 次需关注", "丙"]


async def test_two_relays_at_once_say_each_thing_once(room: PostRoom) -> None:
    await overnight(room, *"甲乙丙丁")
    await asyncio.gather(*(room.passes(6, room.relay(f"r{n}")) for n in range(3)))
    assert heard(room) == ["4 次需关注"]


async def test_a_bug_in_the_wording_keeps_nothing_back(room: PostRoom) -> None:
    def broken(cards: object, language: str) -> Card:
        raise KeyError("count")

    room.plurals[KIND] = broken
    await overnight(room, "甲", "乙")
    await room.passes(1)
    assert heard(room) == ["甲"]

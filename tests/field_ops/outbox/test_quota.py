"""The month's calls of a host: counted from what was sent, and told in time."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from field_ops.connections.refs import ConnectionRef
from field_ops.host.events import Conversation
from field_ops.host.messages import Notice
from field_ops.outbox.post import answer
from field_ops.outbox.quota import is_nearly_used, told, used_this_month
from field_ops.texts import Text
from tests.conftest import SHANGHAI
from tests.factories import work_as
from tests.fakes import GENEROUS
from tests.field_ops.outbox.post_room import PostRoom

FREE = replace(GENEROUS, per_app_month=5_000)
DINGTALK = Text("钉钉", "DingTalk")


def connection_of(room: PostRoom) -> ConnectionRef:
    tenant, connection = room.company.tenant, room.company.connection
    return ConnectionRef(tenant.id, connection.id, connection.host, connection.name, SHANGHAI)


async def used(room: PostRoom) -> int:
    async with room.database.reading() as session:
        return await used_this_month(session, connection_of(room), room.clock())


async def test_what_was_sent_this_month_is_counted(post_room: PostRoom) -> None:
    await post_room.post(post_room.company.lilei, "一", "二")
    await post_room.post(post_room.company.hanmeimei, "三")
    assert await used(post_room) == 0
    await post_room.passes()
    assert await used(post_room) == 3


async def test_a_month_begins_by_the_companys_clock(post_room: PostRoom) -> None:
    await post_room.post(post_room.company.lilei, "一")
    await post_room.passes()
    post_room.clock.now = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
    assert await used(post_room) == 1
    post_room.clock.now = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # midnight in Shanghai
    assert await used(post_room) == 0


async def test_an_answer_that_the_host_gave_no_id_for_cost_nothing(post_room: PostRoom) -> None:
    async with post_room.database.writing() as session:
        work = work_as(session, post_room.company.lilei, post_room.clock())
        actor = replace(work.actor, connection_id=post_room.company.connection.id)
        work = replace(work, actor=actor)
        await answer(work, Conversation(), "lilei", Notice("三家"), once="e-1")
    post_room.host.messenger.gives_ids = False
    await post_room.passes()
    assert (await post_room.states(), await used(post_room)) == (["sent"], 0)


@pytest.mark.parametrize(("count", "nearly"), [(3_999, False), (4_000, True), (5_200, True)])
def test_four_fifths_are_told_as_something_to_do(count: int, nearly: bool) -> None:
    assert is_nearly_used(count, FREE) == nearly
    (finding,) = told(count, DINGTALK, FREE)
    assert finding.ok != nearly
    assert str(count) in finding.says.zh and "DingTalk" in finding.says.en


def test_a_host_that_counts_nothing_is_not_spoken_of() -> None:
    assert told(10**9, DINGTALK, GENEROUS) == []
    assert not is_nearly_used(10**9, GENEROUS)

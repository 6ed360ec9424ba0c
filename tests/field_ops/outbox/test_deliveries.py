"""What became of messages that the host had accepted, with a real database and a pretend host."""

import pytest
from prometheus_client import REGISTRY

from field_ops.connections.refs import ConnectionRef
from field_ops.host.deliveries import Delivered
from field_ops.host.errors import HostUnavailable
from field_ops.host.platform import HostLimits
from field_ops.outbox.deliveries import look_at_waiting, named, note_recalled
from field_ops.people.models import MemberIdentity
from tests.conftest import SHANGHAI
from tests.fakes import FakeDelivery
from tests.field_ops.outbox.post_room import PostRoom, system_work

METERED = HostLimits(
    per_member_minute=99, per_member_hour=99, per_app_second=999, per_app_month=5000
)


@pytest.fixture
def room(post_room: PostRoom) -> PostRoom:
    """A post room whose host counts calls and tells what became of messages."""
    post_room.host.delivery, post_room.host.limits = FakeDelivery(), METERED
    return post_room


def dropped(reason: str) -> float:
    labels = {"host": "wecom", "reason": reason}
    return REGISTRY.get_sample_value("waiqin_outbox_dropped_total", labels) or 0.0


async def looked_at(room: PostRoom) -> int:
    row = room.company.connection
    ref = ConnectionRef(row.tenant_id, row.id, row.host, row.name, SHANGHAI)
    return await look_at_waiting(room.database, room.host.platform, ref, room.clock)


async def test_where_calls_count_only_what_must_not_get_lost_is_looked_at(room: PostRoom) -> None:
    await room.post(room.company.lilei, "平常")
    await room.post(room.company.wang, "紧急", urgent=True)
    await room.passes(2)
    assert await looked_at(room) == 0, "not yet: the host may not know itself"
    room.clock.forward(minutes=2)
    assert await looked_at(room) == 1
    assert [row.delivery for row in await room.rows()] == ["", "delivered"]
    assert await looked_at(room) == 0


async def test_what_had_trouble_on_its_way_is_looked_at(room: PostRoom) -> None:
    await room.post(room.company.lilei, "一")
    room.host.fail_next(HostUnavailable("down"))
    await room.passes(1)
    room.clock.forward(minutes=2)
    await room.passes(1)
    room.clock.forward(minutes=2)
    assert await looked_at(room) == 1


async def test_a_dropped_message_is_seen_and_counted(room: PostRoom) -> None:
    await room.post(room.company.lilei, "一", urgent=True)
    await room.passes(1)
    (row,) = await room.rows()
    assert room.host.delivery is not None
    room.host.delivery.knows[row.host_message_id] = Delivered("dropped", "1430002")
    before = dropped("1430002")
    room.clock.forward(minutes=2)
    await looked_at(room)
    (row,) = await room.rows()
    assert (row.state, row.delivery, row.error) == ("dropped", "dropped", "1430002")
    assert dropped("1430002") == before + 1


async def test_a_dropped_message_is_said_once_more_where_the_member_also_is(room: PostRoom) -> None:
    lilei = room.company.lilei
    await room.post(lilei, "一", urgent=True)
    await room.passes(1)
    (row,) = await room.rows()
    assert room.host.delivery is not None
    room.host.delivery.knows[row.host_message_id] = Delivered("dropped", "invalid")
    other = await room.second_host(lilei, "0156")
    async with room.database.writing() as session:
        session.add(
            MemberIdentity(
                tenant_id=row.tenant_id, connection_id=row.connection_id,
                host_user_id="lilei", member_id=lilei.id,
            )
        )  # fmt: skip
    room.clock.forward(minutes=2)
    await looked_at(room)
    await looked_at(room)
    await room.passes(3)
    assert len(other.heard_by("0156")) == 1


async def test_what_is_still_on_its_way_is_asked_for_again(room: PostRoom) -> None:
    await room.post(room.company.lilei, "一", urgent=True)
    await room.passes(1)
    (row,) = await room.rows()
    assert room.host.delivery is not None
    room.host.delivery.knows[row.host_message_id] = Delivered("on_its_way")
    room.clock.forward(minutes=2)
    assert (await looked_at(room), await looked_at(room)) == (1, 1)
    room.clock.forward(hours=24)
    assert await looked_at(room) == 0, "the host does not tell any more"


async def test_one_that_was_taken_back_is_not_sent_any_more(room: PostRoom) -> None:
    await room.post(room.company.lilei, "一")
    await room.passes(1)
    (row,) = await room.rows()
    async with room.database.writing() as session:
        work = system_work(room, session)
        (one,) = await named(work, [row.id])
        await note_recalled(work, one)
        assert await named(work, [row.id]) == []
    assert await room.states() == ["recalled"]

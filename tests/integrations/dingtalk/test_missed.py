"""Events that DingTalk could not bring, fetched from its list."""

from datetime import UTC, datetime

import pytest

from field_ops.host.events import DepartmentsChanged, MembersChanged, MembersLeft, Unsupported
from integrations.dingtalk import connect
from integrations.dingtalk.missed import missed_events


@pytest.fixture(autouse=True)
def _a_door_that_answers_badly(host, door):
    door.reader = host.callbacks
    door.statuses = [500] * 9


async def test_events_that_could_not_be_pushed_are_fetched(host, simulator):
    await simulator.member_changed("lilei")
    await simulator.department_changed(5)
    await simulator.member_left("hanmeimei")
    changed, department, left = await host.missed.fetch()
    assert isinstance(changed, MembersChanged) and changed.host_user_ids == ("lilei",)
    assert isinstance(department, DepartmentsChanged)
    assert department.host_department_ids == ("5",)
    assert isinstance(left, MembersLeft) and left.host_user_ids == ("hanmeimei",)
    assert await host.missed.fetch() == []


async def test_what_was_fetched_is_kept_by_the_host_until_it_is_asked_again(host, simulator):
    await simulator.member_changed("lilei")
    await host.missed.fetch()
    assert len(simulator.failed_events) == 1
    await host.missed.fetch()
    assert simulator.failed_events == []


async def test_an_event_has_the_same_id_however_often_it_is_told():
    entry = {"user_add_org": {"userid": ["a"], "corpid": "ding"}, "call_back_tag": "user_add_org"}
    (one,), (same,) = (
        missed_events({**entry, "event_time": 1}),
        missed_events({"event_time": 1, **entry}),
    )
    (other,) = missed_events({**entry, "event_time": 2})
    assert one.event_id == same.event_id != other.event_id


@pytest.mark.parametrize(
    ("entry", "kind", "ids"),
    [
        (
            {"user_add_org": {"userid": ["zhangsan"], "corpid": "ding"}},
            MembersChanged,
            ("zhangsan",),
        ),
        ({"userId": "zhangsan"}, MembersChanged, ("zhangsan",)),
        ({"user_add_org": None, "userid": ["zhangsan"]}, MembersChanged, ("zhangsan",)),
    ],
)
async def test_the_spellings_of_the_list(entry, kind, ids):
    tagged = {**entry, "call_back_tag": "user_add_org", "event_time": 1606126433000}
    (event,) = missed_events(tagged)
    assert isinstance(event, kind) and event.host_user_ids == ids
    assert event.happened_at == datetime.fromtimestamp(1606126433, UTC)


async def test_an_approval_in_the_list_is_nothing_to_us():
    (event,) = missed_events(
        {
            "bpmsCallBackData": {"processInstanceId": "1"},
            "call_back_tag": "bpms_instance_change",
            "event_time": 1606126433000,
        }
    )
    assert isinstance(event, Unsupported)


async def test_who_is_told_by_stream_has_no_list_to_ask_for(credentials, base_urls, http):
    assert connect(credentials, http, base_urls).missed is not None
    assert connect({**credentials, "stream": "true"}, http, base_urls).missed is None
    assert connect({**credentials, "callback_token": ""}, http, base_urls).missed is None

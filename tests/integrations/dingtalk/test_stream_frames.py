"""Frames of Stream mode: what they tell, and exactly what is answered."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from field_ops.host.errors import CallbackUnreadable
from field_ops.host.events import CardPressed, MembersChanged, TextReceived
from integrations.dingtalk.callbacks import organisation_events
from integrations.dingtalk.stream_frames import (
    CARD,
    ROBOT,
    events_in,
    later,
    not_for_us,
    not_understood,
    pong,
    read_frame,
    received,
)

FIXTURES = Path(__file__).parent / "fixtures"
CORP = "dingcorpsandbox"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BORN = "1767225600000"


def a_frame(kind: str, topic: str, data: object, **headers: str) -> str:
    head = {"topic": topic, "messageId": "m1", "contentType": "application/json", "time": BORN}
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return json.dumps({"type": kind, "headers": {**head, **headers}, "data": text})


def an_event(kind: str, data: object, **headers: str) -> str:
    given = {"eventType": kind, "eventId": "e1", "eventCorpId": CORP, "eventBornTime": BORN}
    return a_frame("EVENT", "*", data, **{**given, **headers})


def events(raw: str):
    return events_in(read_frame(raw), CORP, NOW)


@pytest.mark.parametrize(
    "name", ["user_add_org", "user_leave_org", "user_modify_org", "org_dept_create", "check_in"]
)
def test_an_event_equals_its_push_over_http(name):
    pushed = json.loads((FIXTURES / f"{name}.json").read_bytes())
    outside = ("EventType", "EventTime", "CorpId", "BizId", "eventId")
    head = {
        "eventType": pushed["EventType"],
        "eventId": pushed["eventId"],
        "eventBornTime": str(pushed["EventTime"]),
        "eventCorpId": CORP,
    }
    inside = {key: value for key, value in pushed.items() if key not in outside}
    assert events(a_frame("EVENT", "*", inside, **head)) == organisation_events(pushed, "", NOW)


def test_a_message_equals_its_push_over_http():
    said = (FIXTURES / "robot_text_in_group.json").read_text()
    (event,) = events(a_frame("CALLBACK", ROBOT, said))
    assert isinstance(event, TextReceived)
    assert event.conversation.kind == "group"


@pytest.mark.parametrize("later_s", [0, 5])
def test_a_repeated_press_is_one_press(later_s):
    press = (FIXTURES / "card_pressed.json").read_text()
    again = str(int(BORN) + later_s * 1000)
    (first,) = events(a_frame("CALLBACK", CARD, press))
    (second,) = events(a_frame("CALLBACK", CARD, press, time=again))
    assert isinstance(first, CardPressed)
    assert (first.event_id, first.revise_with) == (second.event_id, first.card_id)
    assert second.happened_at - first.happened_at == timedelta(seconds=later_s)


def test_a_storm_is_one_event():
    everybody = [f"user{n}" for n in range(1_000)]
    (event,) = events(an_event("user_add_org", {"userId": everybody}))
    assert isinstance(event, MembersChanged)
    assert event.host_user_ids == tuple(everybody)


def test_data_that_is_no_string_is_read_all_the_same():
    raw = json.loads(an_event("user_add_org", {}))
    raw["data"] = {"userId": ["a"]}
    (event,) = events(json.dumps(raw))
    assert event.host_user_ids == ("a",)


@pytest.mark.parametrize(
    ("answer", "raw", "code", "data"),
    [
        (received, an_event("x", {}), 200, {"status": "SUCCESS", "message": "OK"}),
        (received, a_frame("CALLBACK", ROBOT, {}), 200, {"response": None}),
        (received, a_frame("CALLBACK", CARD, {}), 200, {"response": {}}),
        (later, an_event("x", {}), 200, {"status": "LATER", "message": "not now"}),
        (later, a_frame("CALLBACK", ROBOT, {}), 500, {"response": None}),
        (not_understood, an_event("x", {}), 400, {"response": None}),
        (not_for_us, a_frame("CALLBACK", "/other", {}), 404, {"response": None}),
        (pong, a_frame("SYSTEM", "ping", {"opaque": "0a"}), 200, {"opaque": "0a"}),
    ],
)
def test_what_is_answered(answer, raw, code, data):
    said = json.loads(answer(read_frame(raw)))
    assert said.keys() == {"code", "message", "headers", "data"}
    assert said["headers"] == {"messageId": "m1", "contentType": "application/json"}
    assert (said["code"], json.loads(said["data"])) == (code, data)


@pytest.mark.parametrize(
    "raw",
    ["", "7", "[]", an_event("", {}), an_event("x", "["), a_frame("CALLBACK", ROBOT, {})],
)
def test_what_is_no_frame_or_tells_nothing_is_unreadable(raw):
    with pytest.raises(CallbackUnreadable):
        events(raw)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NAMES = st.sampled_from(["topic", "messageId", "time", "eventType", "eventId", "eventCorpId"])


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(["EVENT", "CALLBACK", "SYSTEM"]) | ANYTHING,
    headers=st.dictionaries(NAMES, ANYTHING) | ANYTHING,
    topic=st.sampled_from([ROBOT, CARD, "*"]),
    data=ANYTHING | ANYTHING.map(json.dumps),
)
def test_no_frame_breaks_the_reader(kind, headers, topic, data):
    head = {**headers, "topic": topic} if isinstance(headers, dict) else headers
    try:
        frame = read_frame(json.dumps({"type": kind, "headers": head, "data": data}))
        if frame.is_for_us:
            events_in(frame, CORP, NOW)
    except CallbackUnreadable:
        pass

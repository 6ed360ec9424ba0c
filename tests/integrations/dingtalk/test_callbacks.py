"""One payload per thing that can happen, and what we make of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from field_ops.host.errors import CallbackError, CallbackNotAuthentic, CallbackUnreadable
from field_ops.host.events import (
    EVENTS,
    CardPressed,
    Conversation,
    DepartmentsChanged,
    MembersChanged,
    MembersLeft,
    TextReceived,
    Unsupported,
    from_payload,
    to_payload,
)
from field_ops.host.platform import RawCallback
from integrations.dingtalk.callbacks import MAX_BODY_BYTES, DingtalkCallbacks
from integrations.dingtalk.crypto import CallbackCipher
from integrations.dingtalk.simulator.seal import Envelope, card_signature, robot_signature

FIXTURES = Path(__file__).parent / "fixtures"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NEW_YEAR_MS = "1767225600000"
TOKEN, KEY, APP = (
    "crmToken2026",
    "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789ABCDEFG",
    "dingsandboxappkey01",
)
CORP, SECRET = "dingcorpsandbox", "sandbox-secret-of-the-app"

reader = DingtalkCallbacks(
    corp_id=CORP,
    client_secret=SECRET,
    card_secret=TOKEN,
    cipher=CallbackCipher(TOKEN, KEY, (APP, CORP)),
)


def fixture(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


def robot(body: bytes, timestamp: str = NEW_YEAR_MS, secret: str = SECRET) -> RawCallback:
    headers = {"timestamp": timestamp, "sign": robot_signature(secret, timestamp)}
    return RawCallback("robot", "POST", {}, headers, body)


def card(body: bytes, timestamp: str = NEW_YEAR_MS, secret: str = TOKEN) -> RawCallback:
    headers = {
        "x-ddpaas-signature-timestamp": timestamp,
        "x-ddpaas-signature": card_signature(secret, timestamp),
    }
    return RawCallback("robot", "POST", {}, headers, body)


def organisation(body: bytes, timestamp: str = NEW_YEAR_MS, owner: str = APP) -> RawCallback:
    envelope = Envelope(TOKEN, KEY, owner)
    encrypted = envelope.close(body.decode())
    signature = envelope.signature(timestamp, "n1", encrypted)
    query = {
        "signature": signature,
        "msg_signature": signature,
        "timestamp": timestamp,
        "nonce": "n1",
    }
    return RawCallback("callback", "POST", query, {}, json.dumps({"encrypt": encrypted}).encode())


def events(raw: RawCallback, now: datetime = NEW_YEAR):
    return reader.read(raw, now).events


SESSION = "https://oapi.dingtalk.com/robot/sendBySession?session=c610"
UNTIL = NEW_YEAR + timedelta(minutes=90)
SINGLE = Conversation("single", "cidSingleLiLei==", "", SESSION, UNTIL)
IN_GROUP = Conversation("group", "cidGroup==", "华东销售群", SESSION, UNTIL)


@pytest.mark.parametrize(
    ("name", "text", "conversation"),
    [
        ("robot_text_in_single_chat", "今日拜访", SINGLE),
        ("robot_text_in_group", "查 华联", IN_GROUP),
        ("robot_text_at_top_level", "帮助", SINGLE),
        ("robot_text_with_numbers_as_strings", "今日拜访", SINGLE),
        ("robot_rich_text", "记录 陈列很好", SINGLE),
        ("robot_voice", "今日拜访。", SINGLE),
    ],
)
def test_what_is_said_to_the_robot_is_text(name, text, conversation):
    assert events(robot(fixture(name))) == (
        TextReceived(
            event_id="msg:msgrK2/bd==",
            happened_at=NEW_YEAR,
            host_user_id="lilei",
            text=text,
            conversation=conversation,
        ),
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("robot_picture", "robot:picture"),
        ("robot_file", "robot:file"),
        ("robot_blank_text", "robot:text"),
        ("robot_sender_outside_the_company", "robot:sender_without_staff_id"),
        ("robot_sender_of_another_company", "robot:sender_of_another_company"),
        ("robot_over_monthly_quota", "robot:over_monthly_quota"),
    ],
)
def test_what_the_robot_cannot_use_is_answered_and_counted(name, kind):
    callback = reader.read(robot(fixture(name)), NEW_YEAR)
    assert callback.events == (
        Unsupported(event_id="msg:msgrK2/bd==", happened_at=NEW_YEAR, kind=kind),
    )
    assert callback.answer.body == b'{"msgtype":"empty"}'


CHANGED = {"event_id": "event:e1", "happened_at": NEW_YEAR}


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("user_add_org", MembersChanged(host_user_ids=("lilei", "hanmeimei"), **CHANGED)),
        ("user_modify_org", MembersChanged(host_user_ids=("lilei",), **CHANGED)),
        ("user_active_org", MembersChanged(host_user_ids=("lilei",), **CHANGED)),
        ("user_leave_org", MembersLeft(host_user_ids=("lilei",), **CHANGED)),
        ("org_dept_create", DepartmentsChanged(host_department_ids=("432825033",), **CHANGED)),
        ("org_dept_modify", DepartmentsChanged(host_department_ids=("5",), **CHANGED)),
        ("org_dept_remove", DepartmentsChanged(host_department_ids=("5", "6"), **CHANGED)),
        ("check_in", Unsupported(kind="check_in", **CHANGED)),
    ],
)
def test_a_change_in_the_company_becomes_a_hint(name, event):
    assert events(organisation(fixture(name))) == (event,)


def test_an_event_without_an_id_has_the_same_one_when_it_is_repeated():
    body = fixture("user_leave_org_in_the_older_form")
    first, again = events(organisation(body))[0], events(organisation(body))[0]
    other = events(organisation(body.replace(b"1767225600", b"1767225601")))[0]
    assert first == again
    assert (first.host_user_ids, first.happened_at) == (("lilei",), NEW_YEAR)
    assert other.event_id != first.event_id


@pytest.mark.parametrize("owner", [APP, CORP])
def test_an_event_is_answered_with_the_sealed_success_of_its_owner(owner):
    callback = reader.read(organisation(b'{"EventType":"check_url"}', owner=owner), NEW_YEAR)
    answer = json.loads(callback.answer.body)
    envelope = Envelope(TOKEN, KEY, owner)
    signed = (answer["timeStamp"], answer["nonce"], answer["encrypt"])
    assert callback.events == ()
    assert set(answer) == {"msg_signature", "timeStamp", "nonce", "encrypt"}
    assert envelope.unclose(answer["encrypt"]) == "success"
    assert envelope.signature(*signed) == answer["msg_signature"]


@pytest.mark.parametrize("name", ["signature", "msg_signature"])
def test_the_signature_may_have_either_name(name):
    raw = organisation(fixture("user_add_org"))
    query = {key: raw.query[key] for key in (name, "timestamp", "nonce")}
    assert len(events(replace(raw, query=query))) == 1


def test_a_pressed_card_says_its_sentence():
    (event,) = events(card(fixture("card_pressed")))
    assert isinstance(event, CardPressed)
    assert (event.host_user_id, event.says, event.card_id) == ("lilei", "确认 42", "visit-42-1")
    assert events(card(fixture("card_pressed"))) == (event,)


def test_the_same_button_pressed_a_minute_later_is_another_press():
    first = events(card(fixture("card_pressed")))[0]
    later = events(card(fixture("card_pressed"), str(int(NEW_YEAR_MS) + 60_000)))[0]
    assert first.event_id != later.event_id


def test_a_press_that_stands_for_nothing_is_counted():
    (event,) = events(card(fixture("card_pressed_without_a_sentence")))
    assert isinstance(event, Unsupported)


SAID = fixture("robot_text_in_single_chat")
ADDED = fixture("user_add_org")
STALE = str(int(NEW_YEAR_MS) - 3_600_001)
EARLY = str(int(NEW_YEAR_MS) + 3_600_001)


@pytest.mark.parametrize(
    "raw",
    [
        robot(SAID, secret="somebody else's"),
        robot(SAID, STALE),
        robot(SAID, EARLY),
        robot(SAID, "yesterday"),
        replace(robot(SAID), headers={}),
        replace(robot(SAID), headers={"timestamp": NEW_YEAR_MS, "sign": "签名"}),
        card(SAID, secret="somebody else's"),
        card(SAID, STALE),
        organisation(ADDED, STALE),
        organisation(ADDED, str(int(STALE) // 1000)),
        organisation(ADDED, "9" * 40),
        organisation(ADDED, owner="dinganotherapp"),
        organisation(ADDED.replace(b"dingcorpsandbox", b"dingother")),
        replace(organisation(ADDED), query={}),
        replace(organisation(ADDED), body=b'{"encrypt":"AAAA"}'),
        replace(organisation(ADDED), body=b'{"encrypt":{"deep":1}}'),
    ],
)
def test_what_is_forged_or_replayed_is_not_authentic(raw):
    with pytest.raises(CallbackNotAuthentic):
        reader.read(raw, NEW_YEAR)


@pytest.mark.parametrize(
    "raw",
    [
        robot(SAID[:-20]),
        robot(b""),
        robot(b"[1]"),
        robot(b"{}"),
        robot(b"[" * 100_000),
        robot(b"\xff\xfe"),
        robot(b" " * (MAX_BODY_BYTES + 1)),
        replace(organisation(ADDED), body=b'{"encrypt":'),
        replace(organisation(ADDED), body=b" " * (MAX_BODY_BYTES + 1)),
        organisation(ADDED[:-30]),
        organisation(b'{"EventTime":1}'),
        card(fixture("card_pressed").replace(b'"{\\"card', b'"{{{\\"card')),
    ],
)
def test_what_is_truncated_oversized_or_shapeless_is_unreadable(raw):
    with pytest.raises(CallbackUnreadable):
        reader.read(raw, NEW_YEAR)


def test_without_token_and_key_no_event_is_believed():
    closed = DingtalkCallbacks(corp_id=CORP, client_secret=SECRET, card_secret="", cipher=None)
    for raw in (organisation(ADDED), card(fixture("card_pressed"), secret="")):
        with pytest.raises(CallbackNotAuthentic):
            closed.read(raw, NEW_YEAR)


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def shuffled(name: str) -> st.SearchStrategy[bytes]:
    """The payload of a fixture in which any field may hold anything."""
    whole = json.loads(fixture(name))
    fields = {key: st.just(value) | any_json for key, value in whole.items()}
    return st.fixed_dictionaries({}, optional=fields).map(
        lambda values: json.dumps(values).encode()
    )


@settings(max_examples=150, deadline=None)
@given(
    raw=shuffled("robot_text_in_group").map(robot)
    | shuffled("robot_rich_text").map(robot)
    | shuffled("card_pressed").map(card)
    | shuffled("user_modify_org").map(organisation)
)
def test_whatever_stands_in_a_field_the_answer_is_an_event_or_a_refusal(raw):
    try:
        found = events(raw)
    except CallbackError:
        return
    assert all(type(event).__name__ in EVENTS for event in found)
    assert "\\u0000" not in json.dumps([to_payload(event) for event in found])
    assert [from_payload(to_payload(event)) for event in found] == list(found)

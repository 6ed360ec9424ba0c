"""One payload per thing that can happen, and per way of being wrong."""

import hashlib
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from field_ops.host.errors import CallbackError, CallbackNotAuthentic, CallbackUnreadable
from field_ops.host.events import (
    AppOpened,
    CardPressed,
    Conversation,
    DepartmentsChanged,
    ExternalContactChanged,
    HostEvent,
    MembersChanged,
    MembersLeft,
    TextReceived,
    Unsupported,
)
from field_ops.host.platform import RawCallback
from integrations.wecom.bot_callbacks import BotCallbacks
from integrations.wecom.callbacks import WecomCallbacks
from integrations.wecom.crypto import CallbackCrypto
from integrations.wecom.simulator.envelope import Seal

FIXTURES = Path(__file__).parent / "fixtures"
SECRETS = ("SandboxToken2026", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wwSandboxCorp0001")
SEAL = Seal(*SECRETS)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOT_SECRETS = (*SECRETS[:2], "")
READER = WecomCallbacks(CallbackCrypto(*SECRETS), BotCallbacks(CallbackCrypto(*BOT_SECRETS)))
HOSTILE = "「华联」\"'<script>alert(1)</script>]]>&amp; 👋"


def at(event: type[HostEvent], **facts: object) -> HostEvent:
    return event(event_id="", happened_at=NOW, **facts)


def from_lilei(event: type[HostEvent], **facts: object) -> HostEvent:
    talk = Conversation(kind="single", id="lilei")
    return at(event, host_user_id="lilei", conversation=talk, **facts)


# Known, authentic, and of no use here: answered and counted.
UNUSED = {
    "voice_received": "voice",
    "video_received": "video",
    "link_received": "link",
    "file_received": "file",
    "menu_miniprogram_opened": "view_miniprogram",
    "menu_code_scanned": "scancode_push",
    "menu_code_scanned_with_wait": "scancode_waitmsg",
    "menu_photo_taken": "pic_sysphoto",
    "menu_photo_or_album": "pic_photo_or_album",
    "menu_album": "pic_weixin",
    "menu_place_chosen": "location_select",
    "approval_of_ours_changed": "open_approval_change",
    "schedule_added": "add_schedule",
    "schedule_changed": "modify_schedule",
    "schedule_deleted": "delete_schedule",
    "calendar_changed": "modify_calendar",
    "calendar_deleted": "delete_calendar",
    "sharing_changed": "share_agent_change",
    "chain_sharing_changed": "share_chain_change",
    "inactivity_announced": "inactive_alert",
    "low_activity_announced": "low_active_alert",
    "app_stopped": "close_inactive_agent",
    "app_restored": "reopen_inactive_agent",
    "activity_low": "low_active",
    "activity_restored": "active_restored",
    "customer_chat_recorded": "change_external_contact/msg_audit_approved",
    "customer_group_changed": "change_external_chat",
    "customer_tag_changed": "change_external_tag",
    "contacts_change_of_the_future": "change_contact/merge_user",
}
HAPPENED = {
    "text_received": from_lilei(TextReceived, text="查 华联"),
    "text_without_cdata": from_lilei(TextReceived, text="帮助"),
    "text_hostile": from_lilei(TextReceived, text=HOSTILE),
    "text_empty": from_lilei(TextReceived, text=""),
    "image_received": at(Unsupported, kind="image"),
    "location_received": at(Unsupported, kind="location"),
    "menu_pressed": from_lilei(TextReceived, text="今天"),
    "menu_link_opened": at(Unsupported, kind="view"),
    "app_opened": at(AppOpened, host_user_id="lilei"),
    "member_in_sight": at(MembersChanged, host_user_ids=("lilei",)),
    "member_out_of_sight": at(MembersLeft, host_user_ids=("lilei",)),
    "position_reported": at(Unsupported, kind="location"),
    "card_pressed": from_lilei(
        CardPressed, says="看拜访 华联超市", card_id="visit_42", revise_with="RC"
    ),
    "card_submitted": from_lilei(CardPressed, says="提交", card_id="visit_42", revise_with="RC"),
    "card_menu_pressed": from_lilei(
        CardPressed, says="看拜访 华联超市", card_id="visit_42", revise_with="RC"
    ),
    "card_submitted_old_spelling": from_lilei(
        CardPressed, says="提交", card_id="visit_42", revise_with="RC"
    ),
    **{name: at(Unsupported, kind=kind) for name, kind in UNUSED.items()},
    "member_created": at(MembersChanged, host_user_ids=("lisi",)),
    "member_moved": at(MembersChanged, host_user_ids=("lisi",)),
    "member_renamed": at(MembersChanged, host_user_ids=("lisi", "lisi.new")),
    "member_deleted": at(MembersLeft, host_user_ids=("lisi",)),
    "department_created": at(DepartmentsChanged, host_department_ids=("5",)),
    "department_renamed": at(DepartmentsChanged, host_department_ids=("5",)),
    "department_deleted": at(DepartmentsChanged, host_department_ids=("5",)),
    "customer_added": at(
        ExternalContactChanged, host_user_id="lilei", external_id="wmSandbox1", change="added"
    ),
    "tag_changed": at(Unsupported, kind="change_contact/update_tag"),
    "job_done": at(Unsupported, kind="batch_job_result"),
    "approval_with_repeated_siblings": at(Unsupported, kind="sys_approval_change"),
    "event_of_the_future": at(Unsupported, kind="invented_in_2030"),
}
BROKEN = sorted(path.stem for path in FIXTURES.glob("broken_*.xml"))


def fixture(name: str) -> str:
    return (FIXTURES / f"{name}.xml").read_text()


def pushed(plain: str, sent_at: datetime = NOW) -> RawCallback:
    encrypted = SEAL.encrypt(plain)
    body = f"<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    query = SEAL.query(encrypted, int(sent_at.timestamp()))
    return RawCallback("callback", "POST", query, {}, body.encode())


def asked(plain: str, sent_at: datetime = NOW) -> RawCallback:
    encrypted = SEAL.encrypt(plain)
    query = {**SEAL.query(encrypted, int(sent_at.timestamp())), "echostr": encrypted}
    return RawCallback("callback", "GET", query, {}, b"")


def read_one(raw: RawCallback, now: datetime = NOW) -> HostEvent:
    (event,) = READER.read(raw, now).events
    return event


@pytest.mark.parametrize(("name", "expected"), HAPPENED.items(), ids=HAPPENED.keys())
def test_what_happened_is_said_in_our_words(name, expected):
    event = read_one(pushed(fixture(name)))
    assert replace(event, event_id="") == expected
    assert event.event_id


def test_every_payload_has_its_line_in_the_table():
    payloads = {path.stem for path in FIXTURES.glob("*.xml")}
    assert payloads == {*HAPPENED, *BROKEN}


@pytest.mark.parametrize("name", BROKEN)
def test_an_authentic_push_of_no_known_shape_is_unreadable(name):
    with pytest.raises(CallbackUnreadable):
        READER.read(pushed(fixture(name)), NOW)


@pytest.mark.parametrize("name", [*BROKEN, "text_received"])
def test_a_body_that_is_not_sealed_at_all_is_refused(name):
    raw = replace(pushed(fixture("text_received")), body=fixture(name).encode())
    with pytest.raises(CallbackError):
        READER.read(raw, NOW)


@pytest.mark.parametrize("length", [0, 1, 40, 120, 300])
def test_a_truncated_body_is_refused(length):
    raw = pushed(fixture("text_received"))
    with pytest.raises(CallbackError):
        READER.read(replace(raw, body=raw.body[:length]), NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"<xml>" + b"<a>" * 80_000,
        b"<xml><Encrypt>" + b"A" * 300_000 + b"</Encrypt></xml>",
        b"<xml " + b" ".join(b'a%d="1"' % n for n in range(20_000)) + b"/>",
        b"\x00" * 200_000,
        fixture("broken_by_billion_laughs").encode(),
    ],
    ids=["deep", "oversized", "attributes", "zeros", "laughs"],
)
def test_a_hostile_body_is_refused_in_a_moment(body):
    raw = replace(pushed("x"), body=body)
    began = time.process_time()
    with pytest.raises(CallbackError):
        READER.read(raw, NOW)
    # Processor time, and far above what it takes: this is about blowing up, not about speed.
    assert time.process_time() - began < 1


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce"])
def test_a_push_without_one_of_its_marks_is_not_authentic(missing):
    raw = pushed(fixture("text_received"))
    query = {name: value for name, value in raw.query.items() if name != missing}
    with pytest.raises(CallbackNotAuthentic):
        READER.read(replace(raw, query=query), NOW)


@pytest.mark.parametrize("timestamp", ["", "soon", "-5", "1e9", "٣", "9" * 5000])
def test_a_timestamp_that_is_none_is_not_authentic(timestamp):
    raw = pushed(fixture("text_received"))
    with pytest.raises(CallbackNotAuthentic):
        READER.read(replace(raw, query={**raw.query, "timestamp": timestamp}), NOW)


@pytest.mark.parametrize("hours", [-1.1, 1.1])
@pytest.mark.parametrize("request_", [pushed("x"), asked("x")], ids=["push", "address check"])
def test_a_replay_after_an_hour_is_not_authentic(request_, hours):
    with pytest.raises(CallbackNotAuthentic):
        READER.read(request_, NOW + timedelta(hours=hours))


def test_a_late_try_within_the_hour_is_read():
    raw = pushed(fixture("text_received"))
    assert isinstance(read_one(raw, NOW + timedelta(minutes=59)), TextReceived)


def test_the_address_check_is_answered_with_the_plain_text_exactly():
    callback = READER.read(asked("1616140317555161061"), NOW)
    assert callback.answer.body == b"1616140317555161061"
    assert (callback.answer.status, callback.events) == (200, ())


def test_a_push_is_answered_with_nothing():
    answer = READER.read(pushed(fixture("text_received")), NOW).answer
    assert (answer.status, answer.body) == (200, b"")


def test_a_message_is_known_by_its_own_id():
    assert read_one(pushed(fixture("text_received"))).event_id == "msg-7203954512087431166"


def test_an_event_is_known_by_what_it_says_however_it_was_sealed():
    plain = fixture("member_deleted")
    ids = {read_one(pushed(plain)).event_id for _ in range(3)}
    assert ids == {hashlib.sha256(plain.encode()).hexdigest()}


def test_two_contacts_events_of_one_second_are_two():
    moved, deleted = (read_one(pushed(fixture(n))) for n in ("member_moved", "member_deleted"))
    assert moved.happened_at == deleted.happened_at
    assert moved.event_id != deleted.event_id

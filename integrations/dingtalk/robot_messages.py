"""What somebody said to the robot ("接收消息"), read into our event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from field_ops.host.errors import CallbackUnreadable
from field_ops.host.events import Conversation, HostEvent, TextReceived, Unsupported

from . import lenient

GROUP = "2"  # conversationType: "1" is the one-to-one chat, "2" a group


def robot_event(values: Mapping[str, Any], corp_id: str, now: datetime) -> HostEvent:
    """One message to the robot. The same message keeps its id when DingTalk repeats it."""
    message_id = lenient.text(values, "msgId")
    if not message_id:
        raise CallbackUnreadable("a robot message without an id")
    event_id = f"msg:{message_id}"
    happened_at = lenient.moment(values.get("createAt")) or now
    if trouble := _why_unusable(values, corp_id):
        return Unsupported(event_id=event_id, happened_at=happened_at, kind=trouble)
    return TextReceived(
        event_id=event_id,
        happened_at=happened_at,
        host_user_id=lenient.text(values, "senderStaffId"),
        text=_said(values),
        conversation=_conversation(values),
    )


def _why_unusable(values: Mapping[str, Any], corp_id: str) -> str:
    # Without a staff id the sender is outside the company, or our app is not published yet.
    if not lenient.text(values, "senderStaffId"):
        return "robot:sender_without_staff_id"
    if lenient.text(values, "senderCorpId") not in ("", corp_id):
        return "robot:sender_of_another_company"
    # Above the monthly quota messages arrive without text; reports differ on the field's name.
    if "20001" in (lenient.text(values, "errCode"), lenient.text(values, "errorCode")):
        return "robot:over_monthly_quota"
    if not _said(values):
        return f"robot:{lenient.text(values, 'msgtype') or 'empty'}"
    return ""


def _said(values: Mapping[str, Any]) -> str:
    """The words, without the blank that remains where DingTalk took the @mention away."""
    content = lenient.mapping(values, "content")
    match lenient.text(values, "msgtype"):
        case "text":
            # One guide of DingTalk prints `content` at the top level instead of under `text`.
            said = lenient.text(lenient.mapping(values, "text"), "content")
            return (said or lenient.text(values, "content")).strip()
        case "richText":
            parts = lenient.mappings(content, "richText")
            return " ".join(" ".join(lenient.text(part, "text") for part in parts).split())
        case "audio":
            return lenient.text(content, "recognition").strip()
        case _:
            return ""


def _conversation(values: Mapping[str, Any]) -> Conversation:
    is_group = lenient.text(values, "conversationType") == GROUP
    return Conversation(
        kind="group" if is_group else "single",
        id=lenient.text(values, "conversationId"),
        title=lenient.text(values, "conversationTitle"),
        reply_to=lenient.text(values, "sessionWebhook"),
        reply_until=lenient.moment(values.get("sessionWebhookExpiredTime")),
    )

"""WeCom's answers: HTTP 200 always, errcode and a wordy errmsg (page 90313)."""

import secrets
from typing import Any

MEANINGS = {
    -1: "system busy",
    40001: "invalid credential",
    40004: "invalid media type",
    40005: "invalid file type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40031: "invalid userid list",
    40050: "invalid chatid",
    40056: "invalid agentid",
    40058: "invalid request parameter",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41006: "media_id missing",
    41008: "code missing",
    41009: "userid missing",
    41011: "agentid missing",
    41005: "media data missing",
    41016: "title missing",
    42001: "access_token expired",
    42003: "oauth_code expired",
    42014: "invalid task_id",
    42022: "code has been used",
    42028: "template card: invalid url",
    42031: "template card: invalid card_type",
    42033: "template card: main_title missing",
    42035: "template card: invalid horizontal_content_list",
    42036: "template card: invalid button_list",
    42037: "template card: jump_list too long",
    42038: "template card: button text missing",
    42039: "template card: invalid button key",
    42042: "template card: invalid jump_list",
    42045: "template card: invalid card_action",
    42046: "template card: invalid submit_button",
    42047: "template card: invalid select_list",
    42051: "template card: repeated key",
    40096: "invalid external userid",
    41035: "missing external userid",
    84061: "not external contact",
    84074: "user has no permission for external contact",
    40145: "media expired",
    40146: "invalid range",
    42052: "msgid expired",
    43012: "callback url missing",
    44001: "empty media data",
    44004: "content empty",
    45002: "content too long",
    45001: "file size out of limit",
    45008: "too many articles",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    45034: "url without scheme",
    48002: "api forbidden",
    48011: "app is not active enough to read customers",
    48009: "no privilege to read the details of members and departments",
    60020: "not allow to access from your ip",
    60011: "no privilege to access/modify contact/party/agent",
    60111: "userid not found",
    60123: "invalid party id",
    60140: "invalid response_code",
    81013: "user & party & tag all invalid",
    82001: "touser, toparty and totag are all empty",
    830002: "range header required",
    90464: "invalid schedule attendees",
    90466: "calendar not created by this app",
    93000: "invalid webhook url",
    93018: "image too large",
    93050: "invalid response_type",
    84014: "user_ticket expired",
    84015: "invalid user_ticket",
    91040: "invalid ticket type",
    846601: "robot is not in long connection mode",
    846604: "req_id expired",
    846605: "invalid req_id",
    846606: "req_id already answered",
    846607: "user has never sent a message to the robot",
    846608: "stream expired",
    846609: "not subscribed",
    846611: "invalid upload_id",
    846612: "invalid chunk_index",
    846613: "invalid chunk size",
    846616: "upload not finished",
    846625: "invalid task_id",
    846697: "invalid file type",
    853000: "invalid bot_id or secret",
    301021: "userid list must hold 1 to 100",
    301022: "starttime is after endtime",
    301023: "time span over a month",
    301024: "invalid checkin parameter",
    301002: "not allow operate another agent with this accesstoken",
}


class Failed(Exception):
    """An errcode that ends the call."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def success(**content: Any) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", **content}


def failure(failed: Failed, caller: str) -> dict[str, Any]:
    """The body of an error, with the tail that the real ones have."""
    hint = f"[{secrets.randbelow(10**16)}_1_{secrets.token_hex(16)}]"
    more = f"https://open.work.weixin.qq.com/devtool/query?e={failed.code}"
    meaning = " ".join(part for part in (MEANINGS[failed.code], failed.detail) if part)
    errmsg = f"{meaning}, hint: {hint}, from ip: {caller}, more info at {more}"
    return {"errcode": failed.code, "errmsg": errmsg}

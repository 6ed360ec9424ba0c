"""What the pretend DingTalk posts to the app: robot messages and encrypted events."""

import asyncio
import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

import httpx

from integrations.sandbox.world import Person

from .accounts import union_id
from .backstage import Backstage
from .robots import Robots
from .seal import Envelope, robot_signature

ANSWER_WITHIN_S = 2.5
EVENT_TRIES = 3  # the real one waits 10 s and 30 s between them
ROBOT_TRIES = 2
NO_ANSWER = 0


class Pushes:
    """`failed` are the events that were given up after the last try, as the host keeps them."""

    def __init__(self, backstage: Backstage, robots: Robots, http: httpx.AsyncClient) -> None:
        self._backstage = backstage
        self._robots = robots
        self._http = http
        self.failed: list[dict[str, Any]] = []

    async def robot_message(self, person: Person, text: str, group: str) -> int:
        """Give the status of the last try, 0 when nobody answered."""
        body = json.dumps(self._said(person, text, group), ensure_ascii=False).encode()
        app = self._backstage.company.app
        timestamp = str(self._backstage.now_ms)
        headers = {
            "content-type": "application/json; charset=utf-8",
            "timestamp": timestamp,
            "sign": robot_signature(app.secret, timestamp),
        }
        status = NO_ANSWER
        for _ in range(self._backstage.faults.duplicate_events):
            for _ in range(ROBOT_TRIES):
                answer = await self._post(app.robot_url, body, headers, {})
                status = answer.status_code if answer is not None else NO_ANSWER
                if answer is not None and answer.status_code < 500:
                    break
        return status

    async def event(self, kind: str, data: Mapping[str, Any]) -> int:
        """Push an event, and repeat it until it is answered with the sealed "success"."""
        company = self._backstage.company
        now_ms = self._backstage.now_ms
        event = {
            "EventType": kind,
            "EventTime": now_ms,
            "CorpId": company.corp_id,
            "BizId": f"{now_ms}_{secrets.token_hex(4)}",
            "eventId": secrets.token_hex(16),
            **data,
        }
        status = NO_ANSWER
        for _ in range(self._backstage.faults.duplicate_events):
            status = await self._until_acknowledged(event)
        return status

    async def _until_acknowledged(self, event: Mapping[str, Any]) -> int:
        app = self._backstage.company.app
        envelope = Envelope(app.callback_token, app.callback_aes_key, app.client_id)
        status = NO_ANSWER
        for _ in range(EVENT_TRIES):
            encrypted = envelope.close(json.dumps(event, ensure_ascii=False))
            timestamp, nonce = str(self._backstage.now_ms), secrets.token_hex(6)
            signature = envelope.signature(timestamp, nonce, encrypted)
            query = {
                "signature": signature,
                "msg_signature": signature,
                "timestamp": timestamp,
                "nonce": nonce,
            }
            body = json.dumps({"encrypt": encrypted}).encode()
            headers = {"content-type": "application/json"}
            answer = await self._post(app.callback_url, body, headers, query)
            status = answer.status_code if answer is not None else NO_ANSWER
            if answer is not None and _acknowledges(envelope, answer):
                return status
        self.failed.append(dict(event))
        return status

    async def _post(
        self, url: str, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> httpx.Response | None:
        if not url:
            return None
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._http.post(url, content=body, headers=headers, params=query)
        except (httpx.TransportError, TimeoutError):
            return None

    def _said(self, person: Person, text: str, group: str) -> dict[str, Any]:
        company = self._backstage.company
        now_ms = self._backstage.now_ms
        session, until_ms = self._robots.session(person.user_id, group)
        robot_id = _opaque(company.app.robot_code)
        said: dict[str, Any] = {
            "msgtype": "text",
            # In a group the @mention is taken away and a blank stays where it was.
            "text": {"content": f" {text}" if group else text},
            "msgId": "msg" + secrets.token_urlsafe(16) + "==",
            "createAt": now_ms,
            "conversationId": group or _conversation(company.corp_id, person.user_id),
            "conversationType": "2" if group else "1",
            "senderId": _opaque(person.user_id),
            "senderNick": person.name,
            "senderStaffId": person.user_id,
            "senderUnionId": union_id(person.user_id, person.union_id),
            "senderCorpId": company.corp_id,
            "isAdmin": False,
            "senderPlatform": "Android",
            "chatbotCorpId": company.corp_id,
            "chatbotUserId": robot_id,
            "robotCode": company.app.robot_code,
            "sessionWebhook": session,
            "sessionWebhookExpiredTime": until_ms,
        }
        if group:
            said["conversationTitle"] = company.groups[group]
            said["isInAtList"] = True
            said["atUsers"] = [{"dingtalkId": robot_id}]
        return said


def _acknowledges(envelope: Envelope, answer: httpx.Response) -> bool:
    """Exactly what the host wants: "success", sealed and signed by the app itself."""
    if answer.status_code != 200:
        return False
    try:
        reply = answer.json()
        parts = (str(reply["timeStamp"]), str(reply["nonce"]), str(reply["encrypt"]))
        return (
            envelope.signature(*parts) == reply["msg_signature"]
            and envelope.unclose(parts[2]) == "success"
        )
    except (ValueError, KeyError, TypeError):
        return False


def _opaque(value: str) -> str:
    digest = base64.b64encode(hashlib.sha256(value.encode()).digest()).decode()
    return f"$:LWCP_v1:${digest}"


def _conversation(corp_id: str, user_id: str) -> str:
    digest = hashlib.sha256(f"{corp_id}/{user_id}".encode()).digest()[:16]
    return "cid" + base64.b64encode(digest).decode()

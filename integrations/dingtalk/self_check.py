"""What DingTalk's error codes ask of an administrator ("服务端API错误码"), and a look at the app's
own settings: robot, card template, and the way by which events come."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson

from field_ops.host.checks import Finding
from field_ops.host.errors import CallbackError, HostRefused, SendError
from field_ops.texts import Text

from . import lenient
from .client import TIMEOUT, DingtalkClient
from .crypto import CallbackCipher, robot_sign
from .stream_frames import SUBSCRIPTIONS
from .texts_of_self_check import (
    BY_STREAM,
    CARDS,
    EXPLAINED,
    NO_CARDS,
    NO_ROBOT,
    NO_WAY,
    NOT_REACHED,
    REACHED,
    ROBOT,
    TEMPLATE,
)

ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|(?:[0-9A-Fa-f]{0,4}:){3,7}\S+")


class DingtalkSelfCheck:
    """The port's `SelfCheck`. `http` asks our own address, as DingTalk does when it is saved."""

    def __init__(
        self,
        client: DingtalkClient,
        http: httpx.AsyncClient,
        credentials: Mapping[str, str],
        cipher: CallbackCipher | None,
        *,
        by_stream: bool,
    ) -> None:
        self._client = client
        self._http = http
        self._credentials = credentials
        self._cipher = cipher
        self._by_stream = by_stream

    def explain(self, failure: SendError) -> Text | None:
        text = EXPLAINED.get(failure.code)
        if text is None:
            return None
        seen = ADDRESS.search(failure.reason)
        return text.filled(code=failure.code, said=failure.reason, ip=seen[0] if seen else "?")

    async def look(self, address: str, now: datetime) -> list[Finding]:
        return [await self._robot(), await self._cards(now), *await self._ways(address, now)]

    async def _robot(self) -> Finding:
        code = self._credentials.get("robot_code", "")
        if not code:
            return Finding("robot", True, NO_ROBOT)
        # Of a message that was never sent: the robot is looked at first.
        asked = urlencode({"robotCode": code, "processQueryKey": "none"})
        try:
            await self._client.api(f"v1.0/robot/oToMessages/readStatus?{asked}", method="GET")
        except HostRefused as refused:
            if text := self.explain(refused):
                return Finding("robot", False, text)
        return Finding("robot", True, ROBOT)

    async def _cards(self, now: datetime) -> Finding:
        template = self._credentials.get("card_template_id", "")
        if not template:
            return Finding("cards", True, NO_CARDS)
        # A card that is delivered to nobody.
        card = {
            "cardTemplateId": template,
            "outTrackId": f"check-{int(now.timestamp() * 1000)}",
            "callbackType": "STREAM",
            "cardData": {"cardParamMap": {"title": "check"}},
        }
        try:
            await self._client.api("v1.0/card/instances", card, changes=True)
        except HostRefused as refused:
            why = self.explain(refused) or TEMPLATE.filled(code=refused.code)
            return Finding("cards", False, why)
        return Finding("cards", True, CARDS)

    async def _ways(self, address: str, now: datetime) -> list[Finding]:
        if self._by_stream:
            await self._client.open_stream(SUBSCRIPTIONS)
            return [Finding("stream", True, BY_STREAM)]
        if self._cipher is None:
            return [Finding("callback", False, NO_WAY)]
        return [
            await self._knock(address, self._cipher, now),
            await self._speak(address, now),
        ]

    async def _knock(self, address: str, cipher: CallbackCipher, now: datetime) -> Finding:
        """As DingTalk does when the address is saved."""
        owner_key = self._credentials["client_id"]
        sealed = cipher.seal('{"EventType":"check_url"}', owner_key)
        timestamp, nonce = str(int(now.timestamp() * 1000)), "check"
        signature = cipher.sign(timestamp, nonce, sealed)
        query = {"signature": signature, "timestamp": timestamp, "nonce": nonce}
        said = await self._post(f"{address}/callback", {"encrypt": sealed}, params=query)
        return _found("callback", f"{address}/callback", said, _is_success(cipher, said))

    async def _speak(self, address: str, now: datetime) -> Finding:
        """A message of nobody, which is answered and not used."""
        timestamp = str(int(now.timestamp() * 1000))
        sign = robot_sign(self._credentials["client_secret"], timestamp)
        message = {"msgtype": "text", "msgId": "check"}
        headers = {"timestamp": timestamp, "sign": sign}
        said = await self._post(f"{address}/robot", message, headers=headers)
        is_ours = isinstance(said, Mapping) and lenient.text(said, "msgtype") == "empty"
        return _found("robot address", f"{address}/robot", said, is_ours)

    async def _post(
        self, url: str, body: Mapping[str, Any], **more: Any
    ) -> Mapping[str, Any] | str:
        """What was answered, or why nothing was that could be understood."""
        try:
            answer = await self._http.post(url, json=body, timeout=TIMEOUT, **more)
            values = orjson.loads(answer.content)
        except httpx.HTTPError as failure:
            return type(failure).__name__
        except orjson.JSONDecodeError:
            return f"HTTP {answer.status_code}"
        return values if isinstance(values, dict) else f"HTTP {answer.status_code}"


def _is_success(cipher: CallbackCipher, said: Mapping[str, Any] | str) -> bool:
    if isinstance(said, str):
        return False
    names = ("msg_signature", "timeStamp", "nonce", "encrypt")
    try:
        return cipher.open(*(lenient.text(said, name) for name in names))[0] == "success"
    except CallbackError:
        return False


def _found(part: str, url: str, said: Mapping[str, Any] | str, is_right: bool) -> Finding:
    if is_right:
        return Finding(part, True, REACHED.filled(url=url))
    why = said if isinstance(said, str) else "?"
    return Finding(part, False, NOT_REACHED.filled(url=url, why=why))

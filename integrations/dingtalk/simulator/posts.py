"""HTTP push: what the pretend DingTalk posts to the app's addresses, signed or encrypted."""

import asyncio
import json
import secrets
from collections.abc import Mapping
from typing import Any

import httpx

from .backstage import Backstage
from .seal import Envelope, card_signature, robot_signature

ANSWER_WITHIN_S = 2.5
CARD_ANSWER_WITHIN_S = 2.0
ROBOT_TRIES = 2
NO_ANSWER = 0


class Posts:
    def __init__(self, backstage: Backstage, http: httpx.AsyncClient) -> None:
        self._backstage = backstage
        self._http = http

    async def robot_message(self, said: Mapping[str, Any]) -> int:
        """Give the status of the last try, 0 when nobody answered."""
        app = self._backstage.company.app
        timestamp, key = self._sealing(app.secret)
        headers = {
            "content-type": "application/json; charset=utf-8",
            "timestamp": timestamp,
            "sign": robot_signature(key, timestamp),
        }
        status = NO_ANSWER
        for _ in range(ROBOT_TRIES):
            answer = await self._post(app.robot_url, _body(said), headers)
            status = _status(answer)
            if answer is not None and answer.status_code < 500:
                break
        return status

    async def card_press(self, press: Mapping[str, Any], url: str, secret: str) -> dict[str, Any]:
        """What the app wants to change on the card. Raises `LookupError` when it did not answer."""
        timestamp = str(self._backstage.now_ms)
        headers = {
            "content-type": "application/json",
            "x-ddpaas-signature-timestamp": timestamp,
            "x-ddpaas-signature": card_signature(secret, timestamp),
        }
        answer = await self._post(url, _body(press), headers, within_s=CARD_ANSWER_WITHIN_S)
        if answer is None or answer.status_code != 200:
            raise LookupError(_status(answer))
        return dict(answer.json())

    async def event(self, event: Mapping[str, Any]) -> tuple[int, bool]:
        """Post an event once: the status, and whether it was answered with the sealed success."""
        app = self._backstage.company.app
        envelope = Envelope(app.callback_token, app.callback_aes_key, app.client_id)
        encrypted = envelope.close(json.dumps(event, ensure_ascii=False))
        timestamp, key = self._sealing(encrypted)
        nonce = secrets.token_hex(6)
        signature = envelope.signature(timestamp, nonce, key)
        query = {
            "signature": signature,
            "msg_signature": signature,
            "timestamp": timestamp,
            "nonce": nonce,
        }
        headers = {"content-type": "application/json"}
        answer = await self._post(app.callback_url, _body({"encrypt": encrypted}), headers, query)
        return _status(answer), answer is not None and _acknowledges(envelope, answer)

    def _sealing(self, key: str) -> tuple[str, str]:
        """The time of a push in ms and what it is signed with, both wrong on a bad day."""
        fault = self._backstage.faults.take("push_forged", "push_skewed")
        ahead_s = fault.delay_s if fault and fault.kind == "push_skewed" else 0.0
        is_forged = fault is not None and fault.kind == "push_forged"
        now_ms = self._backstage.now_ms + int(ahead_s * 1000)
        return str(now_ms), "forged" if is_forged else key

    async def _post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        within_s: float = ANSWER_WITHIN_S,
    ) -> httpx.Response | None:
        if not url:
            return None
        try:
            async with asyncio.timeout(within_s):
                return await self._http.post(url, content=body, headers=headers, params=query)
        except (httpx.TransportError, TimeoutError):
            return None


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


def _status(answer: httpx.Response | None) -> int:
    return answer.status_code if answer is not None else NO_ANSWER


def _body(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()

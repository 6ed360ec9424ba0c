"""The smart bot's own receive address: sealed JSON, with no company in the seal (page 101033)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from field_ops.host.errors import CallbackUnreadable
from field_ops.host.platform import Callback, CallbackAnswer, RawCallback

from .bot_events import bot_event, json_object
from .crypto import MAX_BODY_BYTES, CallbackCrypto

JSON = "application/json; charset=utf-8"


class BotCallbacks:
    """Reads what arrives at `…/robot`, after its age was checked."""

    def __init__(self, crypto: CallbackCrypto) -> None:
        self._crypto = crypto

    def read(self, raw: RawCallback, now: datetime) -> Callback:
        if len(raw.body) > MAX_BODY_BYTES:
            raise CallbackUnreadable("too large")
        if raw.method == "GET":
            echo = self._open(raw, raw.query.get("echostr", ""))
            return Callback((), CallbackAnswer(echo.encode()))
        sealed = json_object(raw.body).get("encrypt")
        body = json_object(self._open(raw, sealed if isinstance(sealed, str) else ""))
        if body.get("msgtype") == "stream":
            return Callback((), self._end_of(body, raw, now))
        # An empty answer is a yes. What we say follows through the conversation's response_url.
        return Callback((bot_event(body, now),), CallbackAnswer())

    def _open(self, raw: RawCallback, encrypted: str) -> str:
        query = raw.query
        return self._crypto.open(
            query.get("msg_signature", ""), query["timestamp"], query.get("nonce", ""), encrypted
        )

    def _end_of(self, body: Mapping[str, Any], raw: RawCallback, now: datetime) -> CallbackAnswer:
        """WeCom asks for more of a stream. We open none here, so it is one of whoever had this bot
        before: it ends now, or WeCom would ask on for minutes."""
        stream = body.get("stream")
        stream_id = stream.get("id") if isinstance(stream, dict) else None
        if not isinstance(stream_id, str):
            raise CallbackUnreadable("a stream without its id")
        end = {"msgtype": "stream", "stream": {"id": stream_id, "finish": True, "content": "…"}}
        timestamp, nonce = int(now.timestamp()), raw.query.get("nonce", "")
        encrypted, signature = self._crypto.seal_json(
            orjson.dumps(end).decode(), str(timestamp), nonce
        )
        answer = {
            "encrypt": encrypted,
            "msgsignature": signature,  # here without the underscore, as the page has it
            "timestamp": timestamp,
            "nonce": nonce,
        }
        return CallbackAnswer(orjson.dumps(answer), JSON)

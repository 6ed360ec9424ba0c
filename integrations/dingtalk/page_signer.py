"""Signatures for pages that use position, camera and scan ("JSAPI鉴权")."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import unquote

from field_ops.host.platform import PageSignature
from field_ops.host.tokens import LentValue

from . import lenient
from .client import DingtalkClient


class DingtalkPageSigner:
    """The port's `PageSigner`."""

    def __init__(
        self,
        client: DingtalkClient,
        *,
        corp_id: str,
        agent_id: str,
        make_nonce: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._client = client
        self._corp_id = corp_id
        self._agent_id = agent_id
        self._make_nonce = make_nonce
        self._ticket = LentValue(self._fetch_ticket)

    async def sign(self, url: str, now: datetime) -> PageSignature:
        nonce, timestamp = self._make_nonce(), str(int(now.timestamp() * 1000))
        ticket = await self._ticket.get()
        config = {
            "agentId": self._agent_id,
            "corpId": self._corp_id,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "signature": page_signature(ticket, nonce, timestamp, url),
        }
        return PageSignature(config=config, agent_config={})

    async def _fetch_ticket(self) -> tuple[str, float]:
        answer = await self._client.api("v1.0/oauth2/jsapiTickets")
        return lenient.text(answer, "jsapiTicket"), float(lenient.whole(answer, "expireIn", 7200))


def page_signature(ticket: str, nonce: str, timestamp: str, url: str) -> str:
    """SHA-256, as in today's samples. Older documents say SHA-1.

    Of the address the hash part is left out and the query part is decoded, because iOS hands over
    the encoded address and Android the raw one.
    """
    address, mark, query = url.partition("#")[0].partition("?")
    signed = f"{address}{mark}{unquote(query)}"
    plain = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={signed}"
    return hashlib.sha256(plain.encode()).hexdigest()

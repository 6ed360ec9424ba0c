"""What a page hands to WeCom's script so that it may use position, camera and scan (90506).

Two signatures: the company's ticket lets the page in, the app's ticket lets it act as the app.
"""

import hashlib
import secrets
from datetime import datetime

from field_ops.host.errors import HostUnavailable
from field_ops.host.platform import PageSignature
from field_ops.host.tokens import LentValue

from .client import WecomClient


class WecomPageSigner:
    def __init__(self, client: WecomClient, corp_id: str, agent_id: int) -> None:
        self._client = client
        self._corp_id = corp_id
        self._agent_id = agent_id
        self._company_ticket = LentValue(self._lend_company_ticket)
        self._app_ticket = LentValue(self._lend_app_ticket)

    async def sign(self, url: str, now: datetime) -> PageSignature:
        page = url.split("#")[0]
        timestamp = int(now.timestamp())
        nonce = secrets.token_hex(8)
        config = signature(await self._company_ticket.get(), nonce, timestamp, page)
        agent_config = signature(await self._app_ticket.get(), nonce, timestamp, page)
        shared = {"timestamp": timestamp, "nonceStr": nonce}
        return PageSignature(
            config={"appId": self._corp_id, **shared, "signature": config},
            agent_config={
                "corpid": self._corp_id,
                "agentid": str(self._agent_id),
                **shared,
                "signature": agent_config,
            },
        )

    async def _lend_company_ticket(self) -> tuple[str, float]:
        return _ticket(await self._client.get("get_jsapi_ticket"))

    async def _lend_app_ticket(self) -> tuple[str, float]:
        return _ticket(await self._client.get("ticket/get", type="agent_config"))


def signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """In this order, with these small letters, and nothing percent-encoded."""
    signed = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()


def _ticket(answer: dict[str, object]) -> tuple[str, float]:
    ticket = answer.get("ticket")
    if not ticket:
        raise HostUnavailable("no ticket")
    return str(ticket), float(str(answer.get("expires_in") or 7200))

"""Page tickets, and whether a page's signature would be accepted (pages 90506, 96909)."""

import hashlib
from typing import Any
from urllib.parse import urlsplit

from .answers import Failed, success
from .office import Call, Office

TICKET_S = 7200
COMPANY, APP = "config", "agent"


class Pages:
    def __init__(self, office: Office) -> None:
        self._office = office

    def get_jsapi_ticket(self, call: Call) -> dict[str, Any]:
        return self._ticket(COMPANY)

    def ticket_get(self, call: Call) -> dict[str, Any]:
        if call.query.get("type") != "agent_config":
            raise Failed(91040)
        return self._ticket(APP)

    def verify(self, call: Call) -> dict[str, Any]:
        """What `wx.config` or `wx.agentConfig` on the page at `url` would find."""
        url, kind = call.query.get("url", ""), call.query.get("kind", COMPANY)
        trusted = [host.split(":")[0] for host in self._office.company.app.trusted_hosts]
        if trusted and urlsplit(url).hostname not in trusted:
            return {"ok": False, "errMsg": "config:fail, domain not trusted"}
        company = self._office.company
        if call.query.get("corpid", company.corp_id) != company.corp_id:
            return {"ok": False, "errMsg": "config:fail, invalid appid"}
        if call.query.get("agentid", str(company.app.agent_id)) != str(company.app.agent_id):
            return {"ok": False, "errMsg": "config:fail, invalid agentid"}
        ticket = self._office.purse.current("ticket", kind)
        signed = (
            f"jsapi_ticket={ticket}&noncestr={call.query.get('nonceStr', '')}"
            f"&timestamp={call.query.get('timestamp', '')}&url={url.partition('#')[0]}"
        )
        expected = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
        ok = bool(ticket) and call.query.get("signature") == expected
        return {"ok": ok, "errMsg": "config:ok" if ok else "config:fail, invalid signature"}

    def _ticket(self, kind: str) -> dict[str, Any]:
        purse = self._office.purse
        ticket = purse.current("ticket", kind) or purse.lend("ticket", kind, TICKET_S)
        return success(ticket=ticket, expires_in=TICKET_S)

"""Tokens, page tickets and sign-in codes of the pretend DingTalk."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .backstage import Backstage
from .bad_days import NOT_FOR_TOKENS
from .gate import ACCESS, Call, NewNo, OldNo, mandatory
from .seal import page_signatures

TOKEN_LIFE_S = 7200
TICKET_LIFE_S = 7200
TICKET_MOST_S = 24 * 3600  # asking again prolongs a ticket, but never beyond a day
CODE_LIFE_S = 300


class Accounts:
    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._ticket_born: dict[str, float] = {}

    def routes(self) -> list[Route]:
        gate = self._backstage.gate
        return [
            gate.old(
                "/gettoken",
                self._old_token,
                method="GET",
                needs_token=False,
                immune=NOT_FOR_TOKENS,
            ),
            gate.new(
                "/v1.0/oauth2/accessToken",
                self._new_token,
                needs_token=False,
                immune=NOT_FOR_TOKENS,
            ),
            gate.new(
                "/v1.0/oauth2/{corp_id}/token",
                self._unified_token,
                needs_token=False,
                immune=NOT_FOR_TOKENS,
            ),
            gate.new("/v1.0/oauth2/jsapiTickets", self._new_ticket),
            gate.old("/get_jsapi_ticket", self._old_ticket, method="GET"),
            gate.old("/topapi/v2/user/getuserinfo", self._who),
            Route("/sandbox/verify-signature", self._verify, methods=["GET"]),
        ]

    def code(self, user_id: str) -> str:
        return self._backstage.purse.lend("code", user_id, CODE_LIFE_S)

    def _old_token(self, call: Call) -> dict[str, Any]:
        key, secret = call.query.get("appkey", ""), call.query.get("appsecret", "")
        if not key:
            raise OldNo(40035, "缺少参数 corpid or appkey")
        if not self._knows(key, secret):
            raise OldNo(40096, "不合法的appKey或appSecret")
        return {"access_token": self._token("old"), "expires_in": TOKEN_LIFE_S}

    def _new_token(self, call: Call) -> dict[str, Any]:
        mandatory(call, "appKey", "appSecret")
        if not self._knows(call.body["appKey"], call.body["appSecret"]):
            raise NewNo(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        return {"accessToken": self._token("new"), "expireIn": TOKEN_LIFE_S}

    def _unified_token(self, call: Call) -> dict[str, Any]:
        if call.place["corp_id"] != self._backstage.company.corp_id:
            raise NewNo(500, "unknownError", "未知错误")
        if call.body.get("grant_type") != "client_credentials":
            raise NewNo(400, "unsupported.grant.type", "不支持的grant_type")
        if not self._knows(call.body.get("client_id"), call.body.get("client_secret")):
            raise NewNo(400, "invalid.client", "无效的client")
        return {"access_token": self._token("new"), "expires_in": TOKEN_LIFE_S}

    def _knows(self, key: object, secret: object) -> bool:
        app = self._backstage.company.app
        return key == app.client_id and secrets.compare_digest(
            str(secret).encode(), app.secret.encode()
        )

    def _token(self, server: str) -> str:
        """While a token is valid, asking again gives the same one and prolongs it."""
        purse, app = self._backstage.purse, self._backstage.company.app
        apart = "" if self._backstage.gate.one_token_for_both else f" {server}"
        token = purse.current(ACCESS, app.client_id + apart)
        if not token:
            return purse.lend(ACCESS, app.client_id + apart, TOKEN_LIFE_S)
        if lent := purse.find(token, ACCESS):
            lent.until = self._backstage.clock() + TOKEN_LIFE_S
        return token

    def _new_ticket(self, call: Call) -> dict[str, Any]:
        return {"jsapiTicket": self._ticket(), "expireIn": TICKET_LIFE_S}

    def _old_ticket(self, call: Call) -> dict[str, Any]:
        return {"ticket": self._ticket(), "expires_in": TICKET_LIFE_S}

    def _ticket(self) -> str:
        purse, now = self._backstage.purse, self._backstage.clock()
        whose = self._backstage.company.app.client_id
        ticket = purse.current("ticket", whose)
        if not ticket:
            ticket = purse.lend("ticket", whose, TICKET_LIFE_S)
            self._ticket_born[ticket] = now
        elif lent := purse.find(ticket, "ticket"):
            lent.until = min(now + TICKET_LIFE_S, self._ticket_born[ticket] + TICKET_MOST_S)
        return ticket

    def _who(self, call: Call) -> dict[str, Any]:
        purse = self._backstage.purse
        lent = purse.find(str(call.body.get("code", "")), "code")
        person = self._backstage.person(lent.whose) if lent else None
        if lent is None or person is None or not purse.is_alive(lent):
            raise OldNo(40078, "不存在的临时授权码")
        lent.used = True
        return {
            "result": {
                "userid": person.user_id,
                "unionid": union_id(person.user_id, person.union_id),
                "associated_unionid": union_id(person.user_id, person.union_id),
                "device_id": person.device_id,
                "name": person.name,
                "sys": False,
                "sys_level": 0,
            }
        }

    async def _verify(self, request: Request) -> JSONResponse:
        """What `dd.config` would say on the page at `url`."""
        given = request.query_params
        app, ticket = self._backstage.company.app, self._alive_ticket()
        verdict, text = 0, "ok"
        hosts = app.trusted_hosts
        if given.get("agentId") != str(app.agent_id):
            verdict, text = 52019, "无效的agent_id"
        elif not ticket or given.get("corpId") != self._backstage.company.corp_id:
            verdict, text = 52011, "jsapi ticket 读取失败"
        elif hosts and urlsplit(given.get("url", "")).netloc not in hosts:
            verdict, text = 52014, "无效的url"
        elif given.get("signature") not in self._accepted(ticket, given):
            verdict, text = 52013, "签名校验失败"
        return JSONResponse({"ok": verdict == 0, "errcode": verdict, "errmsg": text})

    def _accepted(self, ticket: str, given: Any) -> set[str]:
        signatures = page_signatures(
            ticket, given.get("nonceStr", ""), given.get("timeStamp", ""), given.get("url", "")
        )
        if not self._backstage.switches.accepts_sha1:
            del signatures["sha1"]
        return set(signatures.values())

    def _alive_ticket(self) -> str:
        return self._backstage.purse.current("ticket", self._backstage.company.app.client_id)


def union_id(user_id: str, given: str) -> str:
    return given or f"{user_id}UnionIdiEiE"

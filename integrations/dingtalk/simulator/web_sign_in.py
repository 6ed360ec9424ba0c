"""DingTalk's sign-in for browsers: its page, the person's own token, and who that is
("实现登录第三方网站")."""

from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from .accounts import union_id
from .backstage import Backstage
from .bad_days import NOT_FOR_TOKENS
from .gate import ACCESS_HEADER, Call, NewNo, mandatory

CODE_LIFE_S = 300
TOKEN_LIFE_S = 7200
CODE, TOKEN = "login code", "user token"  # what they are lent as
NEEDED = {"response_type": "code", "prompt": "consent"}
SCOPES = ("openid", "openid corpid")
STYLE = (
    "body{font:17px/1.5 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem}"
    "a{display:block;padding:.8rem 1rem;margin:.5rem 0;border:1px solid #ddd;border-radius:.5rem;"
    "color:#1a1a1a;text-decoration:none}small{color:#888}"
)


class WebSignIn:
    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage

    def routes(self) -> list[Route]:
        new = self._backstage.gate.new
        return [
            Route("/oauth2/auth", self._page),
            new(
                "/v1.0/oauth2/userAccessToken",
                self._user_token,
                needs_token=False,
                immune=NOT_FOR_TOKENS,
            ),
            new("/v1.0/contact/users/me", self._me, method="GET", needs_token=False),
        ]

    async def _page(self, request: Request) -> Response:
        query, app = request.query_params, self._backstage.company.app
        redirect_uri = query.get("redirect_uri", "")
        if query.get("client_id") != app.client_id:
            return _problem("client_id 不正确")
        if app.trusted_hosts and urlsplit(redirect_uri).netloc not in app.trusted_hosts:
            return _problem("redirect_uri 未在应用的重定向URL中登记")
        if any(query.get(name) != value for name, value in NEEDED.items()):
            return _problem("response_type 或 prompt 不正确")
        if query.get("scope") not in SCOPES:
            return _problem("scope 不正确")
        if "sandbox_refuses" in query:
            return _back(redirect_uri, error="access_denied", state=query.get("state", ""))
        if user_id := query.get("sandbox_user", ""):
            code = self._backstage.purse.lend(CODE, user_id, CODE_LIFE_S)
            return _back(redirect_uri, authCode=code, state=query.get("state", ""))
        return self._picker(request)

    def _picker(self, request: Request) -> Response:
        """Only the sandbox has to ask who that is."""
        offers = [
            (f"{person.name} {person.title}", {"sandbox_user": person.user_id})
            for person in self._backstage.company.people.values()
            if person.active
        ]
        offers.append(("取消", {"sandbox_refuses": "1"}))
        links = "".join(
            f'<a href="?{escape(query)}">{escape(said)}</a>'
            for said, more in offers
            for query in [request.url.include_query_params(**more).query]
        )
        name = escape(self._backstage.company.name)
        return _html(f"<h1>钉钉登录 · {name}</h1><p>谁扫了这个二维码？</p>{links}")

    def _user_token(self, call: Call) -> dict[str, Any]:
        mandatory(call, "clientId", "clientSecret", "grantType")
        app, purse = self._backstage.company.app, self._backstage.purse
        if (call.body["clientId"], call.body["clientSecret"]) != (app.client_id, app.secret):
            raise NewNo(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        lent = purse.find(str(call.body.get("code", "")), CODE)
        if lent is None or lent.used or not purse.is_alive(lent):
            raise NewNo(400, "invalidParameter.authCode.notFound", "不合法的临时授权码")
        lent.used = True
        return {
            "accessToken": purse.lend(TOKEN, lent.whose, TOKEN_LIFE_S),
            "refreshToken": purse.lend("refresh token", lent.whose, 30 * 24 * 3600),
            "expireIn": TOKEN_LIFE_S,
        }

    def _me(self, call: Call) -> dict[str, Any]:
        purse = self._backstage.purse
        lent = purse.find(call.headers.get(ACCESS_HEADER, ""), TOKEN)
        if lent is None or not purse.is_alive(lent):
            raise NewNo(400, "InvalidAuthentication", "不合法的access_token")
        person = self._backstage.company.people.get(lent.whose)
        # Everybody on DingTalk may sign in, whatever company he is in.
        return {
            "nick": person.name if person else "外人",
            "unionId": union_id(lent.whose, person.union_id if person else ""),
            "openId": f"open-{lent.whose}",
        }


def _back(redirect_uri: str, **more: str) -> Response:
    address = urlsplit(redirect_uri)
    query = f"{address.query}&{urlencode(more)}".lstrip("&")
    return RedirectResponse(urlunsplit(address._replace(query=query)), 302)


def _problem(sentence: str) -> Response:
    return _html(f"<h1>{escape(sentence)}</h1>", 400)


def _html(inside: str, status: int = 200) -> Response:
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    html = f"<!doctype html><html lang=zh><head>{head}<style>{STYLE}</style></head>"
    return HTMLResponse(f"{html}<body>{inside}</body></html>", status)

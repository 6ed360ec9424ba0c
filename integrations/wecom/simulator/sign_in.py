"""Tokens and signing in: gettoken, the two sign-in pages, and who a code belongs to
(pages 91039, 91022, 98152, 91023)."""

import secrets
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from .answers import Failed, success
from .office import Call, Office

TOKEN_S = 7200
LIST_ID = "user/list_id"
CODE_S = 300
USER_TICKET_S = 1800
COOKIE = "waiqin_sandbox_wecom_user"
STYLE = (
    "body{font:17px/1.5 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem}"
    "a{display:block;padding:.8rem 1rem;margin:.5rem 0;border:1px solid #ddd;border-radius:.5rem;"
    "color:#1a1a1a;text-decoration:none}small{color:#888}"
)


class SignInDesk:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._private: set[str] = set()  # codes
        self.token_s = TOKEN_S  # WeCom may make it shorter
        self.contacts_secret = secrets.token_urlsafe(32)  # of 通讯录同步

    def gettoken(self, call: Call) -> dict[str, Any]:
        company, purse = self._office.company, self._office.purse
        if call.wanted("corpid", 41002) != company.corp_id:
            raise Failed(40013)
        known = {company.app.secret: "app", self.contacts_secret: "contacts"}
        whose = known.get(call.wanted("corpsecret", 41004))
        if whose is None:
            raise Failed(40001)
        token = "" if self._office.switches.new_token_each_time else purse.current("token", whose)
        token = token or purse.lend("token", whose, self.token_s)
        return success(access_token=token, expires_in=self.token_s)

    def check_token(self, call: Call, path: str) -> None:
        """Raise `Failed` unless the call has a living token whose secret may ask this."""
        lent = self._office.purse.find(call.wanted("access_token", 41001), "token")
        if lent is None:
            raise Failed(40014)
        if not self._office.purse.is_alive(lent):
            raise Failed(42001)
        by_contacts = lent.whose == "contacts"
        if path == LIST_ID and not by_contacts:
            raise Failed(48002)
        if by_contacts and path.partition("/")[0] not in ("user", "department"):
            raise Failed(48002)
        is_new = self._office.switches.contacts_secret_is_new
        if by_contacts and is_new and path not in (LIST_ID, "department/simplelist"):
            raise Failed(48009)

    def code_for(self, user_id: str, *, private: bool = False) -> str:
        """`private`: he has consented to show what only he may show."""
        code = self._office.purse.lend("code", user_id, CODE_S)
        if private:
            self._private.add(code)
        return code

    def getuserinfo(self, call: Call) -> dict[str, Any]:
        lent = self._office.purse.find(call.wanted("code", 41008), "code")
        if lent is None:
            raise Failed(40029)
        if lent.used:
            raise Failed(42022)
        if not self._office.purse.is_alive(lent):
            raise Failed(42003)
        lent.used = True
        if person := self._office.colleague(lent.whose):
            if call.query["code"] not in self._private:
                return success(userid=person.user_id)
            ticket = self._office.purse.lend("user_ticket", person.user_id, USER_TICKET_S)
            return success(userid=person.user_id, user_ticket=ticket)
        return success(openid=f"o{lent.whose}")

    def getuserdetail(self, call: Call) -> dict[str, Any]:
        """What the member consented to show (page 95833). Gender is a text here."""
        lent = self._office.purse.find(str(call.body.get("user_ticket", "")), "user_ticket")
        person = self._office.colleague(lent.whose) if lent else None
        if lent is None or person is None:
            raise Failed(84015)
        if not self._office.purse.is_alive(lent):
            raise Failed(84014)
        shown = {"mobile": person.phone, "email": person.email}
        shown = {name: value for name, value in shown.items() if value}
        return success(userid=person.user_id, gender="0", **shown)

    async def authorise(self, request: Request) -> Response:
        """The page that opens inside the app: silent when it is known who holds the phone."""
        query = request.query_params
        redirect_uri = query.get("redirect_uri", "")
        if query.get("appid") != self._office.company.corp_id:
            return _problem("40013", "appid 不是这家企业")
        if not self._is_trusted(redirect_uri):
            return _problem("50001", "redirect_uri 需使用应用可信域名")
        if query.get("response_type") != "code" or query.get("scope") not in SCOPES:
            return _problem("40058", "response_type 或 scope 不正确")
        holder = query.get("sandbox_user") or request.cookies.get(COOKIE, "")
        person = self._office.colleague(holder)
        if person is None:
            return self._picker(request, "这部手机是谁的？")
        answer = self._back(request, person.user_id)
        if query.get("sandbox_user"):
            answer.set_cookie(COOKIE, person.user_id, samesite="lax", httponly=True)
        return answer

    async def log_in(self, request: Request) -> Response:
        """The page with the QR code, for browsers: it asks each time who scans."""
        query, app = request.query_params, self._office.company.app
        if query.get("login_type") != "CorpApp":
            return _problem("-31020", "login_type 不正确")
        if query.get("appid") != self._office.company.corp_id:
            return _problem("40013", "appid 不是这家企业")
        if query.get("agentid") != str(app.agent_id):
            return _problem("-31027", "agentid 不是这个应用")
        if not self._is_trusted(query.get("redirect_uri", "")):
            return _problem("50001", "redirect_uri 与配置的授权登录域名不一致")
        scanned_by = query.get("sandbox_user", "")
        if not scanned_by:
            return self._picker(request, "谁用企业微信扫了这个二维码？")
        return self._back(request, scanned_by)

    def _back(self, request: Request, user_id: str) -> RedirectResponse:
        query = request.query_params
        # Without the app's id the wider scope is taken for the narrow one.
        private = query.get("scope") == "snsapi_privateinfo" and bool(query.get("agentid"))
        code = self.code_for(user_id, private=private)
        redirect_uri, state = query.get("redirect_uri", ""), query.get("state", "")
        return RedirectResponse(with_query(redirect_uri, code, state), 302)

    def _is_trusted(self, redirect_uri: str) -> bool:
        address = urlsplit(redirect_uri)
        if address.scheme not in ("http", "https") or not address.netloc:
            return False
        trusted = self._office.company.app.trusted_hosts
        return not trusted or address.netloc in trusted

    def _picker(self, request: Request, question: str) -> Response:
        """Only the sandbox has to ask."""
        rows = [
            f'<a href="?{escape(query)}">{escape(person.name)} '
            f"<small>{escape(person.title)} {escape(person.user_id)}</small></a>"
            for person in self._office.company.people.values()
            if person.active
            for query in [request.url.include_query_params(sandbox_user=person.user_id).query]
        ]
        name = escape(self._office.company.name)
        return _page(f"<h1>{name}</h1><p>{question}</p>{''.join(rows)}")


SCOPES = ("snsapi_base", "snsapi_privateinfo")


def with_query(redirect_uri: str, code: str, state: str) -> str:
    """The address of the page with code and state before its hash, as the real one does."""
    address = urlsplit(redirect_uri)
    added = urlencode({"code": code, "state": state})
    return urlunsplit(address._replace(query=f"{address.query}&{added}".lstrip("&")))


def _problem(code: str, sentence: str) -> Response:
    return _page(f"<h1>{escape(sentence)}</h1><p><small>errcode {code}</small></p>", 400)


def _page(inside: str, status: int = 200) -> Response:
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    html = f"<!doctype html><html lang=zh><head>{head}<style>{STYLE}</style></head>"
    return HTMLResponse(f"{html}<body>{inside}</body></html>", status)

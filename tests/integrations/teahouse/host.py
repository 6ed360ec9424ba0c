"""茶馆 Teahouse: a third host, small enough to be read at a sitting.

One address for all calls, `POST /call` with `{"call": …, "token": …, …}` and `{"ok": …}` back.
Callbacks are JSON, signed with the app's secret. It shows all that a host folder must have.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from field_ops.host import errors, events, messages
from field_ops.host import platform as port
from field_ops.host.tokens import LentValue
from field_ops.texts import Text

WHY = {
    "busy": errors.HostBusy,
    "credentials": errors.CredentialsRejected,
    "token": errors.CredentialsRejected,
}


class Client:
    def __init__(self, http: httpx.AsyncClient, base_url: str, secret: str) -> None:
        self._http, self._url, self._secret = http, base_url.rstrip("/") + "/call", secret
        self._token = LentValue(self._fetch_token)

    async def call(self, call: str, **values: Any) -> Any:
        for last_try in (False, True):
            token = await self._token.get()
            answer = await self._post({"call": call, "token": token, **values})
            if answer["ok"]:
                return answer["data"]
            if last_try or answer["why"] != "token":
                break
            self._token.forget(token)
        why = answer["why"]
        raise WHY.get(why, errors.HostRefused)("the host says no", code=why)

    async def _fetch_token(self) -> tuple[str, float]:
        answer = await self._post({"call": "token", "secret": self._secret})
        if not answer["ok"]:
            raise errors.CredentialsRejected("the secret is wrong", code=answer["why"])
        return answer["data"], 7200

    async def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = await self._http.post(self._url, json=body)
        except httpx.TransportError as failure:
            raise errors.HostUnavailable(type(failure).__name__, maybe_done=True) from failure
        if answer.status_code != 200:
            maybe_done = answer.status_code == 504
            raise errors.HostUnavailable(f"HTTP {answer.status_code}", maybe_done=maybe_done)
        return answer.json()


class Callbacks:
    def __init__(self, secret: str) -> None:
        self._secret = secret

    def read(self, raw: port.RawCallback, now: datetime) -> port.Callback:
        signature = hmac.new(self._secret.encode(), raw.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature.encode(), raw.headers.get("sign", "").encode()):
            raise errors.CallbackNotAuthentic("the signature does not fit")
        try:
            return port.Callback((_event(orjson.loads(raw.body)),), port.CallbackAnswer(b"ok"))
        except (ValueError, KeyError, TypeError) as failure:
            raise errors.CallbackUnreadable(str(failure)) from failure


def _event(told: dict[str, Any]) -> events.HostEvent:
    same = {"event_id": told["id"], "happened_at": datetime.fromtimestamp(told["at"], UTC)}
    who = told["who"]
    match told["what"]:
        case "said":
            return events.TextReceived(host_user_id=who, text=told["text"].strip(), **same)
        case "changed":
            return events.MembersChanged(host_user_ids=(who,), **same)
        case "left":
            return events.MembersLeft(host_user_ids=(who,), **same)
        case "department":
            return events.DepartmentsChanged(host_department_ids=(who,), **same)
        case what:
            return events.Unsupported(kind=what, **same)


class Teahouse:
    """Messenger, sign-in, directory and page signer: all four are calls of one client."""

    def __init__(self, client: Client, secret: str) -> None:
        self._client, self._secret = client, secret

    async def send(
        self, to: port.Recipient, message: messages.Message, *, once: str
    ) -> port.Receipt:
        sent = await self._client.call("send", to=to.host_user_id, once=once, **_drawn(message))
        return port.Receipt(host_message_id=str(sent))

    async def revise(self, revise_with: str, once: str, card: messages.Card) -> None:
        raise errors.HostRefused("this host's cards cannot be changed")

    def authorise_url(self, redirect_uri: str, state: str, *, in_app: bool) -> str:
        return ""  # the page gets its code through the host's bridge

    async def who(self, code: str, *, in_app: bool = True) -> port.HostUser:
        try:
            return port.HostUser(await self._client.call("who", code=code))
        except errors.HostRefused as refusal:
            raise errors.SignInCodeRejected(refusal.code) from refusal

    async def departments(self, at: str = "") -> port.DepartmentsAnswer:
        rows = await self._client.call("departments")
        return port.DepartmentsAnswer(tuple(port.HostDepartment(**row) for row in rows))

    async def members_of(self, host_department_id: str, page: str = "") -> port.MembersPage:
        rows = await self._client.call("members", department=host_department_id)
        return port.MembersPage(tuple(_member(row) for row in rows))

    async def member(self, host_user_id: str) -> port.HostMember | None:
        row = await self._client.call("member", who=host_user_id)
        return _member(row) if row else None

    async def sign(self, url: str, now: datetime) -> port.PageSignature:
        page = url.partition("#")[0]
        mark = hmac.new(self._secret.encode(), page.encode(), hashlib.sha256).hexdigest()
        return port.PageSignature({"mark": mark}, {})


def _member(row: Mapping[str, Any]) -> port.HostMember:
    lists = {name: tuple(row[name]) for name in ("department_ids", "leads")}
    return port.HostMember(**{**row, **lists})


def _drawn(message: messages.Message) -> dict[str, Any]:
    match message:
        case messages.Notice(text):
            return {"text": text}
        case messages.Article(title, markdown):
            return {"title": title, "text": markdown}
        case card:
            fields = [[field.name, field.value] for field in card.fields]
            buttons = [_button(button) for button in card.buttons + card.choices]
            return {"title": card.title, "text": card.text, "fields": fields, "buttons": buttons}


def _button(button: messages.Button) -> dict[str, str]:
    return {"text": button.text, "url": button.url, "key": button.says}


def connect(
    credentials: Mapping[str, str], http: Any, base_urls: Mapping[str, str]
) -> port.HostPlatform:
    secret = credentials["secret"]
    teahouse = Teahouse(Client(http, base_urls["teahouse"], secret), secret)
    return port.HostPlatform(
        name=KIND.name, title=KIND.title, callbacks=Callbacks(secret), messenger=teahouse,
        sign_in=teahouse, directory=teahouse, page_signer=teahouse,
        limits=port.HostLimits(per_member_minute=60, per_member_hour=1000, per_app_second=100),
    )  # fmt: skip


KIND = port.HostKind(
    name="teahouse", title=Text("茶馆", "Teahouse"), credentials=("secret",), required=("secret",),
    secrets=("secret",), connect=connect,
)  # fmt: skip

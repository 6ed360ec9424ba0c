"""What WeCom's error codes ask of an administrator (page 90313), and a look at its settings."""

import re
import secrets
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from field_ops.host.checks import Finding
from field_ops.host.errors import SendError
from field_ops.texts import Text

from .client import TIMEOUT, WecomClient
from .crypto import CallbackCrypto

SECRET = Text(
    "企业ID 或应用的密钥（Secret）不对（{code}）：请在「应用管理」里打开这个应用，重新复制 Secret；"
    "企业ID 在「我的企业 → 企业信息」。",
    "The corp id or the app's secret is wrong ({code}): open the app under 应用管理 and copy its "
    "Secret again; the corp id is under 我的企业 → 企业信息.",
)
AGENT = Text(
    "AgentId 与 Secret 不是同一个应用的（{code}）：请在应用详情里重新核对 AgentId。",
    "AgentId and Secret belong to different apps ({code}): compare the AgentId on the app's page.",
)
UNTRUSTED = Text(
    "企业微信不信任我们的出口地址 {ip}：请在应用详情的「企业可信IP」里加上它，约一分钟后生效。",
    "WeCom does not trust our address {ip}: add it under 企业可信IP on the app's page; it takes "
    "about a minute.",
)
TOO_NARROW = Text(
    "应用看不到通讯录（{code}）：请把要使用的部门加入应用的「可见范围」；"
    "若填写了通讯录同步的 Secret，请清空它，改用应用自己的 Secret。",
    "The app may not read the contacts ({code}): add the departments to its 可见范围; if the "
    "secret of 通讯录同步 is set here, remove it, and the app's own secret is used.",
)
DISABLED = Text(
    "应用已停用或因长期不活跃被限制（{code}）：请在「应用管理」里重新启用。",
    "The app is disabled, or restricted after a long time without use ({code}): enable it again "
    "under 应用管理.",
)
NO_CALLBACK = Text(
    "应用还没有设置接收消息（{code}）：请在「接收消息 → 设置API接收」里填写回调地址，"
    "否则发不出带按钮的卡片。",
    "The app has no callback address yet ({code}): set it under 接收消息 → 设置API接收, or cards "
    "with buttons cannot be sent.",
)
NO_DOMAIN = Text(
    "可信域名是「{trusted}」，而页面在 {wanted}：请在「网页授权及JS-SDK」里填写 {wanted}。",
    "The trusted domain is “{trusted}” but the pages are at {wanted}: enter {wanted} under "
    "网页授权及JS-SDK.",
)
APP = Text("应用已启用，可信域名正确。", "The app is enabled and its trusted domain is right.")
REACHED = Text("{url} 收得到回调。", "{url} takes callbacks.")
NOT_REACHED = Text(
    "{url} 收不到回调（{why}）：请确认外勤正在运行、域名能从外网访问、反向代理没有改动地址。",
    "{url} does not take callbacks ({why}): see that Waiqin runs, that the name is reached from "
    "outside, and that no proxy changes the address.",
)
BOT_CONNECTS = Text(
    "智能机器人使用长连接（是否已连上见 /metrics 的 waiqin_long_connection_up）。",
    "The smart bot uses the long connection (waiqin_long_connection_up in /metrics: is it up).",
)
BOT_IS_CALLED = Text(
    "没有填写智能机器人的 Bot ID：机器人用 URL 回调时这样就对了；没有机器人时，群里 @ 不到外勤。",
    "No Bot ID is set: right for a smart bot with URL callback; without any bot, nobody can "
    "mention Waiqin in a group.",
)
EXPLAINED = {
    **dict.fromkeys(("40001", "40013", "40091", "41002", "41004", "45031"), SECRET),
    **dict.fromkeys(("40056", "301002"), AGENT),
    **dict.fromkeys(("60020", "301042"), UNTRUSTED),
    **dict.fromkeys(("48002", "48009", "60011"), TOO_NARROW),
    **dict.fromkeys(("48006", "48011", "50003"), DISABLED),
    "43012": NO_CALLBACK,
}
SEEN_FROM = re.compile(r"from ip: ([0-9A-Fa-f.:]+)")


class WecomSelfCheck:
    """The port's `SelfCheck`. `http` asks our own address, as WeCom does when it is saved."""

    def __init__(
        self,
        client: WecomClient,
        http: httpx.AsyncClient,
        agent_id: int,
        app_crypto: CallbackCrypto,
        bot_crypto: CallbackCrypto,
        *,
        bot_connects: bool,
    ) -> None:
        self._bot = BOT_CONNECTS if bot_connects else BOT_IS_CALLED
        self._client = client
        self._http = http
        self._agent_id = agent_id
        self._doors = {"callback": app_crypto, "robot": bot_crypto}

    def explain(self, failure: SendError) -> Text | None:
        text = EXPLAINED.get(failure.code)
        if text is None:
            return None
        seen = SEEN_FROM.search(failure.reason)
        return text.filled(code=failure.code, ip=seen[1] if seen else "?")

    async def look(self, address: str, now: datetime) -> list[Finding]:
        doors = [await self._knock(address, door, now) for door in self._doors]
        app = await self._app(urlsplit(address).hostname or "")
        return [app, *doors, Finding("bot", True, self._bot)]

    async def _app(self, wanted: str) -> Finding:
        app = await self._client.get("agent/get", agentid=str(self._agent_id))
        if app.get("close"):
            return Finding("app", False, DISABLED.filled(code="close"))
        trusted = str(app.get("redirect_domain") or "")
        if trusted.partition(":")[0] != wanted:
            return Finding("app", False, NO_DOMAIN.filled(trusted=trusted, wanted=wanted))
        return Finding("app", True, APP)

    async def _knock(self, address: str, door: str, now: datetime) -> Finding:
        url, plain = f"{address}/{door}", secrets.token_hex(8)
        timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(8)
        encrypted, signature = self._doors[door].seal_json(plain, timestamp, nonce)
        query = {
            "msg_signature": signature, "timestamp": timestamp, "nonce": nonce,
            "echostr": encrypted,
        }  # fmt: skip
        try:
            answer = await self._http.get(url, params=query, timeout=TIMEOUT)
        except httpx.HTTPError as failure:
            why = type(failure).__name__
        else:
            if answer.status_code == 200 and answer.text == plain:
                return Finding(door, True, REACHED.filled(url=url))
            why = f"HTTP {answer.status_code}"
        return Finding(door, False, NOT_REACHED.filled(url=url, why=why))

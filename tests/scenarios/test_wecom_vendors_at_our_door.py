"""What the vendor's own cryptography seals is understood at our door, over HTTP."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from wechatpy.work.crypto import WeChatCrypto

from integrations.sandbox.world import App
from tests.integrations.wecom.conftest import served
from tests.integrations.wecom.vendors import ask_crypto
from tests.scenarios.stage import CONNECTION, Stage

NONCE = "1597212914"
XML = (
    "<xml><ToUserName><![CDATA[{corp}]]></ToUserName><FromUserName><![CDATA[lilei]]></FromUserName>"
    "<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[帮助]]></Content><MsgId>7203954512087431166</MsgId>"
    "<AgentID>1000002</AgentID></xml>"
)


@dataclass
class Vendor:
    """Knocks at our door with what its own packages made."""

    stage: Stage
    http: httpx.AsyncClient

    @property
    def app(self) -> App:
        return self.stage.world.companies["wecom"].app

    @property
    def corp_id(self) -> str:
        return self.stage.world.companies["wecom"].corp_id

    @property
    def now(self) -> str:
        return str(int(self.stage.clock().timestamp()))

    async def sealed(self, text: str, whose: str) -> tuple[str, dict[str, str]]:
        """By `@wecom/crypto`: the sealed text, and the marks that stand in the address."""
        ask: dict[str, Any] = {"what": "seal", "key": self.app.callback_aes_key}
        (encrypted,) = await ask_crypto({**ask, "message": text, "id": whose})
        marks = {"timestamp": self.now, "nonce": NONCE}
        ask = {"what": "sign", "token": self.app.callback_token, "encrypted": encrypted}
        (signature,) = await ask_crypto({**ask, **marks})
        return encrypted, {**marks, "msg_signature": signature}

    async def posts(self, door: str, body: str, query: dict[str, str]) -> httpx.Response:
        address = f"/hosts/wecom/{CONNECTION}/{door}"
        return await self.http.post(address, params=query, content=body.encode())

    async def answers(self) -> list[str]:
        await self.stage.deliver()
        return [line.title + line.text for line in self.stage.phone("wecom", "lilei").heard]


@pytest.fixture
async def vendor(stage: Stage) -> AsyncIterator[Vendor]:
    async with served(stage.app) as port:
        home = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=home, trust_env=False) as http:
            yield Vendor(stage, http)


@pytest.mark.parametrize("door", ["callback", "robot"])
async def test_our_address_passes_the_vendors_check(vendor: Vendor, door: str) -> None:
    whose = vendor.corp_id if door == "callback" else ""
    encrypted, query = await vendor.sealed("7203954512087431166", whose)
    address = f"/hosts/wecom/{CONNECTION}/{door}"
    answer = await vendor.http.get(address, params={**query, "echostr": encrypted})
    assert (answer.status_code, answer.content) == (200, b"7203954512087431166")


async def test_a_message_to_the_app_is_answered(vendor: Vendor) -> None:
    text = XML.format(corp=vendor.corp_id, now=vendor.now)
    encrypted, query = await vendor.sealed(text, vendor.corp_id)
    body = f"<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    assert (await vendor.posts("callback", body, query)).status_code == 200
    assert ["查 华联" in text for text in await vendor.answers()] == [True]


async def test_a_message_that_wechatpy_sealed_is_answered(vendor: Vendor) -> None:
    app = vendor.app
    wechatpy = WeChatCrypto(app.callback_token, app.callback_aes_key, vendor.corp_id)
    text = XML.format(corp=vendor.corp_id, now=vendor.now)
    body = wechatpy.encrypt_message(text, NONCE, vendor.now)
    signature = body.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    query = {"timestamp": vendor.now, "nonce": NONCE, "msg_signature": signature}
    assert (await vendor.posts("callback", body, query)).status_code == 200
    assert len(await vendor.answers()) == 1


async def test_a_message_to_the_bot_is_answered(vendor: Vendor) -> None:
    said = {
        "msgid": "M1", "aibotid": "AIBOTSANDBOX", "chattype": "single", "msgtype": "text",
        "from": {"userid": "lilei"}, "text": {"content": "帮助"},
    }  # fmt: skip
    encrypted, query = await vendor.sealed(json.dumps(said), "")
    answer = await vendor.posts("robot", json.dumps({"encrypt": encrypted}), query)
    assert (answer.status_code, answer.content) == (200, b"")
    assert ["查 华联" in text for text in await vendor.answers()] == [True]


async def test_what_was_sealed_for_the_app_is_refused_at_the_bots_door(vendor: Vendor) -> None:
    encrypted, query = await vendor.sealed("{}", vendor.corp_id)
    answer = await vendor.posts("robot", json.dumps({"encrypt": encrypted}), query)
    assert answer.status_code == 403

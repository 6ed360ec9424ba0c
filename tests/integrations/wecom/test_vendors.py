"""The vendor's own packages against our pretend WeCom and against our adapter."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from wechatpy.exceptions import WeChatClientException
from wechatpy.work import WeChatClient
from wechatpy.work.crypto import WeChatCrypto

from integrations.sandbox.outsiders import Acquaintance, Outsider, external_id_of
from integrations.wecom.crypto import CallbackCrypto
from integrations.wecom.page_signer import signature
from integrations.wecom.simulator import WecomSimulator
from integrations.wecom.simulator.bot import ALONE, Talk
from integrations.wecom.simulator.envelope import Seal
from tests.integrations.host_contract import HOSTILE_NAME
from tests.integrations.wecom.conftest import served, until
from tests.integrations.wecom.test_bot_answers import GROUP, heard
from tests.integrations.wecom.vendors import VendorsBot, a_bot, ask_crypto

TOKEN, KEY = "SandboxToken2026", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
CORP = "wwSandboxCorp0001"
AT, NONCE = "1767225600", "1597212914"
# Every length of padding, the letters of XML, and what does not fit into two bytes.
TEXTS = [HOSTILE_NAME, "", *("汉" * length for length in range(1, 33)), "<xml>]]></xml>"]
in_every_seal = pytest.mark.parametrize("whose", [CORP, ""], ids=["app", "bot"])


@in_every_seal
async def test_the_vendor_opens_what_we_seal(whose):
    seal, crypto = Seal(TOKEN, KEY, whose), CallbackCrypto(TOKEN, KEY, whose)
    sealed = [seal.encrypt(text) for text in TEXTS]
    sealed += [crypto.seal_json(text, AT, NONCE)[0] for text in TEXTS]
    opened = await ask_crypto(*({"what": "open", "key": KEY, "encrypted": one} for one in sealed))
    assert opened == [{"message": text, "id": whose} for text in TEXTS * 2]


@in_every_seal
async def test_we_open_what_the_vendor_seals(whose):
    asked = [{"what": "seal", "key": KEY, "message": text, "id": whose} for text in TEXTS]
    sealed = await ask_crypto(*asked)
    marks = {"token": TOKEN, "timestamp": AT, "nonce": NONCE}
    signed = await ask_crypto(*({"what": "sign", "encrypted": one, **marks} for one in sealed))
    seal, crypto = Seal(TOKEN, KEY, whose), CallbackCrypto(TOKEN, KEY, whose)
    assert [seal.decrypt(one) for one in sealed] == TEXTS
    assert [seal.sign(AT, NONCE, one) for one in sealed] == signed
    opened = [crypto.open(sign, AT, NONCE, one) for sign, one in zip(signed, sealed, strict=True)]
    assert opened == TEXTS


async def test_the_bots_package_and_we_open_each_others_seals():
    crypto = CallbackCrypto(TOKEN, KEY, "")
    ours = [crypto.seal_json(text, AT, NONCE) for text in TEXTS]
    marks = {"token": TOKEN, "key": KEY, "timestamp": AT, "nonce": NONCE}
    opened = await ask_crypto(
        *({"what": "botOpen", "encrypted": e, "signature": s, **marks} for e, s in ours)
    )
    assert opened == TEXTS
    theirs = await ask_crypto(*({"what": "botSeal", "message": text, **marks} for text in TEXTS))
    found = [crypto.open(one["signature"], AT, NONCE, one["encrypt"]) for one in theirs]
    assert found == TEXTS


async def test_a_signed_page_is_what_the_vendor_signs():
    page = {"url": "https://waiqin.example/h5/?name=华联", "ticket": "T", "nonceStr": "n"}
    (signed,) = await ask_crypto({"what": "page", "timestamp": 1767225600, **page})
    assert signed == signature("T", "n", 1767225600, page["url"])


@in_every_seal
def test_wechatpy_and_the_pretend_wecom_open_each_others_seals(whose):
    wechatpy, seal = WeChatCrypto(TOKEN, KEY, whose), Seal(TOKEN, KEY, whose)
    for text in TEXTS:
        envelope = wechatpy.encrypt_message(text, NONCE, AT)
        encrypted = envelope.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
        assert seal.decrypt(encrypted) == text
        assert seal.sign(AT, NONCE, encrypted) in envelope
        encrypted = seal.encrypt(text)
        signed = seal.sign(AT, NONCE, encrypted)
        assert wechatpy.decrypt_message({"Encrypt": encrypted}, signed, AT, NONCE) == text


class Wechatpy(WeChatClient):
    """wechatpy's client, whose two addresses can only be changed so."""

    def __init__(self, base: str, secret: str) -> None:
        self.API_BASE_URL = f"{base}/cgi-bin/"
        super().__init__(CORP, secret, auto_retry=False)

    def fetch_access_token(self):
        params = {"corpid": self.corp_id, "corpsecret": self.secret}
        return self._fetch_access_token(url=self.API_BASE_URL + "gettoken", params=params)


@pytest.fixture
async def wechatpy(simulator: WecomSimulator) -> AsyncIterator[Wechatpy]:
    async with served(simulator.app) as port:
        client = Wechatpy(f"http://127.0.0.1:{port}", simulator.company.app.secret)
        yield client
        client._http.close()


async def test_wechatpy_reads_the_company(wechatpy):
    departments = await asyncio.to_thread(wechatpy.department.list)
    assert [department["name"] for department in departments] == ["晨光商贸", "销售部", "销售一组"]
    users = await asyncio.to_thread(wechatpy.user.list, 5)
    assert {user["userid"] for user in users} == {"wang", "lilei", "hanmeimei"}
    assert (await asyncio.to_thread(wechatpy.user.get, "wang"))["name"] == "王主管"
    assert wechatpy.access_token


async def test_wechatpy_sends_every_kind_of_message_that_it_knows(wechatpy, simulator):
    def send() -> list[dict[str, object]]:
        upload, say = wechatpy.media.upload, wechatpy.message
        files = {
            kind: upload(kind, (name, b"0123456789"))["media_id"]
            for kind, name in (
                ("image", "店.png"), ("voice", "话.amr"), ("video", "片.mp4"), ("file", "清单.pdf"),
            )
        }  # fmt: skip
        page = "https://waiqin.example/h5/"
        article = {"title": "华联", "description": "第 2 家", "url": page, "image": page}
        long = {
            "thumb_media_id": files["image"], "author": "李雷", "title": "红星", "content": "正文",
            "content_source_url": page, "digest": "摘要", "show_cover_pic": "1",
        }  # fmt: skip
        return [
            say.send_text(1000002, "lilei", "早上好"),
            say.send_markdown(1000002, ["lilei"], "**早上好**"),
            say.send_text_card(1000002, "lilei", "标题", "说明", page),
            say.send_image(1000002, "lilei", files["image"]),
            say.send_voice(1000002, "lilei", files["voice"]),
            say.send_video(1000002, "lilei", files["video"], "片", "说明"),
            say.send_file(1000002, "lilei", files["file"]),
            say.send_articles(1000002, "lilei", [article]),
            say.send_mp_articles(1000002, "lilei", [long]),
        ]

    answers = await asyncio.to_thread(send)
    assert all(answer["errcode"] == 0 and answer["msgid"] for answer in answers)
    kinds = [line.wire["msgtype"] for line in simulator.world.heard_by("wecom", "lilei")]
    assert kinds == [
        "text", "markdown", "textcard", "image", "voice", "video", "file", "news", "mpnews",
    ]  # fmt: skip


async def test_wechatpy_gets_back_the_file_that_it_uploaded(wechatpy, clock):
    def get(media_id: str) -> bytes:
        # Its own `download` asks a fixed address.
        return wechatpy.get("media/get", params={"media_id": media_id}).content

    kept = await asyncio.to_thread(wechatpy.media.upload, "file", ("清单.pdf", b"%PDF-1.7 ..."))
    assert kept["type"] == "file"
    assert await asyncio.to_thread(get, kept["media_id"]) == b"%PDF-1.7 ..."
    clock.ahead_s = 3 * 24 * 3600 + 1
    await asyncio.to_thread(wechatpy.fetch_access_token)
    with pytest.raises(WeChatClientException) as failure:
        await asyncio.to_thread(get, kept["media_id"])
    assert failure.value.errcode == 40145


async def test_wechatpy_reads_the_customers_of_members(wechatpy, simulator):
    outsiders = simulator.company.outsiders
    outsiders.may = {"lilei", "hanmeimei"}
    for who in ("lilei", "hanmeimei"):
        outsiders.add(Acquaintance(Outsider(external_id_of(1), "张经理"), who, 1767225600))
    customers = wechatpy.external_contact
    members = await asyncio.to_thread(customers.get_follow_user_list)
    assert set(members["follow_user"]) == {"lilei", "hanmeimei"}
    listed = await asyncio.to_thread(customers.list, "lilei")
    assert listed["external_userid"] == [external_id_of(1)]
    one = await asyncio.to_thread(customers.get, external_id_of(1))
    assert one["external_contact"]["name"] == "张经理"
    assert {row["userid"] for row in one["follow_user"]} == {"lilei", "hanmeimei"}
    with pytest.raises(WeChatClientException) as failure:
        await asyncio.to_thread(customers.list, "wang")
    assert failure.value.errcode == 84074


async def test_wechatpy_keeps_a_calendar(wechatpy, simulator):
    def keep():
        cal_id = wechatpy.calendar.add("lilei", "外勤拜访", "#2F7CF6", shares=["wang"])
        times = (1773194400, 1773198000)
        first = wechatpy.schedule.add(
            "lilei", *times, attendees=["lilei"], summary="拜访 华联", calendar_id=cal_id
        )
        wechatpy.schedule.update("lilei", first, *times, attendees=["lilei"], summary="拜访 红星")
        (read,) = wechatpy.schedule.get([first])
        listed = wechatpy.schedule.get_by_calendar(cal_id)
        assert [one["schedule_id"] for one in listed] == [first]
        assert [one["summary"] for one in wechatpy.calendar.get([cal_id])] == ["外勤拜访"]
        wechatpy.schedule.delete(first)
        (cancelled,) = wechatpy.schedule.get([first])
        return read["summary"], cancelled["status"]

    assert await asyncio.to_thread(keep) == ("拜访 红星", 1)
    assert simulator.agenda.of("lilei") == []
    simulator.switches.calendar_is_closed = True
    with pytest.raises(WeChatClientException) as failure:
        await asyncio.to_thread(wechatpy.schedule.get, ["any"])
    assert failure.value.errcode == 48002


async def test_wechatpy_hears_why_it_is_refused(wechatpy):
    with pytest.raises(WeChatClientException) as failure:
        await asyncio.to_thread(wechatpy.message.send_text, 1000002, "nobody", "早上好")
    assert failure.value.errcode == 81013
    assert re.search(r"hint: \[\d+_1_\w+\], from ip: 127.0.0.1", failure.value.errmsg)


async def test_wechatpys_page_signature_is_accepted(wechatpy, simulator, http):
    def sign() -> str:
        ticket = wechatpy.jsapi.get_jsapi_ticket()
        return wechatpy.jsapi.get_jsapi_signature("n", ticket, 1, "https://waiqin.example/h5/")

    signed = await asyncio.to_thread(sign)
    query = {"url": "https://waiqin.example/h5/", "nonceStr": "n", "timestamp": "1"}
    address = "http://wecom.test/qyapi/sandbox/verify-signature"
    answer = await http.get(address, params={**query, "signature": signed})
    assert answer.json()["ok"] is True


@pytest.fixture
async def bot(simulator: WecomSimulator) -> AsyncIterator[VendorsBot]:
    simulator.bot.by_connection = True
    async with served(simulator.app) as port:
        address = f"ws://127.0.0.1:{port}/openws"
        async with a_bot(address, simulator.bot.id, simulator.bot.secret) as bot:
            await bot.tells("authenticated")
            yield bot


async def test_the_vendors_bot_hears_a_message_and_streams_its_answer(bot, simulator):
    await simulator.say("lilei", "今天拜访谁", GROUP)
    told = await bot.tells("text")
    assert (told["body"]["text"]["content"], told["body"]["chatid"]) == ("@外勤 今天拜访谁", GROUP)
    assert [(await bot.tells(what))["errcode"] for what in ("piece", "piece", "last")] == [0, 0, 0]
    (line,) = heard(simulator, "hanmeimei", GROUP)
    assert line.text == "今天有三家：华联、红星、新华书店"
    assert (await bot.tells("again"))["errcode"] == 846606


async def test_the_vendors_bot_welcomes_and_changes_its_card(bot, simulator):
    await simulator.tell_bot_event(Talk("lilei"), "enter_chat")
    assert (await bot.tells("welcomed"))["errcode"] == 0
    await simulator.say_to_bot("lilei", "card")
    assert (await bot.tells("card"))["errcode"] == 0
    welcome, card = heard(simulator, "lilei", ALONE)
    assert (welcome.text, card.title) == ("您好", "华联超市")
    await simulator.press(card.id, "看拜访 华联", "lilei")
    assert (await bot.tells("changed"))["errcode"] == 0
    assert card.title == "已处理"


async def test_the_vendors_bot_speaks_unasked_only_to_whom_it_knows(bot, simulator):
    bot.shall("send", to="lilei", text="早上好")
    assert (await bot.tells("sent"))["errcode"] == 846607
    await simulator.say_to_bot("lilei", "你好")
    await bot.tells("again")
    bot.shall("send", to="lilei", text="早上好")
    assert (await bot.tells("sent"))["errcode"] == 0
    bot.shall("send", to=GROUP, text="大家好")
    assert (await bot.tells("sent"))["errcode"] == 0
    assert heard(simulator, "lilei", ALONE)[-1].text == "早上好"
    assert heard(simulator, "wang", GROUP)[-1].text == "大家好"


async def test_the_vendors_bot_uploads_a_file_in_pieces(bot):
    bot.shall("upload")
    media = (await bot.tells("uploaded"))["media"]
    assert (media["type"], bool(media["media_id"])) == ("file", True)


async def test_the_vendors_bot_understands_the_other_kinds(bot, simulator):
    talk = Talk("lilei")
    parts = [{"msgtype": "text", "text": {"content": "查"}}]
    await simulator.tell_bot(talk, "image", {"url": "https://wework.qpic.cn/x", "aeskey": "k"})
    await simulator.tell_bot(talk, "voice", {"content": "查华联"})
    await simulator.tell_bot(talk, "mixed", {"msg_item": parts})
    await simulator.tell_bot_event(talk, "feedback_event", {"id": "F1", "type": 1})
    assert [(await bot.tells(what))["what"] for what in ("image", "voice", "mixed", "feedback")]


async def test_the_vendors_bot_is_kept_alive_by_our_answers_to_its_pings(simulator):
    simulator.bot.by_connection = True
    frames, known = simulator.bot_socket.frames, (simulator.bot.id, simulator.bot.secret)
    async with (
        served(simulator.app) as port,
        a_bot(f"ws://127.0.0.1:{port}/openws", *known, heartbeat_ms=500),
    ):
        await until(lambda: sum(frame["cmd"] == "ping" for frame in frames) >= 5)
        assert simulator.bot_socket.is_connected


async def test_the_vendors_bot_gives_way_to_a_newer_one(bot, simulator):
    address = "ws://127.0.0.1:{}/openws"
    async with served(simulator.app) as port:
        newer = a_bot(address.format(port), simulator.bot.id, simulator.bot.secret)
        async with newer as second:
            await second.tells("authenticated")
            await bot.tells("given away")
            await simulator.say_to_bot("lilei", "你好")
            assert (await second.tells("text"))["body"]["text"]["content"] == "你好"


async def test_the_vendors_bot_hears_that_its_secret_is_wrong(simulator):
    simulator.bot.by_connection = True
    async with (
        served(simulator.app) as port,
        a_bot(f"ws://127.0.0.1:{port}/openws", simulator.bot.id, "wrong") as bot,
    ):
        assert "853000" in (await bot.tells("error"))["error"]

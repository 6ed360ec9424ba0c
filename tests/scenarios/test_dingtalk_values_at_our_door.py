"""DingTalk's published sample values are understood at our door, over HTTP, at their own time."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from field_ops.connections.actions import WantedConnection, add, ensure_tenant
from field_ops.inbox.models import InboxEvent
from field_ops.work import Actor, Work
from integrations import dingtalk
from integrations.dingtalk.simulator.seal import Envelope
from tests.conftest import SHANGHAI
from tests.integrations.dingtalk.official_values import CARD_SIGN, ROBOT_SIGN, SEALED, Sealed
from tests.integrations.dingtalk.serving import served
from tests.scenarios.stage import Stage

EVENTS = [sealed for sealed in SEALED if sealed.message.startswith("{")]
CORP_ID = "dingcorpsandbox"
SAID = {
    "msgtype": "text",
    "text": {"content": "帮助"},
    "msgId": "msgofficial==",
    "conversationType": "1",
    "conversationId": "cid==",
    "senderStaffId": "lilei",
}
PRESSED = {
    "outTrackId": "card-1",
    "userId": "lilei",
    "content": '{"cardPrivateData":{"params":{"says":"帮助"}}}',
}


@dataclass
class Door:
    """Our address of one connection, which has the keys of a sample."""

    stage: Stage
    http: httpx.AsyncClient

    async def takes(self, **credentials: str) -> None:
        """Connect a company whose app has these keys."""
        given = {"corp_id": CORP_ID, "agent_id": "1", "client_id": "dingx", "client_secret": "s"}
        wanted = WantedConnection(dingtalk.KIND, "samples", {**given, **credentials}, {})
        async with self.stage.database.writing() as session:
            tenant = await ensure_tenant(session, "样例公司", SHANGHAI.key, self.stage.clock())
            actor = Actor(tenant.id, None, via="cli")
            work = Work(session, actor, self.stage.clock(), SHANGHAI)
            await add(work, self.stage.runtime.keys, wanted)

    def is_knocked_at(self, timestamp: str) -> None:
        """It is the time of the sample, whose timestamps are seconds or milliseconds."""
        seconds = int(timestamp) / (1000 if len(timestamp) > 10 else 1)
        self.stage.clock.now = datetime.fromtimestamp(seconds, UTC)

    async def posts(self, door: str, body: Any, **more: Any) -> httpx.Response:
        return await self.http.post(f"/hosts/dingtalk/samples/{door}", json=body, **more)

    async def kept(self) -> list[str]:
        async with self.stage.database.reading() as session:
            return list(await session.scalars(select(InboxEvent.kind)))


@pytest.fixture
async def door(stage: Stage) -> AsyncIterator[Door]:
    async with (
        served(stage.app) as home,
        httpx.AsyncClient(base_url=home, trust_env=False) as http,
    ):
        yield Door(stage, http)


async def push(door: Door, sealed: Sealed, name: str = "signature") -> httpx.Response:
    query = {"timestamp": sealed.timestamp, "nonce": sealed.nonce, name: sealed.signature}
    return await door.posts("callback", {"encrypt": sealed.encrypted}, params=query)


async def with_keys_of(door: Door, sealed: Sealed) -> None:
    door.is_knocked_at(sealed.timestamp)
    await door.takes(
        client_id=sealed.owner_key,
        callback_token=sealed.token,
        callback_aes_key=sealed.aes_key,
    )


@pytest.mark.parametrize("sealed", EVENTS, ids=lambda sealed: sealed.name)
@pytest.mark.parametrize("name", ["signature", "msg_signature"])
async def test_a_sealed_event_is_answered_with_a_sealed_success(
    door: Door, sealed: Sealed, name: str
) -> None:
    await with_keys_of(door, sealed)
    answer = await push(door, sealed, name)
    assert answer.status_code == 200
    said = answer.json()
    envelope = Envelope(sealed.token, sealed.aes_key, sealed.owner_key)
    parts = (said["timeStamp"], said["nonce"], said["encrypt"])
    assert envelope.signature(*parts) == said["msg_signature"]
    assert envelope.unclose(said["encrypt"]) == "success"


async def test_a_repeated_event_is_taken_in_once(door: Door) -> None:
    sealed = next(sealed for sealed in EVENTS if "user_modify_org" in sealed.message)
    await with_keys_of(door, sealed)
    assert [(await push(door, sealed)).status_code for _ in range(3)] == [200, 200, 200]
    assert await door.kept() == ["MembersChanged"]


async def test_an_event_of_another_token_or_time_is_refused(door: Door) -> None:
    sealed = EVENTS[-1]
    await with_keys_of(door, sealed)
    query = {"timestamp": sealed.timestamp, "nonce": sealed.nonce, "signature": "0" * 40}
    forged = await door.posts("callback", {"encrypt": sealed.encrypted}, params=query)
    door.stage.clock.forward(hours=2)
    assert (forged.status_code, (await push(door, sealed)).status_code) == (403, 403)
    assert await door.kept() == []


async def test_a_signed_message_to_the_robot_is_taken_in(door: Door) -> None:
    secret, timestamp, sign = ROBOT_SIGN
    door.is_knocked_at(timestamp)
    await door.takes(client_secret=secret)
    good = await door.posts("robot", SAID, headers={"timestamp": timestamp, "sign": sign})
    bad = await door.posts("robot", SAID, headers={"timestamp": timestamp, "sign": sign[::-1]})
    assert (good.status_code, good.json(), bad.status_code) == (200, {"msgtype": "empty"}, 403)
    assert await door.kept() == ["TextReceived"]


async def test_a_signed_press_on_a_card_is_taken_in(door: Door) -> None:
    secret, timestamp, sign = CARD_SIGN
    door.is_knocked_at(timestamp)
    await door.takes(callback_token=secret)
    marks = {"x-ddpaas-signature-timestamp": timestamp, "x-ddpaas-signature": sign}
    answer = await door.posts("robot", PRESSED, headers=marks)
    assert (answer.status_code, json.loads(answer.content)) == (200, {})
    assert await door.kept() == ["CardPressed"]

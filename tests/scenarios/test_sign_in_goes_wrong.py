"""Codes that must not let anybody in, and a token that ends in the middle of a morning."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from integrations.sandbox.world import World
from tests.scenarios.stage import Phone, Stage, a_simulator


async def a_used_code(phone: Phone) -> str:
    code = phone.simulator.sign_in_code(phone.user_id)
    assert await phone.shows_code(code) == ""
    phone.page.client.cookies.delete("waiqin_session")
    return code


async def an_expired_code(phone: Phone) -> str:
    code = phone.simulator.sign_in_code(phone.user_id)
    phone.stage.clock.forward(minutes=6)
    return code


async def a_code_of_another_company(phone: Phone) -> str:
    world = World(phone.stage.world.clock)
    return a_simulator(phone.host, world, phone.page.client).sign_in_code(phone.user_id)


async def an_invented_code(phone: Phone) -> str:
    return "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "bad_code", [a_used_code, an_expired_code, a_code_of_another_company, an_invented_code]
)
async def test_a_bad_code_is_refused_and_opens_no_session(
    stage: Stage, host: str, bad_code: Callable[[Phone], Awaitable[str]]
) -> None:
    phone = stage.phone(host, "lilei")
    code = await bad_code(phone)
    sessions = (await stage.row_counts())["session"]
    assert await phone.shows_code(code) == "sign_in_code_spent"
    assert (await stage.row_counts())["session"] == sessions
    refused = await phone.page.get("/me")
    assert (refused.status_code, refused.json()["detail"]) == (401, "登录已过期，请重新进入应用。")


async def test_after_a_bad_code_the_next_sign_in_works(stage: Stage, host: str) -> None:
    phone = stage.phone(host, "lilei")
    assert await phone.shows_code("nonsense") == "sign_in_code_spent"
    await phone.signs_in()
    assert (await phone.page.get("/me")).json()["name"] == "李雷"


async def test_a_revoked_token_is_refreshed_once_for_all_who_wait(stage: Stage, host: str) -> None:
    phones = [stage.phone(host, name) for name in ("lilei", "hanmeimei", "wang", "sun")]
    stage.simulators[host].revoke_tokens()
    stage.network.carried.clear()
    await asyncio.gather(*(phone.signs_in() for phone in phones))
    lent = [*stage.network.asked("gettoken"), *stage.network.asked("accessToken")]
    assert len(lent) == 1


async def test_a_revoked_token_loses_no_message(stage: Stage, host: str) -> None:
    stage.simulators[host].revoke_tokens()
    await stage.tell(host, "lilei", "早上好")
    await stage.deliver()
    assert [line.text for line in stage.phone(host, "lilei").heard] == ["早上好"]

import asyncio
from datetime import UTC, datetime

from integrations.wecom.page_signer import signature

PAGE = "https://waiqin.example/h5/"


def test_the_published_signature():
    ticket = (
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    )
    signed = signature(
        ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value"
    )
    assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


async def test_the_page_gets_the_scripts_own_words(host):
    page = await host.page_signer.sign(PAGE, datetime(2026, 1, 1, tzinfo=UTC))
    assert set(page.config) == {"appId", "timestamp", "nonceStr", "signature"}
    assert set(page.agent_config) == {"corpid", "agentid", "timestamp", "nonceStr", "signature"}
    assert page.config["timestamp"] == 1767225600
    assert page.agent_config["agentid"] == "1000002"
    assert page.config["signature"] != page.agent_config["signature"]


async def test_tickets_are_borrowed_once_for_many_pages(host, simulator):
    now = datetime.now(UTC)
    await asyncio.gather(*(host.page_signer.sign(f"{PAGE}?n={n}", now) for n in range(20)))
    simulator.faults.down = True
    assert (await host.page_signer.sign(PAGE, now)).config["signature"]

"""What a host delivers has its effect once, also when it is repeated or meets a bug of ours."""

from random import Random

import httpx

from field_ops.app import hear as hear_everything
from field_ops.host.events import HostEvent
from field_ops.inbox.receive import Intake
from field_ops.inbox.retry import replay
from field_ops.work import Work
from tests.scenarios.stage import Phone, Stage


async def test_a_callback_that_comes_three_times_is_answered_once(
    stage: Stage, host: str, lilei: Phone
) -> None:
    stage.simulators[host].faults.duplicate_events = 3
    await lilei.asks("帮助")
    assert len(stage.network.asked(f"/hosts/{host}/main/")) >= 3
    rows = await stage.row_counts()
    assert (rows["inbox_event"], rows["outbox_message"], len(lilei.heard)) == (1, 1, 1)


async def test_an_organisation_event_that_comes_three_times_is_one_hint(
    stage: Stage, host: str
) -> None:
    stage.simulators[host].faults.duplicate_events = 3
    assert await stage.simulators[host].member_changed("lilei") == 200
    rows = await stage.row_counts()
    assert (rows["inbox_event"], rows["sync_hint"]) == (1, 1)


async def test_an_old_callback_is_refused_and_leaves_nothing(stage: Stage, host: str) -> None:
    requests = await delivered(stage, host)
    stage.clock.forward(hours=2)
    before = await stage.row_counts()
    answers = [await again(stage, request) for request in requests]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert await stage.row_counts() == before


async def test_a_forged_callback_is_refused_and_leaves_nothing(stage: Stage, host: str) -> None:
    requests = await delivered(stage, host)
    before = await stage.row_counts()
    answers = [await again(stage, request, signature="0" * 40) for request in requests]
    assert [(answer.status_code, answer.content) for answer in answers] == [(403, b"")] * 2
    assert await stage.row_counts() == before


class Stumbles:
    """A handler with a bug that shows at the first event only."""

    def __init__(self) -> None:
        self.heard: list[HostEvent] = []

    async def __call__(self, work: Work, event: HostEvent) -> None:
        await hear_everything(work, event)
        self.heard.append(event)
        if len(self.heard) == 1:
            raise ZeroDivisionError("a bug")


async def test_an_event_that_met_a_bug_is_kept_and_tried_again_by_the_worker(
    stage: Stage, host: str
) -> None:
    stumbles = Stumbles()
    stage.app.state.intake = Intake(stage.database, stumbles, stage.clock)
    lilei = stage.phone(host, "lilei")
    await lilei.says("帮助")
    await stage.deliver()
    assert (len(stumbles.heard), lilei.heard) == (1, [])
    stage.clock.forward(seconds=61)
    await stage.do("retry_inbox")
    await stage.deliver()
    assert ["查 华联" in line.text for line in lilei.heard] == [True]
    stage.clock.forward(hours=1)
    await stage.do("retry_inbox")
    await stage.deliver()
    assert len(lilei.heard) == 1


async def test_a_kept_event_can_be_replayed_by_hand(stage: Stage, host: str) -> None:
    stumbles = Stumbles()
    stage.app.state.intake = Intake(stage.database, stumbles, stage.clock)
    lilei = stage.phone(host, "lilei")
    await lilei.says("帮助")
    for outcomes in (["done"], []):
        done = await replay(
            stage.database, stage.tenants[host], (), stumbles, stage.clock, Random(1)
        )
        assert list(done.values()) == outcomes
    await stage.deliver()
    assert len(lilei.heard) == 1


async def delivered(stage: Stage, host: str) -> list[httpx.Request]:
    """A chat message and an organisation event, as they came to our doors."""
    await stage.phone(host, "lilei").says("帮助")
    await stage.simulators[host].member_changed("lilei")
    return stage.network.asked(f"/hosts/{host}/main/")


async def again(
    stage: Stage, request: httpx.Request, signature: str | None = None
) -> httpx.Response:
    """The same request once more, with another signature when one is given."""
    query, headers = dict(request.url.params), dict(request.headers)
    if signature is not None:
        query |= {name: signature for name in query if name.endswith("signature")}
        headers |= {name: signature for name in headers if name == "sign"}
    async with stage.network.client() as client:
        return await client.post(
            request.url.copy_with(query=None), params=query, headers=headers,
            content=request.content,
        )  # fmt: skip

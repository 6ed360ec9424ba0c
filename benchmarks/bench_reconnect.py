"""How long nobody listens after a long connection broke, against the vendors' own packages.

    python -m benchmarks.bench_reconnect [cuts] [half-open lines]

WeCom's bot socket and DingTalk's Stream, each way of breaking on a pretend host and a cable of its
own, all at once: a TCP reset (`cut`), a line that stays and carries nothing (`half_open`), and
DingTalk's announcement that a line will end (`ending`). The yardsticks, `@wecom/aibot-node-sdk` and
`dingtalk-stream` for Python, are processes of their own.

`gap` is the time without a line that lives. Somebody speaks five times a second all the while:
`lost` is what the host gave to a line that lived and the app never had; `to_nobody` is what was
said while no line lived.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from statistics import median
from typing import Any, Protocol

import httpx

from field_ops import logs, loop
from field_ops.host.events import HostEvent, TextReceived
from integrations.dingtalk.client import DingtalkClient
from integrations.dingtalk.simulator import DingtalkSimulator
from integrations.dingtalk.simulator.lines import EVENT
from integrations.dingtalk.stream import DingtalkStream
from integrations.dingtalk.stream_line import Pauses
from integrations.sandbox.big_company import a_big_company
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import World
from integrations.wecom.long_connection import WecomLongConnection
from integrations.wecom.simulator import WecomSimulator
from tests.integrations.dingtalk import vendors as dingtalk_vendors
from tests.integrations.dingtalk.serving import Later, served
from tests.integrations.wecom import vendors as wecom_vendors

from .cable import Cable
from .measuring import say

CUTS, HALF_OPEN = 20, 2
SPEAKS_EVERY_S = 0.2
AFTERWARDS_S = 2.0  # so long is spoken before and after
GIVES_UP_AFTER_S = 240.0
# Cuts come faster here than in life: a line that lived for two seconds counts as one that lived for
# the minute after which the next one is opened at once.
PAUSES = Pauses(good_after_s=AFTERWARDS_S / 2)


Line = int | str  # what tells a line from the others


class Host(Protocol):
    """A pretend host, as this benchmark needs it."""

    def lines(self) -> set[Line]:
        """The lines to which the host would give an event now."""
        ...

    async def tell(self, text: str) -> int: ...

    async def end(self) -> None: ...


@dataclass
class Wecom:
    simulator: WecomSimulator

    def lines(self) -> set[Line]:
        socket = self.simulator.bot_socket
        return {socket.subscriptions} if socket.is_connected else set()

    async def tell(self, text: str) -> int:
        return await self.simulator.say_to_bot(next(iter(self.simulator.company.people)), text)

    async def end(self) -> None:
        raise NotImplementedError("WeCom announces an end only when another took over")


@dataclass
class Dingtalk:
    simulator: DingtalkSimulator

    def lines(self) -> set[Line]:
        return {line.id for line in self.simulator.lines.subscribed(EVENT, "*")}

    async def tell(self, text: str) -> int:
        return await self.simulator.say(next(iter(self.simulator.company.people)), text)

    async def end(self) -> None:
        assert self.simulator.faults.do is not None
        await self.simulator.faults.do("lines_ending")


@dataclass
class Run:
    """One app at one host. `heard` are the texts that the app had."""

    name: str
    host: Host
    cable: Cable
    heard: set[str]
    gaps: list[float] = field(default_factory=list)
    told: dict[str, set[Line]] = field(
        default_factory=dict
    )  # a text, and the lines that lived then
    dead: set[Line] = field(default_factory=set)  # lines that do not live, whatever the host thinks

    def alive(self) -> set[Line]:
        return self.host.lines() - self.dead

    async def speak(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                text = f"{self.name} {len(self.told)}"
                self.told[text] = self.alive()
                group.create_task(self.host.tell(text))
                await asyncio.sleep(SPEAKS_EVERY_S)

    async def breaks(self, how: str, times: int) -> None:
        async with asyncio.timeout(60):
            await self._until(self.alive)
        speaking = asyncio.create_task(self.speak())
        for _ in range(times):
            await asyncio.sleep(AFTERWARDS_S)
            before, began = self.alive(), time.perf_counter()
            if how == "cut":
                self.dead |= before
                self.cable.cut()
            elif how == "half_open":
                self.dead |= before
                self.cable.freeze()
            else:
                await self.host.end()
            try:
                async with asyncio.timeout(GIVES_UP_AFTER_S):
                    await self._until(self.others_than(before))
            except TimeoutError:
                print(f"{self.name}: no line for {GIVES_UP_AFTER_S} s", file=sys.stderr)
                break
            self.gaps.append(time.perf_counter() - began)
        await asyncio.sleep(AFTERWARDS_S)
        speaking.cancel()
        await asyncio.wait([speaking])
        await asyncio.sleep(AFTERWARDS_S)

    def others_than(self, gone: set[Line]) -> Callable[[], set[Line]]:
        return lambda: self.alive() - gone

    async def _until(self, holds: Callable[[], object]) -> None:
        while not holds():  # noqa: ASYNC110 - the pretend hosts have no event for it
            await asyncio.sleep(0.002)

    def report(self, against: "Run | None") -> None:
        yardstick = against and against.gaps
        for part, of in (("p50", median), ("max", max)):
            more: tuple[Any, ...] = ("vendors_own", of(yardstick)) if yardstick else ()
            if self.gaps:
                say(f"{self.name}.gap.{part}", of(self.gaps), "s", *more)
        say(f"{self.name}.cuts", len(self.gaps), "cuts")
        say(f"{self.name}.lost", len(self._unheard(living=True)), "events")
        say(f"{self.name}.to_nobody", len(self._unheard(living=False)), "events")

    def _unheard(self, *, living: bool) -> list[str]:
        return [
            text
            for text, lines in self.told.items()
            if text not in self.heard and bool(lines - self.dead) is living
        ]


@asynccontextmanager
async def wecom(theirs: bool) -> AsyncIterator[tuple[Host, Cable, set[str]]]:
    world, company = World(), a_big_company("wecom", 1, 1, 7)
    world.add(company)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        simulator = WecomSimulator(world, company, http, time.time, Faults())
        simulator.bot.by_connection = True
        cable, heard = Cable(), set[str]()
        address = await stack.enter_async_context(served(simulator.app))
        port = await stack.enter_async_context(cable.to(int(address.rpartition(":")[2])))
        url, bot = f"ws://127.0.0.1:{port}/openws", simulator.bot
        if theirs:
            starting = wecom_vendors.a_bot(url, bot.id, bot.secret, reconnects=-1)
            app = await stack.enter_async_context(starting)

            async def listen() -> None:
                while True:
                    heard.add((await app.tells("text"))["body"]["text"]["content"])

            running = asyncio.create_task(listen())
        else:
            own = WecomLongConnection(
                url, bot.id, bot.secret, dice=Random(1), good_after_s=PAUSES.good_after_s
            )
            running = asyncio.create_task(own.run(hears(heard)))
        try:
            yield Wecom(simulator), cable, heard
        finally:
            running.cancel()
            await asyncio.wait([running])


@asynccontextmanager
async def dingtalk(theirs: bool) -> AsyncIterator[tuple[Host, Cable, set[str]]]:
    world, company, later = World(), a_big_company("dingtalk", 1, 1, 7), Later()
    world.add(company)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        cable, heard = Cable(), set[str]()
        address = await stack.enter_async_context(served(later))
        port = await stack.enter_async_context(cable.to(int(address.rpartition(":")[2])))
        here = f"http://127.0.0.1:{port}"
        simulator = DingtalkSimulator(world, company, http, time.time, Faults(), here)
        simulator.switches.push_by = "stream"
        later.app = simulator.app
        keys = company.app.client_id, company.app.secret
        if theirs:
            endpoint = {"DINGTALK_OPENAPI_ENDPOINT": here}
            starting = dingtalk_vendors.running("stream_app.py", *keys, **endpoint)
            app = await stack.enter_async_context(starting)

            async def listen() -> None:
                while True:
                    heard.add((await app.tells("message"))["text"])

            running = asyncio.create_task(listen())
        else:
            client = DingtalkClient(
                http,
                client_id=keys[0],
                client_secret=keys[1],
                api_base_url=here,
                oapi_base_url=here,
            )
            own = DingtalkStream(client, corp_id=company.corp_id, pauses=PAUSES, dice=Random(1))
            running = asyncio.create_task(own.run(hears(heard)))
        try:
            yield Dingtalk(simulator), cable, heard
        finally:
            running.cancel()
            await asyncio.wait([running])


def hears(heard: set[str]) -> Callable[[Sequence[HostEvent]], Awaitable[None]]:
    async def deliver(events: Sequence[HostEvent]) -> None:
        heard.update(event.text for event in events if isinstance(event, TextReceived))

    return deliver


async def measure(cuts: int, half_open: int) -> None:
    times = {"cut": cuts, "ending": cuts, "half_open": half_open}
    ways = [("wecom", "cut"), ("wecom", "half_open")]
    ways += [("dingtalk", how) for how in times]

    async def one(host: str, how: str, *, theirs: bool) -> Run:
        opened = (wecom if host == "wecom" else dingtalk)(theirs)
        async with opened as (pretend, cable, heard):
            run = Run(f"reconnect.{host}.{how}{'.vendors_own' * theirs}", pretend, cable, heard)
            await run.breaks(how, times[how])
            return run

    runs = [one(*way, theirs=theirs) for way in ways for theirs in (False, True)]
    found = await asyncio.gather(*runs)
    for ours, theirs in zip(found[::2], found[1::2], strict=True):
        ours.report(theirs)
        theirs.report(None)


def main() -> None:
    logs.set_up(level="critical")
    given = [int(number) for number in sys.argv[1:]]
    loop.run(measure(*given, *(CUTS, HALF_OPEN)[len(given) :]))


if __name__ == "__main__":
    main()

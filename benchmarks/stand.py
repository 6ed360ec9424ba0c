"""The pretend WeCom in a process of its own, which notes when each message reached it.

    python -m benchmarks.stand 8123 company.json

`/arrivals` gives `[moment, member, beginning of the text]` of each, and forgets them. The clock of
moments is that of all processes of this machine.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from field_ops import loop
from integrations.sandbox.big_company import a_big_company
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import Company, World
from integrations.wecom.simulator import WecomSimulator

SEED = 7
SECRETS = ("secret", "callback_token", "callback_aes_key")


def a_company(people: int) -> Company:
    """The same people in every process; the app's secrets are fresh in each."""
    return a_big_company("wecom", people, max(people // 10, 1), SEED)


class Stand:
    """The pretend WeCom's app, with a note of each message that came."""

    def __init__(self, simulator: WecomSimulator) -> None:
        self._app = simulator.app
        self._arrived: list[tuple[float, str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/arrivals":
            told, self._arrived = orjson.dumps(self._arrived), []
            await Response(told)(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/cgi-bin/message/send":
            await self._note(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _note(self, scope: Scope, receive: Receive, send: Send) -> None:
        at, body = time.time(), await Request(scope, receive).body()
        sent: dict[str, Any] = orjson.loads(body)
        said = json.dumps(sent.get(sent["msgtype"]), ensure_ascii=False)[:60]
        self._arrived.append((at, sent["touser"], said))

        async def again() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)


async def stand(port: int, given: dict[str, Any]) -> None:
    world, company = World(), a_company(given["people"])
    for name in SECRETS:
        setattr(company.app, name, given[name])
    company.app.callback_url = given["callback_url"]
    world.add(company)
    async with httpx.AsyncClient(trust_env=False) as http:
        simulator = WecomSimulator(world, company, http, time.time, Faults())
        config = uvicorn.Config(Stand(simulator), port=port, log_level="error", lifespan="off")
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    loop.run(stand(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())))

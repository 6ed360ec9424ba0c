"""A pretend system elsewhere: it receives, refuses, is slow, lies, and checks each signature.

The check is the one that `docs/webhooks.md` shows its readers, word for word.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx

ROOT = Path(__file__).parents[3]


def shown() -> Callable[..., bool]:
    """The example of the documentation, as its readers would run it."""
    page = (ROOT / "docs/webhooks.md").read_text()
    names: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], names)  # noqa: S102 - our own page
    found: Callable[..., bool] = names["is_from_waiqin"]
    return found


verify = shown()


async def _in_parts(text: str) -> AsyncIterator[bytes]:
    """As it comes from a socket."""
    whole = text.encode()
    for start in range(0, len(whole), 10_000):
        yield whole[start : start + 10_000]


@dataclass
class Receiver:
    """Answers as `mood` says: ok, fails, redirects, hangs, floods, gone, lies (took it, says 500),
    vanishes (took it and never answers); `dice` picks among several."""

    clock: Callable[[], datetime]
    mood: str = "ok"
    moods: tuple[str, ...] = ()
    dice: Random = field(default_factory=lambda: Random(1))
    secret: str = ""
    asked: list[httpx.Request] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    forged: int = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        mood, body = self.dice.choice(self.moods) if self.moods else self.mood, request.content
        if mood in ("ok", "lies", "vanishes"):
            if verify(self.secret, request.headers, body, lambda: self.clock().timestamp()):
                self.taken.append(json.loads(body))
            else:
                self.forged += 1
        if mood == "vanishes":
            raise httpx.ReadTimeout("nothing", request=request)
        if mood == "hangs":
            await asyncio.sleep(30)
        if mood == "redirects":
            headers = {"location": "http://169.254.169.254/"}
            return httpx.Response(302, headers=headers, content=_in_parts(""))
        if mood == "floods":
            return httpx.Response(200, content=_in_parts("x" * 200_000))
        return httpx.Response({"ok": 204, "gone": 410}.get(mood, 500), content=_in_parts("未处理"))

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.__call__)

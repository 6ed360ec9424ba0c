"""What was asked of a pretend host, and what it answered: for tests, and for people who wonder.

`simulator.app = Journal(app, clock)`; its entries are read there, or at `<host>/sandbox/requests`.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from urllib.parse import unquote

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ADDRESS = "/sandbox/requests"
MOST = 500
LONGEST = 4_000  # characters that are kept of a body
SECRET = re.compile(
    r"((?:access_?token|app_?secret|corp_?secret|client_?secret|api_?secret|ticket|session)"
    r"[\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `status` is 0 while nobody has answered; tokens and secrets are masked."""

    at: float
    method: str
    path: str
    query: str
    body: str
    status: int
    answer: str


class Journal:
    """The app, with every request of it written down; the newest are kept."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float], most: int = MOST) -> None:
        self._app = app
        self._clock = clock
        self.entries: deque[Asked] = deque(maxlen=most)

    def about(self, part: str) -> list[Asked]:
        """The requests whose path has this part, oldest first."""
        return [asked for asked in self.entries if part in asked.path]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", "")).removeprefix(str(scope.get("root_path", "")))
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif path == ADDRESS:
            newest = [asdict(asked) for asked in reversed(self.entries)]
            await JSONResponse(newest)(scope, receive, send)
        else:
            await self._written_down(path, scope, receive, send)

    async def _written_down(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        asked, answered, status = bytearray(), bytearray(), 0

        async def listen() -> Message:
            message = await receive()
            asked.extend(message.get("body", b"")[:LONGEST])
            return message

        async def speak(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            answered.extend(message.get("body", b"")[:LONGEST])
            await send(message)

        at = self._clock()
        try:
            await self._app(scope, listen, speak)
        finally:
            query = unquote(scope.get("query_string", b"").decode("latin-1"))
            self.entries.append(
                Asked(
                    at, scope["method"], path, _shown(query), _text(asked), status, _text(answered)
                )
            )


def _text(raw: bytearray) -> str:
    return _shown(bytes(raw[:LONGEST]).decode(errors="replace"))


def _shown(text: str) -> str:
    return SECRET.sub(r"\1***", text)

"""NUL is refused at the edge: PostgreSQL cannot store or compare one, and nobody can type it."""

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import BodyUnreadable
from .problems import language_of, problem_response

# JSON can only write it as \u0000; after an odd number of backslashes that is six plain characters.
ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class WholeAddresses:
    """Answers a request whose path or query hides a NUL, before anything is asked with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and ("\x00" in scope["path"] or b"%00" in scope["query_string"]):
            refused = problem_response(BodyUnreadable(), language_of(Request(scope)))
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)


def refuse_nul(raw: bytes) -> None:
    """Raise `BodyUnreadable` when this JSON has a NUL in one of its texts."""
    if b"\\u0000" in raw and ESCAPED_NUL.search(raw):
        raise BodyUnreadable()

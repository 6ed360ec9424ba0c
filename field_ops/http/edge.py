"""From a request to a `Work` and back: sign-in, CSRF, one transaction, one answer per key."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from ..db import Database
from ..errors import NotAllowed, Refusal, TooLarge
from ..keys import Keys
from ..texts import Text
from ..work import Work
from . import idempotency, sessions, tokens
from .idempotency import Answer
from .passes import Pass
from .problems import language_of, problem

KEPT = {403, 404, 409, 422}  # refusals that are answers; the others may differ on a retry
JSON_LIMIT = 1024 * 1024


class PageOutdated(NotAllowed):
    sentence = Text(
        "页面已过期，请刷新后再试。",
        "This page is out of date. Please reload it.",
    )


@dataclass(frozen=True, slots=True)
class Edge:
    """What the HTTP edge needs to know. `clock` gives the present moment (aware, UTC)."""

    database: Database
    keys: Keys
    clock: Callable[[], datetime]
    secure_cookies: bool

    @asynccontextmanager
    async def reading(self, request: Request, shown: Pass | None = None) -> AsyncIterator[Work]:
        """A `Work` that changes nothing, for a member, a program, or whose pass was shown."""
        opened = self._door(request, shown)
        async with self.database.reading() as session:
            yield await opened(session)

    async def writing(
        self,
        request: Request,
        raw: bytes,
        effect: Callable[[Work], Awaitable[Answer]],
        shown: Pass | None = None,
    ) -> Answer:
        """Run `effect` in one transaction, once per `Idempotency-Key`, or key of the pass shown.

        A refusal takes that transaction back whole, so it is kept under the key in one of its own,
        with what it leaves behind (`Refusal.afterwards`).
        """
        opened = self._door(request, shown, writes=True)
        key = shown.key if shown else request.headers.get("idempotency-key", "")
        print_ = idempotency.fingerprint(request.method, request.url.path, raw)
        try:
            async with self.database.writing(awaited=True) as session:
                work = await opened(session)
                if not key:
                    return await effect(work)
                return await idempotency.once(work, key, print_, effect)
        except Refusal as refusal:
            is_kept = bool(key) and refusal.status in KEPT
            if not is_kept and refusal.afterwards is None:
                raise
            refused = refusal

        async def refuse(work: Work) -> Answer:
            if refused.afterwards is not None:
                await refused.afterwards(work)
            return Answer(refused.status, problem(refused, language_of(request)))

        async with self.database.writing(awaited=True) as session:
            work = await opened(session)
            if not is_kept:
                return await refuse(work)
            # A twin of this request may have been answered meanwhile: then its answer is ours too.
            return await idempotency.once(work, key, print_, refuse)

    async def refuse_strangers(self, request: Request, *, writes: bool) -> None:
        """Raise what a `Work` would be refused for, where the request needs none."""
        opened = self._door(request, None, writes=writes)
        async with self.database.reading() as session:
            await opened(session)

    def check_csrf(self, request: Request, session_id: str) -> None:
        """A write must carry the session's own token, which no other site can read."""
        sent = request.headers.get("x-csrf-token", "")
        if not self.keys.is_signed("csrf", session_id, sent):
            raise PageOutdated()

    def _door(
        self, request: Request, shown: Pass | None, *, writes: bool = False
    ) -> Callable[[AsyncSession], Awaitable[Work]]:
        """How this request becomes a `Work`: by a pass, a program's token or a member's session."""
        if shown is not None:
            return partial(self._work, request, shown.tenant_id, shown.session_id)
        token = tokens.sent_by(request)
        if token is not None:  # no browser sends it by itself, so there is no CSRF
            return partial(self._work_of_program, request, token)
        tenant_id, session_id = sessions.named_by(request, self.keys)
        if writes:
            self.check_csrf(request, session_id)
        return partial(self._work, request, tenant_id, session_id)

    async def _work_of_program(self, request: Request, token: str, session: AsyncSession) -> Work:
        now, scope = self.clock(), request.scope.get("token_scope", "")
        actor, zone, known = await tokens.actor_of(session, token, scope, now, language_of(request))
        request.scope["program"] = known  # for `pace.py` and `note_use`
        return Work(session=session, actor=actor, now=now, zone=zone)

    async def note_use(self, request: Request) -> None:
        """Remember that a program used its token, after its request."""
        known = request.scope.get("program")
        if known is not None:
            await tokens.note_use(self.database, known, self.clock())

    async def _work(
        self, request: Request, tenant_id: int, session_id: str, session: AsyncSession
    ) -> Work:
        now = self.clock()
        actor, zone = await sessions.actor_of(
            session, tenant_id, session_id, now, language_of(request)
        )
        request.scope["member"] = actor.me  # for `pace.py`
        return Work(session=session, actor=actor, now=now, zone=zone)


async def read_body(request: Request, limit: int = JSON_LIMIT) -> bytes:
    """The whole body, refused as soon as it is longer than `limit` bytes."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge(limit_mb=limit // (1024 * 1024))
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLarge(limit_mb=limit // (1024 * 1024))
        parts.append(part)
    return b"".join(parts)


def to_response(answer: Answer) -> Response:
    refused = answer.status >= 400
    return Response(
        answer.body,
        status_code=answer.status,
        media_type="application/problem+json" if refused else "application/json",
        headers={"cache-control": "no-store"},
    )

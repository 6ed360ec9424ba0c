"""How fast one member, or one address that is not signed in, may ask: nobody slows the others down.

The figures are far from what people do. A page asks up to ten times when it opens, a gallery shows
a hundred pictures, and a quick typist sends ten letters a second. A phone without a network for a
whole day of fifteen visits sends about ninety writes in a row (check-in, check-out, log, three
pictures each). And a few hundred colleagues who come to work behind one address ask a few times
each before they are signed in. A program in a loop meets a limit within seconds.

Each process counts by itself, in its memory, which is bounded.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import TypeVar

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import SignInNeeded, TooManyRequests
from ..keys import Keys
from ..logs import log
from . import passes, sessions, tokens
from .observe import TOO_FAST
from .problems import language_of, problem_response

Name = TypeVar("Name", str, bytes)
REMEMBERED = 20_000  # of each kind; about 5 MB when all of them are in use
READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` requests at once, and `per_s` more each second."""

    per_s: float
    burst: int


READS = Allowance(per_s=20, burst=120)
WRITES = Allowance(per_s=10, burst=120)
PROGRAM = Allowance(per_s=9, burst=60)  # never more than 600 within a minute
NOT_SIGNED_IN = Allowance(per_s=50, burst=600)


@dataclass(slots=True)
class Bucket:
    """What is left of one allowance, as of a moment."""

    left: float
    as_of: datetime
    flooded: bool = False


class Buckets:
    """One allowance for each key. The longest unused are forgotten first: they are full again."""

    def __init__(self, kind: str, allowance: Allowance, *, remembered: int = REMEMBERED) -> None:
        self.kind = kind
        self._allowance = allowance
        self._remembered = remembered
        self._by_key: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_key)

    def take(self, key: str, now: datetime) -> int:
        """Count a request. Returns 0 when it may go on, else the whole seconds to wait."""
        bucket = self._of(key, now)
        # A clock that was set back must not keep anybody waiting until it has caught up.
        passed = max(0.0, (now - bucket.as_of).total_seconds())
        bucket.left = min(self._allowance.burst, bucket.left + passed * self._allowance.per_s)
        bucket.as_of = now
        if bucket.left >= 1:
            bucket.left -= 1
            bucket.flooded = bucket.flooded and bucket.left < self._allowance.burst / 2
            return 0
        if not bucket.flooded:
            bucket.flooded = True  # until it is over: one line for a flood, not a thousand
            log.warning("too_fast", kind=self.kind, who=key)
        return math.ceil((1 - bucket.left) / self._allowance.per_s)

    def _of(self, key: str, now: datetime) -> Bucket:
        bucket = self._by_key.get(key)
        if bucket is None:
            if len(self._by_key) >= self._remembered:
                self._by_key.popitem(last=False)
            bucket = self._by_key[key] = Bucket(self._allowance.burst, now)
        self._by_key.move_to_end(key)
        return bucket


class Paced:
    """Refuses, before anything is read or locked, what comes to the API too fast.

    A program is known by its token once that opened something; until then its address counts. The
    cookie names a session; whose it is, is known after the first request was let in (`edge`
    leaves the member in the scope). From then on all sessions of a member share what he may.
    """

    def __init__(self, app: ASGIApp, *, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._keys = keys
        self._clock = clock
        self._reads = Buckets("reads", READS)
        self._writes = Buckets("writes", WRITES)
        self._not_signed_in = Buckets("not_signed_in", NOT_SIGNED_IN)
        self._programs = Buckets("programs", PROGRAM)
        self._member_by_session: dict[str, str] = {}
        self._program_by_token: dict[bytes, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        token = tokens.sent_by(request)
        digest = sha256(token.encode()).digest() if token is not None else b""
        session = self._session_of(request) if token is None else None
        if digest in self._program_by_token:
            buckets, key = self._programs, self._program_by_token[digest]
        elif session is None:
            buckets, key = self._not_signed_in, address_of(request)
        else:
            buckets = self._reads if request.method in READING else self._writes
            key = self._member_by_session.get(session, session)
        wait_s = buckets.take(key, self._clock())
        if wait_s:
            scope["route_pattern"] = TOO_FAST
            refused = TooManyRequests(retry_after_s=wait_s)
            await problem_response(refused, language_of(request))(scope, receive, send)
            return
        await self._app(scope, receive, send)
        if token is not None and "program" in scope:
            _learn(self._program_by_token, digest, scope["program"].id)
        if session is not None and "member" in scope:
            _learn(self._member_by_session, session, scope["member"])

    def _session_of(self, request: Request) -> str | None:
        """The session that an authentic cookie, or pass, names. That it is over is found later."""
        try:
            return sessions.named_by(request, self._keys)[1]
        except SignInNeeded:
            shown = passes.carried_by(request, self._keys)
            return shown.session_id if shown else None


def _learn(known: dict[Name, str], name: Name, who: str) -> None:
    if len(known) >= REMEMBERED:
        known.clear()  # learnt again by one request each
    known[name] = who


def address_of(request: Request) -> str:
    """Who asks, as far as the network knows. An IPv6 customer has a whole /64 to ask from."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return host

"""The courier: makes deliveries of what happened and takes them to the webhooks, at least once.

Claim with a lease, send outside any transaction, record: as the relay does with messages. One that
fails is tried again after 1, 5 and 30 minutes and 6 hours (domain.md §22), then given up and
listed. A webhook that fails again and again is tried seldom, and paused after a while; its
administrators are told.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import Database
from ..keys import Keys
from ..logs import log
from ..queues import STEPS, wait_after
from . import signing
from .claims import DOUBTED_AFTER, Claimed, claim, lay_down, webhooks_with_work
from .failures import failed
from .fan_out import behind, fan_out
from .metrics import PAUSED, TRIED
from .models import Webhook
from .secrets import secrets_of
from .targets import AddressForbidden, Network, Resolve, look_up, target_of
from .telling import tell_administrators

WAITS = (*STEPS, timedelta(hours=6))
SEND_TAKES_AT_MOST_S = 10.0
MOST_READ = 64 * 1024  # of an answer; who sends more is cut off
MOST_KEPT = 500  # characters of it
REST = timedelta(minutes=1)
PAUSED_AFTER = (20, timedelta(hours=12))  # failures in a row, and since the first of them
IDLE_S = 1.0
USER_AGENT = "Waiqin-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a webhook said to one delivery. `error` is empty when it took it."""

    status: int | None = None
    answer: str = ""
    error: str = ""
    took_ms: int = 0


@dataclass(slots=True)
class PassReport:
    """What one pass did, by outcome."""

    counts: Counter[str] = field(default_factory=Counter)

    def __getitem__(self, outcome: str) -> int:
        return self.counts[outcome]


class Courier:
    """`allowed` are networks beside the internet; `resolve` finds the addresses of a name."""

    def __init__(
        self,
        database: Database,
        http: httpx.AsyncClient,
        keys: Keys,
        clock: Callable[[], datetime],
        name: str,
        dice: Random,
        allowed: Sequence[Network] = (),
        resolve: Resolve = look_up,
        patience_s: float = SEND_TAKES_AT_MOST_S,
    ) -> None:
        self._database = database
        self._http = http
        self._keys = keys
        self._clock = clock
        self._name = name
        self._dice = dice
        self._allowed = allowed
        self._resolve = resolve
        self._patience_s = patience_s

    async def run(self, stop: asyncio.Event) -> None:
        """Pass after pass until `stop` is set; what is being sent then is finished first."""
        while not stop.is_set():
            done = 0
            try:
                done = (await self.pass_once()).counts.total()
            except Exception:
                log.exception("courier.pass_failed", courier=self._name)
            if not done:
                try:
                    async with asyncio.timeout(IDLE_S):
                        await stop.wait()
                except TimeoutError:
                    pass

    async def pass_once(self) -> PassReport:
        """Make deliveries of what happened, and take the next of each webhook there."""
        report, now = PassReport(), self._clock()
        async with self._database.reading() as session:
            late = await behind(session)
        for tenant_id, webhook_id in late:
            async with self._database.writing() as session:
                report.counts["changes"] += await fan_out(session, tenant_id, webhook_id, now)
        async with self._database.reading() as session:
            webhooks = await webhooks_with_work(session, now)
        await asyncio.gather(*(self._serve(one, report) for one in webhooks))
        return report

    async def _serve(self, webhook: Webhook, report: PassReport) -> None:
        async with self._database.writing() as session:
            claimed = await claim(session, webhook, self._name, self._clock())
        outcomes = await asyncio.gather(*(self._attempt(webhook, one) for one in claimed))
        for one, outcome in zip(claimed, outcomes, strict=True):
            name = await self._record(one, outcome)
            report.counts[name] += 1
            TRIED.labels(name).inc()

    async def _attempt(self, webhook: Webhook, one: Claimed) -> Outcome:
        """Each failure that can be expected is an outcome; another one is too, and is logged."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._patience_s):
                outcome = await self._send(webhook, one)
        except TimeoutError:
            outcome = Outcome(error=failed("no_answer"))
        except AddressForbidden as failure:
            outcome = Outcome(error=str(failure))
        except OSError as failure:
            outcome = Outcome(error=failed("name_unknown", str(failure)))
        except httpx.DecodingError:
            outcome = Outcome(error=failed("too_long"))
        except httpx.HTTPError as failure:
            said = f"{type(failure).__name__}: {failure}"
            outcome = Outcome(error=failed("not_connected", said))
        except Exception as bug:
            log.exception("courier.bug", webhook=webhook.id, number=one.number)
            outcome = Outcome(error=failed("bug", f"{type(bug).__name__}: {bug}"))
        took_ms = round((time.monotonic() - began) * 1000)
        return Outcome(outcome.status, outcome.answer, outcome.error[:300], took_ms)

    async def _send(self, webhook: Webhook, one: Claimed) -> Outcome:
        target = await target_of(webhook.url, self._allowed, self._resolve)
        now, body = self._clock(), one.body.encode()
        known = secrets_of(self._keys, webhook, now)
        headers = {
            "host": target.host,
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            "accept-encoding": "identity",  # nothing that grows while it is read
            **signing.headers(json.loads(one.body)["id"], now, body, known),
        }
        request = self._http.build_request(
            "POST",
            target.url,
            content=body,
            headers=headers,
            extensions={"sni_hostname": target.server_name},
        )
        answer = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            said = await _beginning_of(answer)
        finally:
            await answer.aclose()
        taken = 200 <= answer.status_code < 300
        return Outcome(
            answer.status_code, said, "" if taken else failed("answered", str(answer.status_code))
        )

    async def _record(self, one: Claimed, outcome: Outcome) -> str:
        """Write down what became of a delivery, and of the trust in its webhook."""
        now, said = self._clock(), {"status": outcome.status, "answer": outcome.answer}
        what: dict[str, Any] = {**said, "error": outcome.error, "took_ms": outcome.took_ms}
        if not outcome.error:
            name, what = "delivered", {**what, "state": "delivered", "delivered_at": now}
        elif one.attempts > len(WAITS):
            name, what = "given_up", {**what, "state": "given_up"}
        else:
            due_at = now + wait_after(one.attempts, self._dice, WAITS)
            name, what = "again", {**what, "state": "queued", "due_at": due_at}
        async with self._database.writing() as session:
            if not await lay_down(session, one, self._name, **what):
                log.warning("courier.lease_lost", webhook=one.webhook_id, number=one.number)
                return "lease_lost"
            await self._note_trust(session, one, outcome, now)
        return name

    async def _note_trust(
        self, session: AsyncSession, one: Claimed, outcome: Outcome, now: datetime
    ) -> None:
        mine = (Webhook.tenant_id == one.tenant_id, Webhook.id == one.webhook_id)
        if not outcome.error:
            await session.execute(
                update(Webhook)
                .where(*mine, Webhook.failures > 0)
                .values(failures=0, failing_since=None, rests_until=None)
                .execution_options(synchronize_session=False)
            )
            return
        webhook = await session.get_one(
            Webhook, (one.tenant_id, one.webhook_id), with_for_update=True, populate_existing=True
        )
        webhook.failures += 1
        webhook.failing_since = webhook.failing_since or now
        if webhook.failures >= DOUBTED_AFTER:
            webhook.rests_until = now + REST
        most, since = PAUSED_AFTER
        is_hopeless = webhook.failures >= most and now - webhook.failing_since >= since
        if webhook.paused_at is None and (is_hopeless or outcome.status == 410):
            webhook.paused_at, webhook.paused_reason = now, outcome.error
            await tell_administrators(session, webhook, now)
            PAUSED.inc()
            log.error("courier.webhook_paused", webhook=webhook.id, reason=outcome.error)


async def _beginning_of(answer: httpx.Response) -> str:
    """What the webhook said, as far as it is kept. Raises when it says too much."""
    said, size = b"", 0
    async for part in answer.aiter_raw():
        size += len(part)
        said = (said + part)[: MOST_KEPT * 4]
        if size > MOST_READ:
            raise httpx.DecodingError("it answered more than 64 KB", request=answer.request)
    return said.decode(errors="replace").replace("\0", "")[:MOST_KEPT]

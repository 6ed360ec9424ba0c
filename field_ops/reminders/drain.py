"""Due reminders become messages: each once, whatever dies in between.

Claiming only spreads the work. What makes it once is that the mark and the outbox row are written
in one transaction.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from zoneinfo import ZoneInfo

from prometheus_client import Counter as Metric
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import Database
from ..host.messages import Wording
from ..logs import log
from ..outbox.post import post
from ..queues import wait_after
from ..tenants.models import Tenant
from ..work import Actor, Work
from .claims import claim, lay_down, tenants_with_work
from .rules import Due, Rule, subject_of

TOO_LATE = timedelta(hours=12)  # domain.md §12.2
TRIES = 6
HANDLED = Metric("waiqin_reminders_total", "What became of due reminders", ["rule", "outcome"])


class Drain:
    """Handles what is due for one worker. `worker` is unique among those that run."""

    def __init__(
        self,
        database: Database,
        rules: Sequence[Rule],
        clock: Callable[[], datetime],
        worker: str,
        dice: Random | None = None,
    ) -> None:
        self._database = database
        self._rules = {rule.name: rule for rule in rules}
        self._clock = clock
        self._worker = worker
        self._dice = dice or Random()  # noqa: S311 - spreads retries, guards nothing
        self._turn = 0

    async def pass_once(self, limit: int = 100) -> Counter[str]:
        """Handle up to `limit` due reminders; how many became what: done, cancelled (nothing to
        say any more), missed (more than 12 hours late), failed, given_up, lost."""
        now = self._clock()
        async with self._database.reading() as session:
            tenants = await tenants_with_work(session, now)
        report: Counter[str] = Counter()
        if not tenants:
            return report
        self._turn += 1
        async with self._database.writing() as session:
            claimed = await claim(session, tenants, self._worker, now, limit, self._turn)
        for _, batch in groupby(claimed, key=lambda due: due.tenant_id):
            await self._handle(list(batch), report)
        return report

    async def _handle(self, batch: Sequence[Due], report: Counter[str]) -> None:
        """One company's batch in one transaction; one by one when somebody in it meets a bug."""
        try:
            outcomes = await self._handle_together(batch)
        except Exception as bug:
            if len(batch) > 1:
                for due in batch:
                    await self._handle([due], report)
                return
            outcomes = [await self._keep_for_later(batch[0], bug)]
        for rule, outcome in outcomes:
            report[outcome] += 1
            HANDLED.labels(rule, outcome).inc()

    async def _handle_together(self, batch: Sequence[Due]) -> list[tuple[str, str]]:
        now = self._clock()
        async with self._database.writing() as session:
            work = await _work_for(session, batch[0].tenant_id, now)
            late = [due for due in batch if now - due.due_at > TOO_LATE]
            outcomes = await self._lay_down(work, late, "missed")
            in_time = sorted((due for due in batch if due not in late), key=lambda due: due.rule)
            for name, dues in groupby(in_time, key=lambda due: due.rule):
                outcomes += await self._say(work, self._rules[name], list(dues))
            return outcomes

    async def _say(self, work: Work, rule: Rule, dues: Sequence[Due]) -> list[tuple[str, str]]:
        said = await rule.messages(work, dues)
        moot = [due for due in dues if due.id not in said]
        outcomes = await self._lay_down(work, moot, "cancelled")
        telling = [due for due in dues if due.id in said]
        # Marked first: who is not ours any more (he has just checked out) is not told.
        ours = await self._mark(work, telling, "done")
        for due in telling:
            if due.id in ours:
                await _post(work, due, said[due.id])
            outcomes.append((rule.name, "done" if due.id in ours else "lost"))
        return outcomes

    async def _lay_down(self, work: Work, dues: Sequence[Due], state: str) -> list[tuple[str, str]]:
        ours = await self._mark(work, dues, state)
        return [(due.rule, state if due.id in ours else "lost") for due in dues]

    async def _mark(self, work: Work, dues: Sequence[Due], state: str) -> set[str]:
        ids = [due.id for due in dues]
        return await lay_down(work.session, work.tenant_id, ids, self._worker, work.now, state)

    async def _keep_for_later(self, due: Due, bug: Exception) -> tuple[str, str]:
        log.error("reminder.bug", worker=self._worker, reminder=due.id, rule=due.rule, exc_info=bug)
        now = self._clock()
        over = due.attempts >= TRIES
        again_at = None if over else now + wait_after(due.attempts, self._dice)
        async with self._database.writing() as session:
            await lay_down(
                session, due.tenant_id, [due.id], self._worker, now,
                "given_up" if over else "claimed", again_at,
            )  # fmt: skip
        return due.rule, "given_up" if over else "failed"


async def _post(work: Work, due: Due, message: Wording) -> None:
    once = f"reminder-{due.id}"
    about = subject_of(due.rule, due.subject_id)
    await post(work, to=due.member_id, message=message, kind=due.rule, once=once, about=about)


async def _work_for(session: AsyncSession, tenant_id: int, now: datetime) -> Work:
    zone = await session.scalar(select(Tenant.zone).where(Tenant.id == tenant_id))
    return Work(session, Actor(tenant_id, None, via="worker"), now, ZoneInfo(zone or "UTC"))

"""The relay: hands waiting messages to the hosts, at least once, in order for each person.

Claim with a lease, decide, send outside any transaction, record. Whatever happens to one message
the next one goes on; whatever happens to this process, the leases end and the messages are free
again. A message of which nobody knows whether it arrived is sent again with the same `once` and
the host's own duplicate check decides. A host without one may show it twice: better than never.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.models import HostConnection
from ..db import Database
from ..host.errors import CredentialsRejected, HostBusy, HostRefused, HostUnavailable
from ..host.messages import Card
from ..host.platform import HostPlatform, Receipt
from ..logs import log
from ..loop import make_way, sleep_unless
from ..queues import wait_after
from .claims import Claimed, claim, tenants_with_work
from .deliveries import is_looked_at
from .held import Decision, decide
from .merging import LeaseLost, may_merge, merge
from .metrics import PAUSED, TRIED
from .outcomes import UNTRIED, Outcome, again, nobody_knows, refused, sent
from .pace import Pace
from .plurals import Plural
from .records import Records
from .revise import WAITED_FOR

SEND_TAKES_AT_MOST = timedelta(seconds=30)
AT_ONCE_TO_ONE_HOST = 8
# A bug does not heal by waiting. A host that is down does, but not for ever: after three days the
# news is old, and a person must decide.
TRIES_WITH_A_BUG = 6
PATIENCE = timedelta(days=3)
NO_PLATFORM_WAIT = timedelta(minutes=5)
# So many failures of the host itself, one after the other, and the others are not even tried.
FAILURES_IN_A_ROW = 3
REST = timedelta(seconds=30)
IDLE_S = 0.5
LOOKS_FOR_ANSWERS_S = 0.1  # those of other processes; it hears of those of its own
LOOKS_AT_MOST_EVERY_S = 0.02


class Platforms(Protocol):
    async def platform_of(self, connection_id: str) -> HostPlatform | None:
        """The host behind a connection; None when it is not installed or was removed."""
        ...


@dataclass(slots=True)
class PassReport:
    """What became of the messages of one pass, by outcome."""

    counts: Counter[str] = field(default_factory=Counter)

    @property
    def claimed(self) -> int:
        return self.counts.total()

    def __getitem__(self, outcome: str) -> int:
        return self.counts[outcome]


class Relay:
    """`name` is unique among the relays that run. `dice` spreads the retries. `holds` tells the
    connections whose long connection is open in this process; `plurals` how a kind of message is
    said when several wait."""

    def __init__(
        self,
        database: Database,
        platforms: Platforms,
        clock: Callable[[], datetime],
        name: str,
        dice: Random | None = None,
        holds: Callable[[], Collection[str]] = tuple,
        plurals: Mapping[str, Plural] | None = None,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._clock = clock
        self._name = name
        self._holds = holds
        self._plurals = plurals or {}
        self._dice = dice or Random()  # noqa: S311 - spreads retries, guards nothing
        self._turn = 0
        self._pace = Pace()
        self._records = Records(database, name)
        self._records_of_answers = Records(database, name, awaited=True)
        self._failures: Counter[str] = Counter()  # of a connection, in a row
        self._resting: dict[str, datetime] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Pass after pass until `stop` is set; the passes that run then are finished first.

        Who asked the bot waits for its answer, so answers have passes of their own: they do not
        stand behind thousands of reminders.
        """
        await asyncio.gather(self._run(stop), self._run(stop, answers=True))

    async def _run(self, stop: asyncio.Event, *, answers: bool = False) -> None:
        while not stop.is_set():
            claimed = 0
            try:
                claimed = (await self.pass_once(answers=answers)).claimed
            except Exception:
                log.exception("relay.pass_failed", relay=self._name)
            if claimed:
                continue
            if answers:
                await self._until_there_may_be_answers()
            else:
                await sleep_unless(stop, IDLE_S)

    async def _until_there_may_be_answers(self) -> None:
        await asyncio.sleep(LOOKS_AT_MOST_EVERY_S)
        await sleep_unless(self._database.awaited, LOOKS_FOR_ANSWERS_S - LOOKS_AT_MOST_EVERY_S)
        self._database.awaited.clear()

    async def pass_once(self, limit: int = 100, *, answers: bool = False) -> PassReport:
        """Take up what may go now, at most one message to each person, and send it; only what
        somebody asked the bot for when `answers` are wanted."""
        now = self._clock()
        async with self._database.reading() as session:
            tenants = await tenants_with_work(session, now, answers=answers)
        report = PassReport()
        if not tenants:
            return report
        self._turn += 1
        claimed = await self._claim(tenants, limit, now, answers)
        by_connection: dict[str, list[Claimed]] = {}
        for one in claimed:
            by_connection.setdefault(one.connection_id, []).append(one)
        await asyncio.gather(
            *(self._deliver_through(messages, report) for messages in by_connection.values())
        )
        return report

    async def _claim(
        self, tenants: Sequence[int], limit: int, now: datetime, answers: bool
    ) -> list[Claimed]:
        resting = [connection for connection, until in self._resting.items() if until > now]
        async with self._database.writing(awaited=answers) as session:
            return await claim(
                session, tenants, self._name, now, limit, self._turn, resting, self._holds(),
                answers=answers,
            )  # fmt: skip

    async def _deliver_through(self, messages: Sequence[Claimed], report: PassReport) -> None:
        """Send one connection's messages; they are to different people, so order is safe."""
        try:
            platform = await self._platforms.platform_of(messages[0].connection_id)
        except CredentialsRejected as failure:  # what is stored for it cannot be right
            await self._pause(messages[0], "", str(failure))
            await self._record_all(messages, Outcome("credentials", UNTRIED), report)
            return
        if platform is None:
            waits = again(self._clock() + NO_PLATFORM_WAIT, "the host is not installed")
            await self._record_all(messages, Outcome("no_platform", waits), report)
            return
        async with self._database.reading() as session:
            decisions = await decide(
                session, messages, platform.limits, self._clock(), self._plurals
            )
        gate = asyncio.Semaphore(AT_ONCE_TO_ONE_HOST)

        async def one_by_one(one: Claimed) -> None:
            async with gate:
                if one.kind != WAITED_FOR:
                    await make_way()
                decision = decisions[one.id]
                if decision.goes and (merged := await self._merged(one)):
                    one, decision = merged, Decision()
                outcome = await self._attempt(one, platform, decision)
                await self._record(one, outcome, platform.name, report)

        await asyncio.gather(*(one_by_one(one) for one in messages))

    async def _merged(self, one: Claimed) -> Claimed | None:
        """The message that says this one and those that wait with it; None when it goes alone."""
        if not may_merge(one, self._plurals):
            return None
        plural = self._plurals[one.kind]
        try:
            async with self._database.writing() as session:
                return await merge(session, one, self._name, self._clock(), plural)
        except LeaseLost:
            return None
        except Exception:  # a bug in a wording must not keep the message back
            log.exception("relay.not_merged", message=one.id, kind=one.kind)
            return None

    async def _record_all(
        self, messages: Sequence[Claimed], outcome: Outcome, report: PassReport
    ) -> None:
        for one in messages:
            await self._record(one, outcome, "", report)

    async def _attempt(self, one: Claimed, platform: HostPlatform, decision: Decision) -> Outcome:
        now = self._clock()
        if decision.hold_until is not None:
            return Outcome("held", {**UNTRIED, "due_at": decision.hold_until})
        if decision.wait_until is not None:
            return Outcome("limited", {**UNTRIED, "retry_at": decision.wait_until})
        too_late = now + SEND_TAKES_AT_MOST > one.lease_until
        if too_late or self._resting.get(one.connection_id, now) > now:
            return Outcome("put_back", UNTRIED)
        await self._pace.wait(
            one.connection_id, platform.limits.per_app_second, awaited=one.kind == WAITED_FOR
        )
        return await self._send(one, platform, decision)

    async def _send(self, one: Claimed, platform: HostPlatform, decision: Decision) -> Outcome:
        try:
            async with asyncio.timeout(SEND_TAKES_AT_MOST.total_seconds()):
                receipt = await _hand_over(one, platform, decision)
        except HostBusy as failure:
            self._note_failure(one.connection_id)
            wait = timedelta(seconds=failure.retry_after_s)
            return Outcome("busy", again(self._clock() + wait, str(failure)))
        except HostUnavailable as failure:
            return self._unavailable(one, str(failure), maybe_done=failure.maybe_done)
        except TimeoutError:
            return self._unavailable(one, "no answer in time", maybe_done=True)
        except HostRefused as failure:
            self._failures.pop(one.connection_id, None)
            return refused(one, failure)
        except CredentialsRejected as failure:
            await self._pause(one, platform.name, str(failure))
            return Outcome("credentials", UNTRIED)
        except Exception as bug:
            return self._bug(one, bug)
        self._failures.pop(one.connection_id, None)
        asks = is_looked_at(
            platform.delivery, platform.limits, receipt, urgent=one.urgent, attempts=one.attempts
        )
        return sent(one, receipt, self._clock(), is_looked_at=asks)

    def _unavailable(self, one: Claimed, error: str, *, maybe_done: bool) -> Outcome:
        self._note_failure(one.connection_id)
        now = self._clock()
        if now - one.due_at > PATIENCE:
            return Outcome("given_up", {"state": "given_up", "error": error})
        at = now + wait_after(one.attempts, self._dice)
        return (
            nobody_knows(one, at, error) if maybe_done else Outcome("unavailable", again(at, error))
        )

    def _bug(self, one: Claimed, bug: Exception) -> Outcome:
        """A messenger may be wrong about one message; that must not stop the others."""
        log.error(
            "relay.bug", relay=self._name, message=one.id, kind=one.kind,
            connection=one.connection_id, exc_info=bug,
        )  # fmt: skip
        error = f"{type(bug).__name__}: {bug}"
        if one.attempts >= TRIES_WITH_A_BUG:
            return Outcome("given_up", {"state": "given_up", "error": error})
        return Outcome("bug", again(self._clock() + wait_after(one.attempts, self._dice), error))

    def _note_failure(self, connection_id: str) -> None:
        self._failures[connection_id] += 1
        if self._failures[connection_id] >= FAILURES_IN_A_ROW:
            self._resting[connection_id] = self._clock() + REST

    async def _pause(self, one: Claimed, host: str, reason: str) -> None:
        """Stop this connection, and only this one, until somebody mends its settings."""
        self._resting[one.connection_id] = self._clock() + REST
        async with self._database.writing() as session:
            paused = await _pause_connection(session, one, self._clock(), reason)
        if paused:
            PAUSED.labels(host).inc()
            log.error("relay.connection_paused", connection=one.connection_id, reason=reason)

    async def _record(self, one: Claimed, outcome: Outcome, host: str, report: PassReport) -> None:
        try:
            # The next answers are taken up when these are laid down.
            records = self._records_of_answers if one.kind == WAITED_FOR else self._records
            kept = await records.write(one, outcome.values)
        except Exception:
            # The lease ends, and then it is done again: the others of this pass must not suffer.
            log.exception("relay.not_recorded", message=one.id, outcome=outcome.name)
            return
        if not kept:
            log.warning("relay.lease_lost", relay=self._name, message=one.id, outcome=outcome.name)
        report.counts[outcome.name] += 1
        TRIED.labels(host, outcome.name).inc()


async def _hand_over(one: Claimed, platform: HostPlatform, decision: Decision) -> Receipt:
    if not one.revises:
        message = decision.worded(one.message)
        return await platform.messenger.send(one.recipient, message, once=one.id)
    card = one.message
    if not isinstance(card, Card):
        raise HostRefused("only a card can be changed")
    await platform.messenger.revise(one.revise_with, one.revises, card)
    return Receipt()


async def _pause_connection(
    session: AsyncSession, one: Claimed, now: datetime, reason: str
) -> bool:
    paused = await session.execute(
        update(HostConnection)
        .where(
            HostConnection.tenant_id == one.tenant_id,
            HostConnection.id == one.connection_id,
            HostConnection.paused_at.is_(None),
        )
        .values(paused_at=now, paused_reason=reason[:500])
        .returning(HostConnection.id)
        .execution_options(synchronize_session=False)
    )
    return paused.first() is not None

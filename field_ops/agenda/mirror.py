"""Makes the host hold what the plans say: a bounded number of calls at a time, each safe to repeat.

Before the host is asked to make an entry, a row says so. Whoever dies in between leaves that row,
and the next pass finds out by the host's own means what became of it. What a member does to an
entry in the host never comes back to the plan.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from ..connections import services
from ..connections.refs import ConnectionRef
from ..connections.use import THE_APP, made_on
from ..db import Database
from ..host.agenda import Agenda, Entry, TodoList
from ..host.errors import (
    BookGone,
    CredentialsRejected,
    DailyLimitReached,
    EntryGone,
    HostBusy,
    HostRefused,
    HostUnavailable,
    PermissionMissing,
    SendError,
)
from ..host.platform import HostPlatform
from ..host.services import Colleague
from ..logs import log
from . import messages, queries
from .metrics import STEPS, WAITING
from .models import AgendaBook, AgendaEntry
from .rows import Rows
from .wanted import Step, entry_of, lost_entry, stamp_of, steps

CALLS_AT_ONCE = 100
MEMBERS_AT_ONCE = 200
LOST_FOR = timedelta(seconds=60)  # by then a call whose answer was lost is over at the host too
RESTS_FOR = timedelta(seconds=60)
REFUSED_FOR = timedelta(days=1)
TRIES = 3
FULL = "the limit of the day"

AGENDAS = ("calendar", "todo")


class Stop(Exception):
    """Nothing more in this pass: the host is away, busy, or does not let us."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read before a pass."""

    book: AgendaBook | None
    members: Sequence[str]
    steps: list[Step]
    made: Mapping[str, int]
    is_paused: bool


async def bring_in_line(
    database: Database,
    platform: HostPlatform,
    connection: ConnectionRef,
    clock: Callable[[], datetime],
    *,
    calls: int = CALLS_AT_ONCE,
) -> Counter[str]:
    """One pass over each calendar and list of to-dos of this connection; what was done, counted.

    A service that is off is emptied. Every failure of the host is kept in rows; none is raised.
    """
    done: Counter[str] = Counter()
    for name in AGENDAS:
        agenda: Agenda | None = platform.calendar if name == "calendar" else platform.todo
        if agenda is not None:
            done += await Mirror(database, agenda, connection, name, clock).pass_once(calls)
    return done


class Mirror:
    """One service of one connection."""

    def __init__(
        self,
        database: Database,
        agenda: Agenda,
        connection: ConnectionRef,
        service: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._agenda = agenda
        self._connection = connection
        self._service = service
        self._clock = clock
        self._rows = Rows(database, connection, service)
        self._book: str | None = None
        self._made: Counter[str] = Counter()
        self._is_paused = False

    async def pass_once(self, limit: int = CALLS_AT_ONCE) -> Counter[str]:
        """Up to `limit` steps that cost a call. How many became what."""
        outcomes: Counter[str] = Counter()
        seen = await self._see(self._clock())
        if seen is None:
            return outcomes
        self._book = seen.book.host_book_id if seen.book else None
        self._made = Counter(seen.made)
        self._is_paused = seen.is_paused
        if old := [step.row.id for step in seen.steps if step.what == "forget" and step.row]:
            await self._rows.forget(old)
        todo = [step for step in seen.steps if step.what != "forget"]
        try:
            if self._is_paused:
                await self._try_again()
            for step in todo[:limit]:
                outcome = await self._safely(step)
                outcomes[outcome] += 1
                STEPS.labels(self._connection.host, self._service, outcome).inc()
        except Stop:
            return outcomes
        if len(todo) <= limit:
            await self._go_on_after(seen)
        return outcomes

    async def _see(self, now: datetime) -> Seen | None:
        """None while there is nothing to do, or nothing may be done."""
        zone, connection, service = self._connection.zone, self._connection, self._service
        today = now.astimezone(zone).date()
        async with self._database.reading() as session:
            pause = (await services.pauses_of(session, connection)).get(service)
            book = await queries.book_of(session, connection, service)
            if pause is not None and pause.retry_at > now:
                return None
            if book is not None and book.not_before is not None and book.not_before > now:
                return None
            is_on = services.is_on(connection, service)
            if book is None and not is_on:
                return None
            after = book.compared_up_to if book else ""
            members = await queries.some_members(
                session, connection, service, today, after, MEMBERS_AT_ONCE
            )
            rows = await queries.entries_of(session, connection, service, members)
            plans = await queries.plans_of(session, connection, members, today) if is_on else []
            made = await made_on(session, connection, service, today)
            waiting = (await queries.counts(session, connection, service)).get("waiting", 0)
        WAITING.labels(connection.host, connection.name, service).set(waiting)
        found = steps(plans, rows, service, zone, now)
        return Seen(book, members, found, made, pause is not None)

    async def _go_on_after(self, seen: Seen) -> None:
        before = seen.book.compared_up_to if seen.book else ""
        is_last = len(seen.members) < MEMBERS_AT_ONCE
        after = "" if is_last else seen.members[-1]
        if after != before or seen.book is None:
            await self._rows.set_book(compared_up_to=after)

    async def _try_again(self) -> None:
        """After an hour of refusal: one harmless question, before anything is asked for."""
        async with self._database.reading() as session:
            somebody = await queries.somebody(session, self._connection)
        if somebody is None:
            return
        try:
            await self._agenda.look(somebody)
        except (PermissionMissing, CredentialsRejected) as failure:
            await self._pause(failure)
            raise Stop from failure
        except SendError as failure:
            await self._rest(failure)
            raise Stop from failure
        async with self._database.writing() as session:
            connection = self._connection
            await services.end_pause(session, connection.tenant_id, connection.id, self._service)

    async def _safely(self, step: Step) -> str:
        """Do it, and write down what the host said. Raises `Stop` when the others must wait too."""
        if step.what == "make":
            return await self._make_if_it_fits(step)
        assert step.row is not None
        return await self._guarded(step, step.row.id)

    async def _make_if_it_fits(self, step: Step) -> str:
        plan, now = step.plan, self._clock()
        assert plan is not None
        entry = entry_of(plan, self._service, self._connection.zone)
        if self._is_full(plan.whose):
            await self._rows.keep_waiting(plan, step.row, entry.url, self._tomorrow(now), FULL)
            return "waits for tomorrow"
        if self._book is None:
            await self._open_book()
        key = await self._rows.ask(plan, step.row, entry.url, now, now + LOST_FOR)
        if not key:
            return "taken"
        for whose in (THE_APP, plan.whose.host_user_id):
            self._made[whose] += 1
        return await self._guarded(step, key)

    async def _guarded(self, step: Step, entry_id: str) -> str:
        now = self._clock()
        try:
            return await self._do(step, entry_id)
        except EntryGone:
            await self._rows.note(entry_id, now, state="dropped", retry_at=None)
            return "dropped"
        except BookGone:
            await self._rows.set_book(host_book_id=None)
            self._book = None
            return await self._not_made(step, entry_id, now, "the calendar is gone")
        except DailyLimitReached as full:
            again = now + timedelta(seconds=full.retry_after_s)
            await self._fill(step, now)
            return await self._not_made(step, entry_id, again, FULL)
        except (PermissionMissing, CredentialsRejected) as failure:
            await self._not_made(step, entry_id, now, str(failure))
            await self._pause(failure)
            raise Stop from failure
        except HostUnavailable as failure:
            if not failure.maybe_done:
                await self._not_made(step, entry_id, now + RESTS_FOR, str(failure))
            await self._rest(failure)
            raise Stop from failure
        except HostBusy as failure:
            await self._not_made(step, entry_id, now, str(failure))
            await self._rest(failure)
            raise Stop from failure
        except HostRefused as failure:
            return await self._refused(step, entry_id, now, failure)

    async def _do(self, step: Step, entry_id: str) -> str:
        match step.what:
            case "make":
                return await self._make(step, entry_id)
            case "settle":
                return await self._settle(step)
            case "change":
                return await self._change(step)
            case "tick":
                return await self._tick(step)
            case _:
                return await self._take_away(step)

    async def _make(self, step: Step, key: str) -> str:
        plan = step.plan
        assert plan is not None
        entry = entry_of(plan, self._service, self._connection.zone)
        host_id = await self._agenda.make(plan.whose, key, entry, self._book or "")
        await self._hold(key, host_id, stamp_of(entry))
        return "made"

    async def _settle(self, step: Step) -> str:
        """The answer to a `make` was lost: look whether it was done, and else do it again."""
        row = step.row
        assert row is not None
        if self._book is None:
            await self._rows.forget([row.id])  # nothing can have been made without a book
            return "lost"
        entry = lost_entry(row, self._connection.zone)
        host_id = await self._agenda.find(_whose(row), row.id, entry, self._book)
        if host_id:
            await self._hold(row.id, host_id, "")  # what it says is compared in the next pass
            return "found"
        if step.plan is None:
            await self._rows.forget([row.id], self._clock())
            return "lost"
        await self._rows.note(row.id, self._clock(), state="waiting", retry_at=None)
        return "lost"

    async def _change(self, step: Step) -> str:
        plan, row = step.plan, step.row
        assert plan is not None and row is not None
        entry = entry_of(plan, self._service, self._connection.zone)
        await self._agenda.change(_whose(row), row.host_entry_id, entry, self._book or "")
        await self._rows.note(
            row.id, self._clock(), stamp=stamp_of(entry), day=plan.day, url=entry.url, tries=0,
            error="", retry_at=None,
        )  # fmt: skip
        return "changed"

    async def _tick(self, step: Step) -> str:
        plan, row = step.plan, step.row
        assert plan is not None and row is not None
        entry: Entry = entry_of(plan, self._service, self._connection.zone)
        todo: TodoList = self._agenda  # type: ignore[assignment]
        await todo.tick(_whose(row), row.host_entry_id, done=entry.done)
        await self._rows.note(row.id, self._clock(), done=entry.done, error="", retry_at=None)
        return "ticked"

    async def _take_away(self, step: Step) -> str:
        row = step.row
        assert row is not None
        if row.state != "leaving":
            # Else, after a lost answer, what we deleted would look deleted by the member.
            await self._rows.mark(row.id, state="leaving")
        await self._agenda.take_away(_whose(row), row.host_entry_id)
        await self._rows.forget([row.id], self._clock())
        return "taken away"

    async def _hold(self, key: str, host_id: str, stamp: str) -> None:
        await self._rows.note(
            key, self._clock(), state="held", host_entry_id=host_id, stamp=stamp, tries=0,
            error="", retry_at=None,
        )  # fmt: skip

    async def _not_made(
        self, step: Step, entry_id: str, again: datetime, why: str, **more: int
    ) -> str:
        """The host did not do it. An entry that it has, or may have, stays what it is."""
        state = {"state": "waiting"} if step.what == "make" else {}
        await self._rows.note(
            entry_id, self._clock(), retry_at=again, error=why, **state, **more
        )  # fmt: skip
        return "waits"

    async def _refused(self, step: Step, entry_id: str, now: datetime, failure: HostRefused) -> str:
        tries = (step.row.tries if step.row else 0) + 1
        if step.what == "take_away" and tries >= TRIES:
            # Most likely of somebody who has left, with whom the host deletes it anyway.
            log.warning(
                "agenda.left_behind", connection=self._connection.id, service=self._service,
                entry=entry_id, reason=str(failure),
            )  # fmt: skip
            await self._rows.forget([entry_id], now)
            return "left behind"
        await self._not_made(step, entry_id, now + REFUSED_FOR, str(failure), tries=tries)
        return "refused"

    async def _open_book(self) -> None:
        title = messages.BOOK.zh
        try:
            self._book = await self._agenda.open_book(title)
        except (PermissionMissing, CredentialsRejected) as failure:
            await self._pause(failure)
            raise Stop from failure
        except SendError as failure:
            await self._rest(failure)
            raise Stop from failure
        await self._rows.set_book(host_book_id=self._book)

    async def _pause(self, failure: SendError) -> None:
        log.warning(
            "agenda.paused", connection=self._connection.id, service=self._service,
            reason=str(failure),
        )  # fmt: skip
        async with self._database.writing() as session:
            await services.pause(
                session, self._connection, self._service, failure, self._clock()
            )  # fmt: skip

    async def _rest(self, failure: SendError) -> None:
        rest = RESTS_FOR
        if isinstance(failure, HostBusy):
            rest = timedelta(seconds=failure.retry_after_s)
        await self._rows.set_book(not_before=self._clock() + rest)

    async def _fill(self, step: Step, now: datetime) -> None:
        assert step.plan is not None
        each = self._agenda.made_a_day_each
        most = each or self._agenda.made_a_day or 0
        whose = step.plan.whose.host_user_id if each else THE_APP
        self._made[whose] += most
        await self._rows.fill_the_day(step.plan, now, most, each=bool(each))

    def _is_full(self, whose: Colleague) -> bool:
        for who, most in (
            (THE_APP, self._agenda.made_a_day),
            (whose.host_user_id, self._agenda.made_a_day_each),
        ):
            if most is not None and self._made[who] >= most:
                return True
        return False

    def _tomorrow(self, now: datetime) -> datetime:
        zone = self._connection.zone
        day = now.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(day, time(0, 1), zone)


def _whose(row: AgendaEntry) -> Colleague:
    return Colleague(row.host_user_id, row.union_id)

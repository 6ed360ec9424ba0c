"""What became of an entry, written down: each a short transaction around one call to the host."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..connections.use import THE_APP, note_use
from ..db import Database, insert_into, new_id
from .models import AgendaBook, AgendaEntry
from .wanted import Plan

LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one service of one connection."""

    database: Database
    connection: ConnectionRef
    service: str

    async def ask(
        self, plan: Plan, row: AgendaEntry | None, url: str, now: datetime, retry_at: datetime
    ) -> str:
        """Note that the host is about to be asked to make this entry; our key of it.

        "" when somebody else is at it. It counts as made today, whatever comes of it.
        """
        async with self.database.writing() as session:
            if row is None:
                key = await self._insert(session, plan, url, state="asked", retry_at=retry_at)
            else:
                key = row.id if await self._claim(session, row, url, plan, retry_at) else ""
            if key:
                await self._count_made(session, plan, now, 1)
            return key

    async def keep_waiting(
        self, plan: Plan, row: AgendaEntry | None, url: str, retry_at: datetime, error: str
    ) -> None:
        """Note that this entry cannot be made before `retry_at`, without having asked."""
        async with self.database.writing() as session:
            if row is None:
                await self._insert(
                    session, plan, url, state="waiting", retry_at=retry_at, error=error
                )
            else:
                await self._set(session, row.id, retry_at=retry_at, error=error)

    async def fill_the_day(self, plan: Plan, now: datetime, most: int, *, each: bool) -> None:
        """The host says that the day is full, whatever we counted."""
        async with self.database.writing() as session:
            await note_use(
                session, self.connection, self.service, self._day(now), made=most,
                host_user_id=plan.whose.host_user_id if each else THE_APP,
            )  # fmt: skip

    async def mark(self, entry_id: str, **what: Any) -> None:
        """What is about to be asked."""
        async with self.database.writing() as session:
            await self._set(session, entry_id, **what)

    async def note(self, entry_id: str, now: datetime, **what: Any) -> None:
        """What came of a call about this entry."""
        if "error" in what:
            what["error"] = what["error"][:LONGEST_ERROR]
        async with self.database.writing() as session:
            await self._count_call(session, now)
            await self._set(session, entry_id, **what)

    async def forget(self, entry_ids: list[str], now: datetime | None = None) -> None:
        """The host holds these no more, or they are history. `now` when that cost a call."""
        async with self.database.writing() as session:
            if now is not None:
                await self._count_call(session, now)
            await session.execute(
                delete(AgendaEntry).where(
                    AgendaEntry.tenant_id == self.connection.tenant_id,
                    AgendaEntry.id.in_(entry_ids),
                )
            )

    async def set_book(self, **what: Any) -> None:
        """Keep something of the book: its id, how far we are, until when the host wants rest."""
        key = {
            "tenant_id": self.connection.tenant_id,
            "connection_id": self.connection.id,
            "service": self.service,
        }
        async with self.database.writing() as session:
            row = insert_into(session, AgendaBook).values(
                **{"compared_up_to": "", "host_book_id": None, "not_before": None, **key, **what}
            )
            await session.execute(row.on_conflict_do_update(index_elements=[*key], set_=what))

    async def _insert(self, session: AsyncSession, plan: Plan, url: str, **what: Any) -> str:
        key = new_id()
        row = insert_into(session, AgendaEntry).values(
            tenant_id=self.connection.tenant_id, id=key, connection_id=self.connection.id,
            service=self.service, plan_id=plan.plan_id, member_id=plan.member_id,
            host_user_id=plan.whose.host_user_id, union_id=plan.whose.union_id, day=plan.day,
            url=url, host_entry_id="", stamp="", done=False, tries=0, **{"error": "", **what},
        )  # fmt: skip
        made = await session.execute(row.on_conflict_do_nothing().returning(AgendaEntry.id))
        return key if made.first() else ""

    async def _claim(
        self, session: AsyncSession, row: AgendaEntry, url: str, plan: Plan, retry_at: datetime
    ) -> bool:
        """False when the row is not as it was read: another process is at it."""
        unchanged = (
            AgendaEntry.retry_at.is_(None)
            if row.retry_at is None
            else AgendaEntry.retry_at == row.retry_at
        )
        taken = await session.execute(
            update(AgendaEntry)
            .where(
                AgendaEntry.tenant_id == row.tenant_id,
                AgendaEntry.id == row.id,
                AgendaEntry.state == row.state,
                unchanged,
            )
            .values(state="asked", retry_at=retry_at, day=plan.day, url=url)
            .execution_options(synchronize_session=False)
        )
        assert isinstance(taken, CursorResult)
        return taken.rowcount == 1

    async def _set(self, session: AsyncSession, entry_id: str, **what: Any) -> None:
        await session.execute(
            update(AgendaEntry)
            .where(
                AgendaEntry.tenant_id == self.connection.tenant_id, AgendaEntry.id == entry_id
            )
            .values(**what)
            .execution_options(synchronize_session=False)
        )  # fmt: skip

    async def _count_made(
        self, session: AsyncSession, plan: Plan, now: datetime, made: int
    ) -> None:
        for whose in (THE_APP, plan.whose.host_user_id):
            await note_use(
                session, self.connection, self.service, self._day(now),
                host_user_id=whose, made=made,
            )  # fmt: skip

    async def _count_call(self, session: AsyncSession, now: datetime) -> None:
        await note_use(session, self.connection, self.service, self._day(now), calls=1)

    def _day(self, now: datetime) -> date:
        return now.astimezone(self.connection.zone).date()

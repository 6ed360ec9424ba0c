"""What a host has answered so far, kept in tables for some hours.

A reading of a large company takes minutes. When it dies or meets a limit in the middle, the next
one goes on where it was. Nothing of it is visible before everything is read and applied.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import Database, insert_into, new_id
from ..host.platform import DepartmentsAnswer, HostDepartment, HostMember
from .models import SyncAnswer, SyncReading
from .snapshot import Snapshot

GOOD_FOR = timedelta(hours=3)
STILL_AT_IT = timedelta(seconds=60)  # a reader that kept nothing for so long has died
KEPT_AT_ONCE = 500
KEPT_EVERY = timedelta(seconds=5)

DEPARTMENTS, MEMBERS = "departments", "members"  # lists, as a full reading asks for them
DEPARTMENT, MEMBER = "department", "member"  # one by one
Key = tuple[str, str]

# `dataclasses.astuple` copies deeply, which costs more than writing the answer.
_row = attrgetter(*(one.name for one in fields(HostMember)))
_department_row = attrgetter(*(one.name for one in fields(HostDepartment)))


class StoredAnswers:
    """The answers of one reading: `field_ops.people.reader.Answers`, in a table."""

    def __init__(
        self,
        database: Database,
        connection: ConnectionRef,
        clock: Callable[[], datetime],
        reading_id: str,
        began_at: datetime,
        known: dict[Key, bytes],
    ) -> None:
        self.reading_id = reading_id
        self.began_at = began_at
        self.resumed = sum(kind == MEMBERS for kind, _ in known)
        self._database = database
        self._connection = connection
        self._clock = clock
        self._known = known
        self._unwritten: dict[Key, bytes] = {}
        self._written_at = clock()

    def departments(self, at: str) -> DepartmentsAnswer | None:
        raw = self._known.pop((DEPARTMENTS, at), None)
        if raw is None:
            return None
        departments, ask_next, members = orjson.loads(raw)
        return DepartmentsAnswer(
            tuple(_department(row) for row in departments),
            tuple(ask_next),
            tuple(members),
        )

    def members_of(self, department_id: str) -> list[HostMember] | None:
        raw = self._known.pop((MEMBERS, department_id), None)
        return None if raw is None else [_member(row) for row in orjson.loads(raw)]

    def member(self, host_user_id: str) -> tuple[HostMember | None] | None:
        raw = self._known.pop((MEMBER, host_user_id), None)
        return None if raw is None else (_member_or_none(raw),)

    async def keep_departments(self, at: str, answer: DepartmentsAnswer) -> None:
        departments = [_department_row(one) for one in answer.departments]
        await self._keep((DEPARTMENTS, at), [departments, answer.ask_next, answer.members])

    async def keep_members(self, department_id: str, members: list[HostMember]) -> None:
        await self._keep((MEMBERS, department_id), [_row(one) for one in members])

    async def keep_member(self, host_user_id: str, member: HostMember | None) -> None:
        await self._keep((MEMBER, host_user_id), _row(member) if member else None)

    async def write(self, *, given_up: bool = False) -> None:
        """Write what is not written yet, and that the reader is still at it (or not)."""
        rows, self._unwritten = self._unwritten, {}
        self._written_at = self._clock()
        tenant_id, reading_id = self._connection.tenant_id, self.reading_id
        async with self._database.writing() as session:
            alive = await session.scalar(
                update(SyncReading)
                .where(SyncReading.tenant_id == tenant_id, SyncReading.id == reading_id)
                .values(touched_at=None if given_up else self._written_at)
                .returning(SyncReading.id)
            )
            if alive and rows:
                await _insert(session, tenant_id, reading_id, rows)

    async def forget(self) -> None:
        """They contradict each other, or are not to be applied: the next reading asks again."""
        async with self._database.writing() as session:
            await self.finish(session)

    async def finish(self, session: AsyncSession) -> None:
        """They are applied in this transaction."""
        await _delete(session, self._connection.tenant_id, [self.reading_id])

    async def _keep(self, key: Key, value: object) -> None:
        self._unwritten[key] = orjson.dumps(value)
        late = self._clock() - self._written_at >= KEPT_EVERY
        if late or len(self._unwritten) >= KEPT_AT_ONCE:
            await self.write()


async def begin(
    database: Database,
    connection: ConnectionRef,
    clock: Callable[[], datetime],
    *,
    afresh: bool = False,
) -> StoredAnswers:
    """Take over the newest reading that was interrupted within the last hours, else begin one.

    `afresh` begins one in any case. Readings that are too old are forgotten.
    """
    now, known = clock(), dict[Key, bytes]()
    async with database.writing() as session:
        await forget_old(session, now)
        found = None if afresh else await _take_over(session, connection, now)
        if found is None:
            reading_id, began_at = new_id(), now
            session.add(
                SyncReading(
                    tenant_id=connection.tenant_id,
                    id=reading_id,
                    connection_id=connection.id,
                    began_at=began_at,
                    touched_at=now,
                )
            )
        else:
            reading_id, began_at = found
            known = await _answers(session, connection.tenant_id, reading_id)
    return StoredAnswers(database, connection, clock, reading_id, began_at, known)


async def forget_old(session: AsyncSession, now: datetime) -> None:
    """Forget readings that began too long ago to be gone on with."""
    old = await session.execute(
        select(SyncReading.tenant_id, SyncReading.id).where(SyncReading.began_at < now - GOOD_FOR)
    )
    for tenant_id, reading_id in old.all():
        await _delete(session, tenant_id, [reading_id])


async def open_readings(session: AsyncSession, connection: ConnectionRef) -> list[str]:
    """The ids of the full readings of this host that are not applied yet."""
    found = await session.scalars(
        select(SyncReading.id).where(
            SyncReading.tenant_id == connection.tenant_id,
            SyncReading.connection_id == connection.id,
        )
    )
    return list(found)


async def add_single_readings(
    session: AsyncSession, connection: ConnectionRef, readings: Iterable[str], single: Snapshot
) -> None:
    """These were read one by one while a full reading is open: it must not undo that."""
    rows = {(MEMBER, who): orjson.dumps(_row(member)) for who, member in single.members.items()}
    rows |= {(MEMBER, who): orjson.dumps(None) for who in single.gone}
    departments = single.departments.items()
    rows |= {(DEPARTMENT, one): orjson.dumps(_department_row(it)) for one, it in departments}
    rows |= {(DEPARTMENT, one): orjson.dumps(None) for one in single.closed}
    for reading_id in readings:
        await _insert(session, connection.tenant_id, reading_id, rows)


async def single_readings(
    session: AsyncSession, connection: ConnectionRef, reading_id: str
) -> Snapshot:
    """Whoever, and whatever department, was read one by one since this reading began."""
    rows = await _answers(session, connection.tenant_id, reading_id, (MEMBER, DEPARTMENT))
    told = {kind: {one: raw for (which, one), raw in rows.items() if which == kind}
            for kind in (MEMBER, DEPARTMENT)}  # fmt: skip
    members = {who: _member_or_none(raw) for who, raw in told[MEMBER].items()}
    departments = {one: orjson.loads(raw) for one, raw in told[DEPARTMENT].items()}
    return Snapshot(
        departments={one: _department(row) for one, row in departments.items() if row},
        members={who: member for who, member in members.items() if member},
        gone=frozenset(who for who, member in members.items() if not member),
        closed=frozenset(one for one, row in departments.items() if not row),
        complete=False,
    )


async def _take_over(
    session: AsyncSession, connection: ConnectionRef, now: datetime
) -> tuple[str, datetime] | None:
    """Conditional on its being idle, so that of two readers one gets it."""
    idle = or_(SyncReading.touched_at.is_(None), SyncReading.touched_at < now - STILL_AT_IT)
    mine = (
        SyncReading.tenant_id == connection.tenant_id,
        SyncReading.connection_id == connection.id,
    )
    newest = (
        select(SyncReading.id)
        .where(*mine, idle)
        .order_by(SyncReading.began_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    taken = await session.execute(
        update(SyncReading)
        .where(*mine, SyncReading.id == newest, idle)
        .values(touched_at=now)
        .returning(SyncReading.id, SyncReading.began_at)
        .execution_options(synchronize_session=False)
    )
    row = taken.first()
    return (row.id, row.began_at) if row else None


async def _delete(session: AsyncSession, tenant_id: int, reading_ids: list[str]) -> None:
    for table, column in ((SyncAnswer, SyncAnswer.reading_id), (SyncReading, SyncReading.id)):
        await session.execute(
            delete(table).where(table.tenant_id == tenant_id, column.in_(reading_ids))
        )


async def _answers(
    session: AsyncSession, tenant_id: int, reading_id: str, kinds: Iterable[str] = ()
) -> dict[Key, bytes]:
    asked = select(SyncAnswer.kind, SyncAnswer.host_id, SyncAnswer.answer).where(
        SyncAnswer.tenant_id == tenant_id, SyncAnswer.reading_id == reading_id
    )
    if kinds:
        asked = asked.where(SyncAnswer.kind.in_(kinds))
    return {(row.kind, row.host_id): row.answer for row in await session.execute(asked)}


async def _insert(
    session: AsyncSession, tenant_id: int, reading_id: str, rows: dict[Key, bytes]
) -> None:
    """Newer answers replace older ones."""
    statement = insert_into(session, SyncAnswer)
    statement = statement.on_conflict_do_update(
        index_elements=["tenant_id", "reading_id", "kind", "host_id"],
        set_={"answer": statement.excluded.answer},
    )
    values = [
        {
            "tenant_id": tenant_id,
            "reading_id": reading_id,
            "kind": kind,
            "host_id": host_id,
            "answer": raw,
        }
        for (kind, host_id), raw in rows.items()
    ]
    if values:
        await (await session.connection()).execute(statement, values)


def _department(row: list[Any]) -> HostDepartment:
    one, name, parent, order, leaders = row
    return HostDepartment(one, name, parent, order, tuple(leaders))


def _member(row: list[Any]) -> HostMember:
    who, name, departments, leads, *rest = row
    return HostMember(who, name, tuple(departments), tuple(leads), *rest)


def _member_or_none(raw: bytes) -> HostMember | None:
    row = orjson.loads(raw)
    return _member(row) if row is not None else None

"""Callbacks wait for the end of a transaction, so no job of the timetable writes much in one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from field_ops.customers import index
from field_ops.customers.models import Customer
from field_ops.db import Database, new_id
from field_ops.http.models import AnsweredRequest
from field_ops.inbox.models import EventTally, InboxEvent
from field_ops.jobs.customers import mend_lookups
from field_ops.jobs.tidying import tidy
from field_ops.jobs.tools import ROWS_AT_ONCE
from field_ops.jobs.visits import promise_day_plans
from field_ops.people.models import Member, MemberRole
from field_ops.reminders.models import Reminder
from tests.conftest import TUESDAY_MORNING
from tests.factories import work_as
from tests.field_ops.test_worker import Office, office

__all__ = ["office"]

MANY = 2 * ROWS_AT_ONCE + 50
AN_AGE_AGO = TUESDAY_MORNING - timedelta(days=31)


@contextmanager
def largest_transaction(database: Database, table: str) -> Iterator[list[int]]:
    """The rows of `table` that the largest transaction wrote, once the block has ended."""
    engine, found, written = database.engine.sync_engine, [0], [0]

    def count(_c: Any, cursor: Any, sql: str, _p: Any, context: Any, _many: bool) -> None:
        if table in sql and (context.isinsert or context.isdelete or context.isupdate):
            written[0] += max(cursor.rowcount, 0)

    def end(_connection: Any) -> None:
        found[0], written[0] = max(found[0], written[0]), 0

    event.listen(engine, "after_cursor_execute", count)
    event.listen(engine, "commit", end)
    try:
        yield found
    finally:
        event.remove(engine, "after_cursor_execute", count)
        event.remove(engine, "commit", end)


async def test_the_day_plans_of_many_reps_are_promised_in_parts(office: Office) -> None:
    ids = [new_id() for _ in range(MANY)]
    async with office.database.writing() as session:
        person: dict[str, Any] = {"tenant_id": office.tenant_id, "name": "李雷", "state": "active"}
        person |= {"created_at": TUESDAY_MORNING}
        await session.execute(insert(Member), [{**person, "id": id_} for id_ in ids])
        role = {"tenant_id": office.tenant_id, "role": "rep"}
        await session.execute(insert(MemberRole), [{**role, "member_id": id_} for id_ in ids])
    with largest_transaction(office.database, "reminder") as rows:
        await promise_day_plans(office.tools())
    assert (rows, await office.count(Reminder)) == ([ROWS_AT_ONCE], MANY + 2)
    with largest_transaction(office.database, "reminder") as rows:
        await promise_day_plans(office.tools())
    assert rows == [0]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (
            InboxEvent,
            {"connection_id": "c", "kind": "", "state": "done", "received_at": AN_AGE_AGO},
        ),
        (
            AnsweredRequest,
            {"member_id": "m", "fingerprint": "", "status": 200, "answered_at": AN_AGE_AGO},
        ),
        (
            EventTally,
            {"connection_id": "c", "hour": AN_AGE_AGO, "outcome": "", "last_at": AN_AGE_AGO},
        ),
    ],
)
async def test_much_that_is_old_is_forgotten_in_parts(
    office: Office, table: Any, rows: dict[str, Any]
) -> None:
    own: dict[Any, Any] = {
        InboxEvent: lambda n: {"event_id": str(n), "attempts": 1, "error": ""},
        AnsweredRequest: lambda n: {"key": str(n), "body": b""},
        EventTally: lambda n: {"kind": str(n), "count": 1},
    }
    given = [{"tenant_id": office.tenant_id, **rows, **own[table](n)} for n in range(MANY)]
    async with office.database.writing() as session:
        await session.execute(insert(table), given)
    with largest_transaction(office.database, table.__tablename__) as largest:
        await tidy(office.tools())
    assert (largest, await office.count(table)) == ([ROWS_AT_ONCE], 0)


async def test_many_customers_become_findable_in_parts(office: Office) -> None:
    async with office.database.writing() as session:
        lilei = await session.get_one(Member, (office.tenant_id, office.lilei_id))
        rows = [
            {
                "tenant_id": office.tenant_id,
                "id": new_id(),
                "number": f"C-{number:06}",
                "name": f"华联{number}店",
                "full_name_key": f"华联{number}店",
                "core_name": f"华联{number}店",
                "owner_id": lilei.id,
                "created_at": TUESDAY_MORNING,
                "updated_at": TUESDAY_MORNING,
            }
            for number in range(MANY)
        ]
        await session.execute(insert(Customer), rows)
    with largest_transaction(office.database, "INTO customer_search ") as largest:
        await mend_lookups(office.tools())
    assert 0 < largest[0] <= index.MENDED_AT_ONCE
    async with office.database.reading() as session:
        assert await index.missing(work_as(session, lilei)) == []

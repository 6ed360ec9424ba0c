"""What is forgotten, and when."""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_

from ..attendance.actions import forget_the_old as forget_old_attendance
from ..chat_contacts.actions import forget_orphans
from ..chat_contacts.hints import forget_old_hints
from ..db import Base
from ..history.models import Change
from ..http.models import AnsweredRequest
from ..inbox.models import EventTally, InboxEvent
from ..logs import log
from ..people.sync import forget_the_old
from ..webhooks.models import WebhookDelivery
from .tools import ROWS_AT_ONCE, Tools

KEPT_FOR = timedelta(days=30)


async def tidy(tools: Tools) -> None:
    """Forget handled events, answered requests and what webhooks were told after 30 days, old
    readings, and attendance records of the hosts after 180 days."""
    oldest = tools.clock() - KEPT_FOR
    async with tools.database.writing() as session:
        await forget_the_old(session, tools.clock())
        await forget_old_hints(session, tools.clock())
        await forget_orphans(session)
        forgotten = await forget_old_attendance(session, tools.clock())
    if forgotten:
        log.info("attendance.forgotten", records=forgotten)
    await _forget(tools, AnsweredRequest, AnsweredRequest.answered_at < oldest)
    await _forget(tools, InboxEvent, InboxEvent.state == "done", InboxEvent.received_at < oldest)
    await _forget(tools, Change, Change.at < oldest)
    await _forget(tools, WebhookDelivery, WebhookDelivery.created_at < oldest)
    await _forget(tools, EventTally, EventTally.hour < oldest)


async def _forget(tools: Tools, table: type[Base], *is_old: ColumnElement[bool]) -> None:
    """Delete the rows that are old, and keep nobody waiting meanwhile."""
    columns = inspect(table).primary_key
    while True:
        async with tools.database.reading() as session:
            old = await session.execute(select(*columns).where(*is_old).limit(ROWS_AT_ONCE))
            keys = [tuple(row) for row in old]
        if not keys:
            return
        async with tools.database.writing() as session:
            await session.execute(
                delete(table)
                .where(tuple_(*columns).in_(keys), *is_old)
                .execution_options(synchronize_session=False)
            )

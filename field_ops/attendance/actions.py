"""Keeping what says something about a visit, and forgetting it when its time is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import insert_into
from ..work import Work
from .models import AttendanceReading, HostAttendanceEvent
from .rules import Match
from .window import Window

KEPT_FOR = timedelta(days=180)
LONGEST_KEY = 200


async def keep(work: Work, connection: ConnectionRef, found: Sequence[Match]) -> None:
    """Keep these records; one that is known is what the host says of it now."""
    for match in sorted(found, key=lambda one: one.record.key):
        values = _values(work, connection, match)
        row = insert_into(work.session, HostAttendanceEvent).values(**values)
        await work.session.execute(
            row.on_conflict_do_update(
                index_elements=["tenant_id", "connection_id", "key"],
                set_={name: values[name] for name in ("says", "abnormal", "visit_id", "end")},
            )
        )


async def have_read(work: Work, connection: ConnectionRef, window: Window) -> None:
    """Remember how far the connection was read."""
    values = {"read_until": window.until}
    if window.looks_back:
        values["looked_back_at"] = window.until
    row = insert_into(work.session, AttendanceReading).values(
        tenant_id=work.tenant_id,
        connection_id=connection.id,
        **{"looked_back_at": window.until, **values},
    )
    await work.session.execute(
        row.on_conflict_do_update(index_elements=["tenant_id", "connection_id"], set_=values)
    )


async def forget_the_old(session: AsyncSession, now: datetime) -> int:
    """Delete what is older than 180 days, of every company; returns how many."""
    gone = await session.execute(
        delete(HostAttendanceEvent)
        .where(HostAttendanceEvent.at < now - KEPT_FOR)
        .returning(HostAttendanceEvent.key)
    )
    return len(gone.all())


def _values(work: Work, connection: ConnectionRef, match: Match) -> dict[str, Any]:
    record, end = match.record, match.end
    key = record.key
    return {
        "tenant_id": work.tenant_id,
        "connection_id": connection.id,
        "key": key if len(key) <= LONGEST_KEY else sha256(key.encode()).hexdigest(),
        "host": connection.host,
        "member_id": end.member_id,
        "visit_id": end.visit_id,
        "end": end.end,
        "says": match.says,
        "at": record.happened_at,
        "kind": record.kind,
        "abnormal": ",".join(sorted(record.abnormal)),
        "place": record.place[:200],
        "lat": match.point.lat if match.point else None,
        "lng": match.point.lng if match.point else None,
        "original_lat": record.lat,
        "original_lng": record.lng,
        "datum": record.datum,
        "distance_m": match.distance_m,
        "read_at": work.now,
    }

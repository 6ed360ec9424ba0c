"""Every SELECT of what was kept of the hosts' attendance records."""

from sqlalchemy import select

from .. import access
from ..work import Work
from .models import AttendanceReading, HostAttendanceEvent
from .rules import FOR
from .window import Progress


async def progress_of(work: Work, connection_id: str) -> Progress | None:
    """How far this connection was read; None when it never was."""
    row = await work.session.get(AttendanceReading, (work.tenant_id, connection_id))
    return Progress(row.read_until, row.looked_back_at) if row else None


async def corroborations(work: Work, visit_id: str) -> list[HostAttendanceEvent]:
    """What hosts recorded that fits this visit, in the order of time, as far as one may see it."""
    found = await work.session.scalars(
        access.visible(work, HostAttendanceEvent)
        .where(HostAttendanceEvent.visit_id == visit_id, HostAttendanceEvent.says == FOR)
        .order_by(HostAttendanceEvent.at, HostAttendanceEvent.key)
    )
    return list(found)


async def everything_kept(work: Work) -> list[HostAttendanceEvent]:
    """All that is kept of the company, in the order of time."""
    found = await work.session.scalars(
        select(HostAttendanceEvent)
        .where(HostAttendanceEvent.tenant_id == work.tenant_id)
        .order_by(HostAttendanceEvent.at, HostAttendanceEvent.key)
    )
    return list(found)

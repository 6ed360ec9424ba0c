"""What each reading of an organisation did: kept, and told to the page that shows the last one."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..db import new_id
from ..logs import log
from ..work import Work
from . import hints
from .changes import Changes
from .models import SyncHint, SyncRun
from .report import SyncReport


@dataclass(frozen=True, slots=True)
class LastRun:
    """A full reading; `state` is `done`, `halted` or `failed`, and `reason` says why not done.

    `would_go` is what a safety stop asks about: members and departments, and of how many.
    """

    id: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    reason: str
    read: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    would_go: dict[str, int] | None = None


async def last_run(work: Work, connection_id: str) -> LastRun | None:
    """The last full reading through this connection; only its figures, not the names."""
    report = SyncRun.report
    row = (
        await work.session.execute(
            select(
                SyncRun.id,
                SyncRun.state,
                SyncRun.started_at,
                SyncRun.finished_at,
                report["reason"].as_string().label("reason"),
                report["read"].label("read"),
                report["counts"].label("counts"),
                report["would_go"].label("would_go"),
            )
            .where(
                SyncRun.tenant_id == work.tenant_id,
                SyncRun.connection_id == connection_id,
                report["kind"].as_string() == "full",
            )
            .order_by(SyncRun.started_at.desc())
            .limit(1)
        )
    ).first()
    if row is None:
        return None
    return LastRun(
        id=row.id,
        state=row.state,
        started_at=row.started_at,
        finished_at=row.finished_at,
        reason=row.reason or "",
        read=row.read or {},
        counts=row.counts or {},
        would_go=row.would_go,
    )


async def last_report(work: Work, connection_id: str, run_id: str) -> dict[str, Any] | None:
    """All that this reading told, by name."""
    found: dict[str, Any] | None = await work.session.scalar(
        select(SyncRun.report).where(
            SyncRun.tenant_id == work.tenant_id,
            SyncRun.connection_id == connection_id,
            SyncRun.id == run_id,
        )
    )
    return found


async def is_waited_for(work: Work, connection_id: str) -> bool:
    """Whether everybody is to be read as soon as the worker comes to it."""
    found = await work.session.scalar(
        select(SyncHint.kind)
        .where(
            SyncHint.tenant_id == work.tenant_id,
            SyncHint.connection_id == connection_id,
            or_(SyncHint.host_id == hints.EVERYTHING, SyncHint.kind == hints.CONFIRMED),
        )
        .limit(1)
    )
    return found is not None


def add_run(
    session: AsyncSession,
    connection: ConnectionRef,
    report: SyncReport,
    started_at: datetime,
    now: datetime,
) -> None:
    """Keep the report, in the transaction that writes what it tells."""
    report.run_id = new_id()
    session.add(
        SyncRun(
            tenant_id=connection.tenant_id,
            id=report.run_id,
            connection_id=connection.id,
            started_at=started_at,
            finished_at=now,
            state=report.state,
            report=report.to_payload(),
        )
    )


def log_changes(connection: ConnectionRef, changes: Changes) -> None:
    """One line, where there were any."""
    if not changes.is_empty:
        log.info(
            "people.synced",
            tenant=connection.tenant_id,
            connection=connection.id,
            kind=changes.report.kind,
            **{name: count for name, count in changes.report.counts.items() if count},
        )

"""One person, one member: two records of somebody who is on two hosts become one."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from . import hints
from .models import Member, MemberIdentity, MemberRole, Membership, Session
from .report import Entry, SyncReport
from .revision import bump


async def link_by_phone(
    session: AsyncSession, connection: ConnectionRef, report: SyncReport, now: datetime
) -> None:
    """Join members whose hosts' directories give one mobile number, when each host gives it for
    one person only."""
    for keep, other in await _same_phones(session, connection):
        await join(session, connection.tenant_id, keep, other, now)
        member = await session.get_one(Member, (connection.tenant_id, keep))
        report.tell("linked", partial(Entry, member.name, keep))


async def join(session: AsyncSession, tenant_id: int, keep: str, other: str, now: datetime) -> None:
    """Everything by which hosts know `other` belongs to `keep` from now on.

    What `other` did stays under his record, which departs and says whose it was. Call it under
    the lock of `revision`.
    """
    await _call_back(session, tenant_id, keep, other)
    moved = await session.execute(
        update(MemberIdentity)
        .where(MemberIdentity.tenant_id == tenant_id, MemberIdentity.member_id == other)
        .values(member_id=keep)
        .returning(MemberIdentity.connection_id, MemberIdentity.host_user_id)
        .execution_options(synchronize_session=False)
    )
    for connection_id, who in moved.all():
        # He is read again soon: what each host says of him must fit together.
        await hints.note(session, tenant_id, connection_id, hints.MEMBER, who, now)
    await _move_rows(session, Membership, tenant_id, keep, other)
    await _move_rows(session, MemberRole, tenant_id, keep, other)
    await session.execute(
        update(Session)
        .where(
            Session.tenant_id == tenant_id,
            Session.member_id == other,
            Session.ended_at.is_(None),
        )
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Member)
        .where(Member.tenant_id == tenant_id, Member.direct_leader_id == other)
        .values(direct_leader_id=keep)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Member)
        .where(Member.tenant_id == tenant_id, Member.id == other)
        .values(state="departed", departed_at=now, merged_into_id=keep)
        .execution_options(synchronize_session=False)
    )
    await bump(session, tenant_id)


async def _call_back(session: AsyncSession, tenant_id: int, keep: str, other: str) -> None:
    """He had departed and came back as somebody else: his old record takes the new place."""
    old = await session.get_one(Member, (tenant_id, keep), populate_existing=True)
    new = await session.get_one(Member, (tenant_id, other), populate_existing=True)
    if old.state == "departed" and new.state != "departed":
        old.state, old.departed_at = new.state, None
        old.main_department_id, old.direct_leader_id = new.main_department_id, new.direct_leader_id
        await session.flush()


async def _move_rows(
    session: AsyncSession,
    table: type[Membership] | type[MemberRole],
    tenant_id: int,
    keep: str,
    other: str,
) -> None:
    """Memberships or roles; what both have, he has once."""
    what = table.department_id if table is Membership else table.role  # type: ignore[union-attr]
    his = select(what).where(table.tenant_id == tenant_id, table.member_id == keep)
    both = set(await session.scalars(his))
    mine = and_(table.tenant_id == tenant_id, table.member_id == other)
    await session.execute(
        delete(table).where(mine, what.in_(both)).execution_options(synchronize_session=False)
    )
    await session.execute(
        update(table)
        .where(mine)
        .values(member_id=keep)
        .execution_options(synchronize_session=False)
    )


async def _same_phones(
    session: AsyncSession, connection: ConnectionRef
) -> Sequence[tuple[str, str]]:
    """Pairs of (older record, younger record)."""
    rows = await session.execute(
        select(func.min(MemberIdentity.member_id), func.max(MemberIdentity.member_id))
        .where(
            MemberIdentity.tenant_id == connection.tenant_id,
            MemberIdentity.phone != "",
            MemberIdentity.left_at.is_(None),
        )
        .group_by(MemberIdentity.phone)
        .having(
            func.count() == func.count(MemberIdentity.connection_id.distinct()),
            func.count(MemberIdentity.member_id.distinct()) == 2,
        )
        .order_by(func.min(MemberIdentity.member_id))
    )
    return [(keep, other) for keep, other in rows]

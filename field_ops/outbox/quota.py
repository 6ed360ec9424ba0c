"""How much of a host's monthly calls is used: counted from what was sent, with no table of its own.

The host counts the whole company's apps together, so ours is the least that was used.
"""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..host.checks import Finding
from ..host.platform import HostLimits
from ..texts import Text
from .claims import SENT
from .models import Alarm, OutboxMessage

NEARLY = 0.8
USED = Text(
    "本月已通过接口发出 {used} 条消息；{title}的免费版每月共 {all} 次调用，同一组织的应用合计。",
    "{used} messages of this month were API calls; the free edition of {title} has {all} calls a "
    "month for all apps of the organisation.",
)
NEARLY_USED = Text(
    "本月已通过接口发出 {used} 条消息，而{title}的免费版每月只有 {all} 次调用："
    "用完后消息要等到下月，请在{title}管理后台购买，或减少提醒。",
    "{used} messages of this month were API calls, and the free edition of {title} has only {all} "
    "a month; after that messages wait for the next month. Buy more in its admin console, or "
    "remind less.",
)


async def used_this_month(session: AsyncSession, connection: ConnectionRef, now: datetime) -> int:
    """How many messages of this calendar month cost a call.

    An answer through a conversation's own address costs none; the host gives no id for it. The
    change of a card costs one, and so does an alarm.
    """
    local = now.astimezone(connection.zone)
    begins = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    used = await session.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(
            OutboxMessage.tenant_id == connection.tenant_id,
            OutboxMessage.connection_id == connection.id,
            OutboxMessage.state == SENT,
            OutboxMessage.sent_at >= begins,
            or_(OutboxMessage.host_message_id != "", OutboxMessage.revises != ""),
        )
    )
    rung = await session.scalar(
        select(func.count())
        .select_from(Alarm)
        .where(
            Alarm.tenant_id == connection.tenant_id,
            Alarm.connection_id == connection.id,
            Alarm.rung_at >= begins,
        )
    )
    return (used or 0) + (rung or 0)


def is_nearly_used(used: int, limits: HostLimits) -> bool:
    """Whether it is time to tell somebody."""
    return limits.per_app_month is not None and used >= limits.per_app_month * NEARLY


def told(used: int, title: Text, limits: HostLimits) -> list[Finding]:
    """What `waiqin host check` says of it; nothing of a host without such a limit."""
    if limits.per_app_month is None:
        return []
    nearly = is_nearly_used(used, limits)
    text = (NEARLY_USED if nearly else USED).filled(
        used=used, title=title, all=limits.per_app_month
    )
    return [Finding("quota", not nearly, text)]

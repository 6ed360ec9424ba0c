"""How much of a host's monthly calls is used: by what was sent, and by the host's services.

The host counts the whole company's apps together, so ours is the least that was used.
"""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..connections.use import calls_since
from ..host.checks import Finding
from ..host.platform import HostLimits
from ..texts import Text
from .claims import SENT
from .models import Alarm, OutboxMessage

NEARLY = 0.8
USED = Text(
    "本月发消息和使用平台服务已调用接口 {used} 次；{title}的免费版每月共 {all} 次调用，"
    "同一组织的应用合计。",
    "Messages and services made {used} API calls this month; the free edition of {title} has {all} "
    "a month for all apps of the organisation.",
)
NEARLY_USED = Text(
    "本月发消息和使用平台服务已调用接口 {used} 次，而{title}的免费版每月只有 {all} 次："
    "用完后消息要等到下月，请在{title}管理后台购买，或关闭日程、待办等服务，或减少提醒。",
    "Messages and services made {used} API calls this month, and the free edition of {title} has "
    "only {all} a month; after that messages wait for the next month. Buy more in its admin "
    "console, switch services off (calendar, to-dos), or remind less.",
)


async def used_this_month(session: AsyncSession, connection: ConnectionRef, now: datetime) -> int:
    """How many messages of this calendar month cost a call, and the calls of services.

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
    by_services = await calls_since(session, connection, begins.date())
    return (used or 0) + (rung or 0) + by_services


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

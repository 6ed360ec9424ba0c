"""Administrators are told when a webhook of theirs is paused."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..access.holders import who_may
from ..host.messages import Notice
from ..outbox.post import post
from ..tenants.models import Tenant
from ..texts import Text
from ..work import Actor, Work
from .failures import said
from .models import Webhook

PAUSED = Text(
    "给「{name}」的事件推送一直失败，已暂停：{reason}。变更会保留 30 天，修好对方地址后，"
    "请到管理台「数据对接」里点「恢复」。",
    "Webhook “{name}” kept failing and is paused: {reason}. Changes wait for thirty days: mend the "
    "address, then press Resume under Integrations in the desk console.",
)


async def tell_administrators(session: AsyncSession, webhook: Webhook, now: datetime) -> None:
    """A notice to everybody who may configure it, once for each pause."""
    zone = await session.scalar(select(Tenant.zone).where(Tenant.id == webhook.tenant_id))
    actor = Actor(webhook.tenant_id, None, via="worker")
    work = Work(session, actor, now, ZoneInfo(zone or "Asia/Shanghai"))
    for member_id in await who_may(work, "connections.configure"):
        await post(
            work,
            to=member_id,
            message=partial(_notice, webhook.name, webhook.paused_reason),
            kind="webhook_paused",
            once=f"webhook-paused-{webhook.id}-{member_id}-{now:%Y%m%d%H%M}",
        )


def _notice(name: str, reason: str, language: str) -> Notice:
    return Notice(PAUSED.say(language, name=name, reason=said(reason, language)), language)

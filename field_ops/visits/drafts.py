"""Logs that were said to the bot and wait for one tap. A stale button is harmless."""

import secrets
from datetime import timedelta

from sqlalchemy import delete

from ..db import CROCKFORD
from ..errors import NotFound
from ..texts import Text
from ..work import Work
from .models import LogDraft

LIVES = timedelta(hours=72)  # as every card action (domain.md §13.4)


class DraftGone(NotFound):
    sentence = Text(
        "这条记录已经提交或过期，请重新说一遍。",
        "This log was already kept or is too old. Please say it again.",
    )


async def keep(work: Work, visit_id: str, summary: str) -> str:
    """Remember a log for my visit; returns the code that its buttons name."""
    await work.session.execute(
        delete(LogDraft).where(LogDraft.tenant_id == work.tenant_id, LogDraft.expires_at < work.now)
    )
    code = "".join(secrets.choice(CROCKFORD) for _ in range(8))
    work.session.add(
        LogDraft(
            tenant_id=work.tenant_id,
            code=code,
            member_id=work.actor.me,
            visit_id=visit_id,
            summary=summary,
            expires_at=work.now + LIVES,
        )
    )
    await work.session.flush()
    return code


async def find(work: Work, code: str) -> LogDraft:
    """My draft, or `DraftGone`: also for somebody else's code."""
    draft = await work.session.get(LogDraft, (work.tenant_id, code))
    if draft is None or draft.member_id != work.actor.member_id or draft.expires_at < work.now:
        raise DraftGone()
    return draft


async def drop(work: Work, draft: LogDraft) -> None:
    """The draft has become a log."""
    await work.session.delete(draft)
    await work.session.flush()

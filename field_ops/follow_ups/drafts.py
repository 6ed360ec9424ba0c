"""Follow-ups that were said to the bot and wait for one tap. A stale button is harmless."""

import secrets
from datetime import timedelta

from sqlalchemy import delete

from ..db import CROCKFORD
from ..work import Work
from .actions import record
from .errors import DraftOfFollowUpGone
from .models import FollowUp, FollowUpDraft
from .schemas import FollowUpIn

LIVES = timedelta(hours=72)  # as every card action (domain.md §13.4)


async def keep(work: Work, customer_id: str, said: FollowUpIn) -> str:
    """Remember what was said; returns the code that its button names."""
    await work.session.execute(
        delete(FollowUpDraft).where(
            FollowUpDraft.tenant_id == work.tenant_id, FollowUpDraft.expires_at < work.now
        )
    )
    draft = FollowUpDraft(
        tenant_id=work.tenant_id,
        code="".join(secrets.choice(CROCKFORD) for _ in range(8)),
        member_id=work.actor.me,
        customer_id=customer_id,
        channel=said.channel,
        duration_s=said.duration_s,
        summary=said.summary,
        next_action=said.next_action,
        next_action_on=said.next_action_on,
        said_at=work.now,
        expires_at=work.now + LIVES,
    )
    work.session.add(draft)
    await work.session.flush()
    return draft.code


async def confirm(work: Work, code: str) -> FollowUp:
    """My draft becomes a follow-up of the moment at which it was said, however late the tap is.

    Raises DraftOfFollowUpGone, also for somebody else's code.
    """
    draft = await work.session.get(FollowUpDraft, (work.tenant_id, code), with_for_update=True)
    if draft is None or draft.member_id != work.actor.member_id or draft.expires_at < work.now:
        raise DraftOfFollowUpGone()
    promised_on = draft.next_action_on
    if promised_on is not None and promised_on < work.today:
        promised_on = None  # the tap came after the day; what was promised still stands in words
    said = FollowUpIn.model_validate(
        {
            "channel": draft.channel,
            "duration_s": draft.duration_s,
            "summary": draft.summary,
            "next_action": draft.next_action,
            "next_action_on": promised_on,
            "happened_at": draft.said_at,
        }
    )
    followed_up = await record(work, draft.customer_id, said)
    await work.session.delete(draft)
    await work.session.flush()
    return followed_up

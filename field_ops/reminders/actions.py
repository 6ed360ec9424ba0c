"""Promising to say something at a time, and taking the promise back."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import update

from ..db import insert_into, new_id
from ..work import Work
from .models import Reminder

CHECK_OUT_MISSING = "check_out_missing"
CHECK_OUT_EXPECTED_AFTER = timedelta(minutes=90)  # domain.md §12.1
AT_ONCE = 500  # rows of one INSERT


async def remind(
    work: Work, rule: str, due_at: datetime, members_by_subject: Collection[tuple[str, str]]
) -> None:
    """Promise `rule` for each (subject, member) at `due_at`; what is promised already stays so."""
    rows = [
        {
            "tenant_id": work.tenant_id,
            "id": new_id(),
            "rule": rule,
            "subject_id": subject_id,
            "member_id": member_id,
            "due_at": due_at,
            "state": "waiting",
            "attempts": 0,
            "worker": "",
        }
        for subject_id, member_id in members_by_subject
    ]
    for start in range(0, len(rows), AT_ONCE):
        promise = insert_into(work.session, Reminder).values(rows[start : start + AT_ONCE])
        await work.session.execute(
            promise.on_conflict_do_update(
                index_elements=["tenant_id", "rule", "subject_id", "due_at"],
                set_={"state": "waiting"},
                # Taken back and needed again: he checked out, and came back within the half hour.
                where=(Reminder.state == "cancelled") & (Reminder.due_at > work.now),
            )
        )


async def remind_about_check_out(
    work: Work, visit_id: str, member_id: str, checked_in_at: datetime
) -> None:
    """Tell the member 90 minutes after his check-in, unless he checks out before."""
    due_at = checked_in_at + CHECK_OUT_EXPECTED_AFTER
    await remind(work, CHECK_OUT_MISSING, due_at, [(visit_id, member_id)])


async def cancel_check_out_reminder(work: Work, visit_id: str) -> None:
    """He has checked out."""
    await work.session.execute(
        update(Reminder)
        .where(
            Reminder.tenant_id == work.tenant_id,
            Reminder.rule == CHECK_OUT_MISSING,
            Reminder.subject_id == visit_id,
            Reminder.state.in_(("waiting", "claimed")),
        )
        .values(state="cancelled", lease_until=None)
        .execution_options(synchronize_session=False)
    )

"""The reminder that a visit is still open, 90 minutes after the check-in (domain.md §12.1)."""

from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import and_, select

from ..customers.models import Customer
from ..host.messages import Wording
from ..reminders import actions
from ..reminders.rules import Due, Rule
from ..work import Work
from .messages import check_out_missing
from .models import Visit


async def open_visits_of(work: Work, due: Sequence[Due]) -> Mapping[str, Wording]:
    """A card for each visit that is still open."""
    found = await work.session.execute(
        select(Visit.id, Visit.checked_in_at, Customer.name)
        .join(
            Customer,
            and_(Customer.tenant_id == Visit.tenant_id, Customer.id == Visit.customer_id),
        )
        .where(
            Visit.tenant_id == work.tenant_id,
            Visit.id.in_([one.subject_id for one in due]),
            Visit.checked_out_at.is_(None),
        )
    )
    still_open = {visit_id: (since, name) for visit_id, since, name in found}
    cards: dict[str, Wording] = {}
    for one in due:
        if one.subject_id in still_open:
            since, customer = still_open[one.subject_id]
            minutes = round((work.now - since).total_seconds() / 60)
            page = f"#/visits/{one.subject_id}"
            cards[one.id] = partial(check_out_missing, customer, minutes, page)
    return cards


CHECK_OUT_MISSING = Rule(actions.CHECK_OUT_MISSING, open_visits_of)

"""Who of a customer's people reports to whom."""

from collections.abc import Mapping

from sqlalchemy import select, update

from ..work import Work
from .errors import ReportsInACircle, ReportsToStranger
from .models import Contact


def is_above_himself(reports_to: Mapping[str, str | None], contact_id: str) -> bool:
    """Whether going up from him, from one to the next, comes back to him."""
    seen, at = {contact_id}, reports_to.get(contact_id)
    while at is not None and at not in seen:
        seen.add(at)
        at = reports_to.get(at)
    return at is not None


async def refuse_circle(work: Work, contact: Contact, boss_id: str | None) -> None:
    """Raise unless he may report to this one. The caller holds the customer of both."""
    if boss_id is None:
        return
    rows = await work.session.execute(
        select(Contact.id, Contact.reports_to).where(
            Contact.tenant_id == work.tenant_id, Contact.customer_id == contact.customer_id
        )
    )
    chart = {row.id: row.reports_to for row in rows}
    if boss_id not in chart:
        raise ReportsToStranger()
    if is_above_himself({**chart, contact.id: boss_id}, contact.id):
        raise ReportsInACircle(name=contact.name)


async def let_go(work: Work, contact: Contact) -> None:
    """He leaves: nobody here reports to him any more, and he to nobody."""
    contact.reports_to = None
    await work.session.execute(
        update(Contact)
        .where(Contact.tenant_id == work.tenant_id, Contact.customer_id == contact.customer_id)
        .where(Contact.reports_to == contact.id)
        .values(reports_to=None)
    )

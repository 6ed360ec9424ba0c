"""One follow-up with what a page shows of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..access import find_visible
from ..access.fields import eyes_of
from ..customers.models import Contact, Customer
from ..customers.queries import names_of
from ..errors import Refusal
from ..history.models import AuditEntry
from ..history.queries import audited
from ..work import Work
from .actions import refuse_settled
from .models import FollowUp


@dataclass(frozen=True, slots=True)
class WholeFollowUp:
    """`edits` are the changes of it, oldest first; none of one that was removed: they would tell
    what it said. Where the reader does not see who is to be
    talked to there (`shows_contacts`), `contact` is None, too."""

    row: FollowUp
    member_name: str
    contact: Contact | None
    may_edit: bool
    edits: Sequence[AuditEntry]
    shows_contacts: bool


async def whole(work: Work, follow_up_id: str) -> WholeFollowUp:
    """Raises NotFound when its customer is not mine to see."""
    row: FollowUp = await find_visible(work, FollowUp, follow_up_id)
    contact = None
    customer = await work.session.get_one(Customer, (work.tenant_id, row.customer_id))
    shows_contacts = eyes_of(work).shows_contacts(customer)
    if row.contact_id and shows_contacts:
        contact = await work.session.get(Contact, (work.tenant_id, row.contact_id))
    edits: Sequence[AuditEntry] = []
    if row.edited_at is not None and row.removed_at is None:
        found = await audited(work, row.id, "follow_up.edited")
        edits = sorted(found, key=lambda entry: (entry.at, entry.id))
    return WholeFollowUp(
        row=row,
        member_name=(await names_of(work, [row.member_id])).get(row.member_id, ""),
        contact=contact,
        may_edit=may_edit(work, row),
        edits=edits,
        shows_contacts=shows_contacts,
    )


def may_edit(work: Work, row: FollowUp) -> bool:
    try:
        refuse_settled(work, row)
    except Refusal:
        return False
    return True

"""One follow-up with what a page shows of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..access import find_visible
from ..customers.models import Contact
from ..customers.queries import names_of
from ..errors import Refusal
from ..history.models import AuditEntry
from ..history.queries import audited
from ..work import Work
from .actions import refuse_settled
from .models import FollowUp


@dataclass(frozen=True, slots=True)
class WholeFollowUp:
    """`edits` are the changes of it, oldest first."""

    row: FollowUp
    member_name: str
    contact_name: str
    may_edit: bool
    edits: Sequence[AuditEntry]


async def whole(work: Work, follow_up_id: str) -> WholeFollowUp:
    """Raises NotFound when its customer is not mine to see."""
    row: FollowUp = await find_visible(work, FollowUp, follow_up_id)
    contact = None
    if row.contact_id:
        contact = await work.session.get(Contact, (work.tenant_id, row.contact_id))
    edits: Sequence[AuditEntry] = []
    if row.edited_at is not None:
        found = await audited(work, row.id, "follow_up.edited")
        edits = sorted(found, key=lambda entry: (entry.at, entry.id))
    return WholeFollowUp(
        row=row,
        member_name=(await names_of(work, [row.member_id])).get(row.member_id, ""),
        contact_name=contact.name if contact else "",
        may_edit=may_edit(work, row),
        edits=edits,
    )


def may_edit(work: Work, row: FollowUp) -> bool:
    try:
        refuse_settled(work, row)
    except Refusal:
        return False
    return True

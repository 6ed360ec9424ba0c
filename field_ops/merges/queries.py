"""What a merge would do, and which there were."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ..attachments.models import Attachment
from ..comments.models import CustomerComment
from ..custom_fields.fields import fields_for
from ..custom_fields.models import CUSTOMER
from ..customers.models import Collaborator, Contact, Customer, CustomerLocation
from ..follow_ups.models import FollowUp
from ..history.models import AuditEntry
from ..plans.models import VisitPlan
from ..tags.models import CustomerTag
from ..visits.models import Visit
from ..work import Work
from . import relations
from .choice import FIELDS, OWN, Choice, Side, choose
from .models import CustomerMerge

EDITED = ("customer.edited", "customer.merged")
CHILDREN: dict[str, Any] = {
    "contact": Contact,
    "customer_location": CustomerLocation,
    "collaborator": Collaborator,
    "customer_comment": CustomerComment,
    "attachment": Attachment,
    "follow_up": FollowUp,
    "visit_plan": VisitPlan,
    "visit": Visit,
    "customer_tag": CustomerTag,
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do: the value of each field, and how many rows of each kind move."""

    master: Customer
    loser: Customer
    choices: Sequence[Choice]
    moves: Mapping[str, int]


async def choices_of(
    work: Work, master: Customer, loser: Customer, picks: Mapping[str, Side]
) -> list[Choice]:
    """Whose value each field keeps."""
    entered = {"master": await _entered(work, master), "loser": await _entered(work, loser)}
    return [
        choose(
            field,
            getattr(master, field),
            getattr(loser, field),
            {
                "master": entered["master"].get(field, master.created_at),
                "loser": entered["loser"].get(field, loser.created_at),
            },
            picks.get(field),
        )
        for field in FIELDS
    ] + [
        choose(
            f"{OWN}{one.key}",
            master.custom.get(one.key),
            loser.custom.get(one.key),
            {
                "master": entered["master"].get(f"{OWN}{one.key}", master.created_at),
                "loser": entered["loser"].get(f"{OWN}{one.key}", loser.created_at),
            },
            picks.get(f"{OWN}{one.key}"),
        )
        for one in (await fields_for(work, CUSTOMER)).present
        if not one.is_computed
    ]


async def preview(
    work: Work, master: Customer, loser: Customer, picks: Mapping[str, Side]
) -> Preview:
    """Nothing is changed."""
    moves: dict[str, int] = {}
    for name, table in CHILDREN.items():
        moves[name] = (
            await work.session.scalar(
                select(func.count()).where(
                    table.tenant_id == work.tenant_id, table.customer_id == loser.id
                )
            )
            or 0
        )
    moves[relations.NAME] = await relations.count(work, loser.id)
    return Preview(master, loser, await choices_of(work, master, loser, picks), moves)


async def merges_of(work: Work, customer_id: str) -> Sequence[CustomerMerge]:
    """Merges into this customer, the newest first."""
    found = await work.session.scalars(
        select(CustomerMerge)
        .where(CustomerMerge.tenant_id == work.tenant_id, CustomerMerge.master_id == customer_id)
        .order_by(CustomerMerge.id.desc())
    )
    return found.all()


async def _entered(work: Work, customer: Customer) -> dict[str, datetime]:
    """When each field was last changed, as far as it ever was."""
    entries = await work.session.execute(
        select(AuditEntry.at, AuditEntry.change)
        .where(
            AuditEntry.tenant_id == work.tenant_id,
            AuditEntry.subject_id == customer.id,
            AuditEntry.action.in_(EDITED),
        )
        .order_by(AuditEntry.id)
    )
    return {field: at for at, change in entries for field in change}

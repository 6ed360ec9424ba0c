"""What belongs to the shops of a random organisation: rows in the database, and the same as
lists."""

from datetime import timedelta
from itertools import pairwise

from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.attachments.models import Attachment
from field_ops.comments.models import CustomerComment
from field_ops.contacts.models import ContactConsent, ContactMove
from field_ops.customers.models import Contact
from field_ops.customers.relations import CustomerRelation
from field_ops.db import new_id
from field_ops.follow_ups.models import FollowUp
from field_ops.grading.models import GradeProposal
from field_ops.merges.models import DuplicatePair
from field_ops.plans.models import VisitPlan
from field_ops.pool.models import Extension
from field_ops.sharing.models import CollaborationRequest
from field_ops.visits.models import Visit

from .oracle import Thing
from .organisations import Town

ALONE = ("plan", "follow_up", "comment", "attachment", "request", "proposal", "extension")
BUSY = 9  # shops that have something, the others of which nothing is asked


async def furnish(session: AsyncSession, town: Town) -> list[str]:
    """Give some shops of everything a little; their ids."""
    chance, told = town.chance, town.told
    there = [one for one, shop in told.shops.items() if shop.merged_into is None]
    busy = chance.sample(there, BUSY)
    for shop_id in busy:
        _visited(session, town, shop_id)
        for kind in ALONE:
            _keep(session, town, kind, shop_id)
        _keep(session, town, "consent", shop_id, _keep(session, town, "contact", shop_id))
        other = chance.choice([one for one in busy if one != shop_id])
        for kind in ("relation", "move"):
            _keep(session, town, kind, shop_id, other)
    for one, other in pairwise(busy):
        _keep(session, town, "pair", *sorted((one, other)))
    await session.flush()
    return busy


def _visited(session: AsyncSession, town: Town, shop_id: str) -> None:
    """Twice, by two people; of each visit its log stands beside it."""
    for who in town.chance.sample(list(town.told.people), 2):
        visit_id = _keep(session, town, "visit", shop_id, by=who)
        _keep(session, town, "follow_up", shop_id, visit_id, by=who)


def _keep(
    session: AsyncSession, town: Town, kind: str, shop_id: str, beside: str = "", by: str = ""
) -> str:
    who = by or town.chance.choice(list(town.told.people))
    id_, now = new_id(), town.work(session).now
    town.told.things.append(Thing(kind, id_, shop_id, who, beside))
    of_shop = {"tenant_id": town.tenant_id, "id": id_, "customer_id": shop_id}
    both = {"tenant_id": town.tenant_id, "id": id_, "from_id": shop_id, "to_id": beside}
    row: object
    match kind:
        case "visit":
            row = Visit(
                **of_shop, owner_id=who, number=id_[-24:], visit_type="routine",
                business_date=now.date(), checked_in_at=now, checked_out_at=now,
                check_in_verdict="NO_FIX",
            )  # fmt: skip
        case "plan":
            row = VisitPlan(
                **of_shop, owner_id=who, planned_on=now.date(), state="missed", created_at=now
            )
        case "follow_up":
            row = FollowUp(
                **of_shop, member_id=who, visit_id=beside or None, happened_at=now, created_at=now,
                channel="visit" if beside else "note", summary="谈了续约",
            )  # fmt: skip
        case "comment":
            row = CustomerComment(**of_shop, member_id=who, text="请看一下", created_at=now)
        case "attachment":
            row = Attachment(
                **of_shop, member_id=who, name="合同.pdf", kind="pdf", size_bytes=1, place="",
                media_type="application/pdf", sha256=id_, created_at=now,
            )  # fmt: skip
        case "contact":
            row = Contact(**of_shop, name="王经理", phone="13900139000", created_at=now)
        case "consent":
            row = ContactConsent(
                tenant_id=town.tenant_id, id=id_, contact_id=beside, how="spoken", given_at=now
            )
        case "request":
            row = CollaborationRequest(
                **of_shop, asker_id=who, asked_at=now, expires_at=now + timedelta(days=3)
            )
        case "proposal":
            row = GradeProposal(
                **of_shop, quarter=now.date(), before="C", after="B", score=70, made_at=now
            )
        case "extension":
            row = Extension(**of_shop, member_id=who, asked_at=now)
        case "relation":
            row = CustomerRelation(**both, kind="supplies", started_at=now, note="独家")
        case "move":
            row = ContactMove(**both, contact_id=id_, name="赵采购", at=now)
        case _:
            row = DuplicatePair(
                tenant_id=town.tenant_id, one_id=shop_id, other_id=beside, check="similar",
                similarity=0.9, found_at=now,
            )  # fmt: skip
    session.add(row)
    return id_

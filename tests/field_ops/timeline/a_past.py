"""A past of a customer, made from a seed: much of it in one moment, some of it of a record that
became part of it."""

import random
from datetime import datetime, timedelta
from typing import Any

from field_ops.attachments.models import Attachment
from field_ops.comments.models import CustomerComment
from field_ops.customers.models import Collaborator, Customer
from field_ops.db import new_id
from field_ops.follow_ups.models import FollowUp
from field_ops.history import audit
from field_ops.merges.actions import merge
from field_ops.people.models import Member
from field_ops.plans.models import VisitPlan
from field_ops.visits.models import Visit
from field_ops.work import Work
from tests.conftest import TUESDAY_MORNING
from tests.factories import Company, a_customer, work_as

PHONES = ("13871234567", "027-85551234", "18602710000")
PLAN_STATES = (
    "scheduled", "in_progress", "done", "missed", "skipped", "cancelled", "rescheduled",
)  # fmt: skip
ACTIONS: tuple[tuple[str, dict[str, tuple[Any, Any]]], ...] = (
    ("customer.edited", {"phone": (PHONES[0], PHONES[1]), "level": ("C", "A")}),
    ("customer.edited", {"note": ("", "老板姓张"), "secret_of_tomorrow": ("1", PHONES[2])}),
    ("contact.edited", {"phone": (PHONES[1], PHONES[2])}),
    ("contact.added", {"name": (None, "张老板")}),
    ("customer.shared", {"access": (None, "read")}),
    ("customer.extension_asked", {"reason": (None, "在谈合同")}),
    ("location.proposed", {"place": (None, [30.5, 114.3, "GCJ02"])}),
)


async def a_past(company: Company, work: Work, seed: int) -> Customer:
    """A customer of 李雷, shared with 韩梅梅, that took in two others; with about 60 entries."""
    chance = random.Random(seed)
    session, lilei = work.session, company.lilei
    shops = [
        await a_customer(work_as(session, lilei), f"华联超市{number}号店", phone=phone)
        for number, phone in enumerate(PHONES)
    ]
    shop = shops[0]
    session.add(
        Collaborator(
            tenant_id=work.tenant_id,
            customer_id=shop.id,
            member_id=company.hanmeimei.id,
            access="read",
        )
    )
    people = (company.lilei, company.hanmeimei, company.wang, company.admin)
    moments = [TUESDAY_MORNING - timedelta(hours=7 * hours) for hours in range(9)]
    for number in range(45):
        _add(chance, work, chance.choice(shops), chance.choice(people), moments, number)
    await session.flush()
    for other in shops[1:]:
        at = work_as(session, company.wang, chance.choice(moments))
        await merge(at, shop.id, other.id, {})
    for number in range(45, 60):
        _add(chance, work, shop, chance.choice(people), moments, number)
    await session.flush()
    return shop


def _add(
    chance: random.Random, work: Work, shop: Customer, who: Member, moments: list[datetime], n: int
) -> None:
    session, at = work.session, chance.choice(moments)
    match chance.choice(("visit", "follow_up", "plan", "comment", "file", "audit", "audit")):
        case "visit":
            visit = _visit(work, shop, who, at, n)
            session.add(visit)
            if chance.random() < 0.6:
                session.add(_follow_up(work, shop, who, at, visit.id))
        case "follow_up":
            session.add(_follow_up(work, shop, who, at, None))
        case "comment":
            session.add(
                CustomerComment(
                    tenant_id=work.tenant_id,
                    id=new_id(),
                    customer_id=shop.id,
                    member_id=who.id,
                    text="先别降价",
                    created_at=at,
                )
            )
        case "file":
            session.add(
                Attachment(
                    tenant_id=work.tenant_id,
                    id=new_id(),
                    customer_id=shop.id,
                    member_id=who.id,
                    name="合同.pdf",
                    kind="pdf",
                    media_type="application/pdf",
                    size_bytes=1,
                    sha256=f"{n}",
                    place=f"{n}",
                    created_at=at,
                )
            )
        case "plan":
            session.add(
                VisitPlan(
                    tenant_id=work.tenant_id,
                    id=new_id(),
                    owner_id=who.id,
                    customer_id=shop.id,
                    planned_on=work.on(at + timedelta(days=chance.choice((0, 0, 1)))),
                    state=chance.choice(PLAN_STATES),
                    created_at=at,
                )
            )
        case _:
            action, change = chance.choice(ACTIONS)
            audit.record(work_as(session, who, at), action, "customer", shop.id, change)


def _visit(work: Work, shop: Customer, who: Member, at: datetime, number: int) -> Visit:
    return Visit(
        tenant_id=work.tenant_id,
        id=new_id(),
        number=f"V-{number}",
        owner_id=who.id,
        customer_id=shop.id,
        visit_type="routine",
        business_date=work.on(at),
        checked_in_at=at,
        checked_out_at=at + timedelta(minutes=12),
        check_in_verdict="VERIFIED",
        dwell_s=720,
    )


def _follow_up(
    work: Work, shop: Customer, who: Member, at: datetime, visit_id: str | None
) -> FollowUp:
    return FollowUp(
        tenant_id=work.tenant_id,
        id=new_id(),
        customer_id=shop.id,
        member_id=who.id,
        channel="visit" if visit_id else "call",
        visit_id=visit_id,
        summary="谈了续约",
        happened_at=at,
        created_at=at,
    )

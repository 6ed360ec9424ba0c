"""The organisation twice: as the pretend host has it, and as it stands in our books."""

from typing import Any

from sqlalchemy import select

from field_ops.people.models import Department, Member, MemberIdentity, Membership
from integrations.sandbox import world
from tests.scenarios.stage import Stage

Told = tuple[str, str, frozenset[str], frozenset[str]]


def true_people(company: world.Company) -> dict[str, Told]:
    """Name, title, departments and led departments of everybody, as the host knows them."""
    return {
        one.user_id: (
            one.name,
            one.title,
            frozenset(map(str, [*one.department_ids, *one.leads])),  # who leads is there
            frozenset(map(str, one.leads)),
        )
        for one in company.people.values()
        if one.active
    }


def true_tree(company: world.Company) -> dict[str, tuple[str, str]]:
    return {
        str(one.id): (one.name, str(one.parent_id or "")) for one in company.departments.values()
    }


async def our_people(stage: Stage, host: str) -> dict[str, Told]:
    """The same from our books."""
    tenant_id = stage.tenants[host]
    async with stage.database.reading() as session:
        host_ids = dict(
            (
                await session.execute(
                    select(Department.id, Department.host_department_id).where(
                        Department.tenant_id == tenant_id
                    )
                )
            ).all()
        )
        rows = await session.execute(
            select(MemberIdentity.host_user_id, Member.id, Member.name, Member.title)
            .join(
                Member,
                (Member.tenant_id == MemberIdentity.tenant_id)
                & (Member.id == MemberIdentity.member_id),
            )
            .where(
                MemberIdentity.tenant_id == tenant_id,
                MemberIdentity.left_at.is_(None),
                Member.state == "active",
            )
        )
        people = {row.id: row for row in rows}
        places: dict[str, set[str]] = {one: set() for one in people}
        leads: dict[str, set[str]] = {one: set() for one in people}
        memberships = await session.scalars(
            select(Membership).where(Membership.tenant_id == tenant_id)
        )
        for one in memberships:
            if one.member_id in people:
                places[one.member_id].add(host_ids[one.department_id])
                if one.is_leader:
                    leads[one.member_id].add(host_ids[one.department_id])
    return {
        row.host_user_id: (
            row.name, row.title or "", frozenset(places[row.id]), frozenset(leads[row.id])
        )
        for row in people.values()
    }  # fmt: skip


async def our_tree(stage: Stage, host: str) -> dict[str, tuple[str, str]]:
    async with stage.database.reading() as session:
        rows = list(
            await session.scalars(
                select(Department).where(
                    Department.tenant_id == stage.tenants[host], Department.removed_at.is_(None)
                )
            )
        )
    host_ids = {row.id: row.host_department_id for row in rows}
    return {
        row.host_department_id: (row.name, host_ids.get(row.parent_id or "", "")) for row in rows
    }


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Fails with what we hold and what the host holds, where that is not the same."""
    differ = {
        one: (ours.get(one), theirs.get(one))
        for one in ours.keys() | theirs.keys()
        if ours.get(one) != theirs.get(one)
    }
    assert not differ, differ

"""Whom a field may name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from ..people.models import Department, Member
from ..work import Work

MOST_NAMED = 20


async def people_named(work: Work, kind: str, part: str) -> Sequence[tuple[str, str]]:
    """(id, name) of active members, or of departments, that have this in their name."""
    table: Any = Member if kind == "member" else Department
    present = Member.state == "active" if kind == "member" else Department.removed_at.is_(None)
    found = await work.session.execute(
        select(table.id, table.name)
        .where(table.tenant_id == work.tenant_id, present)
        .where(table.name.contains(part.strip(), autoescape=True))
        .order_by(table.name, table.id)
        .limit(MOST_NAMED)
    )
    return [(row.id, row.name) for row in found]

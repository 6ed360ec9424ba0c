"""Whose customers the asker may look up, closest to him first (domain.md §7.5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Integer, String, bindparam, literal, select, union_all

from ..access import scope_to_see
from ..access.scope import Scope
from ..fast_reads import read_as_made
from ..people.models import Membership
from ..work import Work
from .models import Collaborator, Customer

MINE, SHARED, COLLEAGUES, OTHERS = range(4)
MOST_SHARED = 1000
COLLEAGUE, OVERSEEN, SHARED_ONE = "colleague", "overseen", "shared"


@dataclass(frozen=True, slots=True)
class Sight:
    """Owners and customers in the asker's scope as they are now; no owner is in it twice.

    `shared` are customers that others let me see, and what I created and nobody owns. `others` is
    None when everybody is in sight, and nobody too: then what nobody owns is not `shared`.
    """

    me: str | None = None
    shared: frozenset[str] = frozenset()
    colleagues: frozenset[str] = frozenset()
    others: frozenset[str] | None = frozenset()

    @property
    def is_blind(self) -> bool:
        """Nothing is in sight: no role lets him look."""
        return self.owners == frozenset() and not self.shared

    @property
    def owners(self) -> frozenset[str] | None:
        """Everybody whose customers are in sight; None without a limit."""
        if self.others is None:
            return None
        return self.colleagues | self.others | ({self.me} if self.me else set())

    def closeness(self, customer_id: str, owner_id: str | None) -> int | None:
        """MINE, SHARED, COLLEAGUES or OTHERS; None when it is out of sight."""
        if owner_id is not None and owner_id == self.me:
            return MINE
        if customer_id in self.shared:
            return SHARED
        if owner_id in self.colleagues:
            return COLLEAGUES
        return OTHERS if self.others is None or owner_id in self.others else None


async def sight_of(work: Work, *, mine: bool = False) -> Sight:
    """How far this actor sees, asked of the tree of departments in one statement."""
    me, scope = work.actor.member_id, scope_to_see(work, Customer)
    if not scope.is_granted:
        return Sight()
    if mine:
        return Sight(me)
    sees_all = scope.sees_all
    if me is None:
        return Sight(others=None)
    found: dict[str, set[str]] = {COLLEAGUE: set(), OVERSEEN: set(), SHARED_ONE: set()}
    statement, values = _statement(scope.shape), scope.parameters
    if scope.departments or scope.subtrees:
        rows: Iterable[Any] = await work.session.execute(statement, values)
    else:
        rows = await read_as_made(work.session, statement, values)
    for kind, row_id in rows:
        found[kind].add(row_id)
    near_me, overseen = found[COLLEAGUE] - {me}, found[OVERSEEN] - {me}
    return Sight(
        me,
        shared=frozenset(found[SHARED_ONE]),
        colleagues=frozenset(near_me if sees_all else near_me & overseen),
        others=None if sees_all else frozenset(overseen - near_me),
    )


@cache  # making it takes longer than asking it
def _statement(scope: Scope) -> CompoundSelect[str, str]:
    """(what it is, id) of everything that decides how close a customer is to the asker."""
    tenant_id = bindparam("scope_tenant_id", type_=Integer)
    me = bindparam("scope_member_id", type_=String)
    departments = select(Membership.department_id).where(
        Membership.tenant_id == tenant_id, Membership.member_id == me
    )
    colleagues = select(literal(COLLEAGUE), Membership.member_id).where(
        Membership.tenant_id == tenant_id, Membership.department_id.in_(departments)
    )
    shared = select(literal(SHARED_ONE), Collaborator.customer_id).where(
        Collaborator.tenant_id == tenant_id, Collaborator.member_id == me
    )
    created = select(Customer.id).where(
        Customer.tenant_id == tenant_id,
        Customer.owner_id.is_(None),
        Customer.created_by == me,
        Customer.removed_at.is_(None),
    )
    latest = created.order_by(Customer.id.desc()).limit(MOST_SHARED).subquery()
    if scope.sees_all:  # what nobody owns is in sight without having been created by me
        return union_all(colleagues, shared)
    overseen = [ids.subquery() for ids in scope.member_ids(is_named=True)]
    return union_all(
        colleagues,
        shared,
        select(literal(SHARED_ONE), latest.c.id),
        *(select(literal(OVERSEEN), ids.c.member_id) for ids in overseen),
    )

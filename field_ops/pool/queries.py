"""Which pools there are, whose they are, and what is in them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from ..access import may
from ..customers.models import Customer
from ..customers.owner_changes import ASSIGNED, CLAIMED, HANDED_OVER, OwnerChange
from ..people.models import Department, Member, Membership
from ..work import Work
from .models import DEFAULT, Pool, PoolMember, PoolView
from .rules import ClaimRule, PoolRules

PAGE = 20
WON = ("won", "repeat")


@dataclass(frozen=True, slots=True)
class KnownPool:
    """A pool with its rules. The company's own has no name until somebody gives it one."""

    id: str
    name: str
    rules: PoolRules
    is_admin: bool = False
    position: int = 0


async def every_pool(work: Work) -> list[KnownPool]:
    """All pools of the company in their order; its own, which is always there, comes last."""
    rows = await work.session.scalars(
        select(Pool)
        .where(Pool.tenant_id == work.tenant_id, Pool.removed_at.is_(None))
        .order_by(Pool.position, Pool.id)
    )
    pools = {row.id: KnownPool(row.id, row.name, row.ruled, position=row.position) for row in rows}
    own = pools.pop(DEFAULT, KnownPool(DEFAULT, "", PoolRules()))
    return [*pools.values(), own]


async def pools_of(work: Work) -> list[KnownPool]:
    """The pools of whoever is at work: those he is a member of and the company's own; every one
    for who configures them, and for the system."""
    pools = await every_pool(work)
    if may(work, "pool.configure"):
        return [KnownPool(one.id, one.name, one.rules, is_admin=True) for one in pools]
    mine: dict[str, bool] = {DEFAULT: False}
    for _, pool_id, is_admin in await _belonging(work, [work.actor.me]):
        mine[pool_id] = mine.get(pool_id, False) or is_admin
    return [
        KnownPool(one.id, one.name, one.rules, is_admin=mine[one.id])
        for one in pools
        if one.id in mine
    ]


async def pool_by_member(work: Work, member_ids: Collection[str]) -> dict[str, KnownPool]:
    """The pool whose rules count for the customers of each member, and which takes them back."""
    pools = await every_pool(work)
    ids: dict[str, set[str]] = {}
    for member_id, pool_id, _ in await _belonging(work, member_ids):
        ids.setdefault(member_id, set()).add(pool_id)
    return {
        one: next(pool for pool in pools if pool.id == DEFAULT or pool.id in ids.get(one, ()))
        for one in member_ids
    }


async def pool_of_everybody(work: Work) -> dict[str, str]:
    """The id of the pool that rules over each active member."""
    active = select(Member.id).where(Member.tenant_id == work.tenant_id, Member.state == "active")
    ids = list(await work.session.scalars(active))
    return {one: pool.id for one, pool in (await pool_by_member(work, ids)).items()}


async def holding_limits(work: Work, member_ids: Collection[str]) -> dict[str, int]:
    """How many customers each may hold: the smallest limit of his pools."""
    limits = {pool.id: pool.rules.claim.holding for pool in await every_pool(work)}
    found = dict.fromkeys(member_ids, limits[DEFAULT])
    for member_id, pool_id, _ in await _belonging(work, member_ids):
        if pool_id in limits:  # one that was removed limits nobody
            found[member_id] = min(found[member_id], limits[pool_id])
    return found


async def members_of(work: Work, pool_id: str) -> list[str]:
    """Active members of a pool; of the company's own everybody."""
    active = select(Member.id).where(Member.tenant_id == work.tenant_id, Member.state == "active")
    ids = list(await work.session.scalars(active.order_by(Member.id)))
    if pool_id == DEFAULT:
        return ids
    belonging = {one for one, pool, _ in await _belonging(work, ids) if pool == pool_id}
    return [one for one in ids if one in belonging]


async def members_by_pool(work: Work) -> dict[str, list[dict[str, object]]]:
    """Who was named to each pool: a member or a department, with its name, in its order."""
    found: dict[str, list[dict[str, object]]] = {}
    for kind, table in (("department", Department), ("member", Member)):
        rows = await work.session.execute(
            select(PoolMember, table.name)
            .join(
                table,
                and_(table.tenant_id == PoolMember.tenant_id, table.id == PoolMember.subject_id),
            )
            .where(PoolMember.tenant_id == work.tenant_id, PoolMember.kind == kind)
            .order_by(table.name, table.id)
        )
        for one, name in rows:
            told = {"kind": kind, "id": one.subject_id, "name": name, "is_admin": one.is_admin}
            found.setdefault(one.pool_id, []).append(told)
    return found


async def admins_of(work: Work, pool_id: str) -> list[str]:
    """The members who administer this pool, each by himself."""
    found = await work.session.scalars(
        select(PoolMember.subject_id).where(
            PoolMember.tenant_id == work.tenant_id,
            PoolMember.pool_id == pool_id,
            PoolMember.kind == "member",
            PoolMember.is_admin,
        )
    )
    return list(found)


def in_pools(work: Work, pools: Iterable[KnownPool]) -> ColumnElement[bool]:
    """True for the customers that lie in one of these pools."""
    ids = [pool.id for pool in pools]
    there: ColumnElement[bool] = Customer.pool_id.in_(ids)
    if DEFAULT in ids:
        there = or_(there, Customer.pool_id.is_(None))
    return and_(
        Customer.tenant_id == work.tenant_id,
        Customer.owner_id.is_(None),
        Customer.removed_at.is_(None),
        there,
    )


async def in_the_pool(
    work: Work, pools: Sequence[KnownPool], *, typed: str, level: str, page: int
) -> tuple[list[Customer], bool]:
    """One page of what lies in these pools, the newest customers first, and whether more do."""
    asked: Select[Customer] = select(Customer).where(in_pools(work, pools))
    if typed:
        asked = asked.where(
            Customer.name.contains(typed, autoescape=True)
            | Customer.city.contains(typed, autoescape=True)
        )
    if level:
        asked = asked.where(Customer.level == level)
    rows = await work.session.scalars(
        asked.order_by(Customer.id.desc()).offset((page - 1) * PAGE).limit(PAGE + 1)
    )
    found = list(rows)
    return found[:PAGE], len(found) > PAGE


def smallest(pools: Sequence[KnownPool]) -> ClaimRule:
    """The limits of a member of several pools."""
    rules = [pool.rules.claim for pool in pools]
    return rules[-1].model_copy(
        update={
            name: min(getattr(rule, name) for rule in rules)
            for name in ("a_day", "views_a_day", "holding")
        }
    )


async def claims_today(work: Work, member_id: str) -> int:
    """How many customers the member has claimed since midnight."""
    return await _count(
        work,
        select(func.count()).where(
            OwnerChange.tenant_id == work.tenant_id,
            OwnerChange.to_id == member_id,
            OwnerChange.how == CLAIMED,
            OwnerChange.at >= datetime.combine(work.today, time(), work.zone),
        ),
    )


async def views_today(work: Work, member_id: str) -> int:
    """How many customers of pools the member has opened today."""
    return await _count(
        work,
        select(func.count()).where(
            PoolView.tenant_id == work.tenant_id,
            PoolView.member_id == member_id,
            PoolView.day == work.today,
        ),
    )


async def holding(work: Work, member_id: str) -> int:
    """How many customers count against his limit: not the won ones, not what others gave him."""
    return await _count(
        work,
        select(func.count()).where(
            Customer.tenant_id == work.tenant_id,
            Customer.owner_id == member_id,
            Customer.removed_at.is_(None),
            Customer.lifecycle_stage.not_in(WON),
            Customer.owner_how.not_in((ASSIGNED, HANDED_OVER)),
        ),
    )


async def changes_of(work: Work, customer_id: str) -> Sequence[OwnerChange]:
    """Everybody who had this customer, the oldest change first."""
    found = await work.session.scalars(
        select(OwnerChange)
        .where(OwnerChange.tenant_id == work.tenant_id, OwnerChange.customer_id == customer_id)
        .order_by(OwnerChange.at, OwnerChange.id)
    )
    return found.all()


async def _belonging(work: Work, member_ids: Collection[str]) -> Sequence[tuple[str, str, bool]]:
    """(member, pool, whether he administers it), directly or through a department of his."""
    directly = select(PoolMember.subject_id, PoolMember.pool_id, PoolMember.is_admin).where(
        PoolMember.tenant_id == work.tenant_id,
        PoolMember.kind == "member",
        PoolMember.subject_id.in_(member_ids),
    )
    named, inside = Department.__table__.alias("named"), Department.__table__.alias("inside")
    by_department = (
        select(Membership.member_id, PoolMember.pool_id, PoolMember.is_admin)
        .select_from(PoolMember)
        .join(named, and_(named.c.tenant_id == work.tenant_id, named.c.id == PoolMember.subject_id))
        .join(
            inside,
            and_(
                inside.c.tenant_id == work.tenant_id,
                inside.c.path.startswith(named.c.path, autoescape=False),
            ),
        )
        .join(
            Membership,
            and_(
                Membership.tenant_id == work.tenant_id,
                Membership.department_id == inside.c.id,
                Membership.member_id.in_(member_ids),
            ),
        )
        .where(PoolMember.tenant_id == work.tenant_id, PoolMember.kind == "department")
    )
    found = await work.session.execute(directly.union_all(by_department))
    return [(member_id, pool_id, is_admin) for member_id, pool_id, is_admin in found]


async def _count(work: Work, asked: Select[int]) -> int:
    return await work.session.scalar(asked) or 0

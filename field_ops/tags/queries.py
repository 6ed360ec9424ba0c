"""Which tags there are, which a customer has, and who has one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from ..access.fields import roles_that_look
from ..work import Work
from .models import CustomerTag, Tag, TagGroup


@dataclass(frozen=True, slots=True)
class Tags:
    """All groups and tags of a company, archived ones too; a merged tag stands for the other."""

    groups: Mapping[str, TagGroup]
    tags: Mapping[str, Tag]
    roles: frozenset[str] | None

    def present(self, tag_id: str) -> Tag | None:
        """The tag, or the one that it was merged into."""
        tag = self.tags.get(tag_id)
        while tag is not None and tag.merged_into is not None:
            tag = self.tags.get(tag.merged_into)
        return tag

    def meant_by(self, tag_id: str) -> list[str]:
        """The tag with those that were merged into it."""
        return [one for one in self.tags if one == tag_id or self._leads(one) == tag_id]

    def may_use(self, group: TagGroup) -> bool:
        return self.roles is None or not group.roles or bool(self.roles & set(group.roles))

    def in_group(self, group_id: str) -> list[Tag]:
        """Without merged ones, in their order."""
        found = [
            one
            for one in self.tags.values()
            if one.group_id == group_id and one.merged_into is None
        ]
        return sorted(found, key=lambda one: (one.position, one.id))

    def _leads(self, tag_id: str) -> str:
        tag = self.present(tag_id)
        return tag.id if tag else ""


async def tags_of_company(work: Work) -> Tags:
    groups = await work.session.scalars(
        select(TagGroup)
        .where(TagGroup.tenant_id == work.tenant_id)
        .order_by(TagGroup.position, TagGroup.id)
    )
    tags = await work.session.scalars(select(Tag).where(Tag.tenant_id == work.tenant_id))
    return Tags(
        {one.id: one for one in groups}, {one.id: one for one in tags}, roles_that_look(work)
    )


async def tags_on(work: Work, tags: Tags, customer_ids: Sequence[str]) -> dict[str, list[Tag]]:
    """The tags of each customer, in the order of the groups; a merged one is the other."""
    rows = await work.session.execute(
        select(CustomerTag.customer_id, CustomerTag.tag_id).where(
            CustomerTag.tenant_id == work.tenant_id, CustomerTag.customer_id.in_(customer_ids)
        )
    )
    found: dict[str, dict[str, Tag]] = {}
    for customer_id, tag_id in rows:
        if tag := tags.present(tag_id):
            found.setdefault(customer_id, {})[tag.id] = tag
    order = {group_id: number for number, group_id in enumerate(tags.groups)}
    return {
        customer_id: sorted(
            its.values(), key=lambda one: (order[one.group_id], one.position, one.id)
        )
        for customer_id, its in found.items()
    }


async def uses(work: Work) -> dict[str, int]:
    """How many customers have each tag."""
    rows = await work.session.execute(
        select(CustomerTag.tag_id, func.count())
        .where(CustomerTag.tenant_id == work.tenant_id)
        .group_by(CustomerTag.tag_id)
    )
    return {tag_id: count for tag_id, count in rows}  # noqa: C416 - rows are not pairs for mypy


def has_any(
    work: Work, tag_ids: Iterable[str], customer_id: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """True for customers that have one of these tags."""
    return exists().where(
        CustomerTag.tenant_id == work.tenant_id,
        CustomerTag.customer_id == customer_id,
        CustomerTag.tag_id.in_(sorted(tag_ids)),
    )


def customers_with_any(work: Work, tag_ids: Iterable[str]) -> Select[str]:
    """Ids of customers that have one of these tags."""
    return select(CustomerTag.customer_id).where(
        CustomerTag.tenant_id == work.tenant_id, CustomerTag.tag_id.in_(sorted(tag_ids))
    )

"""Making tags. Who configures customers makes groups; tags of free groups, whoever edits them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from ..access import may, require
from ..custom_fields.types import folded
from ..db import alone_with, insert_into, new_id
from ..errors import NotFound
from ..history import audit
from ..work import Work
from .errors import (
    TagChangedMeanwhile,
    TagsAreControlled,
    TagsOfTwoGroups,
    TagTaken,
    TooManyTags,
)
from .models import CustomerTag, Tag, TagGroup
from .queries import Tags, tags_of_company
from .schemas import GroupIn, TagIn

CONFIGURES = "customers.configure"
MOST_TAGS, MOST_GROUPS = 2000, 100
SETTLED_AT_ONCE = 100  # each of their customers is indexed anew
BEGIN = ""


async def make_group(work: Work, wanted: GroupIn) -> TagGroup:
    require(work, CONFIGURES)
    await alone_with(work.session, f"tags-{work.tenant_id}")
    known = await tags_of_company(work)
    if len(known.groups) >= MOST_GROUPS:
        raise TooManyTags(limit=MOST_GROUPS)
    group = TagGroup(
        tenant_id=work.tenant_id, id=new_id(), created_at=work.now, revision=1, **_said(wanted)
    )
    group.archived_at = work.now if wanted.is_archived else None
    work.session.add(group)
    audit.record(work, "tag_group.made", "tag_group", group.id, {"name": (None, group.name)})
    await work.session.flush()
    return group


async def change_group(work: Work, group_id: str, wanted: GroupIn, revision: int) -> TagGroup:
    """Raises TagChangedMeanwhile. A group that becomes single takes no tag away."""
    require(work, CONFIGURES)
    group: TagGroup = await _held(work, TagGroup, group_id, revision)
    changed = _put(work, group, _said(wanted), archived=wanted.is_archived)
    if changed:
        audit.record(work, "tag_group.changed", "tag_group", group.id, changed)
    return group


async def make_tag(work: Work, wanted: TagIn) -> Tag:
    """Raises TagTaken, TagsAreControlled or TooManyTags."""
    require(work, "customers.edit")
    await alone_with(work.session, f"tags-{work.tenant_id}")
    known = await tags_of_company(work)
    group = known.groups.get(wanted.group_id)
    if group is None or group.archived_at is not None:
        raise NotFound()
    if group.is_controlled or wanted.is_archived or not known.may_use(group):
        _require_configuring(work, group)
    if len(known.tags) >= MOST_TAGS:
        raise TooManyTags(limit=MOST_TAGS)
    _refuse_taken(known, wanted, besides="")
    tag = Tag(
        tenant_id=work.tenant_id,
        id=new_id(),
        revision=1,
        created_by=work.actor.member_id,
        created_at=work.now,
        name_key=folded(wanted.name)[:80],
        **_said(wanted),
    )
    tag.archived_at = work.now if wanted.is_archived else None
    work.session.add(tag)
    audit.record(work, "tag.made", "tag", tag.id, {"name": (None, tag.name)})
    await work.session.flush()
    return tag


async def change_tag(work: Work, tag_id: str, wanted: TagIn, revision: int) -> Tag:
    """Rename, recolour, order, archive. Raises TagTaken or TagChangedMeanwhile."""
    require(work, CONFIGURES)
    await alone_with(work.session, f"tags-{work.tenant_id}")
    known = await tags_of_company(work)
    tag: Tag = await _held(work, Tag, tag_id, revision)
    if tag.merged_into is not None or wanted.group_id != tag.group_id:
        raise NotFound()
    _refuse_taken(known, wanted, besides=tag.id)
    changed = _put(work, tag, _said(wanted), archived=wanted.is_archived)
    tag.name_key = folded(tag.name)[:80]
    if not {"name", "name_en"}.isdisjoint(changed):
        tag.said_to = BEGIN
    if changed:
        audit.record(work, "tag.changed", "tag", tag.id, changed)
    await work.session.flush()
    return tag


async def merge_tags(work: Work, tag_id: str, into_id: str) -> Tag:
    """From now on the first is the second, for everybody who asks; its rows follow by and by."""
    require(work, CONFIGURES)
    await alone_with(work.session, f"tags-{work.tenant_id}")
    known = await tags_of_company(work)
    tag, into = known.tags.get(tag_id), known.tags.get(into_id)
    if tag is None or into is None or tag.merged_into or into.merged_into:
        raise NotFound()
    if tag is into or tag.group_id != into.group_id:
        raise TagsOfTwoGroups()
    # Its name is free again, and what was merged into it before leads straight to the other.
    tag.merged_into, tag.name_key = into.id, f"→{tag.id}"
    for earlier in known.tags.values():
        if earlier.merged_into == tag.id:
            earlier.merged_into = into.id
    change = {"into": (None, into.id), "name": (tag.name, into.name)}
    audit.record(work, "tag.merged", "tag", tag.id, change)
    await work.session.flush()
    return into


async def unsettled(work: Work) -> tuple[Tag | None, list[str]]:
    """The next customers that have a merged tag, or, with the tag, that have a renamed one."""
    merged = select(Tag.id).where(Tag.tenant_id == work.tenant_id, Tag.merged_into.is_not(None))
    rows = select(CustomerTag.customer_id).where(CustomerTag.tenant_id == work.tenant_id)
    found = await work.session.scalars(
        rows.where(CustomerTag.tag_id.in_(merged)).distinct().limit(SETTLED_AT_ONCE)
    )
    if ids := sorted(found):
        return None, ids
    tag: Tag | None = await work.session.scalar(
        select(Tag).where(Tag.tenant_id == work.tenant_id, Tag.said_to.is_not(None)).limit(1)
    )
    if tag is None:
        return None, []
    found = await work.session.scalars(
        rows.where(CustomerTag.tag_id == tag.id, CustomerTag.customer_id > tag.said_to)
        .order_by(CustomerTag.customer_id)
        .limit(SETTLED_AT_ONCE)
    )
    return tag, list(found)


async def settle(work: Work, tag: Tag | None, customer_ids: Sequence[str]) -> None:
    """What `unsettled` found is settled, by whoever holds these customers and told of them."""
    if tag is not None:
        tag.said_to = customer_ids[-1] if len(customer_ids) == SETTLED_AT_ONCE else None
        return
    rows = (
        await work.session.execute(
            select(CustomerTag, Tag.merged_into)
            .join(
                Tag,
                (Tag.tenant_id == CustomerTag.tenant_id) & (Tag.id == CustomerTag.tag_id),
            )
            .where(CustomerTag.tenant_id == work.tenant_id, Tag.merged_into.is_not(None))
            .where(CustomerTag.customer_id.in_(customer_ids))
        )
    ).all()
    if not rows:
        return
    await work.session.execute(
        insert_into(work.session, CustomerTag).on_conflict_do_nothing(),
        [
            {
                "tenant_id": work.tenant_id,
                "customer_id": row.customer_id,
                "tag_id": into,
                "at": row.at,
                "by_id": row.by_id,
            }
            for row, into in rows
        ],
    )
    await work.session.execute(
        delete(CustomerTag)
        .where(
            CustomerTag.tenant_id == work.tenant_id,
            CustomerTag.customer_id.in_(customer_ids),
            CustomerTag.tag_id.in_({row.tag_id for row, _ in rows}),
        )
        .execution_options(synchronize_session=False)
    )


def _said(wanted: GroupIn | TagIn) -> dict[str, Any]:
    return wanted.model_dump(exclude={"revision", "is_archived"})


def _put(
    work: Work, row: TagGroup | Tag, said: Mapping[str, Any], *, archived: bool
) -> dict[str, tuple[Any, Any]]:
    changed = {
        name: (getattr(row, name), to) for name, to in said.items() if getattr(row, name) != to
    }
    for name, (_, to) in changed.items():
        setattr(row, name, to)
    was_archived = row.archived_at is not None
    if was_archived != archived:
        row.archived_at = work.now if archived else None
        changed["is_archived"] = (was_archived, archived)
    if changed:
        row.revision += 1
    return changed


def _refuse_taken(known: Tags, wanted: TagIn, besides: str) -> None:
    key = folded(wanted.name)[:80]
    for tag in known.in_group(wanted.group_id):
        if tag.name_key == key and tag.id != besides:
            raise TagTaken(name=tag.name)


def _require_configuring(work: Work, group: TagGroup) -> None:
    if not may(work, CONFIGURES):
        raise TagsAreControlled(group=group.name)


async def _held(work: Work, table: Any, row_id: str, revision: int) -> Any:
    row = await work.session.get(
        table, (work.tenant_id, row_id), with_for_update=True, populate_existing=True
    )
    if row is None:
        raise NotFound()
    if row.revision != revision:
        raise TagChangedMeanwhile(name=row.name)
    return row

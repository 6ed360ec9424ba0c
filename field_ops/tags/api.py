"""The routes of tags and their groups."""

from ..access import may, require
from ..errors import NotAllowed, NotFound
from ..http.routes import Routes
from ..work import Work
from . import actions, queries
from .errors import (
    TagChangedMeanwhile,
    TagsAreControlled,
    TagsOfTwoGroups,
    TagTaken,
    TooManyTags,
)
from .models import Tag
from .schemas import (
    GroupChangeIn,
    GroupIn,
    GroupOut,
    GroupSettingsOut,
    GroupsOut,
    MergeTagIn,
    TagChangeIn,
    TagIn,
    TagOut,
    TagSettingsListOut,
    TagSettingsOut,
)

routes = Routes("/api/v1", tag="tags")


@routes.get("/tags", refusals=(NotAllowed,), scope="customers.read")
async def show_tags(work: Work) -> GroupsOut:
    """The tags that can be used now, by group."""
    require(work, "customers.view")
    known = await queries.tags_of_company(work)
    configures = may(work, actions.CONFIGURES)
    groups = []
    for one in known.groups.values():
        if one.archived_at is not None:
            continue
        may_use = may(work, "customers.edit") and known.may_use(one)
        groups.append(
            GroupOut(
                id=one.id,
                name=one.name,
                name_en=one.name_en,
                is_single=one.is_single,
                may_use=may_use,
                may_add=may_use and (configures or not one.is_controlled),
                tags=[tag_out(tag) for tag in known.in_group(one.id) if tag.archived_at is None],
            )
        )
    return GroupsOut(groups=groups)


@routes.get("/tags/all", refusals=(NotAllowed,))
async def show_tag_settings(work: Work) -> TagSettingsListOut:
    """Every group and tag with its settings and how many customers have it."""
    require(work, actions.CONFIGURES)
    return await _all(work)


@routes.post("/tags/groups", status=201, refusals=(NotAllowed, TooManyTags))
async def make_tag_group(work: Work, body: GroupIn) -> TagSettingsListOut:
    """Make a group of tags."""
    await actions.make_group(work, body)
    return await _all(work)


@routes.put("/tags/groups/{group_id}", refusals=(NotFound, NotAllowed, TagChangedMeanwhile))
async def change_tag_group(work: Work, group_id: str, body: GroupChangeIn) -> TagSettingsListOut:
    """Change a group, or archive it, unless somebody else changed it since it was read."""
    await actions.change_group(work, group_id, body, body.revision)
    return await _all(work)


@routes.post(
    "/tags",
    status=201,
    refusals=(NotFound, NotAllowed, TagTaken, TagsAreControlled, TooManyTags),
)
async def make_tag(work: Work, body: TagIn) -> TagOut:
    """Make a tag: an administrator in any group, whoever edits customers in a free one."""
    return tag_out(await actions.make_tag(work, body))


@routes.put("/tags/{tag_id}", refusals=(NotFound, NotAllowed, TagTaken, TagChangedMeanwhile))
async def change_tag(work: Work, tag_id: str, body: TagChangeIn) -> TagSettingsListOut:
    """Rename a tag, colour it, order it, archive it."""
    await actions.change_tag(work, tag_id, body, body.revision)
    return await _all(work)


@routes.post("/tags/{tag_id}/merge", refusals=(NotFound, NotAllowed, TagsOfTwoGroups))
async def merge_tags(work: Work, tag_id: str, body: MergeTagIn) -> TagSettingsListOut:
    """Make one tag of two: every customer of the first has the second from now on."""
    await actions.merge_tags(work, tag_id, body.into)
    return await _all(work)


def tag_out(tag: Tag) -> TagOut:
    return TagOut.model_validate(tag)


SETTINGS = tuple(name for name in GroupIn.model_fields if name != "is_archived")


async def _all(work: Work) -> TagSettingsListOut:
    known, counts = await queries.tags_of_company(work), await queries.uses(work)
    merged: dict[str, int] = {}
    for tag_id, count in counts.items():
        if tag := known.present(tag_id):
            merged[tag.id] = merged.get(tag.id, 0) + count
    return TagSettingsListOut(
        groups=[
            GroupSettingsOut(
                **{name: getattr(one, name) for name in SETTINGS},
                is_archived=one.archived_at is not None,
                id=one.id,
                revision=one.revision,
                tags=[
                    TagSettingsOut(
                        **tag_out(tag).model_dump(),
                        position=tag.position,
                        revision=tag.revision,
                        is_archived=tag.archived_at is not None,
                        customers=merged.get(tag.id, 0),
                    )
                    for tag in known.in_group(one.id)
                ],
            )
            for one in known.groups.values()
        ]
    )

"""What a cell says of a customer's tags: names of tags that are in use, several with commas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..custom_fields.columns import SEVERAL
from ..custom_fields.types import folded
from ..customers.tagging import exchanged
from ..errors import Refusal
from ..tags.errors import OneTagOnly, TagNotYours
from ..tags.models import Tag, TagGroup
from ..tags.queries import Tags, tags_of_company
from ..texts import Text
from ..work import Work

TAGS = "tags"  # as a column is called in a mapping

NO_SUCH_TAG = Text("没有标签“{name}”，或已停用", "There is no tag “{name}” in use")
TAG_OF_SEVERAL = Text(
    "几个标签组里都有“{name}”，请写成“组名：{name}”",
    "Several groups have a tag “{name}”: write “group: {name}”",
)


@dataclass(frozen=True, slots=True)
class TagCells:
    """`called` are the tags in use by each of their names, with that of the group and without."""

    known: Tags
    called: Mapping[str, Mapping[str, Tag]]

    def read(
        self, text: str, before: Sequence[Tag] = ()
    ) -> tuple[list[Tag], list[Tag], list[Text]]:
        """The tags that leave and that come, and a sentence for each that cannot be put on. A cell
        adds tags; only one of a group that allows one takes the place of another."""
        wanted: dict[str, Tag] = {}
        reasons: list[Text] = []
        single: dict[str, str] = {}
        for name in filter(None, map(str.strip, SEVERAL.split(text))):
            found = list(self.called.get(_form(name), {}).values())
            if len(found) != 1:
                reason = TAG_OF_SEVERAL if found else NO_SUCH_TAG
                reasons.append(reason.filled(name=name[:40]))
                continue
            (tag,) = found
            group = self.known.groups[tag.group_id]
            if not self.known.may_use(group):
                reasons.append(told(TagNotYours(group=group.name)))
            elif group.is_single and single.setdefault(group.id, tag.id) != tag.id:
                reasons.append(told(OneTagOnly(group=group.name)))
            wanted[tag.id] = tag
        leaving, coming = exchanged(self.known, before, list(wanted.values()), [])
        return leaving, coming, list(dict.fromkeys(reasons))


async def tag_cells(work: Work) -> TagCells:
    known = await tags_of_company(work)
    called: dict[str, dict[str, Tag]] = {}
    for one in known.tags.values():
        tag = known.present(one.id)  # by its old name a merged one is the other
        if tag is None or tag.archived_at is not None:
            continue
        group = known.groups[tag.group_id]
        if group.archived_at is None:
            for name in _names(one):
                for written in (name, *(f"{of}:{name}" for of in _names(group))):
                    called.setdefault(_form(written), {})[tag.id] = tag
    return TagCells(known, called)


def told(refusal: Refusal) -> Text:
    """What a person would be told, as one of the reasons of a row."""
    said = refusal.sentence.filled(**refusal.facts)
    return Text(said.zh.rstrip("。"), said.en.rstrip("."))


def _names(one: Tag | TagGroup) -> set[str]:
    return {one.name, one.name_en or one.name}


def _form(name: str) -> str:
    """行业：餐饮 with its group, where two groups have a tag that is called so; 餐饮 without."""
    return ":".join(part.strip() for part in folded(name).split(":", 1))

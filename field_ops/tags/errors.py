"""Refusals of tags."""

from ..errors import Conflict, Invalid, NotAllowed
from ..texts import Text


class TagUnknown(Invalid):
    sentence = Text(
        "有标签不存在或已停用，请刷新后重新选择。",
        "A tag is not there or was archived. Please reload and choose again.",
    )


class TagTaken(Conflict):
    sentence = Text(
        "这个组里已有标签「{name}」。",
        "There is a tag “{name}” in this group already.",
    )


class TagNotYours(NotAllowed):
    sentence = Text(
        "「{group}」里的标签要由指定角色来加，请联系管理员。",
        "Tags of “{group}” are for certain roles. Ask an administrator.",
    )


class TagsAreControlled(NotAllowed):
    sentence = Text(
        "「{group}」的标签由管理员维护，请从已有标签里选，或请管理员添加。",
        "The tags of “{group}” are made by administrators. Choose one, or ask for another.",
    )


class TagChangedMeanwhile(Conflict):
    sentence = Text(
        "「{name}」刚被另一位管理员改过，请刷新后再改。",
        "“{name}” was changed by another administrator just now. Reload it, then edit again.",
    )


class TagsOfTwoGroups(Conflict):
    sentence = Text(
        "只能合并同一组的两个标签。",
        "Only two different tags of one group can be merged.",
    )


class OneTagOnly(Invalid):
    sentence = Text(
        "「{group}」只能选一个标签。",
        "“{group}” allows one tag only.",
    )


class TooManyTags(Conflict):
    sentence = Text(
        "标签太多（上限 {limit} 个），请先合并或停用不用的。",
        "There are too many tags (the limit is {limit}). Merge or archive some first.",
    )

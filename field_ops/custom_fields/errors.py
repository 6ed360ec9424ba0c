"""Refusals of fields that companies define."""

from ..errors import Conflict, Invalid, NotAllowed
from ..texts import Text


class FieldValueWrong(Invalid):
    """Facts: `field`, its label; `key`; `why`."""

    sentence = Text("「{field}」{why}。", "“{field}” {why}.")


class FieldValueMissing(Invalid):
    """Facts: `field`, its label; `key`."""

    sentence = Text("请填写「{field}」。", "Please fill in “{field}”.")


class NoSuchField(Invalid):
    sentence = Text(
        "没有字段「{key}」，可能已被停用，请刷新后再试。",
        "There is no field “{key}”; it may have been archived. Please reload.",
    )


class OwnFieldNotYours(NotAllowed):
    """Facts: `field`, its label; `key`."""

    sentence = Text(
        "您的角色不能修改「{field}」，请联系管理员。",
        "Your role may not change “{field}”. Ask an administrator.",
    )


class FieldIsComputed(Invalid):
    sentence = Text(
        "「{field}」由公式算出，不能直接填写。",
        "“{field}” is computed by a formula and cannot be filled in.",
    )


class FieldKeyTaken(Conflict):
    sentence = Text(
        "编号「{key}」已用于字段「{field}」，请换一个。",
        "The key “{key}” belongs to the field “{field}”. Please choose another.",
    )


class FieldKeyReserved(Invalid):
    sentence = Text(
        "编号「{key}」有别的用途，请换一个。",
        "The key “{key}” means something else. Please choose another.",
    )


class FieldChangedMeanwhile(Conflict):
    sentence = Text(
        "「{field}」刚被另一位管理员改过，请刷新后再改，以免覆盖。",
        "“{field}” was changed by another administrator just now. Reload it, then edit again.",
    )


class FieldsChangedMeanwhile(Conflict):
    sentence = Text(
        "字段刚被另一位管理员增减或排序过，请刷新后再排。",
        "Another administrator changed the fields just now. Reload them, then order again.",
    )


class FieldTypeFixed(Conflict):
    sentence = Text(
        "「{field}」建好以后不能改类型。请新建一个字段，再停用这个。",
        "The type of “{field}” cannot be changed. Make another field and archive this one.",
    )


class OptionRemoved(Conflict):
    sentence = Text(
        "选项「{option}」可能已被使用，不能删除，请改为停用。",
        "The option “{option}” may be in use: retire it instead of removing it.",
    )


class FieldRuleWrong(Invalid):
    """Facts: `rule`, as the API calls it."""

    sentence = Text("字段设置里的「{rule}」不对：{why}。", "The rule “{rule}” is not right: {why}.")


class FieldInUse(Conflict):
    sentence = Text(
        "「{field}」还被「{others}」用到，请先改掉那里。",
        "“{field}” is still used by “{others}”. Change those first.",
    )


class FormulasInCircle(Invalid):
    sentence = Text(
        "这些公式互相引用，绕成了圈：{fields}。请断开其中一个。",
        "These formulas need each other in a circle: {fields}. Please break it up.",
    )


class TooManyFields(Conflict):
    sentence = Text(
        "字段太多（上限 {limit} 个），请先停用不用的。",
        "There are too many fields (the limit is {limit}). Archive what is not used.",
    )


class FilterWrong(Invalid):
    """Facts: `field`, as the API calls it."""

    sentence = Text(
        "筛选条件「{field}」不对：{why}。", "The filter on “{field}” is not right: {why}."
    )

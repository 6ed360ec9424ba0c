"""Refusals of the pools domain."""

from ..errors import Conflict, Invalid, NotAllowed
from ..texts import Text


class TakenMeanwhile(Conflict):
    sentence = Text(
        "「{name}」刚被别人领走了，请看看公海里的其他客户。",
        "Somebody else has just taken “{name}”. Please look at the other customers in the pool.",
    )


class EnoughForToday(Conflict):
    sentence = Text(
        "今天已领取 {limit} 家，到了上限，请明天再领。",
        "You have claimed {limit} customers today, which is the limit. Please go on tomorrow.",
    )


class EnoughSeenToday(Conflict):
    sentence = Text(
        "今天已查看 {limit} 家公海客户的详情，到了上限，请明天再看。",
        "You have opened {limit} customers of the pool today, which is the limit. "
        "Please go on tomorrow.",
    )


class HoldsEnough(Conflict):
    sentence = Text(
        "您名下已有 {held} 家客户，上限 {limit} 家。请先退回不再跟进的客户。",
        "You hold {held} customers, and the limit is {limit}. "
        "Please release those that you do not follow up.",
    )


class WasYours(Conflict):
    sentence = Text(
        "「{name}」不久前还在您名下，{until} 起才能再领取。",
        "“{name}” was yours not long ago. You can claim it again from {until}.",
    )


class ClaimedTooOften(Conflict):
    sentence = Text(
        "您在 {days} 天内已重新领取「{name}」{limit} 次，不能再领，可请主管分配。",
        "You have claimed “{name}” again {limit} times within {days} days. "
        "Your team lead can still assign it.",
    )


class NotClaimableYet(Conflict):
    sentence = Text(
        "「{name}」刚进公海，{since} 起可以领取。",
        "“{name}” has just come into the pool. It can be claimed from {since}.",
    )


class NotYoursToRelease(NotAllowed):
    sentence = Text(
        "「{name}」不在您名下，只有负责人或主管可以退回。",
        "“{name}” is not yours. Only its owner or a team lead can release it.",
    )


class AlreadyInPool(Conflict):
    sentence = Text(
        "「{name}」已经在公海里了。",
        "“{name}” is in the pool already.",
    )


class NoMoreExtensions(Conflict):
    sentence = Text(
        "「{name}」已延期 {limit} 次，不能再延。请尽快跟进，或退回公海。",
        "“{name}” was extended {limit} times already. Please follow it up soon, or release it.",
    )


class ExtensionWaits(Conflict):
    sentence = Text(
        "「{name}」的延期申请还在等主管处理。",
        "The extension of “{name}” still waits for your team lead.",
    )


class DecidedAlready(Conflict):
    sentence = Text(
        "「{name}」没有待处理的延期申请，请刷新。",
        "“{name}” has no extension to decide about. Please reload.",
    )


class NothingToUndo(Conflict):
    sentence = Text(
        "「{name}」不是 {days} 天内被系统回收的，或已有人领取，不能撤销。",
        "“{name}” was not recycled within {days} days, or is somebody's by now. "
        "This cannot be undone.",
    )


class AbsenceEndsBefore(Invalid):
    sentence = Text(
        "最后一天不能早于第一天，请重新选择。",
        "The last day is before the first. Please choose again.",
    )


class PoolMemberUnknown(Invalid):
    sentence = Text(
        "选中的公海成员或部门不存在，请重新选择。",
        "A chosen member or department of the pool does not exist. Please choose again.",
    )


class OwnPoolStays(Conflict):
    sentence = Text(
        "公司公海不能删除，可以改它的规则。",
        "The company's own pool cannot be removed. You can change its rules.",
    )


class PoolHasCustomers(Conflict):
    sentence = Text(
        "「{name}」里还有 {count} 家客户，请先选好移到哪个公海。",
        "“{name}” still has {count} customers. Please choose the pool that they go to.",
    )


class PoolTooLarge(Conflict):
    sentence = Text(
        "「{name}」里有 {count} 家客户，一次最多移 {limit} 家，请先分配或领走一部分。",
        "“{name}” has {count} customers, and {limit} can be moved at once. "
        "Please assign some of them first.",
    )


class TooLateToRestore(Conflict):
    sentence = Text(
        "「{name}」删除已超过 {days} 天，不能恢复，请新建一个。",
        "“{name}” was removed more than {days} days ago. Please make a new one.",
    )


class PoolTagUnknown(Invalid):
    sentence = Text(
        "选中的标签不存在，请重新选择。",
        "A chosen tag does not exist. Please choose again.",
    )

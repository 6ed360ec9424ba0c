"""Refusals of transfers."""

from ..errors import Conflict, Invalid
from ..texts import Text


class NothingToTransfer(Invalid):
    sentence = Text(
        "没有符合条件的客户，请换个条件。",
        "No customer fits. Please choose others.",
    )


class ToHimself(Invalid):
    sentence = Text(
        "接收人不能是原负责人，请选择其他同事。",
        "The customers are his already. Please choose a colleague.",
    )


class ReceiverNotYours(Invalid):
    sentence = Text(
        "接收人不在职，或不在您的管理范围内，请重新选择。",
        "A receiver has left, or you do not look after him. Please choose again.",
    )


class ChangedSincePreview(Conflict):
    sentence = Text(
        "现在是 {count} 家客户，和预览时不一样，请再看一遍后确认。",
        "There are {count} customers now, which is not what you were shown. Please look again.",
    )


class TooManyAtOnce(Invalid):
    sentence = Text(
        "一次最多交接 {limit} 家客户，请按等级或城市分批。",
        "At most {limit} customers can be transferred at once. Choose a level or a city first.",
    )


class TransferNotDone(Conflict):
    sentence = Text(
        "这次交接还在进行，或已经撤销，请刷新。",
        "This transfer is still under way, or was undone. Please reload.",
    )


class TransferTooOld(Conflict):
    sentence = Text(
        "交接超过 {days} 天，不能撤销。可以再交接一次。",
        "After {days} days a transfer cannot be undone. Transfer the customers once more.",
    )


class NobodyToGiveBackTo(Conflict):
    sentence = Text(
        "{name} 已离职，不能退还。可以交接给其他同事。",
        "{name} has left and cannot have them back. Transfer them to a colleague.",
    )

"""What stands in the way of a follow-up."""

from ..errors import Conflict, Invalid, NotAllowed, NotFound
from ..texts import Text


class NotYetHappened(Invalid):
    sentence = Text(
        "跟进时间不能晚于现在。还没发生的事，请写进「下一步」。",
        "A follow-up cannot lie in the future. Write what is still to come as the next action.",
    )


class TooLongAgo(Invalid):
    sentence = Text(
        "只能补记 {days} 天以内的跟进；更早的事可以写进客户备注。",
        "Follow-ups can be added up to {days} days later. Put older ones into the customer's note.",
    )


class NothingSaid(Invalid):
    sentence = Text(
        "请写一句沟通了什么，或填写通话时长。",
        "Please say in a sentence what it was about, or how long the call was.",
    )


class PromiseInThePast(Invalid):
    sentence = Text(
        "下一步的日期已经过了，请选今天或以后的日期。",
        "The day of the next action is over. Please choose today or a later day.",
    )


class ContactNotHere(NotFound):
    sentence = Text(
        "这位联系人不在「{customer}」名下了，请重新选择。",
        "This contact is no longer with “{customer}”. Please choose again.",
    )


class NotYourFollowUp(NotAllowed):
    sentence = Text(
        "只有记录人自己能修改或删除这条跟进。有补充的话，可以再记一条。",
        "Only who wrote this follow-up may change or remove it. You can add one of your own.",
    )


class FollowUpSettled(Conflict):
    sentence = Text(
        "记下 {hours} 小时以后就不能再修改或删除了。有补充的话，请再记一条。",
        "A follow-up can be changed or removed for {hours} hours. Please add another one.",
    )


class WrittenByTheVisit(Conflict):
    sentence = Text(
        "这条跟进来自拜访记录，已经存证，不能修改或删除。有补充的话，请再记一条。",
        "This one comes from the log of a visit and is evidence. Please add another one.",
    )


class FollowUpGone(Conflict):
    sentence = Text(
        "这条跟进已经删除，不能再修改。如果还需要，请再记一条。",
        "This follow-up was removed. Please write another one.",
    )


class DraftOfFollowUpGone(NotFound):
    sentence = Text(
        "这条跟进已经提交或过期，请重新说一遍。",
        "This follow-up was already kept or is too old. Please say it again.",
    )

"""What stands in the way of a comment."""

from ..errors import Conflict, NotAllowed, NotFound
from ..texts import Text


class CannotSeeCustomer(Conflict):
    sentence = Text(
        "{names} 看不到「{customer}」，@ 了也打不开。请先把客户共享给 TA，或去掉这个 @。",
        "{names} cannot see “{customer}”. Share the customer first, or leave out the mention.",
    )


class CommentGone(NotFound):
    sentence = Text(
        "要回复的评论已被删除，请直接写一条新评论。",
        "The comment you reply to was removed. Please write a new one.",
    )


class NotYourComment(NotAllowed):
    sentence = Text(
        "只有写评论的人自己能修改或删除它。您可以回复它。",
        "Only who wrote a comment may change or remove it. You can reply to it.",
    )


class CommentSettled(Conflict):
    sentence = Text(
        "评论发出 {hours} 小时以后就不能再修改或删除了。有补充的话，请回复一条。",
        "A comment can be changed or removed for {hours} hours. Please reply to it instead.",
    )

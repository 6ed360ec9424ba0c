"""Refusals about working on one customer together."""

from ..errors import Conflict
from ..texts import Text


class NobodyToAsk(Conflict):
    sentence = Text(
        "「{name}」现在没有负责人，不用申请协作。请到公海领取，或请主管分配给您。",
        "“{name}” has no owner to ask. Claim it from the pool, or ask your team lead to assign it.",
    )


class SeesItAlready(Conflict):
    sentence = Text(
        "您已经可以查看和修改「{name}」，不用申请。",
        "You may see and change “{name}” already.",
    )


class AskedAlready(Conflict):
    sentence = Text(
        "您已申请协作「{name}」，正在等负责人答复，{until} 前有效。",
        "You have asked to work on “{name}” already; its owner has until {until} to answer.",
    )


class DeclinedLately(Conflict):
    sentence = Text(
        "负责人刚谢绝过您对「{name}」的申请，{until} 起可以再次申请。有急事请联系主管。",
        "Its owner declined “{name}” not long ago. You can ask again from {until}, or ask your "
        "team lead.",
    )


class RequestOver(Conflict):
    sentence = Text(
        "这个协作申请已经处理过，或已过期，请看客户页上的最新情况。",
        "This request was answered already, or has ended. The customer's page shows how it stands.",
    )

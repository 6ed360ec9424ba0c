"""Refusals about merging."""

from ..errors import Conflict, Invalid
from ..texts import Text


class SameRecord(Invalid):
    sentence = Text(
        "选的是同一个客户，请另选一个。",
        "Both are the same record. Please choose another one.",
    )


class TooLateToUndo(Conflict):
    sentence = Text(
        "合并已超过 {days} 天，不能撤销。",
        "A merge can be undone within {days} days only.",
    )


class UndoneAlready(Conflict):
    sentence = Text(
        "这次合并已经撤销过了。",
        "This merge has been undone already.",
    )


class MergedOnward(Conflict):
    """One of the two went into a third one since."""

    sentence = Text(
        "这两个客户之后又合并过，请先撤销后一次合并。",
        "One of them was merged again since. Undo the later merge first.",
    )

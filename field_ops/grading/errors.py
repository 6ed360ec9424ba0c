"""Refusals about grading."""

from ..errors import Conflict, Invalid
from ..texts import Text


class ProposalDecided(Conflict):
    sentence = Text(
        "这条评级建议已经处理过了，请刷新查看。",
        "This proposal was decided already. Reload to see it.",
    )


class LevelMovedOn(Conflict):
    sentence = Text(
        "「{name}」的等级已经被改过，这条建议不再适用，可以选择不采纳。",
        "The level of “{name}” was changed since, so the proposal no longer fits. Dismiss it.",
    )


class NotAMonth(Invalid):
    sentence = Text(
        "月份请写当月第一天，如 2026-03-01，且不能晚于本月。",
        "Write the month as its first day, such as 2026-03-01, and not later than this one.",
    )

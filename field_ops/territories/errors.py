"""Refusals about territories."""

from ..errors import Conflict, Invalid
from ..texts import Text


class TerritoryNowhere(Invalid):
    sentence = Text(
        "请至少写一个城市，或画出边界（三个以上的点）。",
        "Give a city at least, or an outline of three corners or more.",
    )


class TooManyTerritories(Conflict):
    sentence = Text(
        "片区最多 {limit} 个，请先合并或删除不用的。",
        "There are {limit} territories, which is the limit. Please remove some first.",
    )

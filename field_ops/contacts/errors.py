"""Refusals about contacts as persons."""

from ..errors import Conflict, Invalid
from ..texts import Text


class ConsentMissing(Conflict):
    sentence = Text(
        "生日、喜好等个人信息要先征得{name}本人同意，请先登记同意再填写。",
        "Personal details such as a birthday need {name}'s consent. Record it first.",
    )


class NoSuchDay(Invalid):
    sentence = Text(
        "没有这一天，请检查生日的月和日。",
        "There is no such day. Please check the month and day of the birthday.",
    )


class MovedNowhere(Invalid):
    sentence = Text(
        "请选择另一家您能修改的客户作为新单位。",
        "Choose another customer that you may change as the new company.",
    )

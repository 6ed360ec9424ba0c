"""Why two records of people cannot be made one."""

from ..errors import Conflict, NotFound
from ..texts import Text


class UserIdUnknown(NotFound):
    sentence = Text(
        "{host}/{name} 里没有用户 ID 为「{user_id}」的成员，请先同步通讯录。",
        "{host}/{name} has had nobody with the user id “{user_id}”. Read the organisation first.",
    )


class LinkedAlready(Conflict):
    sentence = Text(
        "这两个账号已经是同一位成员（{member}）。",
        "These two accounts are one member already ({member}).",
    )


class BothWorkThere(Conflict):
    sentence = Text(
        "{one} 和 {other} 同时在 {host}/{name} 任职，不是同一个人，不能合并。",
        "{one} and {other} both work in {host}/{name} now, so they are two people.",
    )

"""Refusals: sentences for a person. Everything else that is raised is a bug or an outage.

Refusal
├── NotFound     404   it is not there, or not yours to see
├── NotAllowed   403   you may see it, and may not do this
├── Conflict     409   something is in the way; the sentence says what
└── Invalid      422   what was sent cannot be used
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Self

from .texts import Text

CAMEL = re.compile(r"(?<!^)(?=[A-Z])")


class Refusal(Exception):
    """An expected "no". The class is the code, the facts are data, the sentence is written once.

    It takes the transaction back whole; `afterwards` is what is remembered in another one all the
    same, given the `Work` of that one.
    """

    status: ClassVar[int] = 400
    sentence: ClassVar[Text] = Text(
        "这一步现在做不了。",
        "This cannot be done now.",
    )

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts
        self.afterwards: Callable[[Any], Awaitable[None]] | None = None

    def remembered_by(self, afterwards: Callable[[Any], Awaitable[None]]) -> Self:
        """The same refusal, which leaves that behind."""
        self.afterwards = afterwards
        return self

    @property
    def code(self) -> str:
        """`OutOfRange` → `out_of_range`: what a program may compare."""
        return CAMEL.sub("_", type(self).__name__).lower()

    def say(self, language: str = "zh") -> str:
        """The sentence for a person, in `zh` or `en`."""
        return self.sentence.say(language, **self.facts)

    def __str__(self) -> str:
        return f"{self.code}: {self.say()}"


class NotFound(Refusal):
    status = 404
    sentence = Text(
        "没有找到，可能已被删除，或您没有查看权限。",
        "Not found: it may have been removed, or you may not see it.",
    )


class NotAllowed(Refusal):
    status = 403
    sentence = Text(
        "您没有这项权限，请联系管理员开通。",
        "You may not do this. Ask your administrator for the permission.",
    )


class Conflict(Refusal):
    status = 409


class Invalid(Refusal):
    status = 422


class SignInNeeded(Refusal):
    status = 401
    sentence = Text(
        "登录已过期，请重新进入应用。",
        "Your sign-in has ended. Please open the app again.",
    )


class BodyUnreadable(Invalid):
    status = 400
    sentence = Text(
        "提交的内容读不出来，请返回重试。",
        "What was sent cannot be read. Please go back and try again.",
    )


class FieldsInvalid(Invalid):
    """Facts: `fields` is a list of `{"field", "code", "message"}`."""

    sentence = Text(
        "有 {count} 处需要修改：{first}",
        "{count} field(s) need a change: {first}",
    )


class TooLarge(Invalid):
    status = 413
    sentence = Text(
        "内容太大（上限 {limit_mb} MB），请压缩后再传。",
        "Too large (the limit is {limit_mb} MB). Please make it smaller.",
    )


class TooManyRequests(Refusal):
    status = 429
    sentence = Text(
        "操作太频繁，请 {retry_after_s} 秒后再试。",
        "This is going too fast. Please wait {retry_after_s} s and try again.",
    )


class StorageFull(Refusal):
    status = 507
    sentence = Text(
        "服务器暂时存不下新内容，请联系管理员；您的内容仍保留在手机上。",
        "The server has no room to save this. Tell your administrator; your phone keeps it.",
    )


class StorageBusy(Refusal):
    status = 503
    sentence = Text(
        "服务器正忙，请稍后再试；您的内容仍保留在手机上。",
        "The server is busy. Please try again; your phone keeps what you entered.",
    )

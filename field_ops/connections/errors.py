"""Why a connection cannot be added, changed or found."""

from ..errors import Conflict, Invalid, NotFound
from ..texts import Text


class ConnectionUnknown(NotFound):
    sentence = Text(
        "没有名为「{name}」的{host}连接，请检查应用主页地址。",
        "There is no {host} connection named “{name}”. Check the address of the app.",
    )


class CredentialsMissing(Invalid):
    sentence = Text(
        "{title}连接还缺少：{missing}。",
        "The {title} connection still needs: {missing}.",
    )


class CredentialsUnknown(Invalid):
    sentence = Text(
        "{title}连接没有这些设置项：{unknown}。",
        "A {title} connection has no settings named: {unknown}.",
    )


class ConnectionNameInvalid(Invalid):
    sentence = Text(
        "连接名只能用小写字母、数字和短横线，最多 {limit} 个字符。",
        "A connection's name has small letters, digits and hyphens, at most {limit}.",
    )


class ConnectionExists(Conflict):
    sentence = Text(
        "{host}连接「{name}」已经存在，请换一个名字，或先移除它。",
        "The {host} connection “{name}” exists. Choose another name or remove it first.",
    )

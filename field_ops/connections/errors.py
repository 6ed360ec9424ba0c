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


class ServiceUnknown(Invalid):
    sentence = Text(
        "没有名为「{service}」的平台服务，可用的有：{known}。",
        "There is no host service named “{service}”. There are: {known}.",
    )


class ServiceNotThere(Invalid):
    sentence = Text(
        "{title}没有「{service}」服务，无法打开。",
        "{title} has no service “{service}”, so it cannot be switched on.",
    )


class ConnectionExists(Conflict):
    sentence = Text(
        "{host}连接「{name}」已经存在，请换一个名字，或先移除它。",
        "The {host} connection “{name}” exists. Choose another name or remove it first.",
    )

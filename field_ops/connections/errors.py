"""Why a connection cannot be added, changed or found."""

from ..errors import Conflict, Invalid, NotFound


class ConnectionUnknown(NotFound):
    sentence = "没有名为「{name}」的{host}连接，请检查应用主页地址。"
    sentence_en = "There is no {host} connection named “{name}”. Check the address of the app."


class CredentialsMissing(Invalid):
    sentence = "{title}连接还缺少：{missing}。"
    sentence_en = "The {host} connection still needs: {missing}."


class CredentialsUnknown(Invalid):
    sentence = "{title}连接没有这些设置项：{unknown}。"
    sentence_en = "A {host} connection has no settings named: {unknown}."


class ConnectionNameInvalid(Invalid):
    sentence = "连接名只能用小写字母、数字和短横线，最多 {limit} 个字符。"
    sentence_en = "A connection's name has small letters, digits and hyphens, at most {limit}."


class ConnectionExists(Conflict):
    sentence = "{host}连接「{name}」已经存在，请换一个名字，或先移除它。"
    sentence_en = "The {host} connection “{name}” exists. Choose another name or remove it first."

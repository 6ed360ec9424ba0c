"""Why an administrator cannot have it done, in sentences that leave a way on."""

from ..errors import Conflict, Invalid
from ..texts import Text


class ConnectionPaused(Conflict):
    sentence = Text(
        "这个连接已暂停，请先恢复它。",
        "This connection is paused. Resume it first.",
    )


class NoSyncToConfirm(Conflict):
    sentence = Text(
        "没有等待确认的通讯录同步，可能已经处理过了，请刷新页面。",
        "No synchronisation waits to be confirmed; perhaps it was done already. Reload the page.",
    )


class AnotherSyncToConfirm(Conflict):
    sentence = Text(
        "通讯录又同步了一次，人数可能有变化，请看过最新结果后再确认。",
        "The organisation was read again meanwhile. Look at the new figures, then confirm.",
    )


class HostDoesNotAccept(Conflict):
    """The host was asked first, and nothing was changed."""

    sentence = Text(
        "没有改动任何设置。{says}",
        "Nothing was changed. {says}",
    )


class SetInEnvironment(Conflict):
    sentence = Text(
        "这个连接的密钥写在服务器的环境变量里，请在那里修改并重启服务。",
        "The secrets of this connection are in the server's environment. "
        "Change them there and restart it.",
    )


class AnotherCompany(Invalid):
    sentence = Text(
        "企业 ID 不能改：另一家企业请用 waiqin host add 另接一个连接。",
        "The company's id stays: connect another company with waiqin host add.",
    )


class NothingGiven(Invalid):
    sentence = Text(
        "请填写要更换的密钥。",
        "Enter the secret that is to be replaced.",
    )

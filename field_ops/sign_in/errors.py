"""Why somebody cannot come in, in sentences that leave a way on."""

from ..errors import Invalid, NotAllowed, Refusal
from ..texts import Text

SOME_HOST = Text("平台", "The host")  # where it is not known which one


class SignInCodeSpent(NotAllowed):
    """Used before, expired, invented, or from another company."""

    sentence = Text(
        "这次登录已经失效，请重新进入应用再试一次。",
        "This sign-in is no longer good. Please open the app again.",
    )


class SignInInterrupted(NotAllowed):
    """The answer of the host does not belong to a sign-in that this browser began."""

    sentence = Text(
        "登录没有完成（可能停留太久），请重新登录。",
        "The sign-in was not finished, perhaps it took too long. Please sign in again.",
    )


class MemberUnknown(NotAllowed):
    sentence = Text(
        "您还不在这个应用的可见范围里，请联系管理员为您开通。",
        "You are not among the people who may use this app. Ask your administrator.",
    )


class MemberNotActive(NotAllowed):
    sentence = Text(
        "您的账号已停用或已离职，无法登录；如有疑问请联系管理员。",
        "Your account is suspended or has ended. Ask your administrator if that is wrong.",
    )


class HostNotAnswering(Refusal):
    status = 503
    sentence = Text(
        "{title}暂时没有应答，请稍后再试；多次失败请联系管理员检查连接。",
        "{title} does not answer. Try again soon, or tell your administrator.",
    )


class PageElsewhere(Invalid):
    sentence = Text(
        "只能为本系统的页面签名。",
        "Only pages of this system can be signed.",
    )


class JsonExpected(Invalid):
    status = 415
    sentence = Text(
        "提交的内容必须是 JSON。",
        "The content must be JSON.",
    )

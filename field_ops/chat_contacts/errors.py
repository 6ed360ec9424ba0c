"""Why a chat contact cannot be linked."""

from ..errors import Conflict
from ..texts import Text


class NotProposed(Conflict):
    sentence = Text(
        "这位聊天好友和「{name}」对不上：请核对备注手机号，或先补全联系人的电话。",
        "This chat contact does not match {name}: check the phone in your remark, or add the "
        "contact's phone first.",
    )


class ConsentWithdrawn(Conflict):
    sentence = Text(
        "「{name}」撤回过同意，不能再关联。对方重新同意后，请先登记同意。",
        "{name} withdrew consent and cannot be linked. Record the new consent first.",
    )

"""Why a webhook cannot be what somebody wants, as sentences."""

from ..errors import Conflict, Invalid
from ..texts import Text


class WebhookAddressWrong(Invalid):
    sentence = Text(
        "推送地址不可用（{why}），请填写对方系统的 https:// 地址。",
        "The address cannot be used: {why}. Give the https:// address of the other system.",
    )


class WebhookDepartmentUnknown(Invalid):
    sentence = Text(
        "没有编号为 {department} 的部门，请核对后重试。",
        "There is no department with the id {department}.",
    )


class TooManyWebhooks(Conflict):
    sentence = Text(
        "最多可以建 {limit} 个事件推送，请先删除不用的。",
        "There are {limit} webhooks already. Remove one that is not used.",
    )


class DeliveryUnderWay(Conflict):
    sentence = Text(
        "这条事件还在推送中，不用重发。",
        "This delivery is still under way and need not be repeated.",
    )

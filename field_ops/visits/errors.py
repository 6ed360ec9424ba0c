"""What can stand in the way of a visit, each with a way on."""

from ..errors import Conflict, Invalid, NotAllowed
from ..texts import Text


class VisitStillOpen(Conflict):
    """Facts: customer, visit_id."""

    sentence = Text(
        "「{customer}」的拜访还没有签退，请先签退再到下一家。",
        "The visit at {customer} is still open. Please check out there first.",
    )


class OutOfRange(Invalid):
    """Facts: customer, distance_m, radius_m."""

    sentence = Text(
        (
            "您离「{customer}」还有 {distance_m} 米，超出签到范围 {radius_m} 米。"
            "确实到店的话，可以填写说明提交例外申请。"
        ),
        (
            "You are {distance_m} m from {customer}; the radius is {radius_m} m. "
            "If you are really there, ask for an exception with a reason."
        ),
    )


class ReasonNeeded(Invalid):
    """Facts: customer, distance_m, radius_m."""

    sentence = Text(
        "您离「{customer}」约 {distance_m} 米，超出 {radius_m} 米范围，请写一句说明再签到。",
        (
            "You are about {distance_m} m from {customer}, outside {radius_m} m. "
            "Please say why before you check in."
        ),
    )


class VisitAlreadyClosed(Conflict):
    sentence = Text(
        "这次拜访已在 {at} 签退。",
        "This visit was checked out at {at}.",
    )


class NotYourVisit(NotAllowed):
    sentence = Text(
        "只有拜访本人可以操作，您可以查看。",
        "Only the person who made this visit can change it. You may look.",
    )


class LogAlreadySubmitted(Conflict):
    sentence = Text(
        "这次拜访的记录已经提交过了，需要补充请在客户跟进里添加。",
        "The log of this visit was already submitted. Add a follow-up instead.",
    )


class UnknownVisitType(Invalid):
    sentence = Text(
        "没有「{visit_type}」这种拜访类型，请重新选择。",
        "There is no visit type {visit_type}. Please choose another.",
    )


class PhotoUnreadable(Invalid):
    sentence = Text(
        "这张图片打不开，请重新拍一张。",
        "This picture cannot be opened. Please take another.",
    )


class TooManyPhotos(Conflict):
    sentence = Text(
        "一次拜访最多 {limit} 张照片。",
        "A visit has at most {limit} photos.",
    )

"""What stands in the way of an attachment."""

from ..errors import Conflict, Invalid, NotAllowed
from ..texts import Text


class AttachmentUnreadable(Invalid):
    sentence = Text(
        "这种文件不能上传。可以传图片、PDF、Word、Excel、PPT 和纯文本；其他文件请先另存为 PDF。",
        "This kind of file cannot be kept. Pictures, PDF, Word, Excel, PowerPoint and plain text "
        "can; save others as PDF first.",
    )


class AttachmentHasMacros(Invalid):
    sentence = Text(
        "这个文件带有宏，打开时可能会运行程序。请另存为不带宏的格式后再传。",
        "This file has macros, which may run when it is opened. Save it without them first.",
    )


class TooManyAttachments(Conflict):
    sentence = Text(
        "「{customer}」已有 {limit} 个附件。请先删掉不再需要的，再上传。",
        "“{customer}” has {limit} attachments. Remove some that are no longer needed first.",
    )


class NotYourAttachment(NotAllowed):
    sentence = Text(
        "只有上传的人、客户负责人和他的主管能删除这个附件。",
        "Only who added it, the customer's owner and his lead may remove this attachment.",
    )


class NoPictureHere(Invalid):
    sentence = Text(
        "这张图片不在「{customer}」的附件里，请先添加。",
        "{customer} has no such picture. Add it first.",
    )

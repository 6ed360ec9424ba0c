"""Refusals of imports: the whole file cannot be used. A bad row is a `RowError` instead."""

from ..errors import Conflict, Invalid, TooLarge
from ..texts import Text


class FileUnreadable(Invalid):
    sentence = Text(
        "这个文件打不开：{reason}。请另存为 .xlsx 或 UTF-8 的 .csv 后重试。",
        "This file cannot be opened: {reason}. Save it as .xlsx or UTF-8 .csv and retry.",
    )


class FileTooBig(TooLarge):
    sentence = Text(
        "文件太大（展开后上限 {limit_mb} MB），请拆成几个文件再导入。",
        "The file is too big (at most {limit_mb} MB unpacked). Split it, then import.",
    )


class TooManyRows(Invalid):
    sentence = Text(
        "一次最多导入 {limit} 行，请拆成几个文件；末尾的空白行请先删除。",
        "At most {limit} rows at once. Split the file, and delete blank rows at its end.",
    )


class NameColumnMissing(Invalid):
    sentence = Text(
        "没有找到「客户名称」这一列。表头读到的是：{header}。",
        "There is no column for the customer's name. The header reads: {header}.",
    )


class ImportOvertaken(Conflict):
    sentence = Text(
        "导入时有人新建了相同的客户，本次没有写入任何数据，请重新导入。",
        "Somebody created one of these customers meanwhile. Nothing was stored; try again.",
    )

"""Refusals of imports: the whole file cannot be used. A bad row is a `RowError` instead."""

from ..errors import Conflict, Invalid, TooLarge
from ..texts import Text


class FileUnreadable(Invalid):
    sentence = Text(
        "这个文件不是 Excel 表格，或已损坏、加密。请另存为 .xlsx 或 UTF-8 的 .csv 后重试。",
        "This is no Excel file, or it is damaged or encrypted. "
        "Save it as .xlsx or UTF-8 .csv and retry.",
    )


class FileMissing(FileUnreadable):
    sentence = Text("读不到文件 {name}，请检查路径和权限。", "The file {name} cannot be read.")


class OldSpreadsheet(FileUnreadable):
    sentence = Text(
        "这是旧版 .xls 或加密的表格，请另存为 .xlsx 或 UTF-8 的 .csv 后重试。",
        "This is an old .xls or an encrypted file. Save it as .xlsx or UTF-8 .csv and retry.",
    )


class QuotesUneven(FileUnreadable):
    sentence = Text(
        "这个 .csv 里引号不成对，或有一格太长，请另存为 .xlsx 后重试。",
        "A quotation mark is missing in this .csv, or a cell is too long. "
        "Save it as .xlsx and retry.",
    )


class NoTable(FileUnreadable):
    sentence = Text(
        "这个文件不是表格，或编码既不是 UTF-8 也不是 GB18030。请另存为 .xlsx 后重试。",
        "This is no table, or its encoding is neither UTF-8 nor GB18030. "
        "Save it as .xlsx and retry.",
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


class TooManyExports(Conflict):
    sentence = Text(
        "您已有 {limit} 个导出在进行，请等它们完成后再导出。",
        "You have {limit} exports under way. Wait until they are ready.",
    )


class TooManyRowsForXlsx(Invalid):
    sentence = Text(
        "Excel 文件最多 {limit} 行，请缩小范围，或导出为 .csv。",
        "An Excel file has at most {limit} rows. Narrow the filters, or export .csv.",
    )

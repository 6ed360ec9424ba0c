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


class KeyColumnMissing(Invalid):
    sentence = Text(
        "要按{key}判断是否已有，但没有哪一列是它。请指定这一列，或换一种判断方式。",
        "Customers are to be told by their {key}, and no column has it. "
        "Say which column it is, or choose another key.",
    )


class ExternalSystemMissing(Invalid):
    sentence = Text(
        "请填写「外部编号」来自哪个系统，例如金蝶、旧CRM；以后的文件按同一名称对应。",
        "Say which system the external ids come from, as Kingdee or the old CRM: "
        "later files are matched by that name.",
    )


class ColumnUnknown(Invalid):
    sentence = Text(
        "「{field}」不是可以导入的字段，或指定的列不在这个文件里。",
        "“{field}” is no field that can be imported, or that column is not in this file.",
    )


class CheckFirst(Conflict):
    sentence = Text(
        "请先检查一遍：还没有检查过，或检查之后改过设置。",
        "Check the file first: that was not done, or the settings were changed since.",
    )


class RowsAreWrong(Conflict):
    sentence = Text(
        "有 {count} 行有误。请改正后重新上传，或选择跳过这些行、只导入其余的行。",
        "{count} row(s) are wrong. Mend and upload them again, or choose to import the others.",
    )


class NothingToImport(Conflict):
    sentence = Text(
        "没有可以导入的行，请下载错误文件看看原因。",
        "No row can be imported. The error file says why.",
    )


class ImportUnderWay(Conflict):
    sentence = Text(
        "这次导入正在进行或已经结束，不能再改；需要的话请重新上传。",
        "This import is under way or over and cannot be changed. Upload the file again if needed.",
    )


class UndoneBefore(Conflict):
    sentence = Text(
        "这次导入已经撤销过，不能再撤销一次。",
        "This import was undone already; that is possible once.",
    )


class TooLateToUndoImport(Conflict):
    sentence = Text(
        "导入超过 {days} 天就不能整批撤销了，请逐个修改客户。",
        "An import can be undone within {days} days. Please edit the customers one by one.",
    )


class TooManyImports(Conflict):
    sentence = Text(
        "您已有 {limit} 个没有完成的导入，请先完成或放弃它们。",
        "You have {limit} unfinished imports. Finish or drop them first.",
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

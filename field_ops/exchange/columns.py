"""Which column is what, by the many names that people give it."""

from collections.abc import Sequence

from ..customers.names import matching_form
from ..texts import Text
from .errors import NameColumnMissing
from .tables import TableRow, cell_text

# What people call each field when something is wrong with it.
TITLES = {
    "name": Text("客户名称", "Customer name"),
    "phone": Text("电话", "Phone"),
    "city": Text("城市", "City"),
    "address": Text("地址", "Address"),
    "level": Text("等级", "Level"),
    "type": Text("客户类型", "Type"),
    "place_class": Text("场所类型", "Place class"),
    "contact_name": Text("联系人", "Contact name"),
    "contact_phone": Text("联系人电话", "Contact phone"),
    "contact_title": Text("联系人职务", "Contact title"),
    "owner": Text("负责人", "Owner"),
    "lat": Text("纬度", "Latitude"),
    "lng": Text("经度", "Longitude"),
    "datum": Text("坐标系", "Datum"),
    "source": Text("客户来源", "Source"),
    "note": Text("备注", "Note"),
    "credit_code": Text("统一社会信用代码", "Credit code"),
    "email": Text("邮箱", "Email"),
    "customer_kind": Text("客户性质", "Kind"),
    "is_branch": Text("分支机构", "Is a branch"),
}

# The names under which a column is found, as `_bare` leaves them.
NAMES = {
    "name": "客户名称 名称 公司名称 客户 客户全称 企业名称 单位名称 门店名称 店名 name customer "
    "customername company companyname",
    "phone": "电话 手机 联系电话 手机号 手机号码 电话号码 客户电话 公司电话 座机 phone mobile tel "
    "telephone",
    "city": "城市 所在城市 市 city",
    "address": "地址 详细地址 客户地址 公司地址 门店地址 address",
    "level": "等级 客户等级 级别 客户级别 level grade",
    "type": "类型 客户类型 type",
    "place_class": "场所类型 场所 placeclass",
    "contact_name": "联系人 联系人姓名 主要联系人 contact contactname contactperson",
    "contact_phone": "联系人电话 联系人手机 联系人手机号 联系人联系方式 contactphone contactmobile",
    "contact_title": "联系人职务 职务 职位 contacttitle title",
    "owner": "负责人 业务员 跟进人 所属业务员 客户负责人 owner rep",
    "lat": "纬度 lat latitude",
    "lng": "经度 lng lon longitude",
    "datum": "坐标系 坐标系统 坐标类型 datum coordinatesystem",
    "source": "客户来源 来源 source",
    "note": "备注 说明 note notes remark remarks",
    "credit_code": "统一社会信用代码 信用代码 社会信用代码 税号 creditcode uscc",
    "email": "邮箱 电子邮箱 邮件 email mail",
    "customer_kind": "客户性质 kind customerkind",
    "is_branch": "分支机构 是否分支机构 isabranch isbranch",
}

FIELD_BY_NAME = {name: field for field, names in NAMES.items() for name in names.split()}
EMPTY = Text("（空文件）", "(the file is empty)")
HEADER_WITHIN = 5  # rows: some sheets begin with a title


def find_header(rows: Sequence[TableRow]) -> tuple[int, dict[str, int]]:
    """(position of the header, column of each field). Raises NameColumnMissing."""
    found = [(position, _columns(row)) for position, row in enumerate(rows[:HEADER_WITHIN])]
    named = [one for one in found if "name" in one[1]]
    if named:
        # A title such as 客户 above the header names one column, the header several.
        return max(named, key=lambda one: len(one[1]))
    raise NameColumnMissing(header=_read(rows[0]) if rows else EMPTY)


def _columns(row: TableRow) -> dict[str, int]:
    columns: dict[str, int] = {}
    for column, cell in enumerate(row.cells):
        field = FIELD_BY_NAME.get(_bare(cell_text(cell)))
        if field:
            columns.setdefault(field, column)
    return columns


def _bare(title: str) -> str:
    """客户名称（必填）* → 客户名称."""
    bare = matching_form(title).replace("_", "")
    return bare.removesuffix("必填").removesuffix("选填")


def _read(row: TableRow) -> Text:
    """The first cells, so that people see which row was taken for the header."""
    texts = [text for cell in row.cells if (text := cell_text(cell))][:12]
    return Text("、".join(texts)[:200], ", ".join(texts)[:200])

"""Which column is what, by the many names that people give it."""

import hashlib
import re
from collections.abc import Mapping, Sequence

from ..customers.names import matching_form
from ..texts import Text
from .errors import NoTable
from .tables import TableRow, cell_text

# What people call each field when something is wrong with it.
CONTACTS = ("contact", "contact2", "contact3")
TITLES = {
    "number": Text("客户编号", "Number"),
    "external_id": Text("外部编号", "External id"),
    "name": Text("客户名称", "Customer name"),
    "phone": Text("电话", "Phone"),
    "mobile": Text("手机", "Mobile phone"),
    "region": Text("省市区", "Region"),
    "province": Text("省份", "Province"),
    "city": Text("城市", "City"),
    "district": Text("区县", "District"),
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
    "contact2_name": Text("联系人2", "Contact 2 name"),
    "contact2_phone": Text("联系人2电话", "Contact 2 phone"),
    "contact2_title": Text("联系人2职务", "Contact 2 title"),
    "contact3_name": Text("联系人3", "Contact 3 name"),
    "contact3_phone": Text("联系人3电话", "Contact 3 phone"),
    "contact3_title": Text("联系人3职务", "Contact 3 title"),
    "tags": Text("标签", "Tags"),
    "is_another": Text("确认不重复", "Is another one"),
}

# The names under which a column is found, as `bare` leaves them.
NAMES = {
    "number": "客户编号 number",
    "external_id": "外部编号 外部系统编号 外部客户编号 客户编码 客户代码 erp编码 erp编号 "
    "externalid customercode",
    "name": "客户名称 名称 公司名称 客户 客户全称 企业名称 单位名称 门店名称 店名 客户名 客户姓名 "
    "公司 企业 公司全称 终端名称 网点名称 name customer customername company companyname "
    "accountname",
    "phone": "电话 联系电话 电话号码 客户电话 公司电话 座机 固话 固定电话 门店电话 联系方式 "
    "phone tel telephone",
    "mobile": "手机 手机号 手机号码 移动电话 客户手机 客户手机号 mobile mobilephone cellphone",
    "region": "省市区 地区 所在地区 所属地区 地域 地区定位 所在省市区 省市县 行政区域 region",
    "province": "省份 省 所在省份 所属省份 省州 province state",
    "city": "城市 所在城市 市 所属城市 地市 city",
    "district": "区县 区 县 所在区县 行政区 district county",
    "address": "地址 详细地址 客户地址 公司地址 门店地址 街道 通讯地址 联系地址 办公地址 "
    "address street detailaddress",
    "level": "等级 客户等级 级别 客户级别 客户分级 level grade",
    "type": "类型 客户类型 客户类别 type",
    "place_class": "场所类型 场所 placeclass",
    "contact_name": "联系人 联系人姓名 主要联系人 首要联系人 联系人1 联系人名称 "
    "contact contactname contactperson contact1",
    "contact_phone": "联系人电话 联系人手机 联系人手机号 联系人联系方式 联系人1电话 联系人1手机 "
    "联系人电话1 contactphone contactmobile contact1phone",
    "contact_title": "联系人职务 职务 职位 联系人职位 联系人1职务 contacttitle title jobtitle",
    "owner": "负责人 业务员 跟进人 所属业务员 客户负责人 所有人 客户所有人 归属人 所属人 所属员工 "
    "销售员 客户经理 归属业务员 跟进员工 owner rep ownername salesperson",
    "lat": "纬度 lat latitude",
    "lng": "经度 lng lon longitude",
    "datum": "坐标系 坐标系统 坐标类型 datum coordinatesystem",
    "source": "客户来源 来源 来源渠道 获客来源 source leadsource",
    "note": "备注 说明 描述 备注信息 客户备注 note notes remark remarks description",
    "credit_code": "统一社会信用代码 信用代码 社会信用代码 税号 纳税人识别号 营业执照号 "
    "creditcode uscc taxid",
    "email": "邮箱 电子邮箱 邮件 电子邮件 邮箱地址 email mail",
    "customer_kind": "客户性质 kind customerkind",
    "is_branch": "分支机构 是否分支机构 isabranch isbranch",
    "contact2_name": "联系人2 联系人2姓名 第二联系人 次要联系人 contact2 contact2name",
    "contact2_phone": "联系人2电话 联系人2手机 联系人电话2 第二联系人电话 contact2phone",
    "contact2_title": "联系人2职务 联系人2职位 第二联系人职务 contact2title",
    "contact3_name": "联系人3 联系人3姓名 第三联系人 contact3 contact3name",
    "contact3_phone": "联系人3电话 联系人3手机 联系人电话3 第三联系人电话 contact3phone",
    "contact3_title": "联系人3职务 联系人3职位 第三联系人职务 contact3title",
    "tags": "标签 客户标签 tag tags label labels",
    "is_another": "确认不重复 不是重复 isanotherone isanother",
}

FIELD_BY_NAME = {name: field for field, names in NAMES.items() for name in names.split()}
SIDES = ("zh", "en")
HEADER_WITHIN = 5  # rows: some sheets begin with a title
MOST_COLUMNS = 200  # further ones are not looked at
# What templates add to a heading: 客户名称（必填）, 负责人(系统), *客户名称.
ADDED = re.compile(r"(必填|选填|非必填|系统|文本|单选|多选|下拉)+$")


def find_header(rows: Sequence[TableRow]) -> int:
    """The position of the header: the row whose headings name most fields."""
    if not rows:
        raise NoTable()
    named = [len(guess(headings(row))) for row in rows[:HEADER_WITHIN]]
    # A title such as 客户 above the header names one column, the header several.
    return max(range(len(named)), key=lambda position: (named[position], -position))


def headings(row: TableRow) -> list[str]:
    """The header as texts."""
    return [cell_text(cell)[:100] for cell in row.cells[:MOST_COLUMNS]]


def guess(header: Sequence[str], names: Mapping[str, str] = FIELD_BY_NAME) -> dict[str, int]:
    """Which column is which field; of two that are called alike the first."""
    columns: dict[str, int] = {}
    for column, title in enumerate(header):
        if field := names.get(bare(title)):
            columns.setdefault(field, column)
    return columns


def with_own(names: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """What headings mean where a company made fields of its own, `own` by bare heading: they go
    before whatever else a heading may mean, but for what our own files call a field."""
    ours = {bare(title.say(side)): field for field, title in TITLES.items() for side in SIDES}
    return {**names, **own, **ours}


def bare(title: str) -> str:
    """客户名称（必填）* → 客户名称."""
    return ADDED.sub("", matching_form(title).replace("_", ""))


def key_of(header: Sequence[str]) -> str:
    """One for all files with this header."""
    return hashlib.sha256("\n".join(map(bare, header)).encode()).hexdigest()


def shown(header: Sequence[str]) -> Text:
    """The first headings, so that people see which row was taken for the header."""
    texts = list(filter(None, header))[:12]
    return Text("、".join(texts)[:200], ", ".join(texts)[:200])

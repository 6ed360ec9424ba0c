"""One row of an import: a new customer, or the reasons why it cannot be one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ..customers.names import matching_form
from ..customers.new_rows import refuse_incomplete
from ..customers.phones import phone_from_cell
from ..customers.schemas import CustomerIn
from ..errors import Refusal
from .columns import TITLES
from .tables import Cell, TableRow, cell_text

LEVELS = {f"{level}{word}": level.upper() for level in "abcd" for word in ("", "级", "类", "等")}
TYPES = {
    "客户": "customer",
    "终端": "store",
    "门店": "store",
    "经销商": "distributor",
    "渠道商": "distributor",
    "供应商": "supplier",
    "合作伙伴": "partner",
}
PLACE_CLASSES = {
    "街边店": "street_store",
    "商场": "mall",
    "商超": "mall",
    "商场商超": "mall",
    "写字楼": "office",
    "园区": "campus",
    "工厂": "campus",
    "医院": "campus",
    "学校": "campus",
    "批发市场": "campus",
    "工地": "site",
    "农场": "site",
    "矿区": "site",
    "其他": "other",
}
DATUMS = {
    "wgs84": "WGS84",
    "gps": "WGS84",
    "gcj02": "GCJ02",
    "火星坐标": "GCJ02",
    "高德": "GCJ02",
    "腾讯": "GCJ02",
}
CHOICES = {"level": LEVELS, "type": TYPES, "place_class": PLACE_CLASSES, "datum": DATUMS}


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that cannot be imported, with every reason at once and its cells as they were."""

    number: int
    reasons: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row that can be a customer. `owner` is still what the cell says."""

    row: TableRow
    customer: CustomerIn
    owner: str


def read_row(row: TableRow, columns: Mapping[str, int]) -> NewRow | RowError:
    reasons: list[str] = []
    texts = {
        field: _read_cell(field, row.cells[column], reasons)
        for field, column in columns.items()
        if column < len(row.cells)
    }
    customer = None if reasons else _customer(texts, reasons)
    if customer is None:
        return RowError(row.number, tuple(reasons), row.cells)
    return NewRow(row, customer, texts.get("owner", ""))


def _read_cell(field: str, cell: Cell, reasons: list[str]) -> str:
    text = cell_text(cell)
    if field in ("phone", "contact_phone") and text:
        phone = phone_from_cell(cell)
        if phone is None:
            reasons.append(f"「{TITLES[field]}」的 {text} 已被表格软件截断，请把该列改为文本后重填")
        return phone or ""
    choices = CHOICES.get(field)
    if choices is None or not text:
        return text
    chosen = choices.get(matching_form(text))
    if chosen is None and text in choices.values():
        chosen = text
    if chosen is None:
        reasons.append(
            f"「{TITLES[field]}」不能是“{text[:30]}”，可以填：{'、'.join(_shown(choices))}"
        )
    return chosen or ""


def _shown(choices: Mapping[str, str]) -> Sequence[str]:
    """One way to write each choice: A, B, C, D; 街边店, 商场, …"""
    first: dict[str, str] = {}
    for written, meant in choices.items():
        first.setdefault(meant, written.upper() if written.isascii() else written)
    return tuple(first.values())


def _customer(texts: Mapping[str, str], reasons: list[str]) -> CustomerIn | None:
    plain = ("name", "phone", "city", "address", "level", "type", "place_class", "source", "note")
    given: dict[str, Any] = {field: texts[field] for field in plain if texts.get(field)}
    given.setdefault("name", "")
    contact_name = texts.get("contact_name") or (texts.get("contact_phone") and "联系人")
    if contact_name:
        given["contacts"] = [
            {
                "name": contact_name,
                "phone": texts.get("contact_phone", ""),
                "title": texts.get("contact_title", ""),
                "is_main": True,
            }
        ]
    if texts.get("lat") or texts.get("lng"):
        given["location"] = _location(texts, reasons)
    try:
        customer = CustomerIn.model_validate(given)
        refuse_incomplete(customer)
    except ValidationError as failure:
        reasons.extend(dict.fromkeys(map(_reason, failure.errors())))
    except Refusal as refusal:
        reasons.append(refusal.say())
    return None if reasons else customer


def _location(texts: Mapping[str, str], reasons: list[str]) -> dict[str, Any] | None:
    if not (texts.get("lat") and texts.get("lng")):
        reasons.append("「经度」和「纬度」要一起填")
        return None
    if not texts.get("datum"):
        # The datums lie some 500 m apart: a guess would put every check-in out of range.
        reasons.append("有经纬度时要填「坐标系」：GCJ02（高德、腾讯地图）或 WGS84（GPS）")
        return None
    place = {field: texts[field] for field in ("lat", "lng", "datum")}
    return {**place, "source": "import"}


def _reason(error: Any) -> str:
    """pydantic's finding as a sentence for whoever mends the sheet."""
    path = [str(step) for step in error["loc"] if not isinstance(step, int)]
    field = f"contact_{path[-1]}" if path[0] == "contacts" else path[-1]
    title = TITLES.get(field, field)
    kind, context = error["type"], error.get("ctx", {})
    if kind == "string_too_short":
        return f"「{title}」不能为空"
    if kind == "string_too_long":
        return f"「{title}」太长，最多 {context['max_length']} 个字"
    if kind == "float_parsing" or kind == "finite_number":
        return f"「{title}」应是数字"
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"「{title}」超出范围，请检查经度和纬度是否填反"
    return f"「{title}」填写有误"

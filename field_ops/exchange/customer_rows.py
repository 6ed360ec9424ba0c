"""One row of an import: what it says of a customer, or the reasons why it cannot be used."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ..customers.credit_codes import read_credit_code
from ..customers.names import matching_form
from ..customers.new_rows import refuse_incomplete, refuse_unreadable, refuse_wrong_code
from ..customers.phones import phone_from_cell
from ..customers.schemas import ContactIn, CustomerChange, CustomerIn, Kind, LocationIn
from ..customers.suspects import Described
from ..errors import Refusal
from ..geo import Point, to_wgs84
from ..texts import Text
from .columns import CONTACTS, TITLES
from .quoting import unquoted
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
KINDS = {"企业": "company", "公司": "company", "个人": "person"}
BRANCH = {"是": "true", "yes": "true", "否": "false", "no": "false"}
CHOICES = {
    "level": LEVELS,
    "type": TYPES,
    "place_class": PLACE_CLASSES,
    "datum": DATUMS,
    "customer_kind": KINDS,
    "is_branch": BRANCH,
    "is_another": BRANCH,
}
PLAIN = (
    "name", "phone", "city", "address", "level", "type", "place_class", "source", "note",
    "credit_code", "email", "customer_kind", "is_branch",
)  # fmt: skip
PHONES = ("phone", "mobile", *(f"{contact}_phone" for contact in CONTACTS))
LETTER_FIRST = re.compile(r"([a-dA-D])[级类]?[（(:：\-—]")  # A（重点客户）
REGION_PARTS = re.compile(r"[/\\,，、>\-\s]+")
REGION = re.compile(  # 湖北省武汉市江岸区
    r"([^省市区县]+(?:省|自治区))?([^省市区县]+(?:市|自治州))?([^省]+[区县市旗])?"
)

CUT = Text(
    "「{title}」的 {text} 已被表格软件截断，请把该列改为文本后重填",
    "“{title}” {text} was cut by the spreadsheet: make the column text and enter it again",
)
NOT_A_CHOICE = Text(
    "「{title}」不能是“{text}”，可以填：{choices}",
    "“{title}” cannot be “{text}”; it may be {choices}",
)
HALF_A_PLACE = Text(
    "「经度」和「纬度」要一起填", "“Latitude” and “Longitude” must be given together"
)
NO_DATUM = Text(
    "有经纬度时要填「坐标系」：GCJ02（高德、腾讯地图）或 WGS84（GPS）",
    "A place needs its “Datum”: GCJ02 (Amap, Tencent maps) or WGS84 (GPS)",
)
EMPTY = Text("「{title}」不能为空", "“{title}” is empty")
TOO_LONG = Text(
    "「{title}」太长，最多 {limit} 个字", "“{title}” may have at most {limit} characters"
)
NOT_A_NUMBER = Text("「{title}」应是数字", "“{title}” must be a number")
NOT_ON_EARTH = Text(
    "「{title}」超出范围，请检查经度和纬度是否填反",
    "“{title}” is out of range: latitude and longitude may be the wrong way round",
)
REASONS = {  # by what pydantic calls it
    "string_too_short": EMPTY,
    "string_too_long": TOO_LONG,
    "float_parsing": NOT_A_NUMBER,
    "finite_number": NOT_A_NUMBER,
    "greater_than_equal": NOT_ON_EARTH,
    "less_than_equal": NOT_ON_EARTH,
}
UNNAMED = "联系人"
NOT_RIGHT = Text("「{title}」填写有误", "“{title}” is not right")


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was not imported, with every reason at once and its cells as they were.
    `is_doubtful`: it may be somebody who is there already."""

    number: int
    reasons: tuple[Text, ...]
    cells: tuple[Cell, ...]
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class GivenRow:
    """What a row says, cell by cell: `texts` has the fields that are not empty, `unreadable` what
    is wrong with the cells that could not be read."""

    row: TableRow
    texts: Mapping[str, str]
    unreadable: tuple[Text, ...] = ()


class ChangeIn(CustomerChange):
    """What a row changes of a customer. What is absent stays as it is."""

    revision: int = 0
    customer_kind: Kind | None = None
    contacts: list[ContactIn] = []
    location: LocationIn | None = None


def read_row(row: TableRow, columns: Mapping[str, int]) -> GivenRow:
    """The cells of a row as texts, choices as codes, phones with every digit."""
    reasons: list[Text] = []
    texts = {
        field: text
        for field, column in columns.items()
        if column < len(row.cells) and (text := _read_cell(field, row.cells[column], reasons))
    }
    return GivenRow(row, _joined(texts), tuple(reasons))


def _joined(texts: dict[str, str]) -> dict[str, str]:
    """Of columns that together are one field of ours, that field."""
    if mobile := texts.pop("mobile", ""):
        land = texts.get("phone", "")
        texts["phone"] = f"{mobile}/{land}" if land and land != mobile else mobile
    parts = _region(texts.pop("region", ""))
    province = texts.pop("province", "") or parts[0]
    district = texts.pop("district", "") or parts[2]
    if parts[1]:
        texts.setdefault("city", parts[1])
    before = "".join(filter(None, dict.fromkeys((province, texts.get("city", ""), district))))
    street = texts.get("address", "")
    if (province or district) and street and not street.startswith((province or before, before)):
        texts["address"] = before + street
    return texts


def _region(text: str) -> tuple[str, str, str]:
    """Province, city and district; what is not there is empty."""
    parts = [part for part in REGION_PARTS.split(text) if part]
    if len(parts) > 1:
        return parts[0], parts[1], parts[2] if len(parts) > 2 else ""
    if text and (found := REGION.fullmatch(text)):
        return found[1] or "", found[2] or "", found[3] or ""
    return "", text, ""


def as_new(given: GivenRow) -> CustomerIn | tuple[Text, ...]:
    """The customer that a row describes, or everything that is wrong with it."""
    values, reasons = _values(given.texts)
    values.setdefault("name", "")
    values["is_another"] = given.texts.get("is_another", "false")
    if values.get("contacts"):
        values["contacts"][0]["is_main"] = True
    try:
        new = CustomerIn.model_validate(values)
        refuse_incomplete(new)
    except ValidationError as failure:
        reasons += dict.fromkeys(map(_reason, failure.errors()))
    except Refusal as refusal:
        reasons.append(refusal.sentence.filled(**refusal.facts))
    return tuple(reasons) if reasons else new


def described(given: GivenRow) -> Described:
    """Whom a row is about, as far as it can be compared; its rules are asked by `as_new`."""
    texts = given.texts
    phones = (texts.get(one, "") for one in ("phone", *(f"{one}_phone" for one in CONTACTS)))
    return Described(
        name=texts.get("name", ""),
        customer_kind=texts.get("customer_kind", "company"),
        type=texts.get("type", "customer"),
        credit_code=read_credit_code(texts.get("credit_code", "")) or "",
        phones=tuple(filter(None, phones)),
        email=texts.get("email", ""),
        city=texts.get("city", ""),
        place=_point(texts),
        is_branch=texts.get("is_branch") == "true",
    )


def as_change(given: GivenRow) -> ChangeIn | tuple[Text, ...]:
    """What a row says of a customer that is there: empty cells say nothing."""
    values, reasons = _values(given.texts)
    try:
        change = ChangeIn.model_validate(values)
        for phone in (change.phone, *(contact.phone for contact in change.contacts)):
            refuse_unreadable(phone or "")
        refuse_wrong_code(change.credit_code or "")
    except ValidationError as failure:
        reasons += dict.fromkeys(map(_reason, failure.errors()))
    except Refusal as refusal:
        reasons.append(refusal.sentence.filled(**refusal.facts))
    if reasons:
        return tuple(reasons)
    if change.credit_code:
        change.credit_code = read_credit_code(change.credit_code)
    return change


def _read_cell(field: str, cell: Cell, reasons: list[Text]) -> str:
    cell = unquoted(cell)
    text = cell_text(cell)
    if field in PHONES and text:
        phone = phone_from_cell(cell)
        if phone is None:
            reasons.append(CUT.filled(title=TITLES[field], text=text[:30]))
        return phone or ""
    choices = CHOICES.get(field)
    if choices is None or not text:
        return text
    chosen = choices.get(matching_form(text)) or _by_code(choices, text)
    if chosen is None and field == "level" and (letter := LETTER_FIRST.match(text)):
        chosen = letter[1].upper()
    if chosen is None:
        facts = {"title": TITLES[field], "text": text[:30], "choices": _shown(choices)}
        reasons.append(NOT_A_CHOICE.filled(**facts))
    return chosen or ""


def _by_code(choices: Mapping[str, str], text: str) -> str | None:
    """The choice that is meant by its own code: `Street_store`, `gcj02`."""
    return next((code for code in choices.values() if code.lower() == text.lower()), None)


def _shown(choices: Mapping[str, str]) -> Text:
    """One way to write each choice: A、B、C、D or 街边店、商场…, in English the codes."""
    first: dict[str, str] = {}
    for written, meant in choices.items():
        first.setdefault(meant, written.upper() if written.isascii() else written)
    return Text("、".join(first.values()), ", ".join(first))


def _values(texts: Mapping[str, str]) -> tuple[dict[str, Any], list[Text]]:
    """The fields as our schemas name them, and what a schema would not notice."""
    reasons: list[Text] = []
    values: dict[str, Any] = {field: texts[field] for field in PLAIN if texts.get(field)}
    contacts = [_contact(texts, contact) for contact in contacts_in(texts)]
    if contacts:
        values["contacts"] = contacts
    if texts.get("lat") or texts.get("lng"):
        values["location"] = _location(texts, reasons)
    return values, reasons


def contacts_in(texts: Mapping[str, str]) -> list[str]:
    """Which of the contacts that a row may have it names, in their order."""
    return [one for one in CONTACTS if texts.get(f"{one}_name") or texts.get(f"{one}_phone")]


def _contact(texts: Mapping[str, str], which: str) -> dict[str, Any]:
    name, phone = texts.get(f"{which}_name", ""), texts.get(f"{which}_phone", "")
    title = texts.get(f"{which}_title", "")
    return {"name": name or UNNAMED, "phone": phone, "title": title}


def _location(texts: Mapping[str, str], reasons: list[Text]) -> dict[str, Any] | None:
    if not (texts.get("lat") and texts.get("lng")):
        reasons.append(HALF_A_PLACE)
        return None
    if not texts.get("datum"):
        # The datums lie some 500 m apart: a guess would put every check-in out of range.
        reasons.append(NO_DATUM)
        return None
    place = {field: texts[field] for field in ("lat", "lng", "datum")}
    return {**place, "source": "import"}


def _point(texts: Mapping[str, str]) -> Point | None:
    try:
        place = LocationIn.model_validate({one: texts[one] for one in ("lat", "lng", "datum")})
    except (KeyError, ValidationError):
        return None
    return to_wgs84(place.lat, place.lng, place.datum)


def _reason(error: Any) -> Text:
    """pydantic's finding as a sentence for whoever mends the sheet."""
    path = [str(step) for step in error["loc"] if not isinstance(step, int)]
    field = f"contact_{path[-1]}" if path[0] == "contacts" else path[-1]
    kind = error["type"]
    limit = error.get("ctx", {}).get("max_length")
    return REASONS.get(kind, NOT_RIGHT).filled(title=TITLES.get(field, field), limit=limit)

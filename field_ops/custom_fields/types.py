"""The kinds of values that a field may hold, in the words of the form engine (domain.md §6.2).

A value is kept as it stands in JSON: a text, a number as decimal text, `true`, a list. `Kind` says
for each type how what somebody sent is read, and by which text and number it is found and sorted.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Literal, get_args

from ..texts import Text
from .spec import FieldSpec, fits_pattern

Value = Any  # what JSON knows: str, bool, int, list[str], dict[str, str], None
Row = tuple[str | None, int | None]  # (text, number) of one row of `field_value`
Operator = Literal[
    "is", "any_of", "all_of", "none_of", "contains", "begins", "gte", "lte", "filled", "empty"
]

OPERATORS: tuple[str, ...] = get_args(Operator)
NUMBER_STEPS = 1_000_000  # numbers are compared as whole millionths: exact on both databases
MOST_DECIMALS = 6
LARGEST = Decimal(10) ** 12
MOST_TEXT, MOST_LONG_TEXT, MOST_COMPARED = 200, 5000, 200
MOST_CHOSEN = 50

MAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
URL = re.compile(r"https?://[^\s/$.?#][^\s]*", re.IGNORECASE)
PHONE = re.compile(r"\+?[0-9()（）\-－ 　]{3,32}([转x#][0-9]{1,6})?", re.IGNORECASE)
NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
CODE = re.compile(r"[!-~]+")
ID = re.compile(r"[0-9a-z]{26}")

NOT_TEXT = Text("要填文字", "must be a text")
NOT_NUMBER = Text("要填数字", "must be a number")
NOT_WHOLE = Text("要填整数", "must be a whole number")
NOT_DATE = Text("要填日期，如 2026-03-10", "must be a date such as 2026-03-10")
NOT_MOMENT = Text(
    "要填日期和时间，并带时区", "must be a date and a time with its zone, as 2026-03-10T09:30:00Z"
)
NOT_YES_NO = Text("只能选是或否", "must be yes or no")
NOT_OFFERED = Text("要从选项里选", "must be one of its options")
RETIRED = Text(
    "选项「{option}」已停用，请另选", "has the retired option “{option}”: choose another"
)
TWICE = Text("选项重复了", "has an option twice")
TOO_MANY = Text("最多选 {most} 项", "may have at most {most} options")
TOO_LONG = Text("最多 {most} 个字", "may have at most {most} characters")
TOO_SHORT = Text("至少 {least} 个字", "needs at least {least} characters")
TOO_SMALL = Text("不能小于 {least}", "must be at least {least}")
TOO_LARGE = Text("不能大于 {most}", "must be at most {most}")
TOO_FINE = Text("最多 {most} 位小数", "may have at most {most} decimals")
OUT_OF_RANGE = Text("数字太大", "is too large a number")
NOT_LIKE_PATTERN = Text("格式不对：{hint}", "does not have the form that it needs: {hint}")
NOT_MAIL = Text("不是邮箱地址", "is no e-mail address")
NOT_URL = Text("要填网址，以 http:// 或 https:// 开头", "must be an address that begins with http")
NOT_PHONE = Text("不是电话号码", "is no phone number")
NOT_CODE = Text("只能有字母、数字和符号", "may have letters, digits and signs only")
NOT_CURRENCY = Text("币种只能是 {known}", "must be in {known}")
NOT_REGION = Text("要填省、市、区县、街道中的一到四级", "must be province, city, district, street")
NOT_ID = Text("要选一位", "must be chosen")


class Wrong(ValueError):
    """A value that a field cannot hold; `why` is the end of a sentence that begins with it."""

    def __init__(self, why: Text, **facts: object) -> None:
        super().__init__(why.en)
        self.why = why.filled(**facts) if facts else why


@dataclass(frozen=True, slots=True)
class Kind:
    """`read` makes the kept value of what was sent, or raises Wrong; `rows` what it is found by;
    `operators` how it may be asked for."""

    read: Callable[[FieldSpec, Value], Value]
    rows: Callable[[Value], Iterable[Row]]
    operators: frozenset[str]
    is_reference: bool = False


def folded(text: str) -> str:
    """How texts are compared: full-width, case and spaces around do not matter."""
    return unicodedata.normalize("NFKC", text).casefold().strip()[:MOST_COMPARED]


def as_steps(number: Decimal) -> int:
    """A number as it is compared by the database."""
    return int((number * NUMBER_STEPS).to_integral_value(ROUND_HALF_UP))


def plain(number: Decimal) -> str:
    """12.50 → 12.5; never with an exponent."""
    written = format(number, "f")
    return (written.rstrip("0").rstrip(".") if "." in written else written) or "0"


def read_decimal(value: Value, most_decimals: int = MOST_DECIMALS) -> Decimal:
    """A JSON number or its text. Raises Wrong."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong(NOT_NUMBER)
    written = repr(value) if not isinstance(value, str) else value.strip().replace(",", "")
    if isinstance(value, str) and not NUMBER.fullmatch(written):
        raise Wrong(NOT_NUMBER)
    try:
        number = Decimal(written)
    except InvalidOperation as failure:
        raise Wrong(NOT_NUMBER) from failure
    if not number.is_finite() or abs(number) >= LARGEST:
        raise Wrong(OUT_OF_RANGE)
    if number != number.quantize(Decimal(1).scaleb(-most_decimals), ROUND_HALF_UP):
        raise Wrong(TOO_FINE, most=most_decimals)
    return number + 0  # no -0


def _text(spec: FieldSpec, value: Value) -> str:
    return _written(spec, value, MOST_TEXT)


def _long_text(spec: FieldSpec, value: Value) -> str:
    return _written(spec, value, MOST_LONG_TEXT)


def _written(spec: FieldSpec, value: Value, most: int) -> str:
    if not isinstance(value, str):
        raise Wrong(NOT_TEXT)
    text = value.strip()
    most = min(most, spec.max_length or most)
    if len(text) > most:
        raise Wrong(TOO_LONG, most=most)
    if len(text) < (spec.min_length or 0):
        raise Wrong(TOO_SHORT, least=spec.min_length)
    if spec.pattern and not fits_pattern(spec.pattern, text):
        raise Wrong(NOT_LIKE_PATTERN, hint=spec.pattern_hint or spec.pattern)
    return text


def _of_form(form: re.Pattern[str], otherwise: Text) -> Callable[[FieldSpec, Value], str]:
    def read(spec: FieldSpec, value: Value) -> str:
        text = _text(spec, value)
        if not form.fullmatch(text):
            raise Wrong(otherwise)
        return text

    return read


def _within(spec: FieldSpec, number: Decimal) -> Decimal:
    if spec.min is not None and number < Decimal(spec.min):
        raise Wrong(TOO_SMALL, least=spec.min)
    if spec.max is not None and number > Decimal(spec.max):
        raise Wrong(TOO_LARGE, most=spec.max)
    return number


def _number(spec: FieldSpec, value: Value) -> str:
    decimals = MOST_DECIMALS if spec.decimals is None else spec.decimals
    return plain(_within(spec, read_decimal(value, decimals)))


def _integer(spec: FieldSpec, value: Value) -> int:
    number = read_decimal(value)
    if number != number.to_integral_value():
        raise Wrong(NOT_WHOLE)
    return int(_within(spec, number))


def _score(spec: FieldSpec, value: Value) -> int:
    usual = {"min": spec.min or "0", "max": spec.max or "5"}
    return _integer(spec.model_copy(update=usual), value)


def _money(spec: FieldSpec, value: Value) -> dict[str, str]:
    given = value if isinstance(value, dict) else {"amount": value}
    currency = given.get("currency") or spec.currencies[0]
    if currency not in spec.currencies:
        raise Wrong(NOT_CURRENCY, known=", ".join(spec.currencies))
    amount = _within(spec, read_decimal(given.get("amount"), 2))
    return {"amount": format(amount.quantize(Decimal("0.01")), "f"), "currency": currency}


def _date(spec: FieldSpec, value: Value) -> str:
    try:
        day = date.fromisoformat(value.strip())
    except (AttributeError, ValueError) as failure:
        raise Wrong(NOT_DATE) from failure
    return _between(spec, day.isoformat())


def _moment(spec: FieldSpec, value: Value) -> str:
    try:
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is None:
            raise Wrong(NOT_MOMENT)
        utc = moment.astimezone(UTC)
    except (AttributeError, ValueError, OverflowError) as failure:
        raise Wrong(NOT_MOMENT) from failure
    return _between(spec, f"{utc:%Y-%m-%dT%H:%M:%S}Z".rjust(20, "0"))


def _between(spec: FieldSpec, written: str) -> str:
    """Dates and moments compare as they are written."""
    if spec.min is not None and written[: len(spec.min)] < spec.min:
        raise Wrong(TOO_SMALL, least=spec.min)
    if spec.max is not None and written[: len(spec.max)] > spec.max:
        raise Wrong(TOO_LARGE, most=spec.max)
    return written


def _yes_no(_spec: FieldSpec, value: Value) -> bool:
    if not isinstance(value, bool):
        raise Wrong(NOT_YES_NO)
    return value


def _choice(spec: FieldSpec, value: Value) -> str:
    option = spec.option(value) if isinstance(value, str) else None
    if option is None:
        raise Wrong(NOT_OFFERED)
    return option.key


def _choices(spec: FieldSpec, value: Value) -> list[str]:
    if not isinstance(value, list):
        raise Wrong(NOT_OFFERED)
    chosen = [_choice(spec, one) for one in value]
    if len(set(chosen)) < len(chosen):
        raise Wrong(TWICE)
    most = spec.most_chosen or MOST_CHOSEN
    if len(chosen) > most:
        raise Wrong(TOO_MANY, most=most)
    order = [option.key for option in spec.options]
    return sorted(chosen, key=order.index)


def _region(_spec: FieldSpec, value: Value) -> list[str]:
    """Province first: 湖北省, 武汉市, 江岸区."""
    if not isinstance(value, list) or not 1 <= len(value) <= 4:
        raise Wrong(NOT_REGION)
    parts = [one.strip() if isinstance(one, str) else "" for one in value]
    if any(not one or len(one) > 40 or "/" in one for one in parts):
        raise Wrong(NOT_REGION)
    return parts


def _id(_spec: FieldSpec, value: Value) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise Wrong(NOT_ID)
    return value


def _by_text(value: Value) -> Iterable[Row]:
    yield folded(value), None


def _is_there(_value: Value) -> Iterable[Row]:
    yield "", None


def _by_digits(value: Value) -> Iterable[Row]:
    yield "".join(filter(str.isdecimal, value)), None


def _by_number(value: Value) -> Iterable[Row]:
    yield None, as_steps(Decimal(value))


def _by_amount(value: Value) -> Iterable[Row]:
    yield value["currency"], as_steps(Decimal(value["amount"]))


def _by_each(value: Value) -> Iterable[Row]:
    for one in value:
        yield one, None


def _by_path(value: Value) -> Iterable[Row]:
    yield folded("/".join(value) + "/"), None


def _by_itself(value: Value) -> Iterable[Row]:
    yield value, None


ALWAYS = frozenset({"filled", "empty"})
EQUAL = ALWAYS | {"is", "any_of", "none_of"}
WORDS = EQUAL | {"contains", "begins"}
ORDERED = ALWAYS | {"is", "gte", "lte"}

KINDS: dict[str, Kind] = {
    "text": Kind(_text, _by_text, WORDS),
    "long_text": Kind(_long_text, _is_there, ALWAYS),
    "number": Kind(_number, _by_number, ORDERED),
    "integer": Kind(_integer, _by_number, ORDERED),
    "money": Kind(_money, _by_amount, ORDERED),
    "score": Kind(_score, _by_number, ORDERED),
    "date": Kind(_date, _by_itself, ORDERED),
    "moment": Kind(_moment, _by_itself, ORDERED),
    "yes_no": Kind(_yes_no, _by_number, ALWAYS | {"is"}),
    "choice": Kind(_choice, _by_itself, EQUAL),
    "choices": Kind(_choices, _by_each, EQUAL | {"all_of"}),
    "phone": Kind(_of_form(PHONE, NOT_PHONE), _by_digits, WORDS),
    "email": Kind(_of_form(MAIL, NOT_MAIL), _by_text, WORDS),
    "url": Kind(_of_form(URL, NOT_URL), _by_text, WORDS),
    "barcode": Kind(_of_form(CODE, NOT_CODE), _by_text, WORDS),
    "region": Kind(_region, _by_path, ALWAYS | {"is", "begins"}),
    "member": Kind(_id, _by_itself, EQUAL, is_reference=True),
    "department": Kind(_id, _by_itself, EQUAL, is_reference=True),
    "customer": Kind(_id, _by_itself, EQUAL, is_reference=True),
}

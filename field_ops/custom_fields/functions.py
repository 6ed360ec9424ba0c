"""What a formula may do: each function knows which types it takes, and never raises.

Numbers are decimals of at most fifteen digits before the point and twelve behind it, rounded half
up after each step; what is larger is empty.
"""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from typing import Any, Literal

Type = Literal["number", "text", "date", "yes_no", "choices"]
Datum = Decimal | str | date | bool | tuple[str, ...] | None

FINEST = Decimal("1E-12")
LARGEST = Decimal(10) ** 15
LONGEST = 500
MOST_DIGITS = 6
FURTHEST_DAYS = 400_000
PRECISION = 60  # digits while reckoning: enough that rounding once is all that is lost


class TypesDiffer(ValueError):
    """The function does not take these."""


@dataclass(frozen=True, slots=True)
class Function:
    check: Callable[[Sequence[Type]], Type]
    compute: Callable[[Sequence[Any]], Datum]


def kept(number: Decimal) -> Decimal | None:
    """A number as formulas keep it; None when it is too large."""
    if not number.is_finite() or abs(number) >= LARGEST:
        return None
    with localcontext(prec=PRECISION):
        return number.quantize(FINEST, ROUND_HALF_UP) + 0


def _takes(result: Type, *wanted: Type) -> Callable[[Sequence[Type]], Type]:
    def check(given: Sequence[Type]) -> Type:
        if tuple(given) != wanted:
            raise TypesDiffer()
        return result

    return check


def _takes_many(wanted: Type) -> Callable[[Sequence[Type]], Type]:
    def check(given: Sequence[Type]) -> Type:
        if not given or set(given) != {wanted}:
            raise TypesDiffer()
        return wanted

    return check


def _alike(given: Sequence[Type]) -> Type:
    """Two of one type that has an order or can be told apart."""
    if len(given) != 2 or given[0] != given[1] or given[0] == "choices":
        raise TypesDiffer()
    return "yes_no"


def _ordered(given: Sequence[Type]) -> Type:
    if "yes_no" in given:
        raise TypesDiffer()
    return _alike(given)


def _joined(given: Sequence[Type]) -> Type:
    if len(given) != 2 or not set(given) <= {"text", "number", "date"}:
        raise TypesDiffer()
    return "text"


def _branches(given: Sequence[Type]) -> Type:
    if len(given) not in (2, 3) or given[0] != "yes_no" or len(set(given[1:])) != 1:
        raise TypesDiffer()
    return _value(given[1])


def _first_of(given: Sequence[Type]) -> Type:
    if not given or len(set(given)) != 1:
        raise TypesDiffer()
    return _value(given[0])


def _value(given: Type) -> Type:
    if given == "choices":
        raise TypesDiffer()
    return given


def _rounds(given: Sequence[Type]) -> Type:
    if tuple(given) not in (("number",), ("number", "number")):
        raise TypesDiffer()
    return "number"


def _any(given: Sequence[Type]) -> Type:
    if len(given) != 1:
        raise TypesDiffer()
    return "yes_no"


def _strict(compute: Callable[..., Datum]) -> Callable[[Sequence[Any]], Datum]:
    """Empty as soon as one of them is empty."""

    def computed(values: Sequence[Any]) -> Datum:
        return None if any(value is None for value in values) else compute(*values)

    return computed


def _reckoned(compute: Callable[..., Decimal | None]) -> Callable[[Sequence[Any]], Datum]:
    """As `_strict`, for numbers: exact, then kept."""

    def computed(values: Sequence[Any]) -> Datum:
        if any(value is None for value in values):
            return None
        with localcontext(prec=PRECISION):
            number = compute(*values)
        return None if number is None else kept(number)

    return computed


def _of_those_there(
    compute: Callable[[list[Decimal]], Decimal],
) -> Callable[[Sequence[Any]], Datum]:
    def computed(values: Sequence[Any]) -> Datum:
        there = [value for value in values if value is not None]
        with localcontext(prec=PRECISION):
            return kept(compute(there)) if there else None

    return computed


def _divided(a: Decimal, b: Decimal) -> Decimal | None:
    return a / b if b else None


def _rounded(number: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
    places = min(max(int(digits), 0), MOST_DIGITS)
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def written(value: Any) -> str:
    """How `&` writes it: 12.5, 2026-03-10; nothing for what is empty."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, date) else str(value)


def _count(value: Decimal) -> int:
    return min(max(int(value), 0), LONGEST)


def _days_later(day: date, days: Decimal) -> date | None:
    if abs(days) > FURTHEST_DAYS:
        return None
    try:
        return day + timedelta(days=int(days))
    except OverflowError:
        return None


def _months_later(day: date, months: Decimal) -> date | None:
    """The same day of the month, or its last."""
    if abs(months) > FURTHEST_DAYS:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + int(months), 12)
    if not 1 <= year <= 9999:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _chosen(values: Sequence[Any]) -> Datum:
    condition, *rest = values
    return rest[0] if condition else (rest[1] if len(rest) == 2 else None)


OPERATORS: dict[str, Function] = {
    "+": Function(_takes("number", "number", "number"), _reckoned(lambda a, b: a + b)),
    "-": Function(_takes("number", "number", "number"), _reckoned(lambda a, b: a - b)),
    "*": Function(_takes("number", "number", "number"), _reckoned(lambda a, b: a * b)),
    "/": Function(_takes("number", "number", "number"), _reckoned(_divided)),
    "negative": Function(_takes("number", "number"), _reckoned(lambda a: -a)),
    "&": Function(_joined, lambda values: "".join(map(written, values))[:LONGEST]),
    "=": Function(_alike, _strict(lambda a, b: a == b)),
    "<>": Function(_alike, _strict(lambda a, b: a != b)),
    "<": Function(_ordered, _strict(lambda a, b: a < b)),
    "<=": Function(_ordered, _strict(lambda a, b: a <= b)),
    ">": Function(_ordered, _strict(lambda a, b: a > b)),
    ">=": Function(_ordered, _strict(lambda a, b: a >= b)),
    "and": Function(_takes("yes_no", "yes_no", "yes_no"), lambda v: bool(v[0]) and bool(v[1])),
    "or": Function(_takes("yes_no", "yes_no", "yes_no"), lambda v: bool(v[0]) or bool(v[1])),
    "not": Function(_takes("yes_no", "yes_no"), lambda v: not v[0]),
}

FUNCTIONS: dict[str, Function] = {
    "if": Function(_branches, _chosen),
    "coalesce": Function(_first_of, lambda v: next((one for one in v if one is not None), None)),
    "is_empty": Function(_any, lambda v: v[0] is None or v[0] == ()),
    "round": Function(_rounds, _reckoned(_rounded)),
    "abs": Function(_takes("number", "number"), _reckoned(lambda a: abs(a))),
    "floor": Function(
        _takes("number", "number"), _reckoned(lambda a: a.to_integral_value(ROUND_FLOOR))
    ),
    "ceil": Function(
        _takes("number", "number"), _reckoned(lambda a: a.to_integral_value(ROUND_CEILING))
    ),
    "min": Function(_takes_many("number"), _of_those_there(min)),
    "max": Function(_takes_many("number"), _of_those_there(max)),
    "sum": Function(_takes_many("number"), _of_those_there(lambda there: sum(there, Decimal(0)))),
    "length": Function(_takes("number", "text"), _strict(lambda a: Decimal(len(a)))),
    "upper": Function(_takes("text", "text"), _strict(lambda a: a.upper()[:LONGEST])),
    "lower": Function(_takes("text", "text"), _strict(lambda a: a.lower()[:LONGEST])),
    "left": Function(_takes("text", "text", "number"), _strict(lambda a, n: a[: _count(n)])),
    "contains": Function(_takes("yes_no", "text", "text"), _strict(lambda a, b: b in a)),
    "has": Function(_takes("yes_no", "choices", "text"), _strict(lambda a, b: b in a)),
    "year": Function(_takes("number", "date"), _strict(lambda a: Decimal(a.year))),
    "month": Function(_takes("number", "date"), _strict(lambda a: Decimal(a.month))),
    "day": Function(_takes("number", "date"), _strict(lambda a: Decimal(a.day))),
    "days_between": Function(
        _takes("number", "date", "date"), _strict(lambda a, b: Decimal((b - a).days))
    ),
    "add_days": Function(_takes("date", "date", "number"), _strict(_days_later)),
    "add_months": Function(_takes("date", "date", "number"), _strict(_months_later)),
}
RESERVED = frozenset({"and", "or", "not", "yes", "no"})

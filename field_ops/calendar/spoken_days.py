"""Days as people say them: 下周三, 3月10日, 月底, 三天后, next friday (domain.md §13.3). Pure.

A day without its week or month is the next one that comes; a day that is over is none.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九十")} | {"两": 2}
WEEKDAYS = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6}
ENGLISH = {
    day: number
    for number, day in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    )
}
NAMED = {"今天": 0, "明天": 1, "大后天": 3, "后天": 2, "today": 0, "tomorrow": 1}
NUMBER = r"(\d{1,3}|[一二两三四五六七八九十])"
IN_DAYS = NUMBER + r"\s*个?(天|周|星期|礼拜)后"
OF_A_WEEK = r"(下下|下|本|这)?(?:个)?(周|星期|礼拜)([一二三四五六日天])"
OF_A_MONTH = r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?"
OF_THIS_MONTH = r"(?<![\d月])(\d{1,2})\s*[日号]"
NEXT_MONTH = r"下个?月初"
END_OF_MONTH = r"月底"


def find_day(said: str, today: date) -> tuple[date, str] | None:
    """The first day that is named, and the words that name it; None when there is none."""
    for pattern, day_of in SPOKEN:
        found = re.search(pattern, said, re.IGNORECASE)
        if found and (day := day_of(found, today)) is not None:
            return day, found.group()
    return None


def _number(said: str) -> int:
    return int(said) if said.isdigit() else DIGITS[said]


def _in_days(found: re.Match[str], today: date) -> date:
    weeks = found.group(2).lower().startswith(("周", "星", "礼", "w"))
    return today + timedelta(days=_number(found.group(1)) * (7 if weeks else 1))


def _of_a_week(found: re.Match[str], today: date) -> date | None:
    which, weekday = found.group(1) or "", WEEKDAYS[found.group(3)]
    monday = today - timedelta(days=today.weekday())
    if not which:
        return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    day = monday + timedelta(days=7 * which.count("下") + weekday)
    return day if day >= today else None


def _in_english(found: re.Match[str], today: date) -> date:
    weekday = ENGLISH[found.group(1).lower()]
    return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)


def _of_a_month(found: re.Match[str], today: date) -> date | None:
    month, of_month = int(found.group(1)), int(found.group(2))
    return _valid(today.year, month, of_month, today) or _valid(
        today.year + 1, month, of_month, today
    )


def _of_this_month(found: re.Match[str], today: date) -> date | None:
    of_month, first = int(found.group(1)), _next_month(today)
    return _valid(today.year, today.month, of_month, today) or _valid(
        first.year, first.month, of_month, today
    )


def _valid(year: int, month: int, of_month: int, today: date) -> date | None:
    try:
        day = date(year, month, of_month)
    except ValueError:
        return None
    return day if day >= today else None


def _next_month(today: date) -> date:
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


# The longer words before those that they begin with.
SPOKEN: tuple[tuple[str, Callable[[re.Match[str], date], date | None]], ...] = (
    (IN_DAYS, _in_days),
    (r"\bin (\d{1,3}) (days?|weeks?)", _in_days),
    (OF_A_WEEK, _of_a_week),
    (r"\b(?:next |on )?(" + "|".join(ENGLISH) + r")\b", _in_english),
    (OF_A_MONTH, _of_a_month),
    (NEXT_MONTH, lambda _found, today: _next_month(today)),
    (END_OF_MONTH, lambda _found, today: _next_month(today) - timedelta(days=1)),
    (OF_THIS_MONTH, _of_this_month),
    (
        "|".join(NAMED),
        lambda found, today: today + timedelta(days=NAMED[found.group().lower()]),
    ),
)

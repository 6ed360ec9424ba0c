"""When somebody's next birthday is, by the solar or by the lunar calendar. Pure."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from borax.calendars.lunardate import LCalendars, LunarDate

from ..texts import Text

SOLAR, LUNAR = "solar", "lunar"
Calendar = Literal["solar", "lunar"]
LONGEST_MONTH = 30
LUNAR_MONTHS = tuple("正二三四五六七八九十冬腊")
LUNAR_DAYS = (
    *("初一", "初二", "初三", "初四", "初五", "初六", "初七", "初八", "初九", "初十"),
    *("十一", "十二", "十三", "十四", "十五", "十六", "十七", "十八", "十九", "二十"),
    *("廿一", "廿二", "廿三", "廿四", "廿五", "廿六", "廿七", "廿八", "廿九", "三十"),
)
SOLAR_DAY = Text("{month}月{day}日", "{day}/{month}")
LUNAR_DAY = Text("农历{month}月{day}", "lunar month {month}, day {day}")
LEAP = Text("闰{month}", "{month} (leap)")


@dataclass(frozen=True, slots=True)
class Birthday:
    """`is_leap`: born in the leap month of that number. `year` None: nobody told."""

    calendar: Calendar
    month: int
    day: int
    is_leap: bool = False
    year: int | None = None

    @property
    def exists(self) -> bool:
        """Whether some year has this day."""
        if not 1 <= self.month <= 12 or self.day < 1:
            return False
        if self.calendar == LUNAR:
            return self.day <= LONGEST_MONTH
        return not self.is_leap and self.day <= calendar.monthrange(2000, self.month)[1]


def next_birthday(birthday: Birthday, today: date) -> date:
    """The next day on which it is kept, today included."""
    return next(day for day in _days(birthday, today) if day >= today)


def birthday_text(birthday: Birthday, language: str) -> str:
    """农历闰四月初三, or 5月3日."""
    month, day = str(birthday.month), str(birthday.day)
    if birthday.calendar == SOLAR:
        return SOLAR_DAY.say(language, month=month, day=day)
    if language == "zh":
        month, day = LUNAR_MONTHS[birthday.month - 1], LUNAR_DAYS[birthday.day - 1]
    if birthday.is_leap:
        month = LEAP.say(language, month=month)
    return LUNAR_DAY.say(language, month=month, day=day)


def _days(birthday: Birthday, today: date) -> Iterator[date]:
    """The days of one year after the other, beginning with one that is over or is this."""
    if birthday.calendar == SOLAR:
        for year in range(today.year, today.year + 2):
            last = calendar.monthrange(year, birthday.month)[1]
            yield date(year, birthday.month, min(birthday.day, last))
        return
    lunar = LunarDate.from_solar_date(today.year, today.month, today.day)
    for year in range(lunar.year, lunar.year + 2):
        yield _lunar(birthday, year)


def _lunar(birthday: Birthday, year: int) -> date:
    """A leap month that the year does not have is its plain one, and a day that the month does not
    have is its last: in 2025, 2026 and 2027 no twelfth month has a thirtieth."""
    leap = int(birthday.is_leap and LCalendars.leap_month(year) == birthday.month)
    last = LCalendars.ndays(year, birthday.month, leap)
    solar: date = LunarDate(year, birthday.month, min(birthday.day, last), leap).to_solar_date()
    return solar

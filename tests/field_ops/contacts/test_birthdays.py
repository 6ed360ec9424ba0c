"""The next birthday by both calendars, against a calendar that knows nothing of ours.

The oracle is the Chinese calendar of ICU, asked through Node: it reckons moons and solar terms by
astronomy, where our library reads a table.
"""

import json
import shutil
import subprocess
from datetime import date, timedelta
from functools import cache
from random import Random

import pytest

from field_ops.contacts.birthdays import Birthday, birthday_text, next_birthday

FIRST, LAST = date(1990, 1, 1), date(2050, 12, 31)
ASK = """
const format = new Intl.DateTimeFormat('en-u-ca-chinese',
  {year: 'numeric', month: 'numeric', day: 'numeric', timeZone: 'UTC'})
const days = []
for (let at = Date.UTC(1990, 0, 1); at <= Date.UTC(2050, 11, 31); at += 86400000) {
  const parts = Object.fromEntries(format.formatToParts(at).map(one => [one.type, one.value]))
  days.push([Number(parts.relatedYear), parts.month, Number(parts.day)])
}
console.log(JSON.stringify(days))
"""


@cache
def lunar_days() -> list[tuple[int, int, bool, int]]:
    """(lunar year, month, is leap, day) of each day from FIRST."""
    node = shutil.which("node")
    assert node is not None
    told = subprocess.run([node, "-e", ASK], capture_output=True, check=True, timeout=60)
    return [
        (year, int(month.removesuffix("bis")), month.endswith("bis"), day)
        for year, month, day in json.loads(told.stdout)
    ]


def by_looking(birthday: Birthday, today: date) -> date:
    """Day by day; of each lunar year the day that is kept is chosen among all of its days."""
    at = (today - FIRST).days
    year = lunar_days()[at][0]
    for wanted in (year, year + 1):
        days = [
            (FIRST + timedelta(days=n), month, leap, day)
            for n, (of, month, leap, day) in enumerate(lunar_days())
            if of == wanted
        ]
        exact = [one for one in days if one[1] == birthday.month and one[2] == birthday.is_leap]
        month = exact or [one for one in days if one[1] == birthday.month and not one[2]]
        kept = max(one[0] for one in month if one[3] <= birthday.day)
        if kept >= today:
            return kept
    raise AssertionError


@pytest.mark.parametrize("seed", range(4))
def test_lunar_birthdays_against_another_calendar(seed: int) -> None:
    dice = Random(seed)
    for _ in range(30):
        today = FIRST + timedelta(days=dice.randrange(400, (LAST - FIRST).days - 800))
        birthday = Birthday(
            "lunar", dice.randint(1, 12), dice.randint(1, 30), is_leap=dice.random() < 0.4
        )
        assert next_birthday(birthday, today) == by_looking(birthday, today), (birthday, today)


@pytest.mark.parametrize(
    ("birthday", "today", "expected"),
    [
        (Birthday("solar", 3, 10), date(2026, 3, 10), date(2026, 3, 10)),
        (Birthday("solar", 3, 9), date(2026, 3, 10), date(2027, 3, 9)),
        (Birthday("solar", 2, 29), date(2026, 1, 1), date(2026, 2, 28)),
        (Birthday("solar", 2, 29), date(2028, 1, 1), date(2028, 2, 29)),
        (Birthday("lunar", 1, 1), date(2026, 2, 17), date(2026, 2, 17)),
        (Birthday("lunar", 12, 30), date(2026, 1, 1), date(2026, 2, 16)),  # it has 29 days
        (Birthday("lunar", 6, 1, is_leap=True), date(2025, 6, 25), date(2025, 7, 25)),
        (Birthday("lunar", 6, 1, is_leap=True), date(2026, 1, 1), date(2026, 7, 14)),
        (Birthday("lunar", 6, 1), date(2025, 6, 26), date(2026, 7, 14)),  # not in the leap month
        (Birthday("lunar", 12, 8), date(2027, 1, 16), date(2028, 1, 4)),  # two in a solar year
    ],
)
def test_known_birthdays(birthday: Birthday, today: date, expected: date) -> None:
    assert next_birthday(birthday, today) == expected


@pytest.mark.parametrize(
    ("birthday", "exists"),
    [
        (Birthday("solar", 2, 29), True),
        (Birthday("solar", 2, 30), False),
        (Birthday("solar", 4, 31), False),
        (Birthday("solar", 4, 3, is_leap=True), False),
        (Birthday("lunar", 4, 30, is_leap=True), True),
        (Birthday("lunar", 4, 31), False),
    ],
)
def test_days_that_no_year_has(birthday: Birthday, exists: bool) -> None:
    assert birthday.exists is exists


@pytest.mark.parametrize(
    ("birthday", "text"),
    [
        (Birthday("lunar", 4, 3, is_leap=True), "农历闰四月初三"),
        (Birthday("lunar", 12, 20), "农历腊月二十"),
        (Birthday("lunar", 1, 25), "农历正月廿五"),
        (Birthday("lunar", 11, 11), "农历冬月十一"),
        (Birthday("solar", 5, 3), "5月3日"),
    ],
)
def test_as_a_person_says_it(birthday: Birthday, text: str) -> None:
    assert birthday_text(birthday, "zh") == text

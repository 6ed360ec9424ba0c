"""Days as people say them, on Tuesday the tenth of March 2026."""

from datetime import date

import pytest

from field_ops.calendar.spoken_days import find_day

TUESDAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("今天答复", date(2026, 3, 10)),
        ("明天送样", date(2026, 3, 11)),
        ("后天", date(2026, 3, 12)),
        ("大后天", date(2026, 3, 13)),
        ("下周三答复", date(2026, 3, 18)),
        ("本周五", date(2026, 3, 13)),
        ("周五再聊", date(2026, 3, 13)),
        ("周二再聊", date(2026, 3, 17)),
        ("下下周一", date(2026, 3, 23)),
        ("星期天", date(2026, 3, 15)),
        ("礼拜一", date(2026, 3, 16)),
        ("3天后", date(2026, 3, 13)),
        ("两周后", date(2026, 3, 24)),
        ("15号", date(2026, 3, 15)),
        ("3号", date(2026, 4, 3)),
        ("3月10日", date(2026, 3, 10)),
        ("3月9日", date(2027, 3, 9)),
        ("12月5号", date(2026, 12, 5)),
        ("月底", date(2026, 3, 31)),
        ("下月初", date(2026, 4, 1)),
        ("下个月初签", date(2026, 4, 1)),
        ("answer on friday", date(2026, 3, 13)),
        ("next Tuesday", date(2026, 3, 17)),
        ("tomorrow", date(2026, 3, 11)),
        ("in 2 weeks", date(2026, 3, 24)),
    ],
)
def test_a_day_is_found(said: str, day: date) -> None:
    found = find_day(said, TUESDAY)
    assert found is not None and found[0] == day


@pytest.mark.parametrize(
    "said", ["", "谈了续约", "本周一", "2月30日", "对方要9折", "订了20箱", "99号", "一周前"]
)
def test_no_day_is_made_up(said: str) -> None:
    assert find_day(said, TUESDAY) is None


def test_the_end_of_december_is_before_the_new_year() -> None:
    assert find_day("月底", date(2026, 12, 20)) == (date(2026, 12, 31), "月底")
    assert find_day("下月初", date(2026, 12, 31)) == (date(2027, 1, 1), "下月初")

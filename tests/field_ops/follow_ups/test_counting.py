"""Which contacts count for the clock of a customer (domain.md §8.3)."""

import pytest

from field_ops.follow_ups.counting import Contacted, counts

ENOUGH = "老板同意下周先试订二十箱矿泉水，价格照旧"
NINETEEN = ENOUGH[:19]
NEXT = "送样品"


@pytest.mark.parametrize(
    ("contacted", "expected"),
    [
        (Contacted(channel="visit", is_effective=True), True),
        (Contacted(channel="visit", text=ENOUGH, next_action=NEXT), False),
        (Contacted(channel="call", duration_s=30), True),
        (Contacted(channel="call", duration_s=29), False),
        (Contacted(channel="call", duration_s=None), False),
        (Contacted(channel="call", duration_s=5, text=ENOUGH, next_action=NEXT), True),
        (Contacted(channel="meeting", duration_s=3600), False),
        (Contacted(channel="chat", was_answered=True), True),
        (Contacted(channel="chat", text="在吗"), False),
        (Contacted(channel="email", was_answered=True), False),
        (Contacted(channel="chat", text=ENOUGH, next_action=NEXT), True),
        (Contacted(channel="note", text=ENOUGH, next_action=NEXT), True),
        (Contacted(channel="note", text=ENOUGH, next_action=" "), False),
        (Contacted(channel="note", text=NINETEEN, next_action=NEXT), False),
        (Contacted(channel="email", text=f"  {NINETEEN}\n ", next_action=NEXT), False),
        (Contacted(channel="note", text="已联系", next_action="再联系"), False),
    ],
)
def test_what_counts(contacted: Contacted, expected: bool) -> None:
    assert counts(contacted) is expected


def test_the_text_of_these_cases_is_as_long_as_they_say() -> None:
    assert (len(ENOUGH), len(NINETEEN)) == (20, 19)

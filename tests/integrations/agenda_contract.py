"""What every host's calendar and list of to-dos must do, by the adapter and the pretend host.

A subclass lives in `tests/integrations/<host>/test_agenda.py`, whose module has the fixtures of the
`HostContract` and these:

`agenda: Agenda`
    The service, connected to the simulator.
`whose: Colleague`
    李雷, as this host names him.
`shown: Callable[[], list[Shown]]`
    What 李雷 sees in the host.
`remove: Callable[[], None]`
    李雷 deletes the one entry that he sees.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from field_ops.host.agenda import Agenda, Entry
from field_ops.host.errors import EntryGone, HostUnavailable
from field_ops.host.services import Colleague

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 11)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as the member sees it. `at` is its begin, or None when it is all day."""

    title: str
    text: str
    at: datetime | None = None
    until: datetime | None = None
    place: str = ""
    done: bool = False
    sounds: bool = False


def entry(title: str = "拜访 华联超市", plan: str = "42", hour: int | None = 10) -> Entry:
    """On Wednesday at ten, or all day."""
    at = None if hour is None else datetime(2026, 3, 11, hour, tzinfo=SHANGHAI)
    return Entry(
        title=title,
        day=DAY,
        closes=datetime(2026, 3, 11, 23, 59, 59, tzinfo=SHANGHAI),
        url=f"https://waiqin.example/h5/?host=x#/customers/1?plan={plan}",
        begins=at,
        ends=at and at.replace(minute=45),
        place="中山大道 128 号",
        text="目的：谈陈列",
    )


class AgendaContract:
    """Inherit, and provide the fixtures of the module's docstring."""

    async def make(self, agenda: Agenda, whose: Colleague, one: Entry, key: str = "key-1"):
        self.book = getattr(self, "book", None) or await agenda.open_book("外勤拜访")
        return await agenda.make(whose, key, one, self.book)

    async def test_an_entry_is_put_changed_and_taken_away(
        self, agenda: Agenda, whose: Colleague, shown: Callable[[], list[Shown]]
    ) -> None:
        entry_id = await self.make(agenda, whose, entry())
        (seen,) = shown()
        assert seen.title == "拜访 华联超市"
        assert entry().url in seen.text
        assert not seen.sounds
        await agenda.change(whose, entry_id, entry("拜访 红星"), self.book)
        (seen,) = shown()
        assert seen.title == "拜访 红星"
        await agenda.take_away(whose, entry_id)
        assert shown() == []
        await agenda.take_away(whose, entry_id)  # as after a lost answer

    @pytest.mark.parametrize("hour", [10, None])
    async def test_whoever_plays_the_member_sees_it_in_the_console(
        self, agenda: Agenda, whose: Colleague, simulator, hour: int | None
    ) -> None:
        await self.make(agenda, whose, entry(hour=hour))
        (noted,) = simulator.noted_by(whose.host_user_id)
        begins = datetime.fromtimestamp(noted.begins, SHANGHAI)
        assert ("华联超市" in noted.title, noted.done, begins.date()) == (True, False, DAY)
        assert entry().url in (noted.url, noted.text.split("\n")[-1])
        assert noted.all_day == (noted.kind == "schedule" and hour is None)
        assert simulator.noted_by("hanmeimei") == []

    async def test_who_deletes_an_entry_is_not_given_it_back(
        self,
        agenda: Agenda,
        whose: Colleague,
        shown: Callable[[], list[Shown]],
        remove: Callable[[], None],
    ) -> None:
        entry_id = await self.make(agenda, whose, entry())
        remove()
        with pytest.raises(EntryGone):
            await agenda.change(whose, entry_id, entry("拜访 红星"), self.book)
        assert shown() == []
        await agenda.take_away(whose, entry_id)

    async def test_what_a_lost_answer_left_behind_is_found(
        self, agenda: Agenda, whose: Colleague, simulator, shown: Callable[[], list[Shown]]
    ) -> None:
        other = await self.make(agenda, whose, entry(plan="41"), key="key-0")
        assert await agenda.find(whose, "key-1", entry(), self.book) == ""
        simulator.faults.add("lost_answer", path=self.makes_at)
        with pytest.raises(HostUnavailable) as failed:
            await self.make(agenda, whose, entry())
        assert failed.value.maybe_done
        found = await agenda.find(whose, "key-1", entry(), self.book)
        assert found not in ("", other)
        assert len(shown()) == 2
        await agenda.take_away(whose, found)
        assert len(shown()) == 1

    async def test_long_and_hostile_words_are_no_reason_to_refuse(
        self, agenda: Agenda, whose: Colleague, shown: Callable[[], list[Shown]]
    ) -> None:
        long = replace(entry("汉<b>&👨‍👩‍👧" * 900), place="路" * 900, text="长" * 9_000)
        await self.make(agenda, whose, long)
        (seen,) = shown()
        assert long.url in seen.text

    async def test_whether_the_host_lets_us_is_asked_without_a_trace(
        self, agenda: Agenda, whose: Colleague, shown: Callable[[], list[Shown]]
    ) -> None:
        await agenda.look(whose)
        assert shown() == []

    makes_at: str


class CalendarContract(AgendaContract):
    """What only a calendar has: hours and places."""

    async def test_it_stands_at_its_hour_or_all_day(
        self, agenda: Agenda, whose: Colleague, shown: Callable[[], list[Shown]]
    ) -> None:
        entry_id = await self.make(agenda, whose, entry())
        (seen,) = shown()
        assert (seen.at, seen.until) == (entry().begins, entry().ends)
        assert seen.place == "中山大道 128 号" and "谈陈列" in seen.text
        await agenda.change(whose, entry_id, entry(hour=None), self.book)
        (seen,) = shown()
        assert seen.at is None

"""Two services of a host: a member's calendar, and his list of to-dos.

We put an entry, change it and take it away; what the member does to it in the host is his.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from .services import Colleague, HostService


@dataclass(frozen=True, slots=True)
class Entry:
    """What a member is to find on `day`: between two moments of his company's zone, or all day.

    `url` opens our page; it is different for each thing that an entry can stand for, and part of
    what the host keeps, so that an entry can be found by it. `closes` is the end of `day`. `done`
    is for lists of to-dos only.
    """

    title: str
    day: date
    closes: datetime
    url: str
    begins: datetime | None = None
    ends: datetime | None = None
    place: str = ""
    text: str = ""
    done: bool = False


class Agenda(HostService, Protocol):
    """What a calendar and a list of to-dos have in common.

    Every call raises a `SendError`: an `EntryGone` where somebody deleted what is meant, a
    `DailyLimitReached` where no more can be made today, a `BookGone` where the book is no more.
    """

    @property
    def made_a_day(self) -> int | None:
        """How many entries the host lets an app make in a day; None where it names no figure."""
        ...

    @property
    def made_a_day_each(self) -> int | None:
        """The same for one member."""
        ...

    async def open_book(self, title: str) -> str:
        """Where the host wants an app's entries to be kept together: a new such place.

        Asked once for a connection, and then kept. "" where the host needs none.
        """
        ...

    async def make(self, whose: Colleague, key: str, entry: Entry, book: str) -> str:
        """A new entry; gives the host's id. `key` (≤ 64 of [0-9A-Za-z_-]) is used for the host's
        own duplicate check where it has one: the same key is the same entry."""
        ...

    async def find(self, whose: Colleague, key: str, entry: Entry, book: str) -> str:
        """The id of the entry that an earlier `make` left behind whose answer was lost, or ""."""
        ...

    async def change(self, whose: Colleague, entry_id: str, entry: Entry, book: str) -> None:
        """Make the entry say this. What the member did to a to-do is left."""
        ...

    async def take_away(self, whose: Colleague, entry_id: str) -> None:
        """Delete the entry; one that is not there any more is no error."""
        ...


class Calendar(Agenda, Protocol):
    """A member's calendar."""


class TodoList(Agenda, Protocol):
    """A member's to-dos. `make` and `change` leave out whether it is done: `tick` says that."""

    async def tick(self, whose: Colleague, entry_id: str, *, done: bool) -> None:
        """Mark a to-do as done or open."""
        ...

"""Our pages' addresses for one connection: `#/visits/…` in a card becomes a whole address.

The domains only know pages. Host and connection are put into the address here, because a page that
is opened from a card must sign in through the connection that the card came through.
"""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from ..host.agenda import Agenda, Entry, TodoList
from ..host.messages import Button, Card, Message
from ..host.platform import HostPlatform, Messenger, Receipt, Recipient
from ..host.services import Colleague
from ..texts import Text


def page_url(public_url: str, host: str, connection: str, page: str = "#/today") -> str:
    """The whole address of a page (`#/…`) for members of this connection."""
    asked = urlencode({"host": host, "connection": connection})
    return f"{public_url.rstrip('/')}/h5/?{asked}{page}"


def with_pages(platform: HostPlatform, public_url: str, connection: str) -> HostPlatform:
    """The same platform, whose messages and entries may name our pages by `#/…`."""
    home = page_url(public_url, platform.name, connection, "")
    calendar, todo = platform.calendar, platform.todo
    return replace(
        platform,
        messenger=PagedMessenger(platform.messenger, home),
        calendar=PagedAgenda(calendar, home) if calendar else None,
        todo=PagedTodoList(todo, home) if todo else None,
    )


@dataclass(frozen=True, slots=True)
class PagedMessenger:
    """A messenger that completes our pages' addresses before it hands a card on."""

    messenger: Messenger
    home: str

    async def send(self, to: Recipient, message: Message, *, once: str) -> Receipt:
        return await self.messenger.send(to, self._whole(message), once=once)

    async def revise(self, revise_with: str, once: str, card: Card) -> None:
        await self.messenger.revise(revise_with, once, self._whole_card(card))

    def _whole(self, message: Message) -> Message:
        return self._whole_card(message) if isinstance(message, Card) else message

    def _whole_card(self, card: Card) -> Card:
        return replace(
            card,
            url=self._address(card.url),
            buttons=tuple(self._button(button) for button in card.buttons),
            choices=tuple(self._button(button) for button in card.choices),
        )

    def _button(self, button: Button) -> Button:
        return replace(button, url=self._address(button.url))

    def _address(self, url: str) -> str:
        return self.home + url if url.startswith("#/") else url


class PagedAgenda:
    """A calendar that completes our pages' addresses in its entries."""

    def __init__(self, agenda: Agenda, home: str) -> None:
        self._agenda = agenda
        self._home = home

    @property
    def wants(self) -> Text:
        return self._agenda.wants

    @property
    def made_a_day(self) -> int | None:
        return self._agenda.made_a_day

    @property
    def made_a_day_each(self) -> int | None:
        return self._agenda.made_a_day_each

    async def look(self, somebody: Colleague) -> None:
        await self._agenda.look(somebody)

    async def open_book(self, title: str) -> str:
        return await self._agenda.open_book(title)

    async def make(self, whose: Colleague, key: str, entry: Entry, book: str) -> str:
        return await self._agenda.make(whose, key, self._whole(entry), book)

    async def find(self, whose: Colleague, key: str, entry: Entry, book: str) -> str:
        return await self._agenda.find(whose, key, self._whole(entry), book)

    async def change(self, whose: Colleague, entry_id: str, entry: Entry, book: str) -> None:
        await self._agenda.change(whose, entry_id, self._whole(entry), book)

    async def take_away(self, whose: Colleague, entry_id: str) -> None:
        await self._agenda.take_away(whose, entry_id)

    def _whole(self, entry: Entry) -> Entry:
        return replace(entry, url=self._home + entry.url) if entry.url.startswith("#/") else entry


class PagedTodoList(PagedAgenda):
    """The same for a list of to-dos."""

    def __init__(self, todo: TodoList, home: str) -> None:
        super().__init__(todo, home)
        self._todo = todo

    async def tick(self, whose: Colleague, entry_id: str, *, done: bool) -> None:
        await self._todo.tick(whose, entry_id, done=done)

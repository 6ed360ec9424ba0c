"""Our pages' addresses for one connection: `#/visits/…` in a card becomes a whole address.

The domains only know pages. Host and connection are put into the address here, because a page that
is opened from a card must sign in through the connection that the card came through.
"""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from ..host.messages import Button, Card, Message
from ..host.platform import HostPlatform, Messenger, Receipt, Recipient


def page_url(public_url: str, host: str, connection: str, page: str = "#/today") -> str:
    """The whole address of a page (`#/…`) for members of this connection."""
    asked = urlencode({"host": host, "connection": connection})
    return f"{public_url.rstrip('/')}/h5/?{asked}{page}"


def with_pages(platform: HostPlatform, public_url: str, connection: str) -> HostPlatform:
    """The same platform, whose messages may name our pages by `#/…`."""
    home = page_url(public_url, platform.name, connection, "")
    return replace(platform, messenger=PagedMessenger(platform.messenger, home))


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

"""What the console and the tests may ask of a pretend host, whichever it is."""

from dataclasses import dataclass
from typing import Literal, Protocol

from starlette.types import ASGIApp

from .faults import Faults
from .world import Company, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What stands in a member's calendar or list of to-dos, as his host shows it to him.

    `begins` and `ends` are seconds since the epoch; a to-do begins when it is due. Of `all_day`
    only the day counts, in China.
    """

    kind: Literal["schedule", "todo"]
    title: str
    begins: float
    ends: float
    all_day: bool = False
    place: str = ""
    text: str = ""
    url: str = ""
    done: bool = False


class HostSimulator(Protocol):
    """One pretend host: an ASGI app that speaks its wire format, and the things people do in it.

    The verbs push real, signed and encrypted callbacks to the app's addresses, repeat them as the
    host would when they fail, and return the HTTP status of the last try.
    """

    host: str
    world: World
    company: Company
    faults: Faults

    @property
    def app(self) -> ASGIApp: ...

    async def say(self, user_id: str, text: str, group: str = "") -> int:
        """The member writes `text` to the bot, or mentions it in the group of that id."""
        ...

    async def press(self, line_id: int, key: str, user_id: str) -> int:
        """The member presses the button `key` on a card he received."""
        ...

    async def open_app(self, user_id: str) -> int:
        """The member opens the app's chat."""
        ...

    def noted_by(self, user_id: str) -> list[Noted]:
        """The member's calendar and to-dos, the earliest first."""
        ...

    def sign_in_code(self, user_id: str) -> str:
        """The code that the host gives to a page opened by this member: once, 5 minutes."""
        ...

    async def member_changed(self, user_id: str) -> int:
        """Push the event that belongs to a member who was added or changed."""
        ...

    async def member_left(self, user_id: str) -> int:
        """Make the member leave the company and push the event."""
        ...

    async def department_changed(self, department_id: int) -> int:
        """Push the event that belongs to a department that was added, renamed or moved."""
        ...

    def revoke_tokens(self) -> None:
        """End every access token now, as the real host sometimes does."""
        ...

"""What all parts of the pretend WeCom share: the company, what it lent, and one call's data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.world import Company, Person, Purse, World

from .answers import Failed
from .switches import Switches

HOST = "wecom"


@dataclass(slots=True)
class Office:
    """One company at the pretend WeCom.

    `shows_private_fields` is False for an app made after June 2022: no phone, no e-mail.
    """

    world: World
    company: Company
    clock: Callable[[], float]
    purse: Purse = field(init=False)
    shows_private_fields: bool = True
    switches: Switches = field(default_factory=Switches)

    def __post_init__(self) -> None:
        self.purse = Purse(self.clock)

    def colleague(self, user_id: str) -> Person | None:
        """Userids are not case-sensitive; somebody who left is nobody."""
        wanted = user_id.casefold()
        for person in self.company.people.values():
            if person.user_id.casefold() == wanted and person.active:
                return person
        return None


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request at an API path. `arrives` is False when a message is to vanish on its way;
    `home` is where the caller finds this host."""

    query: Mapping[str, str]
    body: Mapping[str, Any]
    arrives: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, File] = field(default_factory=dict)
    home: str = ""

    def wanted(self, name: str, missing: int) -> str:
        """A parameter of the address, or the errcode that says that it is missing."""
        if not (value := self.query.get(name, "")):
            raise Failed(missing)
        return value

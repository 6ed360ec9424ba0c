"""What the parts of the pretend DingTalk share: company, clock, what was lent, switches."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.faults import Faults
from integrations.sandbox.world import Company, Heard, Person, Purse, World

from .drawing import Drawn
from .gate import Gate

HOST = "dingtalk"


@dataclass(slots=True)
class Switches:
    """Things that differ from company to company, or that a test wants to see.

    `departments` and `users` are the scope that an administrator gave the app; `withheld` are the
    fields of a member that it has no permission for; messages to `flow_controlled` are held back.
    """

    departments: list[int] = field(default_factory=lambda: [1])
    users: list[str] = field(default_factory=list)
    withheld: set[str] = field(default_factory=set)
    flow_controlled: set[str] = field(default_factory=set)
    accepts_sha1: bool = True


@dataclass(slots=True)
class Backstage:
    world: World
    company: Company
    clock: Callable[[], float]
    faults: Faults
    base_url: str
    purse: Purse
    gate: Gate
    switches: Switches = field(default_factory=Switches)

    @property
    def now_ms(self) -> int:
        return int(self.clock() * 1000)

    def person(self, user_id: str) -> Person | None:
        """Somebody who is in the company now."""
        person = self.company.people.get(user_id)
        return person if person and person.active else None

    def deliver(
        self,
        user_ids: Iterable[str],
        drawn: Drawn,
        wire: Mapping[str, Any],
        *,
        handle: str = "",
        conversation_id: str = "",
    ) -> list[Heard]:
        """Put a message on these members' phones."""
        return [
            self.world.hear(
                HOST,
                user_id,
                conversation_id=conversation_id,
                kind=drawn.kind,
                title=drawn.title,
                text=drawn.text,
                fields=list(drawn.fields),
                buttons=[dict(button) for button in drawn.buttons],
                url=drawn.url,
                handle=handle,
                wire=dict(wire),
            )
            for user_id in user_ids
        ]

    def everybody(self) -> list[str]:
        return [person.user_id for person in self.company.people.values() if person.active]

"""What the parts of the pretend DingTalk share: company, clock, what was lent, switches."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from integrations.sandbox.faults import Faults
from integrations.sandbox.world import Company, Heard, Person, Purse, World

from .drawing import Drawn
from .gate import Gate

HOST = "dingtalk"
SANDBOX_TEMPLATE = "waiqin-sandbox.schema"


@dataclass(slots=True)
class Switches:
    """Things that differ from company to company, that a test wants to see, or that DingTalk's
    documentation leaves open: then the first reading is the likely one.

    `departments` and `users` are the scope that an administrator gave the app; `withheld` are the
    fields of a member that it has no permission for; messages to `flow_controlled` are held back.
    """

    departments: list[int] = field(default_factory=lambda: [1])
    users: list[str] = field(default_factory=list)
    withheld: set[str] = field(default_factory=set)
    flow_controlled: set[str] = field(default_factory=set)
    forbidden_words: set[str] = field(default_factory=set)  # notices with one are dropped silently
    is_published: bool = True  # before that nobody's staff id is told
    accepts_sha1: bool = True

    # How the app is told things: "http", "stream", or "" for Stream whenever a line is open.
    push_by: str = ""
    event_waits_s: tuple[float, ...] = (0.0, 0.0)  # the real one waits 10 s and 30 s
    event_ack_within_s: float = 3.0
    callback_again_after_s: float = 60.0  # 0: never, as one page of the documentation says
    message_id_stays: bool = False  # when a frame is repeated
    ping_every_s: float = 25.0  # 0: never
    silence_before_close_s: float = 10.0
    # Events in Stream mode while no line is open: tried like others, or gone at once.
    unheard_events_are_kept: bool = True
    events_keep_their_order: bool = True  # else each is overtaken by the next one
    moves_are_told: bool = True  # that a member changed departments, which only apps of others hear
    # What `diffInfo` of a changed member names: "name", "department"; without any it is left out.
    difference_names: frozenset[str] = frozenset({"name"})
    returners_get_a_new_userid: bool = False  # their union id stays

    over_quota_field: str = ""  # "errCode" or "errorCode": messages above the quota have no text
    # By id, whether it is published.
    card_templates: dict[str, bool] = field(default_factory=lambda: {SANDBOX_TEMPLATE: True})
    card_space_type: str = "im"

    # Punches and sign-ins: beside those that people make, some are made up every work day.
    makes_up_records: bool = True
    records_in_wgs84: bool = False  # the documentation does not say, and its map is GCJ-02
    # DING is a right of the paid editions, bought in packages: how many are left, None for plenty.
    dings_left: int | None = None


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
    read: set[int] = field(default_factory=set)  # the ids of lines that were looked at

    @property
    def app_id(self) -> str:
        """The unified id of the app, which is a UUID and not its agent id."""
        return str(uuid5(NAMESPACE_URL, self.company.app.client_id))

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

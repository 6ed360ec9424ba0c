"""The pretend companies: who works there, what their phones have received, what was said.

Plain values in memory. Both simulators and the console read and change the same `World`.
"""

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .outsiders import Outsiders
from .punches import Punches


class Counted:
    """Every change is counted, so that an index of it is known to be old. A list that belongs to
    it is replaced, not changed in place."""

    __slots__ = ()
    changes = 0

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        Counted.changes += 1


@dataclass(slots=True)
class Department(Counted):
    id: int
    name: str
    parent_id: int  # 0 for the root, whose id is 1 on both hosts
    order: int = 0


@dataclass(slots=True)
class Person(Counted):
    """`department_ids` in the person's own order; `leads` are those of them he leads."""

    user_id: str
    name: str
    department_ids: list[int]
    leads: list[int] = field(default_factory=list)
    phone: str = ""
    title: str = ""
    email: str = ""
    union_id: str = ""
    main_department_id: int = 0
    direct_leader_id: str = ""
    device_id: str = ""
    active: bool = True


@dataclass(slots=True)
class App:
    """Our app as the host's admin console knows it."""

    agent_id: int
    client_id: str  # DingTalk's appKey; WeCom has none and uses the corp's id
    secret: str
    callback_token: str
    callback_aes_key: str
    robot_code: str = ""
    callback_url: str = ""  # where this host pushes events
    robot_url: str = ""  # where DingTalk posts what was said to the robot
    trusted_hosts: list[str] = field(default_factory=list)  # host[:port] of our pages; [] = any


@dataclass(slots=True)
class Heard:
    """One line in a member's chat with the app: said by him, or received from us.

    `wire` is the message exactly as the app sent it. `title`, `text`, `fields`, `buttons` and `url`
    are what a phone would draw of it. A button is `{"text", "url", "key"}`.
    """

    id: int
    host: str
    user_id: str
    conversation_id: str  # "" for the one-to-one chat with the app
    mine: bool  # said by the member himself
    kind: str  # text, markdown or card
    text: str
    at: float
    title: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    done: str = ""  # what stands on the card after it was pressed or revised
    handle: str = ""  # the host's own message id
    wire: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Company:
    """One organisation on one host."""

    host: str  # "wecom" or "dingtalk"
    corp_id: str
    name: str
    app: App
    departments: dict[int, Department] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)  # conversation id → title
    # Whom its people know outside of it; made when they are asked about, so not compared.
    outsiders: Outsiders = field(default_factory=Outsiders, compare=False)
    _index: "Index | None" = field(default=None, init=False, repr=False, compare=False)

    def members_of(self, department_id: int) -> list[Person]:
        return self.index.members.get(department_id, [])

    def children_of(self, department_id: int) -> list[Department]:
        return self.index.children.get(department_id, [])

    def leaders_of(self, department_id: int) -> list[Person]:
        return self.index.leaders.get(department_id, [])

    @property
    def index(self) -> "Index":
        """Who is where now: made again whenever something has changed."""
        state = (Counted.changes, len(self.people), len(self.departments))
        if self._index is None or self._index.state != state:
            self._index = Index(state, self.people.values(), self.departments.values())
        return self._index


class Index:
    """A company the other way round. Only people who are there."""

    def __init__(
        self, state: object, people: Iterable[Person], departments: Iterable[Department]
    ) -> None:
        self.state = state
        self.members: dict[int, list[Person]] = {}
        self.leaders: dict[int, list[Person]] = {}
        self.children: dict[int, list[Department]] = {}
        self.by_folded_id: dict[str, Person] = {}
        for person in people:
            if person.active:
                self.by_folded_id[person.user_id.casefold()] = person
                for department_id in person.department_ids:
                    self.members.setdefault(department_id, []).append(person)
                for department_id in person.leads:
                    self.leaders.setdefault(department_id, []).append(person)
        for department in sorted(departments, key=lambda d: (d.order, d.id)):
            self.children.setdefault(department.parent_id, []).append(department)


class World:
    """Everything that exists on the stage. `clock` gives seconds since the epoch."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.companies: dict[str, Company] = {}  # by host
        self.heard: list[Heard] = []
        self.punches = Punches()
        self._ids = itertools.count(1)
        self._watchers: set[asyncio.Queue[Heard]] = set()

    def add(self, company: Company) -> Company:
        self.companies[company.host] = company
        return company

    def hear(self, host: str, user_id: str, **what: Any) -> Heard:
        """Put a line into a member's chat and tell whoever watches."""
        line = Heard(
            id=next(self._ids),
            host=host,
            user_id=user_id,
            conversation_id=what.pop("conversation_id", ""),
            mine=what.pop("mine", False),
            at=self.clock(),
            **what,
        )
        self.heard.append(line)
        self.touch(line)
        return line

    def touch(self, line: Heard) -> None:
        """Tell whoever watches that `line` is new or has changed."""
        for watcher in self._watchers:
            watcher.put_nowait(line)

    def heard_by(self, host: str, user_id: str) -> list[Heard]:
        """What this member received (not what he said), oldest first."""
        return [h for h in self.heard if h.host == host and h.user_id == user_id and not h.mine]

    def line(self, line_id: int) -> Heard:
        return next(h for h in self.heard if h.id == line_id)

    def watch(self) -> "Watch":
        return Watch(self._watchers)


class Watch:
    """`with world.watch() as queue:` — every new or changed line arrives in `queue`."""

    def __init__(self, watchers: set[asyncio.Queue[Heard]]) -> None:
        self._watchers = watchers
        self._queue: asyncio.Queue[Heard] = asyncio.Queue()

    def __enter__(self) -> asyncio.Queue[Heard]:
        self._watchers.add(self._queue)
        return self._queue

    def __exit__(self, *_: object) -> None:
        self._watchers.discard(self._queue)


@dataclass(slots=True)
class Lent:
    """One thing a pretend host lent: a token, a ticket or a sign-in code."""

    kind: str
    whose: str
    until: float
    used: bool = False


class Purse:
    """Random values that live for a while: what tokens, tickets and codes are made of."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lent: dict[str, Lent] = {}

    def lend(self, kind: str, whose: str, lifetime_s: float) -> str:
        value = secrets.token_urlsafe(24)
        self._lent[value] = Lent(kind, whose, self._clock() + lifetime_s)
        return value

    def current(self, kind: str, whose: str) -> str:
        """A value of this kind that still lives for more than a few seconds, or ""."""
        now = self._clock()
        for value, lent in self._lent.items():
            if (lent.kind, lent.whose) == (kind, whose) and lent.until > now + 5:
                return value
        return ""

    def find(self, value: str, kind: str) -> Lent | None:
        lent = self._lent.get(value)
        return lent if lent and lent.kind == kind else None

    def is_alive(self, lent: Lent) -> bool:
        return self._clock() < lent.until and not lent.used

    def revoke_all(self, kind: str) -> None:
        """As when an administrator resets the secret: every value of this kind is over."""
        for value in [v for v, lent in self._lent.items() if lent.kind == kind]:
            del self._lent[value]


def people_under(company: Company, department_id: int) -> Iterator[Person]:
    """Everybody in the department and below, each once."""
    below = {department_id}
    for child in company.children_of(department_id):
        below |= {p.id for p in _tree(company, child)}
    for person in company.people.values():
        if below & set(person.department_ids):
            yield person


def _tree(company: Company, department: Department) -> Iterator[Department]:
    yield department
    for child in company.children_of(department.id):
        yield from _tree(company, child)

"""What of a field somebody sees (domain.md §14.5): nothing, a mask, the value, or he may change it.

Of several roles the one that shows most counts. It goes by the state of the customer: somebody owns
it, or it lies in a pool. What a pool shows before a claim is the usual for its customers, which a
role may say otherwise about; it comes with the actor, so that every door asks the same value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Protocol

import orjson

from ..work import Work
from . import roles_held
from .roles import FieldLevel, Role

State = Literal["owned", "pool"]
ByPool = Mapping[str, Mapping[str, FieldLevel]]

FIELDS = ("phone", "email", "credit_code", "address", "note")
STATES: tuple[State, ...] = ("owned", "pool")
CONTACTS = "contacts"  # who they are; their phones are `phone`
GUARDED = (*FIELDS, CONTACTS)
OWN_POOL = "default"  # the company's, where a customer that nobody owns names no other
# Where nobody says otherwise: who is free to be claimed is not free to be called (domain.md §8.2).
USUAL = {"phone": FieldLevel.MASKED, "email": FieldLevel.MASKED}
TEXT_IS_MASKED_AFTER = 3  # characters; the rest are stars, as many as there were


class Held(Protocol):
    """A customer: who owns it, and where it lies when nobody does."""

    @property
    def owner_id(self) -> str | None: ...
    @property
    def pool_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Eyes:
    """How one person sees the fields of customers. The system sees and changes everything.

    `roles` are those that let him look, `by_pool` is what pools show where that is not the usual.
    """

    me: str | None
    roles: Sequence[Role] = ()
    by_pool: ByPool = field(default_factory=dict)
    _known: dict[tuple[str, str | None], FieldLevel] = field(default_factory=dict)

    def level(self, name: str, of: Held) -> FieldLevel:
        """How far this field of this customer is open to him."""
        return self._level(name, (of.pool_id or OWN_POOL) if of.owner_id is None else None)

    def least(self, name: str, owner_id: str | None) -> FieldLevel:
        """As `level`, where it is not known in which pool an un-owned one lies."""
        if owner_id is not None:
            return self._level(name, None)
        return min(self._level(name, pool_id) for pool_id in {OWN_POOL, *self.by_pool})

    def text(self, name: str, of: Held, value: str) -> str:
        """The value as this person sees it. An empty one is empty for everybody."""
        level = self.level(name, of)
        if level is FieldLevel.HIDDEN:
            return ""
        return masked(value) if level is FieldLevel.MASKED else value

    def phone_in_list(self, of: Held, value: str, *, is_close: bool) -> str:
        """Others' phones are masked in lists: to call, one opens the customer, which is noted."""
        phone = self.text("phone", of, value)
        return phone if is_close else masked(phone)

    def shows_contacts(self, of: Held) -> bool:
        """Whether he sees who is to be talked to there."""
        return self.level(CONTACTS, of) >= FieldLevel.READ

    def _level(self, name: str, pool_id: str | None) -> FieldLevel:
        asked = (name, pool_id)
        if asked not in self._known:
            levels = (self._of_role(role, name, pool_id) for role in self.roles)
            none = FieldLevel.EDIT if self.me is None else FieldLevel.HIDDEN
            self._known[asked] = max(levels, default=none)
        return self._known[asked]

    def _of_role(self, role: Role, name: str, pool_id: str | None) -> FieldLevel:
        said = role.fields.get((name, "owned" if pool_id is None else "pool"))
        if said is not None:
            return said
        if pool_id is None or role.opens_pool:
            return FieldLevel.EDIT
        shown = self.by_pool.get(pool_id, {})
        return shown.get(name, USUAL.get(name, FieldLevel.EDIT))


def masked(value: str) -> str:
    """138********: how it begins. What somebody typed to find it tells no more of the rest."""
    return value[:TEXT_IS_MASKED_AFTER] + "*" * max(len(value) - TEXT_IS_MASKED_AFTER, 0)


def eyes_of(work: Work) -> Eyes:
    """The fields of customers as the actor sees them."""
    if work.actor.is_system:
        return Eyes(None)
    roles = [role for role in roles_held(work) if "customers.view" in role.permissions]
    return Eyes(work.actor.member_id, roles, shown_by_pool(work.actor.pool_fields))


@lru_cache(maxsize=1024)  # asked with each request; a changed rule is another text
def shown_by_pool(written: str) -> ByPool:
    """What each pool shows, from the text that comes with the actor."""
    said: dict[str, dict[str, str]] = orjson.loads(written) if written else {}
    return {
        pool_id: {name: FieldLevel[level] for name, level in levels.items()}
        for pool_id, levels in said.items()
    }


def roles_that_look(work: Work) -> frozenset[str] | None:
    """The roles that let the actor see customers; None for the system, which sees everything."""
    if work.actor.is_system:
        return None
    return frozenset(role.code for role in roles_held(work) if "customers.view" in role.permissions)


def level_said(
    roles: frozenset[str] | None, said: Mapping[str, Mapping[State, str]], state: State
) -> FieldLevel:
    """How far these roles see a field that a company made: `said` has the names of levels by role
    and state, and a role of which it says nothing may edit."""
    if roles is None:
        return FieldLevel.EDIT
    levels = (FieldLevel[said.get(role, {}).get(state, "EDIT")] for role in roles)
    return max(levels, default=FieldLevel.HIDDEN)


def written_by_pool(shown: ByPool) -> str:
    """The text that `shown_by_pool` reads."""
    levels = {
        pool_id: {name: level.name for name, level in by_name.items()}
        for pool_id, by_name in shown.items()
    }
    return orjson.dumps(levels, option=orjson.OPT_SORT_KEYS).decode()

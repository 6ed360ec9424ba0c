"""What of a field somebody sees (domain.md §14.5): nothing, a mask, the value, or he may change it.

Of several roles the one that shows most counts. A customer that nobody owns is in the pool.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..work import Work
from . import roles_held
from .roles import FieldLevel, Role

State = Literal["owned", "pool"]


FIELDS = ("phone", "email", "credit_code", "address", "note")
STATES: tuple[State, ...] = ("owned", "pool")
# Where a role says nothing: who is free to be claimed is not free to be called (domain.md §8.2).
USUAL = {("phone", "pool"): FieldLevel.MASKED, ("email", "pool"): FieldLevel.MASKED}
TEXT_IS_MASKED_AFTER = 3  # characters; the rest are stars, as many as there were


@dataclass(frozen=True, slots=True)
class Eyes:
    """How one person sees the fields of customers, computed once for an answer."""

    me: str | None
    levels: Mapping[tuple[str, State], FieldLevel]

    def level(self, field: str, owner_id: str | None) -> FieldLevel:
        """Of a customer of this owner (None: in the pool)."""
        return self.levels[field, "pool" if owner_id is None else "owned"]

    def text(self, field: str, owner_id: str | None, value: str) -> str:
        """The value as this person sees it. An empty one is empty for everybody."""
        level = self.level(field, owner_id)
        if level is FieldLevel.HIDDEN:
            return ""
        return masked(value) if level is FieldLevel.MASKED else value

    def phone_in_list(self, owner_id: str | None, value: str, *, is_close: bool) -> str:
        """Others' phones are masked in lists: to call, one opens the customer, which is noted."""
        phone = self.text("phone", owner_id, value)
        return phone if is_close else masked(phone)


def masked(value: str) -> str:
    """138********: how it begins. What somebody typed to find it tells no more of the rest."""
    return value[:TEXT_IS_MASKED_AFTER] + "*" * max(len(value) - TEXT_IS_MASKED_AFTER, 0)


def eyes_of(work: Work) -> Eyes:
    """The fields of customers as the actor sees them; the system sees and changes everything."""
    if work.actor.is_system:
        return Eyes(None, {(field, state): FieldLevel.EDIT for field in FIELDS for state in STATES})
    roles = [role for role in roles_held(work) if "customers.view" in role.permissions]
    levels = {
        (field, state): max(
            (_level(role, field, state) for role in roles), default=FieldLevel.HIDDEN
        )
        for field in FIELDS
        for state in STATES
    }
    return Eyes(work.actor.member_id, levels)


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


def _level(role: Role, field: str, state: State) -> FieldLevel:
    usual = FieldLevel.EDIT if role.opens_pool else USUAL.get((field, state), FieldLevel.EDIT)
    return role.fields.get((field, state), usual)

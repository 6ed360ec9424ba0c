"""What has to be written so that our tables say what the host says. Rows only, no database."""

from dataclasses import dataclass, field
from typing import Any

from .known import Ripple
from .report import SyncReport

RowValues = dict[str, Any]


@dataclass(slots=True)
class Changes:
    """Rows by what happens to them, and the same told to people in `report`.

    `present` and `standing` are how many members and departments there must be afterwards.
    `unknown_places`: departments (by host id) in which somebody is, and which we do not have.
    `ripple`: whose direct leader is to be looked at again; `unsettled`: that cannot be told before
    everybody was read. `carried_on`: members whom this host
    lost and another still has.
    """

    new_departments: list[RowValues] = field(default_factory=list)
    departments: list[RowValues] = field(default_factory=list)
    new_members: list[RowValues] = field(default_factory=list)
    members: list[RowValues] = field(default_factory=list)
    new_identities: list[RowValues] = field(default_factory=list)
    identities: list[RowValues] = field(default_factory=list)
    new_memberships: list[RowValues] = field(default_factory=list)
    memberships: list[RowValues] = field(default_factory=list)
    ended_memberships: list[RowValues] = field(default_factory=list)
    locked_out: list[str] = field(default_factory=list)
    carried_on: list[str] = field(default_factory=list)
    company: str = ""
    present: int = 0
    standing: int = 0
    unknown_places: frozenset[str] = frozenset()
    ripple: Ripple = field(default_factory=Ripple)
    unsettled: bool = False
    report: SyncReport = field(default_factory=SyncReport)

    @property
    def is_empty(self) -> bool:
        return not (
            self.new_departments
            or self.departments
            or self.new_members
            or self.members
            or self.new_identities
            or self.identities
            or self.new_memberships
            or self.memberships
            or self.ended_memberships
        )

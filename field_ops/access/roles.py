"""The built-in roles: what each may do and how far it sees (domain.md §14.3, §14.4).

Permissions are `module.action`. A role that is not here grants nothing.
"""

from dataclasses import dataclass
from enum import IntEnum


class DataScope(IntEnum):
    """Which owners' records: several roles give the widest of theirs."""

    SELF = 1
    DEPT = 2
    DEPT_AND_BELOW = 3
    ALL = 4


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    title: str
    data_scope: DataScope
    permissions: frozenset[str]


REP_MAY = frozenset(
    {"customers.view", "customers.create", "customers.edit", "visits.view", "visits.create"}
)
LEAD_MAY = REP_MAY | {
    "customers.confirm_location",
    "customers.assign",
    "customers.merge",
    "visits.review",
}
ADMIN_MAY = LEAD_MAY | {"customers.import", "people.sync", "people.roles", "connections.configure"}

REP = Role("rep", "业务员", DataScope.SELF, REP_MAY)
LEAD = Role("lead", "主管", DataScope.DEPT_AND_BELOW, LEAD_MAY)
ADMIN = Role("admin", "系统管理员", DataScope.ALL, ADMIN_MAY)

ROLES = {role.code: role for role in (REP, LEAD, ADMIN)}
